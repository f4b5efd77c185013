"""The sign of life of a daemon, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A daemon's last sign of life."""

    daemon: str
    version: str
    started_at: datetime
    last_tick: datetime
    stopped_at: datetime | None = None
    """When it said goodbye: a clean stop."""
    fired_at: datetime | None = None
    """When it last let a timer take effect, if it ever did."""
    lag: timedelta | None = None
    """By how much the latest of those timers was behind its moment."""
    skew: timedelta | None = None
    """By how much its host's clock is ahead of the one by which all are judged."""
