"""A deadline as data: what a plan's text means, with the settings of that text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeAlias, TypeVar, cast

from workflows.deadlines.days import (
    LONGEST_COUNT,
    AtEvent,
    AtStep,
    CalendarYear,
    Day,
    DayOfMonth,
    Month,
    MonthEnd,
    Third,
    Unit,
    Year,
    check_weekday,
    check_workday,
    within,
)
from workflows.deadlines.errors import BadRecurrence, WindowReversed

OWN: Final = "own:"
"""Prefix of events that each person or target has for itself."""


class Period(StrEnum):
    """What a recurrence repeats with."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half year"
    YEAR = "year"


MONTHS_OF: Final = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF_YEAR: 6, Period.YEAR: 12}
"""Months of each period."""


@dataclass(frozen=True, slots=True)
class On:
    """Exactly on a day, not by it: a meeting."""

    day: Day


@dataclass(frozen=True, slots=True)
class Window:
    """From a day to a day, or without end."""

    opens: Day
    closes: Day | None

    def __post_init__(self) -> None:
        first, last = _plain(self.opens, first=True), _plain(self.closes, first=False)
        if first and last and type(first[0]) is type(last[0]) and _key(first) > _key(last):
            raise WindowReversed(opens=_written(first), closes=_written(last))


@dataclass(frozen=True, slots=True)
class Undated:
    """Never due, never late."""


Dated: TypeAlias = Day | On | Window


@dataclass(frozen=True, slots=True)
class Announced:
    """Words without a computable day, and the date planned until somebody narrows it down."""

    text: str
    planned: Dated


@dataclass(frozen=True, slots=True)
class EveryMonthBy:
    """Each month by one of its days; in a shorter month by its last."""

    day: int

    def __post_init__(self) -> None:
        within(self.day, "day", 1, 31)


@dataclass(frozen=True, slots=True)
class EveryPlus:
    """Some units after each period ends; zero units is the period's last day."""

    period: Period
    n: int
    unit: Unit

    def __post_init__(self) -> None:
        within(self.n, "count", 0, LONGEST_COUNT)


@dataclass(frozen=True, slots=True)
class EveryWeekday:
    """The n-th Monday of each month, or its last."""

    nth: int
    weekday: int

    def __post_init__(self) -> None:
        check_weekday(self.nth, self.weekday)


@dataclass(frozen=True, slots=True)
class EveryWorkday:
    """The n-th working day of each month, or its last."""

    nth: int

    def __post_init__(self) -> None:
        check_workday(self.nth)


@dataclass(frozen=True, slots=True)
class EveryBefore:
    """Some units before each period ends."""

    period: Period
    n: int
    unit: Unit

    def __post_init__(self) -> None:
        within(self.n, "count", 1, LONGEST_COUNT)


@dataclass(frozen=True, slots=True)
class EveryDayOf:
    """By a day of one month of each period; months beyond the period are those that follow it.

    Month 1 of a quarter is its first, month 4 the first of the next.
    """

    period: Period
    month: int
    day: int

    def __post_init__(self) -> None:
        size = MONTHS_OF[self.period]
        within(self.month, "month of the period", 1, 2 * size)
        within(self.day, "day", 1, 31)


@dataclass(frozen=True, slots=True)
class EveryWeek:
    """A weekday of every week."""

    weekday: int

    def __post_init__(self) -> None:
        within(self.weekday, "weekday", 0, 6)


@dataclass(frozen=True, slots=True)
class EveryRRule:
    """Days by a rule of RFC 5545."""

    text: str


Pattern: TypeAlias = (
    EveryMonthBy
    | EveryPlus
    | EveryBefore
    | EveryDayOf
    | EveryWeekday
    | EveryWorkday
    | EveryWeek
    | EveryRRule
)


