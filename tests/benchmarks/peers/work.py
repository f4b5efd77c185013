"""The work that every contender does, told apart from how each does it.

It is imported by the Python of each contender's own environment, so it imports nothing of ours,
and psycopg only where the database is a server.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Protocol

STRAGGLERS = 1000
"""In the last case one target in so many still falls short."""
SLICE = 1000
"""So many deadlines are set between two looks at the clock."""

TABLES = """
CREATE TABLE target (id INTEGER PRIMARY KEY, state TEXT NOT NULL, sequence INTEGER NOT NULL);
CREATE TABLE history (target INTEGER NOT NULL, sequence INTEGER NOT NULL, source TEXT NOT NULL,
    state TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (target, sequence))
"""
MOVE = (
    "UPDATE target SET state = 'overdue', sequence = sequence + 1 "  # noqa: ISC004 - two of them
    "WHERE id = :id AND state = 'published'",
    "INSERT INTO history SELECT id, sequence, 'published', state, '2025-12-31T16:00:00Z' "  # noqa: ISC004
    "FROM target WHERE id = :id AND state = 'overdue'",
)
"""Two statements of one transaction."""
MOVE_AT_ONCE = """
WITH moved AS (UPDATE target SET state = 'overdue', sequence = sequence + 1
    WHERE id = %s AND state = 'published' RETURNING id, sequence, state)
INSERT INTO history SELECT id, sequence, 'published', state, '2025-12-31T16:00:00Z' FROM moved
"""
"""The same in one statement, which is its own transaction on PostgreSQL."""

SERIES = {
    True: "FROM generate_series(1, %s) AS n(id)",
    False: "FROM (WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT ?) "
    "SELECT id FROM n)",
}
"""Numbers from 1 on, on a server and without."""


class Targets:
    """Two tables, for contenders that bring none: states, and a history row for each move."""

    def __init__(self, database: str) -> None:
        """``database``: a file, or a URL of PostgreSQL."""
        self._database = database
        self._own = threading.local()
        self.served = database.startswith("postgresql")

    def make(self, count: int) -> None:
        """Make the tables, and so many targets, none of which has moved."""
        connection = self._connection()
        if not self.served:
            connection.execute("PRAGMA journal_mode=WAL")  # stays with the file
        for table in ("history", "target"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in TABLES.split(";"):
            connection.execute(statement)
        numbers = SERIES[self.served]
        connection.execute(f"INSERT INTO target SELECT id, 'published', 1 {numbers}", (count,))

    def expire(self, number: int) -> None:
        """Move one target and record it, durably, in one transaction."""
        connection = self._connection()
        if self.served:
            connection.execute(MOVE_AT_ONCE, (number,))
            return
        connection.execute("BEGIN IMMEDIATE")
        for statement in MOVE:
            connection.execute(statement, {"id": number})
        connection.execute("COMMIT")

    def moved(self) -> int:
        """Return how many have moved and are on record."""
        return int(self._connection().execute("SELECT count(*) FROM history").fetchone()[0])

    def _connection(self) -> Any:
        found = getattr(self._own, "connection", None)
        if found is None:
            found = self._own.connection = self._connect()
        return found

    def _connect(self) -> Any:
        if self.served:
            import psycopg  # noqa: PLC0415 - only where there is a server

            return psycopg.connect(self._database, autocommit=True)
        connection = sqlite3.connect(self._database, timeout=60, isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        return connection


class Contender(Protocol):
    """One product, on one database."""

    def arm(self, numbers: Sequence[int]) -> None:
        """Set a deadline, past by now, for each of these targets; nothing is done yet."""
        ...

    def carry_out(self) -> None:
        """Begin to do what is due, beside the caller or before it returns."""
        ...

    def moved(self) -> int:
        """Return how many targets have moved and are on record."""
        ...

    def one(self, number: int) -> None:
        """Move one target on request; return when that is durable."""
        ...

    def close(self) -> None:
        """Stop whatever runs."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What a contender is asked to do."""

    database: str
    targets: int
    singles: int
    seconds: float
    """What each case may take; what is not done by then counts as far as it came."""


def compete(make: Callable[[str, int], Contender], packages: Sequence[str]) -> None:
    """Do the work and print the figures as JSON; ``make`` opens an empty database."""
    case, asked = asked_for(CASES)
    contender = make(asked.database, asked.targets)
    try:
        found = CASES[case](contender, asked)
    finally:
        contender.close()
    versions = {name: version(name) for name in packages}
    print(json.dumps({"versions": versions, **found}))  # noqa: T201 - the answer


def asked_for(cases: Collection[str]) -> tuple[str, Asked]:
    """Return what the command line asks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("case", choices=cases)
    parser.add_argument("database")
    parser.add_argument("--targets", type=int, required=True)
    parser.add_argument("--singles", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    chosen = vars(parser.parse_args())
    return chosen.pop("case"), Asked(**chosen)


def _timers(contender: Contender, asked: Asked, step: int) -> dict[str, float]:
    due = range(1, asked.targets + 1, step)
    begun = time.perf_counter()
    armed = 0
    while armed < len(due) and time.perf_counter() - begun < asked.seconds:
        contender.arm(due[armed : armed + SLICE])
        armed = min(armed + SLICE, len(due))
    ready = time.perf_counter()
    contender.carry_out()
    while (moved := contender.moved()) < armed and time.perf_counter() - ready < asked.seconds:
        time.sleep(0.02 if step > 1 else 0.2)
    ended = time.perf_counter()
    return {"armed": armed, "arming": ready - begun, "seconds": ended - ready, "done": moved}


def _all(contender: Contender, asked: Asked) -> dict[str, float]:
    return _timers(contender, asked, 1)


def _few(contender: Contender, asked: Asked) -> dict[str, float]:
    return _timers(contender, asked, STRAGGLERS)


def _single(contender: Contender, asked: Asked) -> dict[str, float]:
    contender.one(asked.targets)  # connects, compiles
    begun = time.perf_counter()
    done = 0
    for number in range(1, min(asked.singles, asked.targets - 1) + 1):
        contender.one(number)
        done += 1
        if time.perf_counter() - begun > asked.seconds:
            break
    return {"seconds": time.perf_counter() - begun, "done": done}


CASES: Mapping[str, Callable[[Contender, Asked], dict[str, float]]] = {
    "all": _all,
    "few": _few,
    "single": _single,
}
