"""The floor: the same two tables by the standard library's sqlite3, without our promises.

Same columns and the same `(instance, sequence)` key, WAL and `synchronous=FULL`; one
INSERT … SELECT and one UPDATE a step, for a single move one transaction. None of
our other keys, checks and triggers, so that what they cost shows as a ratio.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from adapters.sql.tables import EVENT, INSTANCE

NOW = "2025-07-07T01:00:00.000000Z"
EDITION = "target@0123456789abcdef"
FACTS = '{"title": "示例目标", "category": "routine", "sources": "", "work_plan.pace": "按季推进"}'
INSTANCE_COLUMNS = tuple(INSTANCE.c.keys())
EVENT_COLUMNS = tuple(name for name in EVENT.c.keys() if name != "position")  # noqa: SIM118

MOVED: dict[str, Any] = {
    "instance_id": "id",
    "sequence": "sequence + 1",
    "kind": "'moved'",
    "edition": "edition",
    "trigger": ":trigger",
    "source": "state",
    "target": ":target",
    "actor": "'daemon'",
    "acting_for": "''",
    "authority": "''",
    "occurred_at": ":now",
    "recorded_at": ":now",
    "cause": "1",
    "timer": "NULL",
    "part": "''",
    "data": "'{}'",
}
"""The columns of a move's event, said in SQL of the instance that moves."""


class Floor:
    """What sqlite3 does by itself, on a file of its own."""

    def __init__(self, place: Path) -> None:
        self._connection = sqlite3.connect(place, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA cache_size=-32000")  # as ours
        columns = ", ".join(name for name in INSTANCE_COLUMNS if name != "id")
        self._connection.execute(f"CREATE TABLE instance (id INTEGER PRIMARY KEY, {columns})")
        self._connection.execute(
            f"CREATE TABLE event (position INTEGER PRIMARY KEY, {', '.join(EVENT_COLUMNS)}, "
            "UNIQUE (instance_id, sequence))"
        )

    def fill(self, count: int) -> None:
        """Insert so many instances with their first events, in one transaction."""
        marks = ", ".join("?" * len(INSTANCE_COLUMNS))
        events = ", ".join("?" * len(EVENT_COLUMNS))
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            f"INSERT INTO instance VALUES ({marks})",  # noqa: S608 - question marks
            _instances(count),
        )
        names = ", ".join(EVENT_COLUMNS)
        self._connection.executemany(
            f"INSERT INTO event ({names}) VALUES ({events})",  # noqa: S608 - our own columns
            _openings(count),
        )
        self._connection.execute("COMMIT")

    def advance(self, trigger: str, target: str) -> int:
        """Move every instance, set-based; return how many."""
        values = {"trigger": trigger, "target": target, "now": NOW}
        self._connection.execute("BEGIN IMMEDIATE")
        moved = self._connection.execute(_insert("1"), values).rowcount
        self._connection.execute(
            "UPDATE instance SET state = :target, sequence = sequence + 1, moved_at = :now",
            {"target": target, "now": NOW},
        )
        self._connection.execute("COMMIT")
        return moved

    def move_each(self, ids: Iterable[int], trigger: str, target: str) -> None:
        """Move instances one by one, each read again and each in a transaction of its own."""
        insert = _insert("id = :id")
        for number in ids:
            self._connection.execute("BEGIN IMMEDIATE")
            row = self._connection.execute("SELECT * FROM instance WHERE id = ?", (number,))
            assert row.fetchone() is not None
            values = {"trigger": trigger, "target": target, "now": NOW, "id": number}
            self._connection.execute(insert, values)
            self._connection.execute(
                "UPDATE instance SET state = :target, sequence = sequence + 1, moved_at = :now "
                "WHERE id = :id",
                {"target": target, "now": NOW, "id": number},
            )
            self._connection.execute("COMMIT")

    def read_events(self) -> int:
        """Read every event in order of instance, as plain tuples; return how many."""
        query = f"SELECT {', '.join(EVENT_COLUMNS)} FROM event ORDER BY instance_id, sequence"  # noqa: S608 - our own columns
        return sum(1 for _ in self._connection.execute(query))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _insert(condition: str) -> str:
    names = ", ".join(MOVED)
    values = ", ".join(MOVED.values())
    return f"INSERT INTO event ({names}) SELECT {values} FROM instance WHERE {condition}"  # noqa: S608 - constants


def _instances(count: int) -> Iterator[tuple[Any, ...]]:
    common = {
        "cycle_id": 1,
        "parent_id": 1,
        "workflow": "target",
        "edition": EDITION,
        "plan": None,
        "state": "drafting",
        "sequence": 1,
        "owner": "planning",
        "origin": "",
        "lamp": "",
        "facts": FACTS,
        "moved_at": None,
    }
    for number in range(1, count + 1):
        row = {"id": number, "key": f"md-2025/T-{number:07}", **common}
        yield tuple(row[name] for name in INSTANCE_COLUMNS)


def _openings(count: int) -> Iterator[tuple[Any, ...]]:
    values = dict.fromkeys(EVENT_COLUMNS, "") | {
        "sequence": 1,
        "kind": "opened",
        "edition": None,
        "trigger": None,
        "source": None,
        "target": None,
        "actor": "root",
        "occurred_at": NOW,
        "recorded_at": NOW,
        "cause": None,
        "timer": None,
        "data": FACTS,
    }
    for number in range(1, count + 1):
        values["instance_id"] = number
        yield tuple(values[name] for name in EVENT_COLUMNS)