@dataclass(frozen=True, slots=True)
class Recurring:
    """A pattern within bounds; without bounds, within the year of the cycle."""

    pattern: Pattern
    first: Month | None = None
    last: Month | None = None

    def __post_init__(self) -> None:
        first, last = self.first, self.last
        if first and last and type(first.year) is type(last.year):
            before, after = (_year_number(month.year) * 12 + month.month for month in (first, last))
            if before > after:
                raise BadRecurrence(text="from … until …", problem="it ends before it begins")


@dataclass(frozen=True, slots=True)
class InPeriod:
    """Only in one year of each period of years: the third of five, or the sixth, after it."""

    length: int
    place: int
    start: int
    deadline: Dated

    def __post_init__(self) -> None:
        within(self.length, "length of the period", 1, 99)
        within(self.place, "year of the period", 1, 2 * self.length)
        within(self.start, "first year", 1, 9999)


Deadline: TypeAlias = Dated | Undated | Announced | Recurring | InPeriod


@dataclass(frozen=True, slots=True)
class Rule:
    """A deadline with what its own text says about how to read it; None leaves it to the plan."""

    deadline: Deadline
    soft: bool = False
    """Reminds, is never late."""
    roll: bool | None = None
    cutoff: timedelta | None = None
    """Hour of the last day, from its midnight; 24 hours is its end."""
    inclusive: bool | None = None


@lru_cache(maxsize=4096)
def events_of(rule: Rule | Deadline) -> frozenset[str]:
    """Return the names of all events that a rule mentions."""
    return frozenset(node.name for node in _nodes(rule, AtEvent))


@lru_cache(maxsize=4096)
def steps_of(rule: Rule | Deadline) -> frozenset[str]:
    """Return the identifiers of all steps that a rule mentions."""
    return frozenset(node.step for node in _nodes(rule, AtStep))


_Node = TypeVar("_Node")
_Named = TypeVar("_Named")


def renamed(root: _Named, names: Mapping[str, str]) -> _Named:
    """Return a rule, or a part of one, with its events called by other names.

    An own event keeps its mark: where 入职 is called start, own:入职 is own:start.
    """
    if isinstance(root, AtEvent):
        mark = OWN if root.name.startswith(OWN) else ""
        bare = root.name.removeprefix(OWN)
        return replace(root, name=mark + names.get(bare, bare))
    if isinstance(root, tuple):
        return cast("_Named", tuple(renamed(part, names) for part in root))
    if is_dataclass(root) and not isinstance(root, type):
        parts = {field.name: getattr(root, field.name) for field in fields(root)}
        changed = {name: renamed(part, names) for name, part in parts.items()}
        if changed != parts:
            return replace(root, **changed)
    return root


def _nodes(root: object, kind: type[_Node]) -> Iterator[_Node]:
    if isinstance(root, kind):
        yield root
    if isinstance(root, tuple):
        for part in root:
            yield from _nodes(part, kind)
    elif is_dataclass(root):
        for field in fields(root):
            yield from _nodes(getattr(root, field.name), kind)


_Plain: TypeAlias = tuple[Year, int, int]


def _plain(day: Day | None, *, first: bool) -> _Plain | None:
    """Return year, month and day where the rule alone tells them; a month's end counts as 31."""
    match day:
        case DayOfMonth(month, number):
            return month.year, month.month, number
        case MonthEnd(month):
            return month.year, month.month, 31
        case Third(part, month):
            return month.year, month.month, part * 10 - 9 if first else (10, 20, 31)[part - 1]
        case _:
            return None


def _key(plain: _Plain) -> tuple[int, int, int]:
    year, month, day = plain
    return _year_number(year), month, day


def _written(plain: _Plain) -> str:
    year, month, day = plain
    words = {-1: "last year ", 0: "", 1: "next year "}
    stem = f"{year.year:04}-" if isinstance(year, CalendarYear) else words[year.ahead]
    return f"{stem}{month:02}-{day:02}"


def _year_number(year: Year) -> int:
    return year.year if isinstance(year, CalendarYear) else year.ahead
