"""The clock port: the one place where the time of day enters duban."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the moment; read once per unit of work."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)


class StandingClock:
    """A clock that moves only when it is told to: for simulation and tests."""

    def __init__(self, moment: datetime) -> None:
        """Stand at ``moment``."""
        self.moment = moment

    def now(self) -> datetime:
        """Return the moment at which the clock stands."""
        return self.moment
