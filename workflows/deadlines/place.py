"""Where a day rule lies: its first and last day, or what must happen before it has any."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import assert_never

from engine.calendar import LONGEST_REST, ONE_DAY, Counted, Festive, add_working_days
from workflows.deadlines.counting import (
    add_months,
    count,
    count_own,
    last_of_month,
    make_day,
)
from workflows.deadlines.days import (
    LAST,
    AtEvent,
    AtStep,
    CalendarYear,
    Day,
    DayOfMonth,
    Earlier,
    Festival,
    Later,
    Month,
    MonthEnd,
    NthWeekday,
    NthWorkday,
    Offset,
    Side,
    StartOf,
    Third,
    Unit,
    Year,
    is_leap,
)
from workflows.deadlines.errors import NaiveMoment, NoFestivals, NoSuchDay
from workflows.deadlines.resolution import Context, Kind, Reason
from workflows.deadlines.rule import OWN, Rule, events_of
from workflows.deadlines.settle import RETURN, Awaited, Found, Place, Rolling, settle

__all__ = ["RETURN", "local_day", "nth_weekday", "nth_workday", "place", "year_number"]


def place(day: Day, context: Context, rule: Rule) -> Found:  # noqa: PLR0911 - one case each
    """Return where ``day`` lies; parts of earlier and later are settled before they are compared.

    Raises:
        NoSuchDay: 29 February in a common year.
        DateOutOfRange: the day has no date.
        NaiveMoment: an event without a zone.

    """
    match day:
        case DayOfMonth(month, number):
            return _fixed(_day_of_month(month, number, context), "day")
        case MonthEnd(month):
            year = year_number(month.year, context)
            return _fixed(last_of_month(year, month.month), "month-end")
        case Third(part, month):
            return _third(part, year_number(month.year, context), month.month)
        case NthWeekday(nth, weekday, month):
            year = year_number(month.year, context)
            return _fixed(nth_weekday(nth, weekday, year, month.month), "weekday")
        case NthWorkday(nth, month):
            first = make_day(year_number(month.year, context), month.month, 1)
            counted = nth_workday(nth, first, context)
            day_found = _fixed(counted.day, "workday")
            return replace(day_found, rolling=Rolling.NEVER, provisional=counted.provisional)
        case Festival(name, year):
            return _festival(name, year_number(year, context), context)
        case AtEvent(name):
            return _event(name, context)
        case AtStep(step):
            return _step(step, context)
        case StartOf(of):
            found = place(of, context, rule)
            return found if isinstance(found, Awaited) else replace(found, last=found.first)
        case Offset():
            return _offset(day, context, rule)
        case Earlier(of):
            return _earlier([settle(place(part, context, rule), context, rule) for part in of])
        case Later(of):
            return _later([settle(place(part, context, rule), context, rule) for part in of])
        case _:
            assert_never(day)


def year_number(year: Year, context: Context) -> int:
    """Return the number of a year as the cycle sees it."""
    return year.year if isinstance(year, CalendarYear) else context.year + year.ahead


def nth_weekday(nth: int, weekday: int, year: int, month: int) -> date:
    """Return the n-th Monday of a month, or its last."""
    if nth == LAST:
        last = last_of_month(year, month)
        return last.replace(day=last.day - (last.weekday() - weekday) % 7)
    first = make_day(year, month, 1)
    return first.replace(day=1 + (weekday - first.weekday()) % 7 + 7 * (nth - 1))


def nth_workday(nth: int, first: date, context: Context) -> Counted:
    """Return the n-th working day of the month that begins on ``first``, or its last."""
    if nth == LAST:
        return add_working_days(context.calendar, add_months(first, 1), -1)
    return add_working_days(context.calendar, first - ONE_DAY, nth)


def local_day(moment: datetime, name: str, context: Context) -> date:
    """Return the day of a moment in the plan's zone.

    Raises:
        NaiveMoment: the moment has no zone; the machine's own must not decide.

    """
    if moment.tzinfo is None:
        raise NaiveMoment(event=name, moment=moment.isoformat())
    return moment.astimezone(context.zone).date()


def _fixed(day: date, code: str) -> Place:
    return Place(day, day, Rolling.FIXED, reasons=(Reason.of(code, day=day),))


def _day_of_month(month: Month, number: int, context: Context) -> date:
    year = year_number(month.year, context)
    if (month.month, number) == (2, 29) and not is_leap(year):
        raise NoSuchDay(day=f"{year:04}-02-29", month=f"{year:04}-02")
    return make_day(year, month.month, number)


def _third(part: int, year: int, month: int) -> Place:
    first = make_day(year, month, (1, 11, 21)[part - 1])
    last = last_of_month(year, month) if part == 3 else first.replace(day=part * 10)  # noqa: PLR2004
    reason = Reason.of("third", first=first, last=last)
    return Place(first, last, Rolling.FIXED, reasons=(reason,))


def _festival(name: str, year: int, context: Context) -> Place:
    """Return the days off around a festival; the day alone where it is worked."""
    calendar = context.calendar
    known = calendar.festival(name, year) if isinstance(calendar, Festive) else None
    if known is None:
        raise NoFestivals(calendar=calendar.edition, festival=name, year=year)
    first, last = known, known
    while not calendar.day(first - ONE_DAY).working and (known - first).days < LONGEST_REST:
        first -= ONE_DAY
    while not calendar.day(last + ONE_DAY).working and (last - known).days < LONGEST_REST:
        last += ONE_DAY
    days = [first + ONE_DAY * n for n in range(-1, (last - first).days + 2)]
    provisional = any(calendar.day(day).provisional for day in days)
    reason = Reason.of("festival", day=known, first=first, last=last)
    return Place(first, last, Rolling.NEVER, provisional=provisional, reasons=(reason,))


def _event(name: str, context: Context) -> Found:
    moment = context.events(name)
    if moment is None:
        return Awaited((name,), (Reason.of("awaits-event", event=name),))
    day = local_day(moment, name, context)
    reason = Reason.of("event", event=name, day=day)
    return Place(day, day, Rolling.NEVER, reasons=(reason,))


def _step(step: str, context: Context) -> Found:
    known = context.steps(step)
    if known is None or known.last_day is None:
        waits_for = known.waits_for if known else ()
        reason = Reason.of("awaits-step", step=step)
        return Awaited(waits_for or (f"step:{step}",), (reason,))
    first = known.last_day
    if known.opens_at is not None:
        first = local_day(known.opens_at, step, context)
    return Place(
        first,
        known.last_day,
        Rolling.NEVER,
        provisional=known.kind is Kind.PROVISIONAL,
        reasons=(Reason.of("step", step=step, first=first, last=known.last_day),),
        waits_for=known.waits_for,
    )


def _offset(day: Offset, context: Context, rule: Rule) -> Found:
    anchor = place(day.anchor, context, rule)
    if isinstance(anchor, Awaited):
        return anchor
    unit = context.settings.counting_unit if day.unit is Unit.DAY else day.unit
    backward = day.side is Side.BEFORE
    if backward and isinstance(day.anchor, Festival):
        anchor = replace(anchor, last=anchor.first)  # before it: before its first day off
    own = any(name.startswith(OWN) for name in events_of(day.anchor))
    absent: tuple[Reason, ...] = ()
    if own and not backward:
        counted, absent = count_own(context.calendar, anchor.last, day.n, unit, context.absences)
        if counted is None:
            return Awaited((RETURN,), (*anchor.reasons, *absent))
    else:
        counted = count(context.calendar, anchor.last, -day.n if backward else day.n, unit)
    reason = Reason.of(
        "counted",
        n=day.n,
        unit=unit.value,
        side=day.side.value,
        start=anchor.last,
        end=counted.day,
        holidays=counted.holidays,
        made_up=counted.made_up,
    )
    shortened = _shortened(anchor.last, counted.day, unit) if not absent else ()
    rolling = Rolling.BACKWARD if backward else Rolling.FORWARD
    return Place(
        counted.day,
        counted.day,
        Rolling.NEVER if unit is Unit.WORKING_DAY else rolling,
        provisional=anchor.provisional or counted.provisional,
        reasons=(*anchor.reasons, *absent, reason, *shortened),
        waits_for=anchor.waits_for,
        own=own,
    )


def _shortened(start: date, end: date, unit: Unit) -> tuple[Reason, ...]:
    """Say so where a month had no like-numbered day."""
    if unit not in {Unit.MONTH, Unit.YEAR} or start.day == end.day:
        return ()
    return (Reason.of("no-like-day", number=start.day, end=end),)


def _earlier(found: list[Found]) -> Found:
    known = [part for part in found if isinstance(part, Place)]
    waits_for = _union(part.waits_for for part in found)
    if not known:
        return Awaited(waits_for, tuple(reason for part in found for reason in part.reasons))
    first = min(known, key=lambda part: part.last)
    bound = tuple(Reason.of("may-be-earlier", event=name) for name in waits_for)
    return Place(
        first.first,
        first.last,
        Rolling.NEVER,
        settled=True,
        provisional=any(part.provisional for part in known) or bool(waits_for),
        reasons=(
            *(reason for part in known for reason in part.reasons),
            Reason.of("earlier", day=first.last),
            *bound,
        ),
        waits_for=waits_for,
    )


def _later(found: list[Found]) -> Found:
    reasons = tuple(reason for part in found for reason in part.reasons)
    waits_for = _union(part.waits_for for part in found)
    known = [part for part in found if isinstance(part, Place)]
    if len(known) < len(found):
        return Awaited(waits_for, reasons)
    last = max(known, key=lambda part: part.last)
    return Place(
        last.first,
        last.last,
        Rolling.NEVER,
        settled=True,
        provisional=any(part.provisional for part in known),
        reasons=(*reasons, Reason.of("later", day=last.last)),
        waits_for=waits_for,
    )


def _union(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return each name once, in order."""
    return tuple(dict.fromkeys(name for part in names for name in part))
