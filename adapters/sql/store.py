"""The store on a SQL database: SQLite in a file, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event

from sqlalchemy import Engine

from adapters.sql import database as sql
from adapters.sql.clock import DatabaseClock
from adapters.sql.editions import Editions
from adapters.sql.moving import explained
from adapters.sql.reader import SqlReader
from adapters.sql.unit import SqlUnit
from adapters.sql.wakening import listen, wake
from engine.clock import Clock, SystemClock
from engine.errors import Interrupted


class SqlStore:
    """An `engine.ports.Store` on one database."""

    def __init__(self, database: Engine, clock: Clock) -> None:
        """Use ``database``; ``clock`` tells the moment of a reading."""
        self._database = database
        self._editions = Editions()
        self._clock = clock
        self.kept = 0
        """How many units have become durable through this store."""

    @contextmanager
    def unit_of_work(self, now: datetime) -> Iterator[SqlUnit]:
        """Open a unit at the moment ``now``: it commits on a clean exit, rolls back on an error."""
        with (
            _marked_as_writing(),
            explained(self._database),
            sql.writing(self._database) as connection,
        ):
            unit = SqlUnit(connection, self._editions, now)
            yield unit
            if unit.wakes:
                wake(connection)
        self.kept += 1

    @contextmanager
    def reading(self) -> Iterator[SqlReader]:
        """Open a consistent view for reading; nothing is locked."""
        with sql.reading(self._database) as connection:
            yield SqlReader(connection, self._editions, self._clock.now())

    def on_clock(self, clock: Clock) -> SqlStore:
        """Return the same store whose readings take their moment from ``clock``."""
        other = SqlStore(self._database, clock)
        other._editions = self._editions
        return other

    def wall_clock(self) -> Clock:
        """Return the clock by which all who share the database live: on a server, the server's."""
        if self._database.dialect.name == "sqlite":
            return SystemClock()
        return DatabaseClock(self._database)

    def listen(self, woken: Callable[[], None], stopped: Event) -> None:
        """Call ``woken`` whenever another process keeps what is due, until ``stopped``."""
        listen(self._database, woken, stopped)

    def forget(self) -> None:
        """Let what was removed be nowhere in the files of the database any more.

        SQLite's write-ahead log still holds earlier pages; PostgreSQL forgets with its own
        vacuum. Where somebody is reading, the log is emptied by whoever comes next.
        """
        if self._database.dialect.name == "sqlite":
            with self._database.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection."""
        self._database.dispose()


@contextmanager
def _marked_as_writing() -> Iterator[None]:
    """Tell an interruption of a unit of work from one of a reading."""
    try:
        yield
    except Interrupted as error:
        error.in_unit = True
        raise
