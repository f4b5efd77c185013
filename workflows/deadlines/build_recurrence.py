"""The recurring patterns of a deadline."""

# ruff: noqa: D102 - each method builds the grammar's rule of the same name
from __future__ import annotations

import re

from lark import Token, v_args

from workflows.deadlines.build_words import (
    ZH_DIGITS,
    ZH_ORDINALS,
    ZH_WEEKDAYS,
    WordBuilder,
    place_of,
)
from workflows.deadlines.days import Unit
from workflows.deadlines.errors import BadRecurrence
from workflows.deadlines.rrule import checked_rrule
from workflows.deadlines.rule import (
    MONTHS_OF,
    Deadline,
    EveryBefore,
    EveryDayOf,
    EveryMonthBy,
    EveryPlus,
    EveryRRule,
    EveryWeek,
    EveryWeekday,
    EveryWorkday,
    Pattern,
    Period,
    Recurring,
)
from workflows.deadlines.words import WEEKDAY_WORDS


@v_args(inline=True)
class RecurrenceBuilder(WordBuilder):
    """Builds what repeats."""

    def recurring(self, pattern: Pattern) -> Deadline:
        return Recurring(pattern)

    def every_by(self, period: Period, day: Token) -> Pattern:
        if period is not Period.MONTH:
            problem = f"a {period} has no day {day}; write: every {period} plus {day} days"
            raise BadRecurrence(text=self._text, problem=problem)
        return EveryMonthBy(int(day))

    def every_end(self, period: Period) -> Pattern:
        return EveryPlus(period, 0, Unit.DAY)

    def every_plus(self, period: Period, n: Token, unit: Unit) -> Pattern:
        return self.zh_every_plus(period, int(n), unit)

    def every_weekday(self, nth: int, weekday: Token) -> Pattern:
        return EveryWeekday(nth, WEEKDAY_WORDS.index(weekday.lower()))

    def every_day_of(self, period: Period, day: Token, month: Token) -> Pattern:
        return EveryDayOf(period, int(month), int(day))

    def every_before(self, period: Period, n: Token, unit: Unit) -> Pattern:
        return EveryBefore(period, int(n), unit)

    def every_week(self, weekday: Token) -> Pattern:
        return EveryWeek(WEEKDAY_WORDS.index(weekday.lower()))

    def every_workday(self, nth: int, kind: Token, _: Token) -> Pattern:
        self._working(kind)
        return EveryWorkday(nth)

    def every_workday_of(self, _: Token, nth: Token) -> Pattern:
        return EveryWorkday(int(nth))

    def every_rrule(self, text: Token) -> Pattern:
        return EveryRRule(checked_rrule(text))

    def zh_every_month_by(self, day: Token) -> Pattern:
        return EveryMonthBy(int(day))

    def zh_every_end(self, period: Period) -> Pattern:
        return EveryPlus(period, 0, Unit.DAY)

    def zh_every_plus(self, period: Period, n: int, unit: Unit) -> Pattern:
        # Zero is written as the period's last day, so that each meaning has one form.
        return EveryPlus(period, n, unit if n else Unit.DAY)

    def zh_every_workday(self, place: Token) -> Pattern:
        return EveryWorkday(place_of(place))

    def zh_first_workdays(self, n: Token, unit: Token) -> Pattern:
        if "工作" not in unit:
            problem = f"write 每月{n}日前"
            raise BadRecurrence(text=self._text, problem=problem)
        return EveryWorkday(int(n))

    def zh_every_before(self, period: Period, n: int, unit: Unit) -> Pattern:
        return EveryBefore(period, n, unit)

    def zh_every_day_of(self, words: Token, day: Token) -> Pattern:
        return EveryDayOf(*zh_month_of(words), int(day))

    def zh_every_week(self, words: Token) -> Pattern:
        return EveryWeek(ZH_WEEKDAYS[words[-1]])

    def zh_every_weekday(self, nth: Token, weekday: Token) -> Pattern:
        return EveryWeekday(ZH_ORDINALS[nth], ZH_WEEKDAYS[weekday[-1]])


def zh_month_of(words: str) -> tuple[Period, int]:
    """Return which month of which period 每季度首月, 次月 or 下季度首月 is.

    >>> [zh_month_of(words)[1] for words in ("每季度末月", "次月", "下季度首月", "每半年第二个月")]
    [3, 2, 4, 2]
    """
    words = words.removesuffix("的")
    if words.removeprefix("每") in ("次月", "下月"):
        return Period.MONTH, 2
    period = Period.HALF_YEAR if "半年" in words else Period.QUARTER
    if words.startswith(("次", "下")):
        return period, MONTHS_OF[period] + 1
    if words.endswith("首月"):
        return period, 1
    found = re.search(r"第(.)个月$", words)
    if found is None:
        return period, MONTHS_OF[period]
    return period, int(found[1]) if found[1].isdecimal() else ZH_DIGITS[found[1]]
