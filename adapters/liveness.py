"""Whether a daemon is alive: by the real clock, also in a trial, for daemons live in real time."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import Clock
from engine.ports import Heartbeat, Reader

SILENCE = timedelta(minutes=3)
"""A daemon that has not ticked for so long is taken for dead; it ticks each half minute."""
MOST_SKEW = timedelta(seconds=5)
"""By how much a machine's clock may differ from that of all before it is said."""


def living(reader: Reader, wall: Clock) -> list[Heartbeat]:
    """Return the daemons that ticked lately by ``wall`` and said no goodbye, the latest first."""
    now = wall.now()
    return [
        beat
        for beat in reader.heartbeats()
        if beat.stopped_at is None and now - beat.last_tick <= SILENCE
    ]
