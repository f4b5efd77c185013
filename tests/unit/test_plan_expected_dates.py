"""Every dated `expected` value of the collected plans, in the deadline language alone.

The facts are copied from the plans; the comment names the plan and the step.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from adapters.calendars import calendar_named
from workflows.deadlines import Context, Kind, Resolution, Settings, parse, resolve

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = calendar_named("china")


def ask(
    text: str,
    year: int,
    events: dict[str, date] | None = None,
    context: Context | None = None,
) -> Resolution:
    known = {name: datetime.combine(day, time(9), SHANGHAI) for name, day in (events or {}).items()}
    return resolve(parse(text), context or Context(year, CHINA, events=known.get))


def first_late(last_day: str) -> datetime:
    """The midnight in Shanghai that ends the last day in time."""
    day = date.fromisoformat(last_day)
    return datetime.fromordinal(day.toordinal() + 1).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("texts", "year", "last_day", "weekday", "workday"),
    [
        # 01 quanzhou-sasac-2024
        (("by 2024-07-10", "07-10", "7月10日前"), 2024, "2024-07-10", "三", True),  # s1a
        (("2024-07-26", "7月26日前"), 2024, "2024-07-26", "五", True),  # s1c
        (("end of 02 next year", "end of 2025-02", "次年2月底前"), 2024, "2025-02-28", "五", True),
        # 08 farmland: the third year of each period, and the year after it
        (
            ("every 5 years in year 3 of period starting 2016: end of 03",),
            2018,
            "2018-03-31",
            "六",
            False,
        ),
        (
            ("2016年起每5年的第6年：3月底前",),
            2021,
            "2021-03-31",
            "三",
            True,
        ),
        # 09 eco-civilisation: the yearly evaluation of 2023 and the period 2016-2020
        (("end of 08 next year", "次年8月底前"), 2023, "2024-08-31", "六", False),
        (
            ("every 5 years in year 6 of period starting 2016: end of 09",),
            2021,
            "2021-09-30",
            "四",
            True,
        ),
        # 27 us-gprama: the term began on 2025-01-20
        (
            ("first monday of 02 next year", "次年2月第一个星期一前"),
            2025,
            "2026-02-02",
            "一",
            True,
        ),
    ],
)
def test_fixed_dates(
    texts: tuple[str, ...], year: int, last_day: str, weekday: str, workday: bool
) -> None:
    for text in texts:
        found = ask(text, year)
        assert found.kind is Kind.FIXED
        assert found.last_day == date.fromisoformat(last_day)
        assert found.due_at == first_late(last_day)
        assert "一二三四五六日"[found.last_day.weekday()] == weekday
        assert CHINA.day(found.last_day).working is workday


@pytest.mark.parametrize("year", [2016, 2017, 2019, 2020])
def test_a_step_of_the_third_year_does_not_exist_in_the_others(year: int) -> None:
    found = ask("every 5 years in year 3 of period starting 2016: end of 03", year)
    assert found.kind is Kind.UNDATED
    assert found.reasons[0]["coming"] == (2018 if year < 2018 else 2023)


@pytest.mark.parametrize(("place", "years"), [(3, (2018, 2023)), (6, (2021, 2026))])
def test_the_years_of_both_periods(place: int, years: tuple[int, ...]) -> None:
    """Plan 08: 2016-2020 and 2021-2025 have their middle in 2018, 2023, their end in 2021, 2026."""
    text = f"every 5 years in year {place} of period starting 2016: end of 03"
    dated = [year for year in range(2014, 2028) if ask(text, year).kind is Kind.FIXED]
    assert tuple(dated) == years


@pytest.mark.parametrize(
    ("text", "year", "opens", "closes"),
    [
        ("2024-10-01..2024-12-31", 2024, "2024-10-01", "2024-12-31"),  # 01 s3
        ("10月1日至12月31日", 2024, "2024-10-01", "2024-12-31"),
        ("last third of 12", 2024, "2024-12-21", "2024-12-31"),  # 28 assess
        ("12月下旬", 2024, "2024-12-21", "2024-12-31"),
        ("second third of 01 next year", 2024, "2025-01-11", "2025-01-20"),  # 28 award
        ("次年1月中旬", 2024, "2025-01-11", "2025-01-20"),
    ],
)
def test_windows(text: str, year: int, opens: str, closes: str) -> None:
    found = ask(text, year)
    assert found.kind is Kind.FIXED
    opening = date.fromisoformat(opens)
    assert found.opens_at == datetime.combine(opening, time(), SHANGHAI)
    assert found.due_at == first_late(closes)


def test_a_date_announced_later_keeps_its_plan() -> None:
    """28 assess: “12月下旬，具体时间另行通知”."""
    found = ask("另行通知“12月下旬，具体时间另行通知”，暂定12月下旬", 2024)
    assert found.kind is Kind.PROVISIONAL
    assert found.last_day == date(2024, 12, 31)


@pytest.mark.parametrize(
    ("notice", "last_day", "rolled"),
    [("2024-01-31", "2024-02-29", "2024-02-29"), ("2024-05-15", "2024-06-15", "2024-06-17")],
)
def test_a_month_after_the_notice(notice: str, last_day: str, rolled: str) -> None:
    """31: the like-numbered day or the month's last; on a Saturday it rolls unless told not to."""
    events = {"通报": date.fromisoformat(notice)}
    for text in ("1 month after 通报 no roll", "通报后1个月内，遇休息日不顺延"):
        assert ask(text, 2024, events).due_at == first_late(last_day)
    assert ask("通报后1个月内", 2024, events).due_at == first_late(rolled)
    assert ask("通报后一个月内", 2024).kind is Kind.WAITING


