"""The daemons of an installation: which are alive, how far behind, and by which clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.liveness import is_skewed
from adapters.messages import Translator
from adapters.terminal.screen import FAINT, WARN, Cell, Screen
from adapters.terminal.times import Times
from engine.heartbeat import Heartbeat

_TENTHS_UNTIL = timedelta(seconds=10)
_SECONDS_UNTIL = timedelta(minutes=2)
_MINUTES_UNTIL = timedelta(hours=2)
_HOURS_UNTIL = timedelta(days=2)


def show_daemons(
    screen: Screen,
    alive: Sequence[Heartbeat],
    last: Heartbeat | None,
    times: Times,
    wall: datetime,
) -> None:
    """Print which daemons are alive at ``wall``, the moment by which they live.

    ``last`` is the one that was alive last, alive or not.
    """
    t = screen.words
    if not alive:
        screen.line((_none_alive(t, last, times), WARN))
        return
    several = t.text("{count} daemons are alive:", count=len(alive))
    screen.line((t.text("A daemon is alive:") if len(alive) == 1 else several, FAINT))
    screen.table((), [_row(t, beat, times, wall) for beat in alive], indent=2)


def _row(t: Translator, beat: Heartbeat, times: Times, wall: datetime) -> Sequence[Cell]:
    silent = max(wall - beat.last_tick, timedelta())
    if beat.lag is None or beat.fired_at is None:
        done = t.text("nothing fell due to it yet")
    else:
        done = t.text(
            "at {moment} it was {lag} behind",
            moment=times.full(beat.fired_at),
            lag=length(t, beat.lag),
        )
    return (
        (beat.daemon, FAINT),
        (beat.version, FAINT),
        (t.text("last pass {length} ago", length=length(t, silent)), FAINT),
        (done, FAINT),
        (_skew(t, beat.skew), WARN),
    )


def _skew(t: Translator, skew: timedelta | None) -> str:
    if skew is None or not is_skewed(skew):
        return ""
    if skew > timedelta():
        return t.text("the clock of its host is {length} fast", length=length(t, skew))
    return t.text("the clock of its host is {length} slow", length=length(t, -skew))


def _none_alive(t: Translator, last: Heartbeat | None, times: Times) -> str:
    since = t.text("there has been none yet")
    if last and last.stopped_at:
        since = t.text("the last one was stopped {moment}", moment=times.full(last.stopped_at))
    elif last:
        since = t.text("the last sign of life was {moment}", moment=times.full(last.last_tick))
    return t.text(
        "No daemon is alive ({since}); this screen is right nevertheless, "
        "but nobody is told. Start one: duban daemon",
        since=since,
    )


def length(t: Translator, length: timedelta) -> str:
    """Return a length of time as people say it, in the one unit that tells enough."""
    if length < _TENTHS_UNTIL:
        return t.text("{count} s", count=f"{length.total_seconds():.1f}")
    if length < _SECONDS_UNTIL:
        return t.text("{count} s", count=int(length.total_seconds()))
    if length < _MINUTES_UNTIL:
        return t.text("{count} min", count=length // timedelta(minutes=1))
    if length < _HOURS_UNTIL:
        return t.text("{count} h", count=length // timedelta(hours=1))
    return t.text("{count} d", count=length.days)
