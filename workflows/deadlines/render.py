"""From a rule back to text: canonical English, and Chinese as offices write it.

Both can be parsed again and give the same rule.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal, TypeAlias, assert_never

from workflows.deadlines.days import (
    NEW_YEAR,
    THIS_YEAR,
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
    month_of,
)
from workflows.deadlines.names import name_text, quoted, step_text
from workflows.deadlines.render_zh import zh_deadline, zh_settings
from workflows.deadlines.rule import (
    Announced,
    Deadline,
    EveryBefore,
    EveryDayOf,
    EveryMonthBy,
    EveryPlus,
    EveryRRule,
    EveryWeek,
    EveryWeekday,
    EveryWorkday,
    InPeriod,
    On,
    Pattern,
    Recurring,
    Rule,
    Undated,
    Window,
)
from workflows.deadlines.words import ORDINAL_WORDS, WEEKDAY_WORDS, clock_time

Language: TypeAlias = Literal["en", "zh"]

_YEARS: Final = {-1: "last year", 0: "", 1: "next year"}
_THIRDS: Final = {1: "first", 2: "second", 3: "last"}


def render(rule: Rule, language: Language = "en") -> str:
    """Return the text of ``rule``: canonical in English, natural in Chinese."""
    if language == "zh":
        return zh_deadline(rule) + zh_settings(rule)
    parts = [
        "soft" if rule.soft else "",
        deadline_text(rule.deadline),
        {None: "", True: "roll", False: "no roll"}[rule.roll],
        _cutoff(rule.cutoff),
        {None: "", True: "inclusive", False: "exclusive"}[rule.inclusive],
    ]
    return " ".join(part for part in parts if part)


def deadline_text(deadline: Deadline) -> str:
    """Return the canonical English text of a deadline without its settings."""
    match deadline:
        case Undated():
            return "undated"
        case On(day):
            return f"on {_day(day)}"
        case Window(opens, closes):
            if closes is None:
                return f"from {_anchor(opens)}"
            # An unsaid year would be taken from the opening day, so here it is said.
            return f"{_anchor(opens)}..{_anchor(closes, say_year=_names_year(opens))}"
        case Announced(text, planned):
            return f"announced {quoted(text)} planned {deadline_text(planned)}"
        case Recurring(pattern, first, last):
            since = f" from {_month(first)}" if first else ""
            until = f" until {_month(last)}" if last else ""
            return f"{_pattern(pattern)}{since}{until}"
        case InPeriod(length, place, start, inner):
            period = f"every {length} years in year {place} of period starting {start:04}"
            return f"{period}: {deadline_text(inner)}"
        case _:
            return _day(deadline)


def _day(day: Day, *, say_year: bool = False) -> str:  # noqa: PLR0911 - one case each
    match day:
        case DayOfMonth(month, number):
            return _day_of_month(month, number, say_year=say_year)
        case MonthEnd(month):
            return f"end of {_month(month, say_year=say_year)}"
        case Third(part, month):
            return f"{_THIRDS[part]} third of {_month(month, say_year=say_year)}"
        case NthWeekday(nth, weekday, month):
            place = f"{ORDINAL_WORDS[nth]} {WEEKDAY_WORDS[weekday]}"
            return f"{place} of {_month(month, say_year=say_year)}"
        case NthWorkday(nth, month):
            return f"{_workday(nth)} of {_month(month, say_year=say_year)}"
        case Festival(name, year):
            return _festival(name, year)
        case Offset(1, Unit.CALENDAR_DAY, Side.BEFORE, Festival(name, year)):
            return f"before {_festival(name, year)}"
        case AtEvent(name):
            return f"day of {name_text(name)}"
        case AtStep(step):
            return f"step {step_text(step)}"
        case StartOf(of):
            return f"start of {_day(of)}"
        case Offset(n, unit, side, anchor):
            return f"{n} {_units(n, unit)} {side.value} {_anchor(anchor)}"
        case Earlier(of):
            return f"earlier of ({', '.join(_anchor(part) for part in of)})"
        case Later(of):
            return f"later of ({', '.join(_anchor(part) for part in of)})"
        case _:
            assert_never(day)


def _anchor(day: Day, *, say_year: bool = False) -> str:
    return name_text(day.name) if isinstance(day, AtEvent) else _day(day, say_year=say_year)


def _names_year(day: Day) -> bool:
    month = month_of(day)
    return month is not None and month.year != THIS_YEAR


def _day_of_month(month: Month, number: int, *, say_year: bool) -> str:
    stem = f"{month.month:02}-{number:02}"
    if isinstance(month.year, CalendarYear):
        return f"{month.year.year:04}-{stem}"
    words = _YEARS[month.year.ahead] or ("this year" if say_year else "")
    return f"{words} {stem}".strip()


def _month(month: Month, *, say_year: bool = False) -> str:
    if isinstance(month.year, CalendarYear):
        return f"{month.year.year:04}-{month.month:02}"
    words = _YEARS[month.year.ahead] or ("this year" if say_year else "")
    return f"{month.month:02} {words}".strip()


def _workday(nth: int) -> str:
    return f"{ORDINAL_WORDS[nth]} working day" if nth in ORDINAL_WORDS else f"workday {nth}"


def _festival(name: str, year: Year) -> str:
    if isinstance(year, CalendarYear):
        return f"festival {name} of {year.year:04}"
    said = _YEARS[year.ahead]
    if name == NEW_YEAR:  # without a year it is the one that ends the year of the cycle
        said = {1: "", 0: "this year"}.get(year.ahead, said)
    return f"festival {name} {said}".strip()


def _units(n: int, unit: Unit) -> str:
    return unit.value if n == 1 else f"{unit.value}s"


def _pattern(pattern: Pattern) -> str:  # noqa: PLR0911 - one case each
    match pattern:
        case EveryMonthBy(day):
            return f"every month by day {day}"
        case EveryPlus(period, 0, _):
            return f"every {period.value} by last day"
        case EveryPlus(period, n, unit):
            return f"every {period.value} plus {n} {_units(n, unit)}"
        case EveryWeekday(nth, weekday):
            return f"every {ORDINAL_WORDS[nth]} {WEEKDAY_WORDS[weekday]} of month"
        case EveryBefore(period, n, unit):
            return f"every {period.value} minus {n} {_units(n, unit)}"
        case EveryDayOf(period, month, day):
            return f"every {period.value} by day {day} of month {month}"
        case EveryWorkday(nth):
            return f"every {_workday(nth)} of month"
        case EveryWeek(weekday):
            return f"every {WEEKDAY_WORDS[weekday]}"
        case EveryRRule(text):
            return f"rrule {text}"
        case _:
            assert_never(pattern)


def _cutoff(cutoff: timedelta | None) -> str:
    return "" if cutoff is None else f"cutoff {clock_time(cutoff)}"
