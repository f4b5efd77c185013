"""Connections: how each database is opened, and the reason for every setting."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from adapters.retrying import pause_before
from adapters.sql.prepared import say
from adapters.sql.trouble import DatabaseTrouble, translated
from engine.errors import N_, Interrupted

BUSY_SECONDS = 30
"""How long a writer waits for another before it gives up."""
CONNECTING = 4
"""How often a server that does not answer is asked: for some half a second."""

# Without isolation level the driver begins no transaction behind our back.
_SQLITE_ARGUMENTS = {"timeout": BUSY_SECONDS, "isolation_level": None}


_SQLITE_NAMES = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL_NAMES = ("postgresql", "postgres", "postgresql+psycopg")

_SESSION = (
    f"-c lock_timeout={BUSY_SECONDS}s",  # the same patience as on SQLite
    "-c idle_in_transaction_session_timeout=300s",  # a host that vanished holds nothing for long
    "-c jit=off",  # our statements are short: compiling them takes longer than running them
)
_CONNECTION = {
    "application_name": "duban",
    "connect_timeout": "10",
    "keepalives_idle": "30",  # a server that vanished is noticed within a minute, not two hours
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""What the URL does not say otherwise."""


def connect(database: str, *, durable: bool = True, still: bool = False) -> Engine:
    """Return the SQLAlchemy engine for a file name or a database URL.

    A URL of PostgreSQL may name several hosts and ``target_session_attrs``.
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
    except (ArgumentError, ValueError):
        raise _unknown(database) from None
    if parsed.drivername in _POSTGRESQL_NAMES:
        return _connect_postgresql(parsed)
    if parsed.drivername not in _SQLITE_NAMES:
        raise _unknown(database)
    if still and parsed.database:
        return create_engine(parsed, creator=_still(parsed.database))
    engine = create_engine(parsed, connect_args=_SQLITE_ARGUMENTS)
    event.listen(engine, "connect", _prepare_sqlite if durable else _prepare_draft)
    return engine


def _unknown(database: str) -> DatabaseTrouble:
    return DatabaseTrouble(
        database=database,
        problem=N_("it is neither a file name nor a database URL"),
        hint=N_("Give a path, or sqlite:///PATH, or postgresql://USER@HOST/NAME"),
    )


def _connect_postgresql(url: URL) -> Engine:
    given = url.query.get("options", ())
    options = (given,) if isinstance(given, str) else given
    settings = {name: value for name, value in _CONNECTION.items() if name not in url.query}
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # its warnings are errors that we tell
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
            connect_args={**settings, "options": " ".join((*_SESSION, *options))},
            isolation_level="READ COMMITTED",
        )
    except ModuleNotFoundError:
        raise DatabaseTrouble(
            database=str(url),
            problem=N_("the driver for PostgreSQL is not installed"),
            hint=N_("Install it with: pip install 'duban[postgresql]'"),
        ) from None


def file_of(engine: Engine) -> Path | None:
    """Return the file of a SQLite database, nothing for one in memory or on a server."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    return Path(name)


@contextmanager
def writing(database: Engine) -> Iterator[Connection]:
    """Open a transaction that writes: committed on a clean exit, else rolled back."""
    with translated(database), _opened(database) as connection:
        if database.dialect.name == "sqlite":
            # IMMEDIATE takes the write lock at once: a reader that turns writer
            # later would fail instead of waiting.
            say(connection, "BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                say(connection, "ROLLBACK")
                raise
            say(connection, "COMMIT")
        else:
            transaction = connection.begin()
            try:
                yield connection
            except BaseException:
                with suppress(DBAPIError):  # what broke the connection is what is told
                    transaction.rollback()
                raise
            with translated(database, committing=True):
                transaction.commit()


@contextmanager
def bare(database: Engine) -> Iterator[Connection]:
    """Open a connection outside any transaction, for what cannot run in one."""
    with translated(database), database.connect() as connection:
        yield connection


@contextmanager
def reading(database: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads, and sees one moment of the database."""
    with translated(database), _opened(database) as connection:
        if database.dialect.name == "sqlite":
            say(connection, "BEGIN")
            try:
                yield connection
            finally:
                say(connection, "ROLLBACK")
        else:
            still = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with still.begin():
                yield still


def _opened(database: Engine) -> Connection:
    """Return a connection; a server that is just being started is asked again, a few times."""
    if database.dialect.name == "sqlite":
        return database.connect()
    for attempt in range(CONNECTING):
        try:
            with translated(database):
                return database.connect()
        except Interrupted:
            if attempt == CONNECTING - 1:
                raise
            sleep(pause_before(attempt).total_seconds())
    raise AssertionError("unreachable")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    try:
        cursor.execute("PRAGMA journal_mode=WAL")  # readers do not wait for the writer
    except UnicodeDecodeError as error:
        # The driver cannot even repeat what SQLite says of a schema with broken letters.
        raise sqlite3.DatabaseError("malformed database schema") from error
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
