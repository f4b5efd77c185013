"""Whether a daemon is alive: by the real clock, also in a trial, for daemons live in real time."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import Clock
from engine.heartbeat import Heartbeat
from engine.ports import Reader

SILENCE = timedelta(minutes=3)
"""A daemon that has not ticked for so long is taken for dead; it ticks each half minute."""
MOST_SKEW = timedelta(seconds=5)
"""By how much a machine's clock may differ from that of all before it is said."""


def is_skewed(skew: timedelta | None) -> bool:
    """Return whether a clock is so far off that it is said."""
    return skew is not None and abs(skew) > MOST_SKEW


def living(reader: Reader, wall: Clock) -> list[Heartbeat]:
    """Return the daemons that ticked lately by ``wall`` and said no goodbye, the latest first."""
    now = wall.now()
    return [
        beat
        for beat in reader.heartbeats()
        if beat.stopped_at is None and now - beat.last_tick <= SILENCE
    ]
