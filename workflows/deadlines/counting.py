"""Counting from a day: days, working days, weeks, months; own clocks that stand in absences."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from engine.calendar import (
    ONE_DAY,
    Calendar,
    Counted,
    DateOutOfRange,
    add_working_days,
    on_or_after,
    on_or_before,
    working_days_between,
)
from workflows.deadlines.days import Unit
from workflows.deadlines.resolution import Absence, Reason

_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
_DAYS = {Unit.DAY: 1, Unit.CALENDAR_DAY: 1, Unit.WEEK: 7}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of absence without a gap; ``last`` is None while it goes on."""

    first: date
    last: date | None


def make_day(year: int, month: int, day: int) -> date:
    """Return a date.

    Raises:
        DateOutOfRange: no date has that year.

    """
    if not date.min.year <= year <= date.max.year:
        raise DateOutOfRange(what=f"{year:04}-{month:02}-{day:02}")
    return date(year, month, day)


def last_of_month(year: int, month: int) -> date:
    """Return the last day of a month."""
    make_day(year, month, 1)
    return date(year, month, monthrange(year, month)[1])


def count(calendar: Calendar, start: date, n: int, unit: Unit) -> Counted:
    """Return the day ``n`` units after ``start``; before it where ``n`` is negative.

    Months end on the like-numbered day, or on the month's last if it has none
    (Civil Code of China, art. 202).
    """
    if unit is Unit.WORKING_DAY:
        return add_working_days(calendar, start, n)
    if unit in _MONTHS:
        return Counted(add_months(start, n * _MONTHS[unit]))
    return Counted(start + timedelta(days=n * _DAYS[unit]))


def add_months(start: date, months: int) -> date:
    """Return the like-numbered day some months later, or the last day of a shorter month.

    >>> add_months(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = last_of_month(years, month + 1)
    return last.replace(day=min(start.day, last.day))


def count_own(
    calendar: Calendar, start: date, n: int, unit: Unit, absences: Iterable[Absence]
) -> tuple[Counted | None, tuple[Reason, ...]]:
    """Count on an own clock: days of absence do not count, and what they took is added.

    Returns:
        The day, or None while the clock stands; and a reason for each absence met.

    """
    end = count(calendar, start, n, unit)
    taken = 0
    reasons: list[Reason] = []
    provisional = end.provisional
    for stretch in stretches(absences):
        if stretch.last is not None and stretch.last <= start:
            continue
        if stretch.first > end.day:
            break
        if stretch.last is None:
            return None, (*reasons, Reason.of("clock-stands", since=stretch.first))
        before = max(start, stretch.first - ONE_DAY)
        if unit is Unit.WORKING_DAY:
            span = working_days_between(calendar, before, stretch.last)
            provisional |= span.provisional
            taken += span.working_days
            end = add_working_days(calendar, start, n + taken)
        else:
            taken += (stretch.last - before).days
            end = Counted(count(calendar, start, n, unit).day + timedelta(days=taken))
        reasons.append(Reason.of("absence", first=before + ONE_DAY, last=stretch.last))
    return (
        Counted(end.day, provisional or end.provisional, end.holidays, end.made_up),
        tuple(reasons),
    )


def roll(
    calendar: Calendar, day: date, *, backward: bool = False, absences: Iterable[Absence] = ()
) -> Counted | None:
    """Move a day off to the next working day, or to the one before.

    Returns:
        The day; None where an own clock stands before it.

    """
    if backward:
        return on_or_before(calendar, day)
    rolled = on_or_after(calendar, day)
    for stretch in stretches(absences):
        if stretch.first <= rolled.day and (stretch.last is None or rolled.day <= stretch.last):
            if stretch.last is None:
                return None
            found = on_or_after(calendar, stretch.last + ONE_DAY)
            rolled = Counted(found.day, rolled.provisional or found.provisional, rolled.holidays)
    return rolled


def stretches(absences: Iterable[Absence]) -> list[Stretch]:
    """Return absences in order, those that touch or overlap as one; reversed ones left out."""
    joined: list[Stretch] = []
    in_order: Callable[[Absence], date] = lambda absence: absence.first  # noqa: E731
    for absence in sorted(absences, key=in_order):
        if absence.last is not None and absence.last < absence.first:
            continue
        previous = joined[-1] if joined else None
        if previous is None or (
            previous.last is not None and (absence.first - previous.last).days > 1
        ):
            joined.append(Stretch(absence.first, absence.last))
        elif previous.last is not None:
            last = None if absence.last is None else max(previous.last, absence.last)
            joined[-1] = Stretch(previous.first, last)
    return joined
