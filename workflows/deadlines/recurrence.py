"""The occurrences of a recurring rule, each anchored to the rule and never to the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, assert_never

from engine.calendar import ONE_DAY, DateOutOfRange
from workflows.deadlines.counting import add_months, count, last_of_month, make_day
from workflows.deadlines.days import Month, Unit
from workflows.deadlines.errors import BadRecurrence, NotRecurring
from workflows.deadlines.moments import cutoff_reasons, late_from, start_of
from workflows.deadlines.place import nth_weekday, nth_workday, year_number
from workflows.deadlines.resolution import Context, Occurrence, Reason
from workflows.deadlines.rrule import days_of_rrule
from workflows.deadlines.rule import (
    MONTHS_OF,
    EveryBefore,
    EveryDayOf,
    EveryMonthBy,
    EveryPlus,
    EveryRRule,
    EveryWeek,
    EveryWeekday,
    EveryWorkday,
    Period,
    Recurring,
    Rule,
)
from workflows.deadlines.settle import Awaited, Place, Rolling, settle

LONGEST_MONTHS: Final = 1200
"""Months that one recurrence may run: a hundred years."""


@dataclass(frozen=True, slots=True)
class _Due:
    """One occurrence before its day is settled."""

    label: str
    period_start: date
    period_end: date
    opens: date
    place: Place


def occurrences(rule: Rule, context: Context) -> tuple[Occurrence, ...]:
    """Return the due dates of ``rule`` in order.

    Raises:
        NotRecurring: the rule has one date.
        EngineError: the rule leads out of all years, or runs for too many.

    """
    if not isinstance(rule.deadline, Recurring):
        raise NotRecurring(text=type(rule.deadline).__name__)
    try:
        return tuple(_occurrences(rule.deadline, rule, context))
    except OverflowError:
        raise DateOutOfRange(what="the recurrence") from None


def _occurrences(recurring: Recurring, rule: Rule, context: Context) -> Iterator[Occurrence]:
    first = _month_number(recurring.first, context, 1)
    last = _month_number(recurring.last, context, 12)
    if last - first >= LONGEST_MONTHS:
        problem = f"it runs for more than {LONGEST_MONTHS // 12} years"
        raise BadRecurrence(text="from … until …", problem=problem)
    for due in _dues(recurring, first, last, context):
        settled = settle(due.place, context, rule)
        if isinstance(settled, Awaited):  # only an own clock waits, and no recurrence has one
            continue
        yield Occurrence(
            label=due.label,
            period_end=due.period_end,
            opens_at=start_of(min(due.opens, settled.last), context),
            due_at=late_from(settled.last, rule, context),
            last_day=settled.last,
            provisional=settled.provisional,
            reasons=(*settled.reasons, *cutoff_reasons(rule, context)),
        )


def _dues(recurring: Recurring, first: int, last: int, context: Context) -> Iterator[_Due]:
    match recurring.pattern:
        case EveryWeek(weekday):
            yield from _weeks(first, last, weekday)
        case EveryRRule(text):
            if first <= last:
                start, end = _span(first, last)
                yield from (_on_day(due) for due in days_of_rrule(text, start, end))
        case EveryPlus(period) | EveryBefore(period) | EveryDayOf(period) as pattern:
            for start, end in _periods(period, first, last):
                yield _in_period(pattern, start, end, context)
        case pattern:
            for start, end in _periods(Period.MONTH, first, last):
                yield _in_month(pattern, start, end, context)


def _in_period(
    pattern: EveryPlus | EveryBefore | EveryDayOf, start: date, end: date, context: Context
) -> _Due:
    match pattern:
        case EveryPlus(period, 0, _):
            return _by(period, start, end, end)
        case EveryPlus(period, n, unit):
            return _counted(period, (start, end), n, unit, context)
        case EveryBefore(period, n, unit):
            return _counted(period, (start, end), -n, unit, context)
        case EveryDayOf(period, month, day):
            return _day_of(period, (start, end), month, day)
        case _:
            assert_never(pattern)


def _in_month(
    pattern: EveryMonthBy | EveryWeekday | EveryWorkday, start: date, end: date, context: Context
) -> _Due:
    match pattern:
        case EveryMonthBy(day):
            return _by(Period.MONTH, start, end, start.replace(day=min(day, end.day)))
        case EveryWeekday(nth, weekday):
            named = nth_weekday(nth, weekday, start.year, start.month)
            return _by(Period.MONTH, start, end, named)
        case EveryWorkday(nth):
            return _workday(start, end, nth, context)
        case _:
            assert_never(pattern)


def _on_day(day: date) -> _Due:
    fixed = Place(day, day, Rolling.FIXED, reasons=(Reason.of("day", day=day),))
    return _Due(day.isoformat(), day, day, day, fixed)


def _by(period: Period, start: date, end: date, day: date) -> _Due:
    reasons = (Reason.of("period", label=_label(period, start)), Reason.of("day", day=day))
    place = Place(day, day, Rolling.FIXED, reasons=reasons)
    return _Due(_label(period, start), start, end, start, place)


def _counted(period: Period, span: tuple[date, date], n: int, unit: Unit, context: Context) -> _Due:
    """Return the day ``n`` units after a period ends; before it where ``n`` is negative."""
    start, end = span
    counted_unit = context.settings.counting_unit if unit is Unit.DAY else unit
    counted = count(context.calendar, end, n, counted_unit)
    reason = Reason.of(
        "counted",
        n=abs(n),
        unit=counted_unit.value,
        side="after" if n > 0 else "before",
        start=end,
        end=counted.day,
        holidays=counted.holidays,
        made_up=counted.made_up,
    )
    rolling = Rolling.FORWARD if n > 0 else Rolling.BACKWARD
    place = Place(
        counted.day,
        counted.day,
        Rolling.NEVER if counted_unit is Unit.WORKING_DAY else rolling,
        provisional=counted.provisional,
        reasons=(Reason.of("period", label=_label(period, start)), reason),
    )
    opens = end + ONE_DAY if n > 0 else min(start, counted.day)
    return _Due(_label(period, start), start, end, opens, place)


def _workday(start: date, end: date, nth: int, context: Context) -> _Due:
    counted = nth_workday(nth, start, context)
    reasons = (
        Reason.of("period", label=_label(Period.MONTH, start)),
        Reason.of("workday", day=counted.day),
    )
    place = Place(
        counted.day, counted.day, Rolling.NEVER, provisional=counted.provisional, reasons=reasons
    )
    return _Due(_label(Period.MONTH, start), start, end, start, place)


def _day_of(period: Period, span: tuple[date, date], month: int, number: int) -> _Due:
    start, end = span
    opens = add_months(start, month - 1)
    last = last_of_month(opens.year, opens.month)
    day = opens.replace(day=min(number, last.day))
    reasons = (Reason.of("period", label=_label(period, start)), Reason.of("day", day=day))
    place = Place(day, day, Rolling.FIXED, reasons=reasons)
    return _Due(_label(period, start), start, end, opens, place)


def _weeks(first: int, last: int, weekday: int) -> Iterator[_Due]:
    """Yield the day of each week; the week opens on its Monday."""
    if first > last:
        return
    start, end = _span(first, last)
    day = start + timedelta(days=(weekday - start.weekday()) % 7)
    while day <= end:
        fixed = Place(day, day, Rolling.FIXED, reasons=(Reason.of("weekday", day=day),))
        monday = day - timedelta(days=weekday)
        yield _Due(day.isoformat(), day, day, monday, fixed)
        day += timedelta(days=7)


def _periods(period: Period, first: int, last: int) -> Iterator[tuple[date, date]]:
    """Yield first and last day of each whole period within months counted from year 0."""
    size = MONTHS_OF[period]
    for start in range(-(-first // size) * size, last - size + 2, size):
        yield _span(start, start + size - 1)


def _span(first: int, last: int) -> tuple[date, date]:
    start = make_day(first // 12, first % 12 + 1, 1)
    return start, last_of_month(last // 12, last % 12 + 1)


def _month_number(month: Month | None, context: Context, default: int) -> int:
    if month is None:
        return context.year * 12 + default - 1
    return year_number(month.year, context) * 12 + month.month - 1


def _label(period: Period, start: date) -> str:
    match period:
        case Period.MONTH:
            return f"{start.year:04}-{start.month:02}"
        case Period.QUARTER:
            return f"{start.year:04}-Q{start.month // 3 + 1}"
        case Period.HALF_YEAR:
            return f"{start.year:04}-H{start.month // 6 + 1}"
        case Period.YEAR:
            return f"{start.year:04}"
        case _:
            assert_never(period)
