"""Pace: the percent that should be reached by now (序时进度), and who lies behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from engine.deadline import Deadline, Timer
from engine.guards import NEVER, AnyOf, Compare, Guard, Known, Not
from engine.ladder import Behind, Rung
from engine.ports import Reader
from workflows.plan.model import Step
from workflows.running.desk import Desk
from workflows.running.schedule import ladder_of, rung_number
from workflows.target import PERCENT

WHOLE = 100


def expected_percent(desk: Desk[Reader], deadline: Deadline, moment: datetime) -> int | None:
    """Return how much of the time of ``deadline`` has gone by at ``moment``, in whole percent.

    The time begins when its window opens, else with the plan's year, and ends
    when it is due; a date of one's own begins with that of the others. It is
    rounded down, as progress is recorded in whole percent: a third of the time
    asks for 33. Days are those of the plan's zone, so that no change to summer
    time makes a part of a percent. None where it is not due, or was before the
    year began.
    """
    if deadline.due_at is None:
        return None

    def on_the_wall(instant: datetime) -> datetime:
        return instant.astimezone(desk.zone).replace(tzinfo=None)

    begins = datetime(desk.plan.year, 1, 1)  # noqa: DTZ001 - a wall clock's
    opens_at = _opens_at(desk, deadline)
    if opens_at is not None:
        begins = on_the_wall(opens_at)
    whole = on_the_wall(deadline.due_at) - begins
    passed = on_the_wall(moment) - begins
    if not whole or whole.days < 0:
        return None
    return min(max(WHOLE * passed // whole, 0), WHOLE)


def _opens_at(desk: Desk[Reader], deadline: Deadline) -> datetime | None:
    if deadline.opens_at is not None or not deadline.instance:
        return deadline.opens_at
    shared = desk.unit.deadlines(desk.key, deadline.step, instance="")
    return next((d.opens_at for d in shared if d.occurrence == deadline.occurrence), None)


def expected_now(desk: Desk[Reader], step: Step, dates: Sequence[Deadline]) -> int | None:
    """Return what is expected now, where the ladder of ``step`` asks for it by its one date."""
    if len(dates) != 1 or not ladder_of(desk.plan, step).asks_who_is_behind:
        return None
    return expected_percent(desk, dates[0], desk.now)


def condition_of(desk: Desk[Reader], deadline: Deadline, rung: Rung, moment: datetime) -> Guard:
    """Return whom ``rung`` concerns when it fires at ``moment``, its nominal one.

    Who has recorded no progress counts as 0.
    """
    if not isinstance(rung.when, Behind):
        return rung.when
    expected = expected_percent(desk, deadline, moment)
    least = expected - rung.when.tolerance if expected is not None else 0
    if least <= 0:
        return NEVER
    return AnyOf((Not(Known(PERCENT)), Compare(PERCENT, "<", least)))


def conditions_of(
    desk: Desk[Reader], deadline: Deadline, rungs: Sequence[Rung], timers: Iterable[Timer]
) -> list[Guard]:
    """Return the conditions of those ``rungs`` whose ``timers`` these are, each at its moment."""
    return [
        condition_of(desk, deadline, rungs[number], timer.fires_at)
        for timer in timers
        for number in [rung_number(timer)]
        if number is not None
    ]
