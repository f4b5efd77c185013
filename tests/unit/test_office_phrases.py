"""Dates as offices write them: what each comes to in a cycle of 2024, or why it is refused."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.calendars import calendar_named
from adapters.messages import translator
from engine.errors import EngineError
from workflows.deadlines import Context, Kind, explain, occurrences, parse, render, resolve
from workflows.deadlines.errors import AmbiguousPeriod, NoFestivals, UnknownFestival, VagueDay
from workflows.deadlines.office_words import plain
from workflows.deadlines.rule import Recurring

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = calendar_named("china")
EVENT = datetime(2024, 3, 5, 9, tzinfo=SHANGHAI)
CONTEXT = Context(2024, CHINA, events=lambda _: EVENT)
PAGE = Path(__file__).parents[2] / "docs" / "plan-language" / "deadlines.md"

ONE_DATE = {
    "十二月三十一日前": "2024-12-31",
    "二〇二四年十二月三十一日前": "2024-12-31",
    "二零二五年一月五日前": "2025-01-05",
    "12月31日24时前": "2024-12-31",
    "截至12月31日": "2024-12-31",
    "不迟于12月31日": "2024-12-31",
    "7月31日（星期三）前": "2024-07-31",
    "25号前": None,
    "3月25号前": "2024-03-25",
    "次年一月底前": "2025-01-31",
    "下年度1月底前": "2025-01-31",
    "次年度1月底前": "2025-01-31",
    "本年度12月底前": "2024-12-31",
    "年底前": "2024-12-31",
    "当年年底前": "2024-12-31",
    "次年年底前": "2025-12-31",
    "上半年": "2024-06-30",
    "下半年内": "2024-12-31",
    "上半年末": "2024-06-30",
    "三季度末": "2024-09-30",
    "第三季度末前": "2024-09-30",
    "次年一季度": "2025-03-31",
    "年内": "2024-12-31",
    "9月": "2024-09-30",
    "九月上旬": "2024-09-10",
    "3月至5月": "2024-05-31",
    "3—5月": "2024-05-31",
    "2024年10月至2025年3月": "2025-03-31",
    "3月1日—31日": "2024-03-31",
    "3月1日~3月31日": "2024-03-31",
    "3月1日-31日": "2024-03-31",
    "国庆节前": "2024-09-30",
    "国庆节前3个工作日": "2024-09-27",
    "国庆节后第一个工作日": "2024-10-08",
    "国庆假期后第二个工作日": "2024-10-09",
    "春节前": "2024-02-09",
    "次年春节前": "2025-01-27",
    "2026年春节前": "2026-02-14",
    "春节后10个工作日内": "2024-02-29",
    "中秋节前": "2024-09-14",
    "清明节后第一个工作日": "2024-04-07",
    "五一前": "2024-04-30",
    "端午节后3日内": "2024-06-13",
    "元旦前": "2024-12-31",
    "当年元旦前": "2023-12-29",
    "元旦后第一个工作日": "2025-01-02",
    "3月第一个工作日": "2024-03-01",
    "12月最后一个工作日": "2024-12-31",
    "2月第三个工作日前": "2024-02-04",
    "收到通知后5个工作日内": "2024-03-12",
    "收到通知之日起五个工作日内": "2024-03-12",
    "自收到《督促通知单》之日起10个工作日内": "2024-03-19",
    "批复后第3个工作日": "2024-03-08",
    "批复后次日": "2024-03-06",
    "批复后半个月内": "2024-03-20",
    "人代会召开前": "2024-03-04",
    "会议召开前5个工作日": "2024-02-27",
    "年度终了后三个月内": "2025-03-31",
    "12月31日前10日": "2024-12-20",
    "1月5日前（遇节假日顺延）": "2024-01-05",
    "6月30日前（遇休息日顺延）": "2024-07-01",
}
MANY = {
    "每季度终了后10日内": ["2024-04-10", "2024-07-10", "2024-10-10", "2025-01-10"],
    "季度结束后10日内": ["2024-04-10", "2024-07-10", "2024-10-10", "2025-01-10"],
    "每季度末后10日内": ["2024-04-10", "2024-07-10", "2024-10-10", "2025-01-10"],
    "季后10日内": ["2024-04-10", "2024-07-10", "2024-10-10", "2025-01-10"],
    "每半年终了后15日内": ["2024-07-15", "2025-01-15"],
    "每季度首月10日前": ["2024-01-10", "2024-04-10", "2024-07-10", "2024-10-10"],
    "每季度第一个月的10日前": ["2024-01-10", "2024-04-10", "2024-07-10", "2024-10-10"],
    "每季度末月25日前": ["2024-03-25", "2024-06-25", "2024-09-25", "2024-12-25"],
    "下季度首月10日前": ["2024-04-10", "2024-07-10", "2024-10-10", "2025-01-10"],
    "每季度末前5个工作日": ["2024-03-25", "2024-06-24", "2024-09-24", "2024-12-24"],
    "每半年末": ["2024-06-30", "2024-12-31"],
    "每年度终了后3个月内": ["2025-03-31"],
}
MONTHLY = {
    "每月五日前": ("2024-01-05", "2024-12-05"),
    "次月5日前": ("2024-02-05", "2025-01-05"),
    "每月终了后5日内": ("2024-02-05", "2025-01-06"),
    "每月最后一个工作日": ("2024-01-31", "2024-12-31"),
    "每月第一个工作日前": ("2024-01-02", "2024-12-02"),
    "每月前5个工作日内": ("2024-01-08", "2024-12-06"),
    "每月底前3个工作日": ("2024-01-26", "2024-12-26"),
    "每月31日前": ("2024-01-31", "2024-12-31"),
}


@pytest.mark.parametrize(("text", "day"), ONE_DATE.items())
def test_one_date(text: str, day: str | None) -> None:
    if day is None:
        with pytest.raises(EngineError):
            parse(text)
        return
    rule = parse(text)
    found = resolve(rule, CONTEXT)
    assert found.last_day == date.fromisoformat(day)
    for language in ("zh", "en"):
        assert parse(render(rule, language)) == rule
        assert day.split("-", maxsplit=1)[0] in explain(rule, found, SHANGHAI, language)


@pytest.mark.parametrize(("text", "days"), MANY.items())
def test_several_dates_of_a_year(text: str, days: list[str]) -> None:
    assert [str(o.last_day) for o in occurrences(parse(text), CONTEXT)] == days


@pytest.mark.parametrize(("text", "ends"), MONTHLY.items())
def test_twelve_dates_of_a_year(text: str, ends: tuple[str, str]) -> None:
    found = [str(o.last_day) for o in occurrences(parse(text), CONTEXT)]
    assert (len(found), found[0], found[-1]) == (12, *ends)


def test_every_week_of_the_year_has_its_friday_and_opens_on_its_monday() -> None:
    found = occurrences(parse("每周五前"), CONTEXT)
    assert (len(found), str(found[0].last_day), str(found[-1].last_day)) == (
        *(52, "2024-01-05", "2024-12-27"),
    )
    assert found[0].opens_at == datetime(2024, 1, 1, tzinfo=SHANGHAI)


def test_what_asks_for_a_day_of_a_month_opens_with_that_month() -> None:
    opens = [
        o.opens_at.astimezone(SHANGHAI).date() for o in occurrences(parse("次月5日前"), CONTEXT)
    ]
    assert opens[0] == date(2024, 2, 1)
    labels = [o.label for o in occurrences(parse("下季度首月10日前"), CONTEXT)]
    assert labels == ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]


def test_a_festival_of_a_year_that_is_not_announced_is_provisional() -> None:
    found = resolve(parse("2028年国庆节前"), CONTEXT)
    assert (found.kind, found.last_day) == (Kind.PROVISIONAL, date(2028, 9, 29))
    assert resolve(parse("国庆节前"), CONTEXT).kind is Kind.FIXED


def test_a_calendar_without_festivals_says_so() -> None:
    german = Context(2024, calendar_named("holidays:DE"))
    with pytest.raises(NoFestivals, match="write the date itself"):
        resolve(parse("国庆节前"), german)
    with pytest.raises(UnknownFestival, match="known are: new-year"):
        parse("before festival easter")


@pytest.mark.parametrize(
    "text",
    [
        "9月初",
        "次年1月初",
        "9月中",
        "年中",
        "次年年初",
        "适时",
        "待定",
        "时间另行通知",
    ],
)
def test_words_without_a_day_are_refused_with_a_way_to_keep_them(text: str) -> None:
    with pytest.raises(VagueDay) as caught:
        parse(text)
    example = str(caught.value.values["example"])
    assert resolve(parse(example), CONTEXT).kind is Kind.PROVISIONAL
    assert "不能推算出具体时间" in translator("zh").error(caught.value)


@pytest.mark.parametrize(
    "text", ["月底前3个工作日", "节后第一个工作日", "元旦春节前", "下个月底前"]
)
def test_words_of_the_calendar_are_never_taken_for_an_event(text: str) -> None:
    with pytest.raises(VagueDay):
        parse(text)


@pytest.mark.parametrize(
    ("text", "ends"), [("三季度前", ("6月底", "9月底")), ("上半年前", ("上年12月底", "6月底"))]
)
def test_what_people_read_in_two_ways_is_refused(text: str, ends: tuple[str, str]) -> None:
    with pytest.raises(AmbiguousPeriod) as caught:
        parse(text)
    assert (caught.value.values["first"], caught.value.values["last"]) == ends


def test_the_end_of_office_hours_is_an_hour_that_the_plan_has_to_say() -> None:
    with pytest.raises(VagueDay) as caught:
        parse("12月31日下班前")
    assert caught.value.values["example"] == "12月31日前，17:30截止"


def test_names_and_quotes_are_left_as_they_are() -> None:
    for text in ("九月例会后3日内", "另行通知“十二月三十一日”，暂定12月5日前", "国庆活动后3日内"):
        assert plain(text) == text
        assert parse(text).roll is None


def test_every_other_way_of_the_page_reads_the_same() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^|`]+)` \| (`[^|]+`) \|$", page, re.MULTILINE)
    assert len(rows) > 12
    for usual, others in rows:
        for other in re.findall(r"`([^`]+)`", others):
            ours, theirs = parse(usual), parse(other)
            if isinstance(ours.deadline, Recurring):
                assert occurrences(ours, CONTEXT) == occurrences(theirs, CONTEXT), other
            else:
                mine, its = resolve(ours, CONTEXT), resolve(theirs, CONTEXT)
                assert (mine.opens_at, mine.due_at) == (its.opens_at, its.due_at), other
