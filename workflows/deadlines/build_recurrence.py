"""The recurring patterns of a deadline."""

# ruff: noqa: D102 - each method builds the grammar's rule of the same name
from __future__ import annotations

from lark import Token, v_args

from workflows.deadlines.build_words import ZH_ORDINALS, ZH_WEEKDAYS, WordBuilder
from workflows.deadlines.days import Unit
from workflows.deadlines.errors import BadRecurrence
from workflows.deadlines.rrule import checked_rrule
from workflows.deadlines.rule import (
    Deadline,
    EveryMonthBy,
    EveryPlus,
    EveryRRule,
    EveryWeekday,
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

    def every_rrule(self, text: Token) -> Pattern:
        return EveryRRule(checked_rrule(text))

    def zh_every_month_by(self, day: Token) -> Pattern:
        return EveryMonthBy(int(day))

    def zh_every_end(self, period: Period) -> Pattern:
        return EveryPlus(period, 0, Unit.DAY)

    def zh_every_plus(self, period: Period, n: int, unit: Unit) -> Pattern:
        # Zero is written as the period's last day, so that each meaning has one form.
        return EveryPlus(period, n, unit if n else Unit.DAY)

    def zh_every_weekday(self, nth: Token, weekday: Token) -> Pattern:
        return EveryWeekday(ZH_ORDINALS[nth], ZH_WEEKDAYS[weekday[-1]])
