"""What the calendar holds next."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from adapters.terminal.names import Names
from adapters.terminal.screen import FAINT, Screen
from adapters.terminal.times import Times
from workflows.running.overview import Coming, Overview


def show_coming(screen: Screen, found: Overview) -> None:
    """Print what comes next, in order of time."""
    t = screen.words
    if not found.coming:
        return
    times, names = Times(t, ZoneInfo(found.plan.zone)), Names(t, found.plan)
    screen.heading(t.text("Next"))
    rows = [
        (
            when(coming, times),
            t.word("what", coming.what),
            f"{names.step(coming.step.id)} {coming.occurrence}".rstrip(),
            (coming.step.clause or coming.step.id, FAINT),
        )
        for coming in found.coming
    ]
    screen.table((), rows, indent=2)


def when(coming: Coming, times: Times) -> str:
    """Return the day: the first of a window, the last that is in time of all else."""
    if coming.what == "opens":
        return times.opening(coming.moment)
    return times.last_day(coming.moment)
