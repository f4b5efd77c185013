"""On PostgreSQL every text compares byte by byte, as it does on SQLite and in Python.

A database's own collation is a matter of its host's language, changes with its
C library, and would give another order of keys, posts and moments. Alembic
writes columns without one, so it is set where migrations end.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_OTHERWISE = text(
    "SELECT table_name, column_name, data_type, character_maximum_length "
    "FROM information_schema.columns "
    "JOIN information_schema.tables USING (table_schema, table_name) "
    "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' "
    "AND data_type IN ('character varying', 'text') AND collation_name IS DISTINCT FROM 'C' "
    "AND table_name <> 'alembic_version' ORDER BY table_name, ordinal_position"
)


def compare_bytewise(connection: Connection) -> None:
    """Give every text column that has another collation that of bytes; an empty one at once."""
    for table, column, kind, length in connection.execute(_OTHERWISE).all():
        size = f"({length})" if length else ""
        connection.exec_driver_sql(
            f'ALTER TABLE {table} ALTER COLUMN "{column}" TYPE {kind}{size} COLLATE "C"'
        )


def compared_otherwise(connection: Connection) -> list[str]:
    """Return the columns that would not compare byte by byte."""
    return [f"{row[0]}.{row[1]}" for row in connection.execute(_OTHERWISE)]
