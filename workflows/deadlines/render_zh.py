"""A rule as a Chinese office would write it."""

from __future__ import annotations

from typing import Final, assert_never

from workflows.deadlines.days import (
    LAST,
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
from workflows.deadlines.names import day_of_event, name_text, quoted, step_text
from workflows.deadlines.rule import (
    MONTHS_OF,
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
    Period,
    Recurring,
    Rule,
    Undated,
    Window,
)
from workflows.deadlines.words import clock_time

_YEARS: Final = {-1: "上年", 0: "", 1: "次年"}
_THIRDS: Final = {1: "上旬", 2: "中旬", 3: "下旬"}
_ORDINALS: Final = {1: "第一个", 2: "第二个", 3: "第三个", 4: "第四个", LAST: "最后一个"}
_WEEKDAYS: Final = "一二三四五六日"
_PERIODS: Final = {
    Period.MONTH: "每月",
    Period.QUARTER: "每季度",
    Period.HALF_YEAR: "每半年",
    Period.YEAR: "每年",
}
FESTIVALS: Final = {
    "new-year": "元旦",
    "spring-festival": "春节",
    "qingming": "清明节",
    "labour-day": "劳动节",
    "dragon-boat": "端午节",
    "mid-autumn": "中秋节",
    "national-day": "国庆节",
}
UNITS: Final = {
    Unit.DAY: "日",
    Unit.CALENDAR_DAY: "个自然日",
    Unit.WORKING_DAY: "个工作日",
    Unit.WEEK: "周",
    Unit.MONTH: "个月",
    Unit.YEAR: "年",
}


def zh_deadline(rule: Rule) -> str:
    """Return the deadline of ``rule`` without its settings."""
    return ("建议：" if rule.soft else "") + zh_text(rule.deadline)


def zh_settings(rule: Rule) -> str:
    """Return the settings of ``rule``, each after a comma."""
    words = [
        {None: "", True: "遇休息日顺延", False: "遇休息日不顺延"}[rule.roll],
        "" if rule.cutoff is None else f"{clock_time(rule.cutoff)}截止",
        {None: "", True: "含当日", False: "不含当日"}[rule.inclusive],
    ]
    return "".join(f"，{word}" for word in words if word)


def zh_text(deadline: Deadline) -> str:  # noqa: PLR0911 - one case for each form
    """Return a deadline in Chinese."""
    match deadline:
        case Undated():
            return "无固定期限"
        case On(day):
            return f"{_named(day)}当天"
        case Window(opens, closes):
            if closes is None:
                return f"自{_named(opens)}起"
            end = _named(closes, say_year=_names_year(opens))
            return (
                f"自{_named(opens)}起至{end}"
                if isinstance(opens, AtEvent)
                else f"{_named(opens)}至{end}"
            )
        case Announced(text, planned):
            return f"另行通知{quoted(text)}，暂定{zh_text(planned)}"
        case Recurring(pattern, first, last):
            since = f"，自{_month(first)}起" if first else ""
            until = f"，至{_month(last)}止" if last else ""
            return f"{_pattern(pattern)}{since}{until}"
        case InPeriod(length, place, start, inner):
            return f"{start}年起每{length}年的第{place}年：{zh_text(inner)}"
        case DayOfMonth() | MonthEnd():
            return f"{_named(deadline)}前"
        case _:
            return _day(deadline)


def _day(day: Day, *, say_year: bool = False) -> str:  # noqa: C901, PLR0911, PLR0912 - one case each
    match day:
        case DayOfMonth(month, number):
            return f"{_month(month, say_year=say_year)}{number}日"
        case MonthEnd(month):
            return f"{_month(month, say_year=say_year)}底"
        case Third(part, month):
            return f"{_month(month, say_year=say_year)}{_THIRDS[part]}"
        case NthWeekday(nth, weekday, month):
            place = f"{_ORDINALS[nth]}星期{_WEEKDAYS[weekday]}"
            return f"{_month(month, say_year=say_year)}{place}"
        case NthWorkday(nth, month):
            return f"{_month(month, say_year=say_year)}{_workday(nth)}"
        case Festival(name, year):
            return _festival(name, year)
        case Offset(1, Unit.CALENDAR_DAY, Side.BEFORE, Festival(name, year)):
            return f"{_festival(name, year)}前"
        case AtEvent(name):
            return day_of_event(name)
        case AtStep(step):
            return f"步骤{step_text(step)}"
        case StartOf(of):
            return f"{_day(of)}开始"
        case Offset(n, unit, Side.AFTER, anchor):
            return f"{_anchor(anchor)}后{n}{UNITS[unit]}内"
        case Offset(n, unit, _, anchor):
            return f"{_anchor(anchor)}前{n}{UNITS[unit]}"
        case Earlier(of):
            return f"较早者（{'；'.join(_day(part) for part in of)}）"
        case Later(of):
            return f"较晚者（{'；'.join(_day(part) for part in of)}）"
        case _:
            assert_never(day)


def _anchor(day: Day) -> str:
    return name_text(day.name) if isinstance(day, AtEvent) else _named(day)


def _named(day: Day, *, say_year: bool = False) -> str:
    """Return ``day`` so that words may follow it: a count only in brackets."""
    text = _day(day, say_year=say_year)
    return f"（{text}）" if isinstance(day, Offset) else text


def _workday(nth: int) -> str:
    return f"{_ORDINALS.get(nth, f'第{nth}个')}工作日"


def _festival(name: str, year: Year) -> str:
    if isinstance(year, CalendarYear):
        return f"{year.year}年{FESTIVALS[name]}"
    said = _YEARS[year.ahead]
    if name == NEW_YEAR:  # without a year it is the one that ends the year of the cycle
        said = {1: "", 0: "当年"}.get(year.ahead, said)
    return f"{said}{FESTIVALS[name]}"


def _day_of(period: Period, month: int, day: int) -> str:
    """Return by which day of which month; the month after a period is 次月 or 下季度首月."""
    size = MONTHS_OF[period]
    if period is Period.MONTH and month == size + 1:
        return f"次月{day}日前"
    if period is Period.QUARTER and month == size + 1:
        return f"下季度首月{day}日前"
    if period in (Period.QUARTER, Period.HALF_YEAR) and month <= size:
        return f"{_PERIODS[period]}第{month}个月{day}日前"
    return f"every {period.value} by day {day} of month {month}"


def _names_year(day: Day) -> bool:
    month = month_of(day)
    return month is not None and month.year != THIS_YEAR


def _month(month: Month, *, say_year: bool = False) -> str:
    if isinstance(month.year, CalendarYear):
        return f"{month.year.year}年{month.month}月"
    words = _YEARS[month.year.ahead] or ("当年" if say_year else "")
    return f"{words}{month.month}月"


def _pattern(pattern: Pattern) -> str:  # noqa: PLR0911 - one case each
    match pattern:
        case EveryMonthBy(day):
            return f"每月{day}日前"
        case EveryPlus(period, 0, _):
            return f"{_PERIODS[period]}底前"
        case EveryPlus(period, n, unit):
            return f"{_PERIODS[period]}后{n}{UNITS[unit]}内"
        case EveryWeekday(nth, weekday):
            return f"每月{_ORDINALS[nth]}星期{_WEEKDAYS[weekday]}"
        case EveryBefore(period, n, unit):
            return f"{_PERIODS[period]}底前{n}{UNITS[unit]}"
        case EveryDayOf(period, month, day):
            return _day_of(period, month, day)
        case EveryWorkday(nth):
            return f"每月{_workday(nth)}"
        case EveryWeek(weekday):
            return f"每周{_WEEKDAYS[weekday]}"
        case EveryRRule(text):
            return f"rrule {text}"
        case _:
            assert_never(pattern)
