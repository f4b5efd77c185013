"""The calendar port: which days are worked, and the counting of working days.

A calendar answers for every day, also for years whose calendar is not yet
announced: such an answer is *provisional*, and every count that met one says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, runtime_checkable

from engine.errors import N_, EngineError

ONE_DAY = timedelta(days=1)
LONGEST_REST = 400
"""Days without a working day after which a count gives up: no office rests for a year."""


class NoWorkingDay(EngineError):
    """A count ran into a stretch in which nobody works."""

    code = "no-working-day"
    template = N_(
        "Calendar {edition} has no working day within {days} days of {day}; "
        "check the overrides of that period."
    )


class DateOutOfRange(EngineError):
    """A computation left the years that a date can have."""

    code = "date-out-of-range"
    template = N_("{what} leads outside the years 1 to 9999; use a smaller number.")


@dataclass(frozen=True, slots=True)
class DayKind:
    """What a calendar says about one day."""

    working: bool
    provisional: bool = False
    """The year is not announced: a later edition may say otherwise."""
    source: str = ""
    """Who says so: a package, a law, a document number."""
    special: bool = False
    """Other than the weekday alone would suggest: a holiday, or a make-up working day."""


class Calendar(Protocol):
    """Knows each day of one body; an edition is never changed, only followed by another."""

    @property
    def edition(self) -> str:
        """Name the packages, versions and overrides that the answers come from."""
        ...

    def day(self, day: date) -> DayKind:
        """Return what ``day`` is; never raises for a date."""
        ...


@runtime_checkable
class Festive(Protocol):
    """A calendar that also knows when statutory festivals are."""

    def festival(self, name: str, year: int) -> date | None:
        """Return the day of a festival, such as ``spring-festival``; None where nobody knows."""
        ...


@dataclass(frozen=True, slots=True)
class Counted:
    """A day that a count arrived at, and what it met on the way."""

    day: date
    provisional: bool = False
    """Some day that was looked at is provisional, so the result is."""
    holidays: tuple[date, ...] = ()
    """Days passed over although their weekday is normally worked."""
    made_up: tuple[date, ...] = ()
    """Working days counted although their weekday is normally off."""


@dataclass(frozen=True, slots=True)
class Span:
    """How many working days lie between two days."""

    working_days: int
    provisional: bool = False


def is_working_day(calendar: Calendar, day: date) -> tuple[bool, bool]:
    """Return whether ``day`` is worked, and whether that is provisional."""
    kind = calendar.day(day)
    return kind.working, kind.provisional


def add_working_days(calendar: Calendar, start: date, n: int) -> Counted:
    """Return the ``n``-th working day after ``start``, or before it where ``n`` is negative.

    The day next to ``start`` is the first that can count; ``start`` itself never
    does, worked or not. Zero gives ``start`` back.

    Raises:
        NoWorkingDay: a year and more passed without one.
        DateOutOfRange: the count left the years that a date can have.

    """
    if n == 0:
        return Counted(start)
    left = abs(n)
    provisional = False
    holidays: list[date] = []
    made_up: list[date] = []
    last = start
    for day in _days_from(start, backward=n < 0):
        kind = calendar.day(day)
        provisional |= kind.provisional
        if kind.working:
            left -= 1
            last = day
            if kind.special:
                made_up.append(day)
        elif kind.special:
            holidays.append(day)
        if left == 0:
            break
        if abs(day - last).days > LONGEST_REST:
            raise NoWorkingDay(edition=calendar.edition, days=LONGEST_REST, day=last)
    return Counted(last, provisional, tuple(holidays), tuple(made_up))


def on_or_after(calendar: Calendar, day: date) -> Counted:
    """Return ``day`` if it is worked, else the next working day."""
    return _nearest(calendar, day, 1)


def on_or_before(calendar: Calendar, day: date) -> Counted:
    """Return ``day`` if it is worked, else the working day before it."""
    return _nearest(calendar, day, -1)


def next_working_day(calendar: Calendar, day: date) -> Counted:
    """Return the first working day after ``day``."""
    return add_working_days(calendar, day, 1)


def previous_working_day(calendar: Calendar, day: date) -> Counted:
    """Return the last working day before ``day``."""
    return add_working_days(calendar, day, -1)


def working_days_between(calendar: Calendar, start: date, end: date) -> Span:
    """Count the working days after ``start`` up to and with ``end``; negative if ``end`` is first.

    The inverse of `add_working_days`: what it added, this finds again.
    """
    sign = 1 if end >= start else -1
    distance = abs(end - start).days
    kinds = [calendar.day(start + sign * step * ONE_DAY) for step in range(1, distance + 1)]
    return Span(sign * sum(kind.working for kind in kinds), any(k.provisional for k in kinds))


def _nearest(calendar: Calendar, day: date, step: int) -> Counted:
    kind = calendar.day(day)
    if kind.working:
        return Counted(day, kind.provisional)
    found = add_working_days(calendar, day, step)
    holidays = (day, *found.holidays) if kind.special else found.holidays
    return Counted(found.day, kind.provisional or found.provisional, holidays, found.made_up)


def _days_from(start: date, *, backward: bool) -> Iterator[date]:
    """Yield the days after ``start``, or before it, without end."""
    step = -ONE_DAY if backward else ONE_DAY
    day = start
    while True:
        try:
            day += step
        except OverflowError:
            raise DateOutOfRange(what=f"counting working days from {start}") from None
        yield day
