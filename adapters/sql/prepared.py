"""Statements that every request runs: compiled once, given to the driver as they are.

SQLAlchemy takes a tenth of a millisecond to ask anything, dozens of times in
a request: more than SQLite needs for the answer, and as much as a server that
is near. Errors are told as SQLAlchemy words them.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    named: bool
    """Whether the driver wants its values by name."""
    row: Callable[[Sequence[Any]], Any]

    def given(self, values: Mapping[str, Any]) -> Any:
        """Return the values as the driver wants them."""
        found = [
            (name, value if convert is None else convert(value))
            for name, value, convert in (
                (name, values.get(name, fixed), convert) for name, fixed, convert in self.binds
            )
        ]
        return dict(found) if self.named else [value for _, value in found]


class Prepared:
    """A statement and, once it has been run, what each driver needs of it."""

    def __init__(self, statement: Executable) -> None:
        """Keep ``statement``; it names its values with `bindparam`, and holds no lists of them."""
        self._statement = statement
        self._ready: dict[str, _Ready] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Return every row, its columns by place and by name."""
        ready = self._made_ready(connection, values)
        driver: Any = connection.connection
        given = ready.given(values)
        with _watched(connection, ready.text):  # SQLite meets a damaged page while rows are fetched
            found = driver.cursor().execute(ready.text, given).fetchall()
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
        ready = self._made_ready(connection, values)
        count: int = _run(connection, ready.text, ready.given(values)).rowcount
        return count

    def insert(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Insert one row; return the number that it was given."""
        if connection.dialect.name != "sqlite":
            return int(self.scalar(connection, values))  # INSERT … RETURNING
        ready = self._made_ready(connection, values)
        return _run(connection, ready.text, ready.given(values)).lastrowid or 0

    def _made_ready(self, connection: Connection, values: Mapping[str, Any]) -> _Ready:
        ready = self._ready.get(connection.dialect.name)
        if ready is None:
            ready = self._compiled(connection.dialect, list(values))
            self._ready[connection.dialect.name] = ready
        return ready

    def _compiled(self, dialect: Dialect, names: Sequence[str]) -> _Ready:
        statement: Any = self._statement
        inserts = {"column_keys": list(names)} if statement.is_insert else {}
        compiled: SQLCompiler = statement.compile(dialect=dialect, **inserts)
        named = compiled.positiontup is None
        binds = tuple(
            _Bind(
                name,
                compiled.binds[name].effective_value,
                compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect),
            )
            for name in compiled.positiontup or dict.fromkeys(compiled.bind_names.values())
        )
        return _Ready(compiled.string, binds, named, _row_maker(statement, dialect))


class Asked(NamedTuple):
    """A question with its values, to be asked together with others."""

    statement: Prepared
    values: Mapping[str, Any]


def together(connection: Connection, asked: Sequence[Asked]) -> Sequence[Sequence[Any]]:
    """Return the rows of each question; a server is sent all of them before the first answer.

    They run one after the other, each sees what was committed before it.
    """
    if connection.dialect.name == "sqlite":
        return [one.statement.rows(connection, one.values) for one in asked]
    driver: Any = connection.connection.driver_connection
    ready = [one.statement._made_ready(connection, one.values) for one in asked]  # noqa: SLF001 - of this module
    cursors: list[Any] = []
    refused: list[Any] = []
    with _watched(connection, "; ".join(known.text for known in ready)):
        try:
            with driver.pipeline():
                try:
                    for known, one in zip(ready, asked, strict=True):
                        cursors.append(driver.execute(known.text, known.given(one.values)))
                except connection.dialect.loaded_dbapi.Error as error:
                    refused.append(error)  # the end of a pipeline says only that it was given up
        except connection.dialect.loaded_dbapi.Error as error:
            raise (refused or [_hidden_by(error, driver)])[0] from None
        if refused:
            raise refused[0]
        found = [cursor.fetchall() for cursor in cursors]
    return [[known.row(row) for row in rows] for known, rows in zip(ready, found, strict=True)]


def _hidden_by(error: Any, driver: Any) -> BaseException:
    """Return what really ended a pipeline: that it cannot be left hides an interrupt, too."""
    hidden: BaseException | None = error.__context__ if _is_stuck(driver) else None
    told: BaseException = hidden or error
    return told


def _is_stuck(driver: Any) -> bool:
    """Return whether a driver's connection is still in a pipeline, and so of no more use."""
    return bool(getattr(driver, "pgconn", None) and driver.pgconn.pipeline_status)


def is_asked(connection: Connection) -> bool:
    """Return whether something was asked in this transaction already; of SQLite, always.

    There, nothing is gained by asking several things at once.
    """
    if connection.dialect.name == "sqlite":
        return True
    driver: Any = connection.connection.driver_connection
    return bool(driver.info.transaction_status)


def give_up(connection: Connection) -> None:
    """Let go of everything that was locked; what is asked next begins a transaction anew."""
    with _watched(connection, "ROLLBACK"):
        connection.connection.rollback()


def say(connection: Connection, words: str) -> None:
    """Tell SQLite to begin or to end a transaction, which every unit and every reading does."""
    _run(connection, words, ())


def _run(connection: Connection, text: str, values: Any) -> Any:
    """Give the driver a statement; what it refuses is an error as SQLAlchemy words it."""
    driver: Any = connection.connection
    cursor = driver.cursor()
    with _watched(connection, text):
        cursor.execute(text, values)
    return cursor


@contextmanager
def _watched(connection: Connection, text: str) -> Iterator[None]:
    """Word errors of the driver as SQLAlchemy does; who is interrupted gives the connection up."""
    try:
        yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(text, error, connection) from error
    except BaseException:
        if connection.dialect.name != "sqlite":
            connection.invalidate()  # an answer may still be on its way
        raise


def _told(text: str, error: Any, connection: Connection) -> BaseException:
    """Return what SQLAlchemy makes of an error of the driver; a broken connection is given up."""
    dialect = connection.dialect
    driver: Any = connection.connection
    lost = dialect.is_disconnect(error, driver, None) or _is_stuck(driver)
    told: BaseException = DBAPIError.instance(
        text, (), error, dialect.loaded_dbapi.Error, connection_invalidated=lost, dialect=dialect
    )
    if lost:
        connection.invalidate(error)
        connection.engine.dispose()  # who lost one server has lost it for every connection
    return told


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
