"""Days that are granted from a day on: to answer a slip, or anew by a rung of a ladder.

They are a period like any other: the plan says whether a last day off moves
on, and at which hour the last day ends.
"""

from __future__ import annotations

from datetime import date, datetime

from engine.ladder import Unit
from engine.ports import Reader
from workflows.deadlines import days
from workflows.deadlines.moments import late_from
from workflows.deadlines.resolution import Resolution
from workflows.deadlines.resolve import resolve
from workflows.deadlines.rule import Rule, Undated
from workflows.running.desk import Desk
from workflows.running.schedule import context_of

COUNTED = {Unit.CALENDAR_DAY: days.Unit.CALENDAR_DAY, Unit.WORKING_DAY: days.Unit.WORKING_DAY}
"""What the deadline language calls that which a rung counts."""

AS_THE_PLAN_SAYS = Rule(Undated())


def granted(
    desk: Desk[Reader], day: date, count: int, unit: Unit, rule: Rule | None = None
) -> Resolution:
    """Return the date that so many days granted on ``day`` end on; the last of them is in time.

    ``rule`` is that of the step whose days they are: its own hour counts, and
    whether its own text lets a day off move.
    """
    return resolve(_period(day, count, unit, rule or AS_THE_PLAN_SAYS), context_of(desk, {}))


def granted_until(
    desk: Desk[Reader], day: date, count: int, unit: Unit, rule: Rule | None = None
) -> datetime:
    """Return the first moment after so many days granted on ``day``."""
    context = context_of(desk, {})
    period = _period(day, count, unit, rule or AS_THE_PLAN_SAYS)
    return late_from(resolve(period, context).last_day or day, period, context)


def _period(day: date, count: int, unit: Unit, asked: Rule) -> Rule:
    start: days.Day = days.DayOfMonth(days.Month(day.month, days.CalendarYear(day.year)), day.day)
    if count:
        start = days.Offset(count, COUNTED[unit], days.Side.AFTER, start)
    return Rule(start, roll=asked.roll, cutoff=asked.cutoff, inclusive=True)
