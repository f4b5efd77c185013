"""The occurrences of a recurring rule, each anchored to the rule and never to the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, assert_never

from engine.calendar import ONE_DAY, DateOutOfRange
from workflows.deadlines.counting import count, last_of_month, make_day
from workflows.deadlines.days import Month, Unit
from workflows.deadlines.errors import BadRecurrence, NotRecurring
from workflows.deadlines.moments import cutoff_reasons, late_from, start_of
from workflows.deadlines.place import nth_weekday, year_number
from workflows.deadlines.resolution import Context, Occurrence, Reason
from workflows.deadlines.rrule import days_of_rrule
from workflows.deadlines.rule import (
    EveryMonthBy,
    EveryPlus,
    EveryRRule,
    EveryWeekday,
    Period,
    Recurring,
    Rule,
)
from workflows.deadlines.settle import Awaited, Place, Rolling, settle

LONGEST_MONTHS: Final = 1200
"""Months that one recurrence may run: a hundred years."""
_SIZES: Final = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF_YEAR: 6, Period.YEAR: 12}


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
        case EveryMonthBy(day):
            for start, end in _periods(Period.MONTH, first, last):
                yield _by(Period.MONTH, start, end, start.replace(day=min(day, end.day)))
        case EveryWeekday(nth, weekday):
            for start, end in _periods(Period.MONTH, first, last):
                named = nth_weekday(nth, weekday, start.year, start.month)
                yield _by(Period.MONTH, start, end, named)
        case EveryPlus(period, 0, _):
            for start, end in _periods(period, first, last):
                yield _by(period, start, end, end)
        case EveryPlus(period, n, unit):
            for start, end in _periods(period, first, last):
                yield _plus(period, (start, end), n, unit, context)
        case EveryRRule(text):
            if first <= last:
                start, end = _span(first, last)
                yield from (_on_day(due) for due in days_of_rrule(text, start, end))
        case _:
            assert_never(recurring.pattern)


def _on_day(day: date) -> _Due:
    fixed = Place(day, day, Rolling.FIXED, reasons=(Reason.of("day", day=day),))
    return _Due(day.isoformat(), day, day, day, fixed)


def _by(period: Period, start: date, end: date, day: date) -> _Due:
    reasons = (Reason.of("period", label=_label(period, start)), Reason.of("day", day=day))
    place = Place(day, day, Rolling.FIXED, reasons=reasons)
    return _Due(_label(period, start), start, end, start, place)


def _plus(period: Period, span: tuple[date, date], n: int, unit: Unit, context: Context) -> _Due:
    start, end = span
    counted_unit = context.settings.counting_unit if unit is Unit.DAY else unit
    counted = count(context.calendar, end, n, counted_unit)
    reason = Reason.of(
        "counted",
        n=n,
        unit=counted_unit.value,
        side="after",
        start=end,
        end=counted.day,
        holidays=counted.holidays,
        made_up=counted.made_up,
    )
    place = Place(
        counted.day,
        counted.day,
        Rolling.NEVER if counted_unit is Unit.WORKING_DAY else Rolling.FORWARD,
        provisional=counted.provisional,
        reasons=(Reason.of("period", label=_label(period, start)), reason),
    )
    return _Due(_label(period, start), start, end, end + ONE_DAY, place)


def _periods(period: Period, first: int, last: int) -> Iterator[tuple[date, date]]:
    """Yield first and last day of each whole period within months counted from year 0."""
    size = _SIZES[period]
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
