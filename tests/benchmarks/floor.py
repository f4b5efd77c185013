"""The floor: the same two tables by the database's own driver, without our promises.

For SQLite that is the standard library's sqlite3. Same columns and the same
`(instance, sequence)` key, WAL and `synchronous=FULL`; one INSERT … SELECT and one
UPDATE a step, for a single move one transaction. None of our other keys, checks and
triggers, so that what they cost shows as a ratio.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from adapters.sql.database import BUSY_SECONDS
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


UPDATE = "UPDATE instance SET state = :target, sequence = sequence + 1, moved_at = :now"


class Floor(ABC):
    """What a driver does by itself, in a database of its own."""

    @abstractmethod
    def make(self) -> None:
        """Make the tables."""

    @abstractmethod
    def fill(self, count: int) -> None:
        """Insert so many instances with their first events, in one transaction."""

    @abstractmethod
    def advance(self, trigger: str, target: str) -> int:
        """Move every instance, set-based; return how many."""

    @abstractmethod
    def move_each(self, ids: Iterable[int], trigger: str, target: str) -> None:
        """Move instances one by one, each in a transaction of its own."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""


class SqliteFloor(Floor):
    """What sqlite3 does by itself, on a file of its own."""

    def __init__(self, place: str) -> None:
        self._connection = sqlite3.connect(place, timeout=BUSY_SECONDS, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA cache_size=-32000")  # as ours

    def make(self) -> None:
        """Make the tables."""
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
            instances(count),
        )
        names = ", ".join(EVENT_COLUMNS)
        self._connection.executemany(
            f"INSERT INTO event ({names}) VALUES ({events})",  # noqa: S608 - our own columns
            openings(count),
        )
        self._connection.execute("COMMIT")

    def advance(self, trigger: str, target: str) -> int:
        """Move every instance, set-based; return how many."""
        values = {"trigger": trigger, "target": target, "now": NOW}
        self._connection.execute("BEGIN IMMEDIATE")
        moved = self._connection.execute(insert("1"), values).rowcount
        self._connection.execute(UPDATE, {"target": target, "now": NOW})
        self._connection.execute("COMMIT")
        return moved

    def move_each(self, ids: Iterable[int], trigger: str, target: str) -> None:
        """Move instances one by one, each read again and each in a transaction of its own."""
        record = insert("id = :id")
        for number in ids:
            self._connection.execute("BEGIN IMMEDIATE")
            row = self._connection.execute("SELECT * FROM instance WHERE id = ?", (number,))
            assert row.fetchone() is not None
            values = {"trigger": trigger, "target": target, "now": NOW, "id": number}
            self._connection.execute(record, values)
            self._connection.execute(
                f"{UPDATE} WHERE id = :id",
                {"target": target, "now": NOW, "id": number},
            )
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def insert(condition: str) -> str:
    """Return the statement that records a move of all for whom ``condition`` holds."""
    names = ", ".join(MOVED)
    values = ", ".join(MOVED.values())
    return f"INSERT INTO event ({names}) SELECT {values} FROM instance WHERE {condition}"  # noqa: S608 - constants


def instances(count: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of so many instances."""
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


def openings(count: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of their first events."""
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
