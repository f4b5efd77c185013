"""Connections: how each database is opened, and the reason for every setting."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from engine.errors import N_, EngineError

BUSY_SECONDS = 30
"""How long a writer waits for another before it gives up."""

# Without isolation level the driver begins no transaction behind our back.
_SQLITE_ARGUMENTS = {"timeout": BUSY_SECONDS, "isolation_level": None}


class DatabaseTrouble(EngineError):
    """The database cannot be used."""

    code = "database"
    template = N_("The database {database} cannot be used: {problem}. {hint}")


def connect(database: str, *, durable: bool = True, still: bool = False) -> Engine:
    """Return the SQLAlchemy engine for a file name or a database URL.

    A file that nobody writes any more, such as a backup, is opened ``still``:
    it may be read-only, and not even a file appears beside it.

    Only a database that is thrown away when its making fails may do without
    ``durable``: it does not wait for the disk.

    Raises:
        DatabaseTrouble: the URL is not one that duban can use.

    """
    url = database if "://" in database else f"sqlite:///{database}"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseTrouble(
            database=database,
            problem=N_("it is neither a file name nor a database URL"),
            hint=N_("Give a path, or sqlite:///PATH, or postgresql+psycopg://…"),
        ) from None
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, isolation_level="READ COMMITTED")
    if still and parsed.database:
        return create_engine(parsed, creator=_still(parsed.database))
    engine = create_engine(parsed, connect_args=_SQLITE_ARGUMENTS)
    event.listen(engine, "connect", _prepare_sqlite if durable else _prepare_draft)
    return engine


def file_of(engine: Engine) -> Path | None:
    """Return the file of a SQLite database, nothing for one in memory or on a server."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    return Path(name)


@contextmanager
def writing(database: Engine) -> Iterator[Connection]:
    """Open a transaction that writes: committed on a clean exit, else rolled back."""
    with _translated(database), database.connect() as connection:
        if database.dialect.name == "sqlite":
            # IMMEDIATE takes the write lock at once: a reader that turns writer
            # later would fail instead of waiting.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
        else:
            with connection.begin():
                yield connection


@contextmanager
def bare(database: Engine) -> Iterator[Connection]:
    """Open a connection outside any transaction, for what cannot run in one."""
    with _translated(database), database.connect() as connection:
        yield connection


@contextmanager
def reading(database: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads, and sees one moment of the database."""
    with _translated(database), database.connect() as connection:
        if database.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")
        else:
            still = connection.execution_options(isolation_level="REPEATABLE READ")
            with still.begin():
                yield still


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode=WAL")  # readers do not wait for the writer
    cursor.execute("PRAGMA synchronous=FULL")  # a commit survives a power cut
    cursor.execute("PRAGMA foreign_keys=ON")  # off by default; legal moves depend on it
    cursor.execute("PRAGMA recursive_triggers=ON")  # else REPLACE deletes without asking them
    cursor.execute("PRAGMA cache_size=-32000")  # 32 MB: a large cycle's pages stay at hand
    cursor.close()


def _still(file: str) -> Callable[[], sqlite3.Connection]:
    """Return how a file is opened that nobody writes: no lock, no log, nothing beside it."""
    name = f"file:{quote(file)}?mode=ro&immutable=1"

    def opened() -> sqlite3.Connection:
        connection = sqlite3.connect(name, uri=True, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-32000")
        return connection

    return opened


def _prepare_draft(connection: Any, record: Any) -> None:
    _prepare_sqlite(connection, record)
    connection.execute("PRAGMA synchronous=OFF")


_SQLITE_HINTS = (
    (
        "readonly",
        N_("the file is read-only"),
        N_("Check the permissions of the file and its folder."),
    ),
    ("unable to open", N_("the file cannot be opened"), N_("Check the path and its permissions.")),
    ("disk is full", N_("the disk is full"), N_("Make room and repeat; nothing was changed.")),
    ("disk i/o", N_("the disk reports an error"), N_("Nothing was changed; check the disk.")),
    ("database is locked", N_("another process is writing"), N_("Repeat in a moment.")),
    ("not a database", N_("the file is not a duban database"), N_("Check the path.")),
    ("malformed", N_("the file is damaged"), N_("Restore a backup; see docs/operations.md.")),
    ("no such table", N_("it is not a duban database yet"), N_("Create it with: duban init")),
    ("no such column", N_("it has another schema"), N_("Upgrade it with: duban init")),
)


@contextmanager
def _translated(database: Engine) -> Iterator[None]:
    """Turn what the driver says of a database it cannot use into one clear sentence."""
    try:
        yield
    except DatabaseError as error:
        if type(error) not in (DatabaseError, OperationalError):
            raise  # a broken rule of the schema: ours to explain, not the file's
        said = str(error.orig).lower()
        for part, problem, hint in _SQLITE_HINTS:
            if part in said:
                raise DatabaseTrouble(
                    database=_shown(database), problem=problem, hint=hint
                ) from error
        raise DatabaseTrouble(
            database=_shown(database), problem=str(error.orig), hint=N_("Nothing was changed.")
        ) from error


def _shown(database: Engine) -> str:
    return database.url.render_as_string(hide_password=True)
