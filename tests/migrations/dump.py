"""Write `data-NNNN.sql`: a year as the code at hand keeps it, in SQL that both databases take.

For each release, before the schema changes again: `python -m tests.migrations.dump`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Boolean, Connection, text

from adapters.sql.database import connect, reading
from adapters.sql.schema import revisions, upgrade
from adapters.sql.store import SqlStore
from adapters.sql.tables import METADATA
from tests.unit.year import OFFICE, begin, publish, small
from workflows.running.exceptions import extend
from workflows.running.requests import Grounds


def fill(database: str) -> None:
    """Let two targets live up to October, with a forced move, an extension and notices."""
    engine = connect(database)
    upgrade(engine)
    year = begin(small(2), "2024-06-20 09:00", partial(SqlStore, engine))
    year.tick("2024-07-08 09:00")
    year.told()
    publish(year)
    year.record("T-1", "progress", {"percent": 40})
    why = Grounds(reason="情况说明")
    extend(year.app, year.name("T-2"), "s4", date(2025, 1, 20), OFFICE, why)
    year.force("T-1", "drafted")
    year.tick("2024-10-12 09:00")
    year.assert_sound()
    engine.dispose()


def statements(connection: Connection) -> Iterator[str]:
    """Yield one INSERT for each row, so that what is referred to comes first."""
    for table in METADATA.sorted_tables:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        order = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
        kinds = [isinstance(column.type, Boolean) for column in table.columns]
        query = text(f'SELECT {names} FROM "{table.name}" ORDER BY {order}')  # noqa: S608 - our own names
        for row in connection.execute(query):
            values = ", ".join(map(_literal, row, kinds))
            yield f'INSERT INTO "{table.name}" ({names}) VALUES ({values});'  # noqa: S608 - likewise


def _literal(value: Any, truth: bool) -> str:
    if value is None:
        return "NULL"
    if truth:
        return "TRUE" if value else "FALSE"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        fill(f"{folder}/d.db")
        database = connect(f"{folder}/d.db")
        with reading(database) as opened:
            lines = list(statements(opened))
        database.dispose()
    head = f"-- {revisions()[-1]}: a year of two targets, made by the code of that revision."
    file = Path(__file__).with_name(f"data-{revisions()[-1]}.sql")
    file.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
