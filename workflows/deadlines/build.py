"""From the tree of the grammar to the data of a rule; method names are the grammar's."""

# ruff: noqa: D102 - each method builds the grammar's rule of the same name
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import reduce
from typing import Any

from lark import Token, v_args

from workflows.deadlines.build_recurrence import RecurrenceBuilder
from workflows.deadlines.build_words import (
    MONTHS_OF_PARTS,
    UNSAID,
    ZH_ORDINALS,
    ZH_THIRDS,
    ZH_WEEKDAYS,
    name_of,
    place_of,
    zh_festival_of,
    zh_months_of,
)
from workflows.deadlines.days import (
    LAST,
    NEW_YEAR,
    AtEvent,
    AtStep,
    CalendarYear,
    CycleYear,
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
    within,
)
from workflows.deadlines.errors import (
    AmbiguousPeriod,
    AmbiguousThird,
    BadRecurrence,
    RepeatedSetting,
    VagueDay,
)
from workflows.deadlines.rule import (
    Announced,
    Dated,
    Deadline,
    InPeriod,
    On,
    Recurring,
    Rule,
    Undated,
    Window,
)
from workflows.deadlines.vague import is_part_of_a_date, planned_for
from workflows.deadlines.words import WEEKDAY_WORDS


@dataclass(frozen=True, slots=True)
class _Bound:
    """From or until a month: only a recurrence can take it."""

    first: bool
    month: Month


_Setting = Callable[[Rule], Rule]


