"""Statements that every request runs: compiled once, given to SQLite's driver as they are.

SQLite answers in microseconds what SQLAlchemy takes a tenth of a millisecond to
ask, dozens of times in a request. On a server the way there counts for more,
so any other database gets the statement in the ordinary way.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Executable, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]


class _Bind(NamedTuple):
    name: str
    fixed: Any
    """The value that the statement itself holds; a request's own goes before it."""
    convert: Convert | None


class _Ready(NamedTuple):
    text: str
    binds: tuple[_Bind, ...]
    row: Callable[[Sequence[Any]], Any]


class Prepared:
    """A statement and, once it has been run on SQLite, what the driver needs of it."""

    def __init__(self, statement: Executable) -> None:
        """Keep ``statement``; it names its values with `bindparam`, and holds no lists of them."""
        self._statement = statement
        self._ready: _Ready | None = None

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Return every row, its columns by place and by name."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, dict(values)).all()
        ready = self._made_ready(connection, values)
        try:
            found = self._run(connection, values).fetchall()
        except sqlite3.Error as error:  # a damaged page is met while rows are fetched
            raise _told(ready.text, (), error, connection) from error
        return [ready.row(row) for row in found]

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Return the first row, or nothing."""
        return next(iter(self.rows(connection, values)), None)

    def scalar(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Return the first column of the first row, or nothing."""
        row = self.first(connection, values)
        return None if row is None else row[0]

    def change(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Insert, update or delete; return how many rows that concerned."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, dict(values)).rowcount
        return self._run(connection, values).rowcount

    def insert(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Insert one row; return the number that it was given."""
        if connection.dialect.name != "sqlite":
            made: Any = connection.execute(self._statement, dict(values)).inserted_primary_key
            return int(made[0])
        return self._run(connection, values).lastrowid or 0

    def _run(self, connection: Connection, values: Mapping[str, Any]) -> sqlite3.Cursor:
        ready = self._made_ready(connection, values)
        given = []
        for name, fixed, convert in ready.binds:
            value = values.get(name, fixed)
            given.append(value if convert is None else convert(value))
        return _run(connection, ready.text, given)

    def _made_ready(self, connection: Connection, values: Mapping[str, Any]) -> _Ready:
        if self._ready is None:
            self._ready = self._compiled(connection.dialect, list(values))
        return self._ready

    def _compiled(self, dialect: Dialect, names: Sequence[str]) -> _Ready:
        statement: Any = self._statement
        inserts = {"column_keys": list(names)} if statement.is_insert else {}
        compiled: SQLCompiler = statement.compile(dialect=dialect, **inserts)
        binds = tuple(
            _Bind(
                name,
                compiled.binds[name].effective_value,
                compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect),
            )
            for name in compiled.positiontup or ()
        )
        return _Ready(compiled.string, binds, _row_maker(statement, dialect))


def say(connection: Connection, words: str) -> None:
    """Tell SQLite to begin or to end a transaction, which every unit and every reading does."""
    _run(connection, words, ())


def _run(connection: Connection, text: str, values: Sequence[Any]) -> sqlite3.Cursor:
    """Give SQLite's driver a statement; what it refuses is an error as SQLAlchemy words it."""
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(text, values)
    except sqlite3.Error as error:
        raise _told(text, tuple(values), error, connection) from error
    ran: sqlite3.Cursor = cursor
    return ran


def _told(
    text: str, given: tuple[Any, ...], error: sqlite3.Error, connection: Connection
) -> BaseException:
    """Return what SQLAlchemy makes of an error of the driver."""
    return DBAPIError.instance(text, given, error, sqlite3.Error, dialect=connection.dialect)


def _row_maker(statement: Any, dialect: Dialect) -> Callable[[Sequence[Any]], Any]:
    """Return what makes a row with names and converted values of what the driver returns."""
    if not isinstance(statement, Select):
        return tuple
    columns = list(statement.selected_columns)
    names = [str(column.key) for column in columns]
    named: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 - names come from a statement
    found = [
        (place, column.type.dialect_impl(dialect).result_processor(dialect, None))
        for place, column in enumerate(columns)
    ]
    converted = [(place, convert) for place, convert in found if convert is not None]

    def row(values: Sequence[Any]) -> Any:
        cells = list(values)
        for place, convert in converted:
            cells[place] = convert(cells[place])
        return named._make(cells)

    return row
