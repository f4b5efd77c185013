"""Days as rules: what leads to one day, before any calendar or event is asked.

All are frozen data, and none can be built that no year could satisfy.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from workflows.deadlines.errors import BadNumber, NoSuchDay, UnknownFestival

LONGEST_COUNT: Final = 9999
LONGEST_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month in the longest year."""
MOST_WORKDAYS: Final = 15
"""Working days that every month has, whatever its holidays."""
LAST: Final = -1
"""The last Monday of a month, rather than its n-th."""


def within(number: int, what: str, low: int, high: int) -> None:
    """Refuse a number outside its range.

    Raises:
        BadNumber: it is below ``low`` or above ``high``.

    """
    if not low <= number <= high:
        raise BadNumber(number=number, what=what, low=low, high=high)


def check_weekday(nth: int, weekday: int) -> None:
    """Refuse a place in the month that some month does not have, such as a fifth Monday.

    Raises:
        BadNumber: the place or the weekday is none.

    """
    if nth != LAST:
        within(nth, "place of the weekday", 1, 4)
    within(weekday, "weekday", 0, 6)


def check_workday(nth: int) -> None:
    """Refuse a place that some month has no working day for.

    Raises:
        BadNumber: it is none from the first to the fifteenth, nor the last.

    """
    if nth != LAST:
        within(nth, "place of the working day", 1, MOST_WORKDAYS)


def is_leap(year: int) -> bool:
    """Tell whether ``year`` has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


class Unit(StrEnum):
    """What a period counts."""

    DAY = "day"
    """As the source says 日 and no more: the plan's settings say which days count."""
    CALENDAR_DAY = "calendar day"
    WORKING_DAY = "working day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Side(StrEnum):
    """Where a period lies, seen from its anchor."""

    AFTER = "after"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class CycleYear:
    """The year of the cycle, or one beside it."""

    ahead: int = 0

    def __post_init__(self) -> None:
        within(self.ahead, "year", -1, 1)


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """A year by its number."""

    year: int

    def __post_init__(self) -> None:
        within(self.year, "year", 1, 9999)


Year: TypeAlias = CycleYear | CalendarYear
THIS_YEAR: Final = CycleYear()


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a year."""

    month: int
    year: Year = THIS_YEAR

    def __post_init__(self) -> None:
        within(self.month, "month", 1, 12)


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """A day by month and number."""

    month: Month
    day: int

    def __post_init__(self) -> None:
        year = self.month.year
        leap = not isinstance(year, CalendarYear) or is_leap(year.year)
        longest = LONGEST_DAYS[self.month.month - 1]
        if not 1 <= self.day <= longest or ((self.month.month, self.day) == (2, 29) and not leap):
            number = f"{year.year:04}-" if isinstance(year, CalendarYear) else ""
            stem = f"{number}{self.month.month:02}"
            raise NoSuchDay(day=f"{stem}-{self.day:02}", month=stem)


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """The last day of a month: 28, 29, 30 or 31."""

    month: Month


@dataclass(frozen=True, slots=True)
class Third:
    """Days 1-10, 11-20, or from 21 of a month (上旬, 中旬, 下旬)."""

    part: int
    month: Month

    def __post_init__(self) -> None:
        within(self.part, "third", 1, 3)


@dataclass(frozen=True, slots=True)
class NthWeekday:
    """The n-th Monday, or the last, of a month."""

    nth: int
    weekday: int
    """0 is Monday."""
    month: Month

    def __post_init__(self) -> None:
        check_weekday(self.nth, self.weekday)


@dataclass(frozen=True, slots=True)
class NthWorkday:
    """The n-th working day of a month, or its last."""

    nth: int
    month: Month

    def __post_init__(self) -> None:
        check_workday(self.nth)


NEW_YEAR: Final = "new-year"
FESTIVALS: Final = (
    NEW_YEAR,
    "spring-festival",
    "qingming",
    "labour-day",
    "dragon-boat",
    "mid-autumn",
    "national-day",
)
"""The statutory festivals of China, as the language calls them."""


@dataclass(frozen=True, slots=True)
class Festival:
    """The days off around a statutory festival."""

    name: str
    year: Year = THIS_YEAR

    def __post_init__(self) -> None:
        if self.name not in FESTIVALS:
            raise UnknownFestival(name=self.name, known=", ".join(FESTIVALS))


@dataclass(frozen=True, slots=True)
class AtEvent:
    """The day on which an event takes effect."""

    name: str


@dataclass(frozen=True, slots=True)
class AtStep:
    """The last day of another step of the plan."""

    step: str


@dataclass(frozen=True, slots=True)
class StartOf:
    """The first day of a third of a month, or of another step."""

    of: Third | AtStep


@dataclass(frozen=True, slots=True)
class Offset:
    """A number of units after a day, or before it; the day itself is not counted."""

    n: int
    unit: Unit
    side: Side
    anchor: Day

    def __post_init__(self) -> None:
        within(self.n, "count", 1, LONGEST_COUNT)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The first of several days."""

    of: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Later:
    """The last of several days."""

    of: tuple[Day, ...]


Day: TypeAlias = (
    DayOfMonth
    | MonthEnd
    | Third
    | NthWeekday
    | NthWorkday
    | Festival
    | AtEvent
    | AtStep
    | StartOf
    | Offset
    | Earlier
    | Later
)


def month_of(day: Day) -> Month | None:
    """Return the month that ``day`` lies in by its own words, if they name one."""
    match day:
        case (
            DayOfMonth(month)
            | MonthEnd(month)
            | Third(month=month)
            | NthWeekday(month=month)
            | NthWorkday(month=month)
        ):
            return month
        case _:
            return None
