"""Whether a daemon is alive: by the real clock, also in a trial, for daemons live in real time."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import SystemClock
from engine.ports import Heartbeat, Reader

SILENCE = timedelta(minutes=3)
"""A daemon that has not ticked for so long is taken for dead; it ticks each half minute."""


def living(reader: Reader) -> list[Heartbeat]:
    """Return the daemons that have ticked lately, the latest first."""
    now = SystemClock().now()
    return [beat for beat in reader.heartbeats() if now - beat.last_tick <= SILENCE]
