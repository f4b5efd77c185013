"""The line above a screen that shows the past."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from adapters.terminal.screen import WARN, Screen
from adapters.terminal.times import Times
from engine.past import Horizon


def show_horizon(screen: Screen, horizon: Horizon, zone: ZoneInfo, *, all_known: bool) -> None:
    """Say that what follows is as it was; by all that is known, or by what was known then."""
    t, times = screen.words, Times(screen.words, zone)
    as_of, known_at = times.full(horizon.as_of), times.full(horizon.known_at)
    if all_known:
        text = t.text("PAST: as it was at {as_of}, by all that is recorded today", as_of=as_of)
    else:
        text = t.text(
            "PAST: as it was at {as_of}, by what had been recorded at {known_at}",
            as_of=as_of,
            known_at=known_at,
        )
    screen.line((text, WARN))