def test_a_federal_cycle_of_the_united_states() -> None:
    """22: plans 60 days after the start of 2024-10-01, ratings 30 days after the end."""
    zone = ZoneInfo("America/New_York")
    events = {
        "own:start": datetime(2024, 10, 1, 8, tzinfo=zone),
        "cycle-end": datetime(2025, 9, 30, 17, tzinfo=zone),
    }
    context = Context(2024, calendar_named("holidays:US"), Settings(zone=zone), events=events.get)
    plan = ask("60 days after own:start no roll", 2024, context=context)
    assert plan.last_day == date(2024, 11, 30)
    assert plan.due_at == datetime(2024, 12, 1, tzinfo=zone)
    assert ask("60 days after own:start", 2024, context=context).last_day == date(2024, 12, 2)
    rating = ask("30 days after cycle-end", 2024, context=context)
    assert rating.due_at == datetime(2025, 10, 31, tzinfo=zone)
    needed = ask("next year 06-30", 2024, context=context)
    assert needed.last_day == date(2025, 6, 30)


@pytest.mark.parametrize(
    ("start", "text", "last_day"),
    [
        ("2025-01-24", "decision后15个工作日内", "2025-02-20"),
        ("2025-01-24", "10 working days after decision", "2025-02-13"),
        ("2025-09-26", "3 working days after decision", "2025-09-30"),
        ("2026-02-12", "自decision之日起10个工作日内", "2026-03-04"),
        ("2024-04-26", "10 working days after decision", "2024-05-13"),
        ("2024-09-27", "within 13 working days after decision", "2024-10-21"),
    ],
)
def test_counts_over_festivals(start: str, text: str, last_day: str) -> None:
    """The examples of the domain notes, section 3.3."""
    found = ask(text, 2024, {"decision": date.fromisoformat(start)})
    assert (found.kind, found.due_at) == (Kind.FIXED, first_late(last_day))


@pytest.mark.parametrize(
    ("text", "year", "last_day"),
    [
        ("next year 01-15", 2006, "2007-01-15"),  # 12 self
        ("2006-03-31", 2006, "2006-03-31"),  # 13 decompose
        ("1月份", 2025, "2025-01-31"),  # 34 self: 每年1月份
        ("当年11月30日前", 2017, "2017-11-30"),  # 08, the old rule
        ("end of 07 next year", 2019, "2020-07-31"),  # 09 pollution
        ("end of 2018-07", 2018, "2018-07-31"),  # 08, the national midterm
        ("每年3月底前", 2024, "2024-03-31"),  # 08 annual_self
    ],
)
def test_other_dates_of_the_plans(text: str, year: int, last_day: str) -> None:
    assert ask(text, year).last_day == date.fromisoformat(last_day)


def test_events_that_may_never_come() -> None:
    """01 s2a and s7, 34 final: nothing is due before the reply, the circular, the result."""
    assert ask("批复后", 2024).waits_for == ("批复",)
    opened = ask("批复后", 2024, {"批复": date(2024, 8, 2)})
    assert (opened.kind, opened.due_at) == (Kind.UNDATED, None)
    assert opened.opens_at == datetime(2024, 8, 2, tzinfo=SHANGHAI)
    result = ask("国家考核结果发布后15日内", 2024)
    assert (result.kind, result.waits_for) == (Kind.WAITING, ("国家考核结果发布",))
    assert ask("undated", 2024).kind is Kind.UNDATED
