"""The store on a SQL database: SQLite in a file, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from adapters.sql import database as sql
from adapters.sql.editions import Editions
from adapters.sql.moving import explained
from adapters.sql.reader import SqlReader
from adapters.sql.unit import SqlUnit
from engine.clock import Clock


class SqlStore:
    """An `engine.ports.Store` on one database."""

    def __init__(self, database: Engine, clock: Clock) -> None:
        """Use ``database``; ``clock`` tells the moment of a reading."""
        self._database = database
        self._editions = Editions()
        self._clock = clock

    @contextmanager
    def unit_of_work(self, now: datetime) -> Iterator[SqlUnit]:
        """Open a unit at the moment ``now``: it commits on a clean exit, rolls back on an error."""
        with explained(self._database), sql.writing(self._database) as connection:
            yield SqlUnit(connection, self._editions, now)

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

    def close(self) -> None:
        """Close every connection."""
        self._database.dispose()
