"""The database's clock: one for all hosts that share it, however wrong their own may be."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Engine, func, select

from adapters.sql.prepared import Prepared
from adapters.sql.trouble import translated

_NOW = Prepared(select(func.clock_timestamp(type_=DateTime(timezone=True))))


class DatabaseClock:
    """The clock of a PostgreSQL server."""

    def __init__(self, database: Engine) -> None:
        """Ask ``database``."""
        self._database = database.execution_options(isolation_level="AUTOCOMMIT")

    def now(self) -> datetime:
        """Return the present moment of the server, aware, in UTC."""
        with translated(self._database), self._database.connect() as connection:
            moment: datetime = _NOW.scalar(connection, {})
        return moment.astimezone(UTC)
