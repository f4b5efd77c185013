"""The words of a deadline: numbers, names, units, months and years."""

# ruff: noqa: D102 - each method builds the grammar's rule of the same name
from __future__ import annotations

import re
from typing import Final

from lark import Token, Transformer, v_args

from workflows.deadlines.days import (
    LAST,
    THIS_YEAR,
    CalendarYear,
    CycleYear,
    Month,
    Side,
    Unit,
    Year,
)
from workflows.deadlines.errors import BadRecurrence
from workflows.deadlines.rule import Period, Rule

UNSAID: Final = CycleYear()
"""The cycle's own year where the text names none: equal to `THIS_YEAR`, another object.

The closing day of a window takes an unsaid year from its opening day.
"""

ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": LAST}
ZH_ORDINALS: Final = {"第一个": 1, "第二个": 2, "第三个": 3, "第四个": 4, "最后一个": LAST}
ZH_WEEKDAYS: Final = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
ZH_THIRDS: Final = {"上旬": 1, "中旬": 2, "下旬": 3}
ZH_YEARS: Final = {
    "次": 1,
    "翌": 1,
    "明": 1,
    "下": 1,
    "当": 0,
    "本": 0,
    "今": 0,
    "上": -1,
    "去": -1,
}
ZH_UNITS: Final = {
    "日": Unit.DAY,
    "天": Unit.DAY,
    "自然日": Unit.CALENDAR_DAY,
    "日历日": Unit.CALENDAR_DAY,
    "工作日": Unit.WORKING_DAY,
    "周": Unit.WEEK,
    "星期": Unit.WEEK,
    "月": Unit.MONTH,
    "年": Unit.YEAR,
}
ZH_FESTIVALS: Final = {
    "元旦": "new-year",
    "春节": "spring-festival",
    "清明": "qingming",
    "五一": "labour-day",
    "劳动节": "labour-day",
    "端午": "dragon-boat",
    "中秋": "mid-autumn",
    "国庆": "national-day",
}
MONTHS_OF_PARTS: Final = {
    "Q1": (1, 3),
    "Q2": (4, 6),
    "Q3": (7, 9),
    "Q4": (10, 12),
    "H1": (1, 6),
    "H2": (7, 12),
}
"""First and last month of quarters and half years."""
ZH_DIGITS: Final = {c: n for n, c in enumerate("一二三四五六七八九", start=1)} | {"两": 2}


@v_args(inline=True)
class WordBuilder(Transformer[Token, Rule]):
    """Builds the words; `Builder` puts them together."""

    def __init__(self, text: str) -> None:
        """Keep ``text`` for messages."""
        super().__init__()
        self._text = text

    def _working(self, kind: Token) -> None:
        """Refuse calendar days where only working days have a place in the month."""
        if kind.lower() == "calendar":
            problem = "a month has working days by number, and calendar days by date"
            raise BadRecurrence(text=self._text, problem=problem)

    def step_name(self, name: Token) -> str:
        return name_of(name)

    def ordinal(self, word: Token) -> int:
        return ORDINALS[word.lower()]

    def side(self, word: Token) -> Side:
        return Side(word.lower())

    def unit(self, kind: Token | None, word: Token | None = None) -> Unit:
        if word is None:  # weeks, months and years have no kind before them
            return Unit(str(kind).lower().rstrip("s"))
        kinds = {"working": Unit.WORKING_DAY, "business": Unit.WORKING_DAY}
        return Unit.DAY if kind is None else kinds.get(kind.lower(), Unit.CALENDAR_DAY)

    def zh_unit(self, word: Token) -> Unit:
        return ZH_UNITS[word.removeprefix("个")]

    def zh_count(self, number: Token) -> int:
        return zh_number(number) if number.type == "ZH_NUMBER" else int(number)

    def period(self, *words: Token) -> Period:
        word = words[0].lower() if words else "month"
        return Period.HALF_YEAR if word == "half" else Period(word)

    def every_month(self) -> Period:
        return Period.MONTH

    def every_quarter(self) -> Period:
        return Period.QUARTER

    def every_half_year(self) -> Period:
        return Period.HALF_YEAR

    def every_year(self) -> Period:
        return Period.YEAR

    def month(self, year: Year | None, number: Token) -> Month:
        return Month(int(number), year or UNSAID)

    def month_and_year(self, number: Token, year: Year) -> Month:
        return Month(int(number), year)

    def year_month(self, text: Token) -> Month:
        year, month = (int(part) for part in text.split("-"))
        return Month(month, CalendarYear(year))

    def zh_month(self, year: Year | None, number: Token) -> Month:
        return Month(int(number), year or UNSAID)

    def zh_full_month(self, year: Token, number: Token) -> Month:
        return Month(int(number), CalendarYear(int(year)))

    def this_year(self) -> Year:
        return THIS_YEAR

    def next_year(self) -> Year:
        return CycleYear(1)

    def last_year(self, *_: Token) -> Year:
        return CycleYear(-1)

    def zh_year(self, word: Token) -> Year:
        return next(CycleYear(ahead) for starts, ahead in ZH_YEARS.items() if word[0] in starts)


def place_of(word: Token) -> int:
    """Return which working day 第三个工作日 or 最后一个工作日 is."""
    found = re.search(r"\d+|[一二三四五六七八九十]+(?=个)", word)
    if word.startswith("最后") or found is None:
        return LAST
    return int(found[0]) if found[0].isdecimal() else zh_number(found[0])


def zh_months_of(part: str) -> tuple[int, int]:
    """Return the first and last month of a quarter, of half a year, or of the year.

    >>> zh_months_of("第三季度"), zh_months_of("下半年"), zh_months_of("年内")
    ((7, 9), (7, 12), (1, 12))
    """
    if part.endswith("季度"):
        digit = part[-3]
        return MONTHS_OF_PARTS[f"Q{digit if digit.isdecimal() else ZH_DIGITS[digit]}"]
    return {"上": (1, 6), "下": (7, 12)}.get(part[0], (1, 12))


def zh_festival_of(word: str) -> str:
    """Return what the language calls a festival.

    >>> zh_festival_of("国庆长假"), zh_festival_of("五一劳动节")
    ('national-day', 'labour-day')
    """
    return next(name for start, name in ZH_FESTIVALS.items() if word.startswith(start))


def name_of(token: Token) -> str:
    """Return the name of an event or a step, without quotes."""
    return str(token)[1:-1].strip() if token.type == "QUOTED" else str(token)


def zh_number(text: str) -> int:
    """Return the number below 1000 that Chinese numerals write.

    >>> [zh_number(text) for text in ("三", "十", "十五", "二十", "六十五", "一百二十", "一百")]
    [3, 10, 15, 20, 65, 120, 100]
    """
    total = 0
    digit = 0
    for character in text:
        if character == "百":
            total += (digit or 1) * 100
            digit = 0
        elif character == "十":
            total += (digit or 1) * 10
            digit = 0
        else:
            digit = ZH_DIGITS[character]
    return total + digit
