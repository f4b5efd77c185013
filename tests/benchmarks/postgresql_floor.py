"""The floor on PostgreSQL: the same two tables by psycopg, without our promises.

Same columns, types and key as ours. A step of all is one INSERT … SELECT and one
UPDATE; a single move is one statement, which is its own transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from adapters.sql.tables import EVENT, INSTANCE
from tests.benchmarks.floor import (
    EVENT_COLUMNS,
    INSTANCE_COLUMNS,
    NOW,
    UPDATE,
    Floor,
    insert,
    instances,
    openings,
)


class PostgresqlFloor(Floor):
    """What psycopg does by itself, in a database of its own."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def make(self) -> None:
        """Make the tables."""
        self._say(f"CREATE TABLE instance ({_typed(INSTANCE, INSTANCE_COLUMNS)}, PRIMARY KEY (id))")
        self._say(
            "CREATE TABLE event (position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
            f"{_typed(EVENT, EVENT_COLUMNS)}, UNIQUE (instance_id, sequence))"
        )

    def fill(self, count: int) -> None:
        """Copy so many instances with their first events into the tables, in one transaction."""
        with self._connection.transaction():
            self._copy("instance", INSTANCE_COLUMNS, instances(count))
            self._copy("event", EVENT_COLUMNS, openings(count))

    def advance(self, trigger: str, target: str) -> int:
        """Move every instance, set-based; return how many."""
        values = {"trigger": trigger, "target": target, "now": NOW}
        with self._connection.transaction():
            moved = self._say(_ours(insert("true")), values)
            self._say(_ours(UPDATE), values)
        return moved

    def move_each(self, ids: Iterable[int], trigger: str, target: str) -> None:
        """Move instances one by one, with one statement each."""
        # The INSERT sees the instance as it was before the statement, whatever stands in WITH.
        condition = "id = :id"
        move = _ours(f"WITH moved AS ({UPDATE} WHERE {condition}) {insert(condition)}")
        for number in ids:
            values = {"trigger": trigger, "target": target, "now": NOW, "id": number}
            assert self._say(move, values) == 1

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _say(self, statement: str, values: dict[str, Any] | None = None) -> int:
        return self._connection.execute(statement.encode(), values).rowcount

    def _copy(self, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        statement = f"COPY {table} ({_names(columns)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _typed(table: Table, columns: Iterable[str]) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy does not type it
    return ", ".join(f'"{name}" {table.c[name].type.compile(dialect)}' for name in columns)


def _ours(statement: str) -> str:
    """Write the parameters as psycopg wants them."""
    return re.sub(r":(\w+)", r"%(\1)s", statement)