@v_args(inline=True)
class Builder(RecurrenceBuilder):
    """Builds the rule bottom-up."""

    # --- the whole ---

    def start(self, soft: object, deadline: Deadline, *settings: _Setting | _Bound) -> Rule:
        bounds = [setting for setting in settings if isinstance(setting, _Bound)]
        rule = Rule(self._bounded(deadline, bounds), soft=soft is not None)
        changes = [setting for setting in settings if not isinstance(setting, _Bound)]
        return reduce(lambda made, change: change(made), changes, rule)

    def soft(self, *_: Token) -> bool:
        return True

    def undated(self) -> Deadline:
        return Undated()

    def announced(self, text: Token, planned: Dated) -> Deadline:
        return Announced(str(text)[1:-1].strip(), planned)

    def in_period(self, length: Token, place: Token, start: Token, deadline: Dated) -> Deadline:
        return InPeriod(int(length), int(place), int(start), deadline)

    def zh_in_period(self, start: Token, length: Token, place: Token, deadline: Dated) -> Deadline:
        return InPeriod(int(length), int(place), int(start), deadline)

    def by(self, day: Day) -> Dated:
        return day

    def by_before(self, day: Day) -> Dated:
        if isinstance(day, Third):
            month = day.month.month
            before = f"{month - 1}月底" if month > 1 else "上年12月底"
            ends = (f"{month}月10日", f"{month}月20日", f"{month}月底")
            first = before if day.part == 1 else ends[day.part - 2]
            raise AmbiguousThird(text=self._text, first=first, last=ends[day.part - 1])
        return self.before_festival(day) if isinstance(day, Festival) else day

    def on(self, day: Day) -> Dated:
        return On(day)

    # --- windows ---

    def window(self, opens: Day, closes: Day) -> Dated:
        return Window(opens, _in_year(closes, _year_of(opens)))

    def window_in_month(self, opens: Day, number: Token) -> Dated:
        if not isinstance(opens, DayOfMonth):
            raise BadRecurrence(text=self._text, problem="say the month of the closing day")
        return Window(opens, DayOfMonth(opens.month, int(number)))

    def from_on(self, opens: Day) -> Dated:
        return Window(opens, None)

    def during(self, month: Month) -> Dated:
        return Window(DayOfMonth(month, 1), MonthEnd(month))

    def zh_during(self, year: Year | None, number: Token) -> Dated:
        return self.during(Month(int(number), year or UNSAID))

    # --- days ---

    def itself(self, day: Day) -> Day:
        return day

    def event(self, name: Token) -> Day:
        if name.type != "QUOTED" and is_part_of_a_date(name):
            raise VagueDay(text=self._text, example=planned_for(self._text))
        return AtEvent(name_of(name))

    def at_step(self, name: str) -> AtStep:
        return AtStep(name)

    def iso_day(self, text: Token) -> Day:
        year, month, day = (int(part) for part in text.split("-"))
        return DayOfMonth(Month(month, CalendarYear(year)), day)

    def month_day(self, year: Year | None, text: Token) -> Day:
        month, day = (int(part) for part in text.split("-"))
        return DayOfMonth(Month(month, year or UNSAID), day)

    def day_and_year(self, text: Token, year: Year) -> Day:
        return self.month_day(year, text)

    def zh_day(self, year: Year | None, month: Token, day: Token) -> Day:
        return DayOfMonth(Month(int(month), year or UNSAID), int(day))

    def zh_full_day(self, year: Token, month: Token, day: Token) -> Day:
        return DayOfMonth(Month(int(month), CalendarYear(int(year))), int(day))

    def month_end(self, month: Month) -> Day:
        return MonthEnd(month)

    def zh_month_end(self, year: Year | None, month: Token) -> Day:
        return MonthEnd(Month(int(month), year or UNSAID))

    def zh_full_month_end(self, year: Token, month: Token) -> Day:
        return MonthEnd(Month(int(month), CalendarYear(int(year))))

    def third(self, part: int, month: Month) -> Third:
        return Third(3 if part == LAST else part, month)

    def zh_third(self, month: Month, part: Token) -> Third:
        return Third(ZH_THIRDS[part], month)

    def nth_weekday(self, nth: int, weekday: Token, month: Month) -> Day:
        return NthWeekday(nth, WEEKDAY_WORDS.index(weekday.lower()), month)

    def zh_nth_weekday(self, month: Month, nth: Token, weekday: Token) -> Day:
        return NthWeekday(ZH_ORDINALS[nth], ZH_WEEKDAYS[weekday[-1]], month)

    def nth_workday(self, nth: int, kind: Token, _: Token, month: Month) -> Day:
        self._working(kind)
        return NthWorkday(nth, month)

    def workday_of(self, _: Token, nth: Token, month: Month) -> Day:
        return NthWorkday(int(nth), month)

    def zh_nth_workday(self, month: Month, place: Token) -> Day:
        return NthWorkday(place_of(place), month)

    def zh_after_workday(self, anchor: Day, place: Token) -> Day:
        return Offset(place_of(place), Unit.WORKING_DAY, Side.AFTER, anchor)

    def zh_next_day(self, anchor: Day, _: Token) -> Day:
        return Offset(1, Unit.CALENDAR_DAY, Side.AFTER, anchor)

    def part(self, part: Token, year: Year | None = None) -> Dated:
        first, last = MONTHS_OF_PARTS[str(part).upper()]
        year = year or UNSAID
        return Window(DayOfMonth(Month(first, year), 1), MonthEnd(Month(last, year)))

    def part_end(self, part: Token, year: Year | None = None) -> Day:
        return MonthEnd(Month(MONTHS_OF_PARTS[str(part).upper()][1], year or UNSAID))

    def zh_part(self, year: Year | None, part: Token) -> Dated:
        first, last = zh_months_of(part)
        year = year or UNSAID
        return Window(DayOfMonth(Month(first, year), 1), MonthEnd(Month(last, year)))

    def zh_part_end(self, year: Year | None, part: Token) -> Day:
        return MonthEnd(Month(zh_months_of(part)[1], year or UNSAID))

    def zh_before_part(self, _: Year | None, part: Token) -> Dated:
        first, last = zh_months_of(part)
        before = f"{first - 1}月底" if first > 1 else "上年12月底"
        raise AmbiguousPeriod(text=self._text, first=before, last=f"{last}月底")

    def zh_year_end(self, year: Year | None, _: Token) -> Day:
        return MonthEnd(Month(12, year or UNSAID))

    def festival(self, name: Token, year: Year | None = None) -> Festival:
        return _festival(str(name).lower(), year)

    def festival_of(self, name: Token, year: Token) -> Festival:
        return Festival(str(name).lower(), CalendarYear(int(year)))

    def zh_festival(self, year: Year | None, word: Token) -> Festival:
        return _festival(zh_festival_of(word), year)

    def zh_full_festival(self, year: Token, word: Token) -> Festival:
        return Festival(zh_festival_of(word), CalendarYear(int(year)))

    def before_festival(self, festival: Festival) -> Day:
        return Offset(1, Unit.CALENDAR_DAY, Side.BEFORE, festival)

    def before_event(self, event: Day) -> Day:
        return Offset(1, Unit.CALENDAR_DAY, Side.BEFORE, event)

    def start_of(self, of: Third | AtStep) -> Day:
        return StartOf(of)

    def offset(self, n: Token, unit: Unit, side: Side, anchor: Day) -> Day:
        return Offset(int(n), unit, side, anchor)

    def zh_after(self, anchor: Day, n: int, unit: Unit) -> Day:
        return Offset(n, unit, Side.AFTER, anchor)

    def zh_before(self, anchor: Day, n: int, unit: Unit) -> Day:
        return Offset(n, unit, Side.BEFORE, anchor)

    def zh_since(self, anchor: Day, n: int, unit: Unit) -> Day:
        return Offset(n, unit, Side.AFTER, anchor)

    def earlier(self, *days: Day) -> Day:
        return Earlier(days)

    def later(self, *days: Day) -> Day:
        return Later(days)

    # --- settings ---

    def roll(self) -> _Setting:
        return self._set("roll", value=True)

    def no_roll(self) -> _Setting:
        return self._set("roll", value=False)

    def inclusive(self) -> _Setting:
        return self._set("inclusive", value=True)

    def exclusive(self) -> _Setting:
        return self._set("inclusive", value=False)

    def cutoff(self, text: Token) -> _Setting:
        hours, minutes = (int(part) for part in text.replace("：", ":").split(":"))
        within(hours, "hour of the cut-off", 0, 24)
        within(minutes, "minute of the cut-off", 0, 0 if hours == 24 else 59)  # noqa: PLR2004
        within(hours * 60 + minutes, "minute of the day of the cut-off", 1, 24 * 60)
        return self._set("cutoff", value=timedelta(hours=hours, minutes=minutes))

    def since(self, month: Month) -> _Bound:
        return _Bound(first=True, month=month)

    def until(self, month: Month) -> _Bound:
        return _Bound(first=False, month=month)

    def _set(self, setting: str, *, value: bool | timedelta) -> _Setting:
        def change(rule: Rule) -> Rule:
            if getattr(rule, setting) is not None:
                raise RepeatedSetting(text=self._text, setting=setting)
            changes: dict[str, Any] = {setting: value}
            return replace(rule, **changes)

        return change

    def _bounded(self, deadline: Deadline, bounds: list[_Bound]) -> Deadline:
        if not bounds:
            return deadline
        if not isinstance(deadline, Recurring):
            problem = "only what recurs can run from a month or until one"
            raise BadRecurrence(text=self._text, problem=problem)
        first = [bound.month for bound in bounds if bound.first]
        last = [bound.month for bound in bounds if not bound.first]
        for setting, months in (("from", first), ("until", last)):
            if len(months) > 1:
                raise RepeatedSetting(text=self._text, setting=setting)
        return Recurring(deadline.pattern, first[0] if first else None, last[0] if last else None)


def _festival(name: str, year: Year | None) -> Festival:
    """Return a festival; New Year without a year is the one that ends the year of the cycle."""
    unsaid = CycleYear(1) if name == NEW_YEAR else UNSAID
    return Festival(name, year or unsaid)


def _year_of(day: Day) -> Year | None:
    """Return the year that ``day`` names, if it names one."""
    month = month_of(day)
    return None if month is None or month.year is UNSAID else month.year


def _in_year(day: Day, year: Year | None) -> Day:
    """Return ``day`` in ``year`` where its own text leaves the year unsaid."""
    match day:
        case DayOfMonth(month) | MonthEnd(month) | Third(month=month) | NthWeekday(month=month):
            if year is not None and month.year is UNSAID:
                return replace(day, month=replace(month, year=year))
            return day
        case _:
            return day
