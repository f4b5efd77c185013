"""Rows that are there or not: inserted where they are not, else changed, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def put(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Keep ``row`` under its primary key, whatever was kept there before."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    keys = [column.name for column in table.primary_key]
    others = {name: value for name, value in row.items() if name not in keys}
    statement: Any = insert(table).values(dict(row))
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others))


def put_once(connection: Connection, table: Table, *rows: Mapping[str, Any]) -> bool:
    """Keep rows under their primary keys unless they are there; return whether any was new."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement: Any = insert(table).values([dict(row) for row in rows]).on_conflict_do_nothing()
    return connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount > 0
