"""Reading deadlines: many spellings, one meaning; and what a wrong text is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import EngineError
from workflows.deadlines import events_of, parse, render, steps_of
from workflows.deadlines.days import DayOfMonth, Month, Offset
from workflows.deadlines.errors import DeadlineSyntax
from workflows.deadlines.parse import EXAMPLES

SAME = [
    ("2024-07-10", "by 2024-07-10", "2024年7月10日前", "2024年07月10日以前", "2024-7-10"),
    ("07-10", "By 07-10", "7月10日前", "7月10日之前", "7月10日", "当年7月10日前", "７月１０日前"),
    ("next year 02-28", "02-28 next year", "次年2月28日前", "翌年2月28日前", "明年 2月28日 前"),
    ("last year 12-31", "上年12月31日前", "去年12月31日前"),
    ("end of 02 next year", "end of next year 02", "次年2月底前", "次年2月末前"),
    ("end of 2025-02", "2025年2月底前"),
    ("first third of 12", "12月上旬"),
    ("last third of 01 next year", "third third of 01 next year", "次年1月下旬"),
    ("10-01..12-31", "from 10-01 to 12-31", "10月1日至12月31日", "自10月1日起至12月31日止"),
    ("10-01..10-15", "10月1日至15日", "10月1日到10月15日"),
    ("2024-10-01..2024-12-31", "2024-10-01..12-31", "2024年10月1日至12月31日"),
    ("next year 01-10..next year 02-20", "次年1月10日至2月20日"),
    ("2024-10-01..this year 12-31", "2024年10月1日至当年12月31日"),
    ("01-01..end of 01", "during 01", "1月份", "1月内"),
    ("notice..second third of 12", "from notice to second third of 12", "自notice之日起至12月中旬"),
    ("通知..second third of 12", "自通知之日起至12月中旬", "通知之日至12月中旬"),
    ("from 批复", "批复后", "自批复之日起"),
    ("on 03-15", "3月15日当天", "ON 03-15"),
    (
        "10 working days after 通报",
        "通报后10个工作日内",
        "通报后十个工作日",
        "自通报之日起10个工作日内",
    ),
    ("10 working days after 通报", "10 business days after 通报", "“通报”之后10工作日以内"),
    ("15 calendar days after reply", "reply后15个自然日内", "reply后十五个日历日内"),
    ("1 month after record:notice", "record:notice后1个月内", "record:notice后一个月内"),
    ("2 weeks after x", "within 2 weeks after x", "x后2周内", "x后两个星期内"),
    ("1 year after x", "x后1年内"),
    ("3 working days before 人代会", "人代会前3个工作日", "人代会前三个工作日"),
    ("5 days after 自评", "自评后5日内", "自自评之日起5日内"),
    ("60 days after own:start", "own:start后60日内", "own:start后六十天内"),
    ("60 days after own:入职", "own:入职后60日内"),
    ("5 working days before step s4", "步骤s4前5个工作日"),
    ("5 working days after step s4", "步骤s4后5个工作日内"),
    ("5 working days before start of step s4", "步骤s4开始前5个工作日"),
    ("5 working days before 02-28", "2月28日前5个工作日"),
    ("earlier of (12-31, 10 days after 批复)", "较早者（12月31日前；批复后10日内）"),
    ("later of (12-31, congress)", "较晚者(12月31日、congress之日)", "later of (12-31; congress)"),
    ("10 working days after 1 month after 通报", "（通报后1个月）后10个工作日内"),
    ("first monday of 02", "2月第一个星期一", "2月第一个周一前"),
    ("last friday of 02 next year", "次年2月最后一个星期五"),
    ("every month by day 10", "每月10日前"),
    ("every month by last day", "每月底前", "每月末前"),
    ("every quarter plus 10 days", "每季度后10日内", "每季度结束后10日内", "每季后十日内"),
    ("every half year plus 10 days", "每半年后10日内"),
    ("every year plus 30 working days", "每年结束后30个工作日内"),
    ("every first monday of month", "first monday of month", "每月第一个星期一"),
    (
        "every quarter plus 5 working days from 2024-07 until 2025-03",
        "每季度后5个工作日内，自2024年7月起，至2025年3月止",
    ),
    ("every month by day 10 from 07 until 03 next year", "每月10日前，自7月起，至次年3月止"),
    ("rrule FREQ=MONTHLY;BYMONTHDAY=-1", "rrule freq=monthly;bymonthday=-1"),
    (
        "every 5 years in year 3 of period starting 2016: end of 03",
        "2016年起每5年的第3年：3月底前",
        "2016年起每5年第3年：3月底前",
    ),
    ("undated", "无固定期限", "不定期", "长期", "UNDATED"),
    ("soft 06-30", "建议：6月30日前", "鼓励：6月30日前"),
    ("announced “1月初” planned next year 01-05", "另行通知“1月初”，暂定次年1月5日前"),
    (
        "07-10 roll cutoff 17:30 exclusive",
        "07-10, exclusive, cutoff 17:30, roll",
        "7月10日前，遇休息日顺延，17:30截止，不含当日",
    ),
    ("10 days after x no roll", "x后10日内，遇节假日不顺延", "x后10日内，不顺延"),
    ("07-10 cutoff 24:00 inclusive", "7月10日前，24:00截止，含当日"),
    ("01-15", "每年1月15日前"),
]


@pytest.mark.parametrize("texts", SAME, ids=lambda texts: str(texts[0]))
def test_spellings_of_one_deadline(texts: tuple[str, ...]) -> None:
    rules = {parse(text) for text in texts}
    assert len(rules) == 1
    rule = rules.pop()
    assert render(rule) == texts[0], "the first is the canonical one"
    assert parse(render(rule, "zh")) == rule


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_that_an_error_may_show_is_right(text: str) -> None:
    rule = parse(text)
    assert text in {render(rule), render(rule, "zh")}


def test_the_shape_of_a_rule() -> None:
    rule = parse("3 days before 02-28 cutoff 12:00")
    assert isinstance(rule.deadline, Offset)
    assert rule.deadline.anchor == DayOfMonth(Month(2), 28)
    assert rule.cutoff == timedelta(hours=12)


def test_names_that_a_rule_mentions() -> None:
    rule = parse("earlier of (5 days after a, later of (b, 3 days before step s4))")
    assert events_of(rule) == {"a", "b"}
    assert steps_of(rule) == {"s4"}


def test_a_reserved_word_can_be_a_name_in_quotes() -> None:
    text = '10 days after "end"'
    assert events_of(parse(text)) == {"end"}
    assert render(parse(text)) == text
    assert render(parse(text), "zh") == '"end"后10日内'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "07-10 by noon",
            (
                "Cannot read the deadline “07-10 by noon” at column 7: found “by”, "
                "expected a deadline or a part of one. A near example: 07-10"
            ),
        ),
        (
            "10 working days afer circular",
            (
                "Cannot read the deadline “10 working days afer circular” at column 17: "
                "found “afer”, expected after, before. "
                "A near example: 10 working days after circular"
            ),
        ),
        (
            "tomorrow",
            (
                "Cannot read the deadline “tomorrow” at column 1: found “tomorrow”, "
                "expected a deadline. A near example: first monday of 02"
            ),
        ),
        (
            "下个月底前",
            (
                "“下个月底前” names no moment that can be computed. Say what is planned, "
                "for example: 另行通知“下个月底前”，暂定1月5日前"
            ),
        ),
        (
            "通报后10个",
            (
                "Cannot read the deadline “通报后10个” at column 6: found “个”, "
                "expected 日, 个工作日 or 个月. A near example: 通报后10个工作日内"
            ),
        ),
        (
            "end of",
            (
                "Cannot read the deadline “end of” at column 7: found the end, "
                "expected a number, last, next, Q1, this, a year and month. "
                "A near example: end of 02 next year"
            ),
        ),
        (
            "",
            (
                "Cannot read the deadline “” at column 1: found the end, "
                "expected a deadline or a part of one. A near example: 2024-07-10"
            ),
        ),
        ("02-30", "There is no day 02-30; for the last day of a month write: end of 02"),
        ("2月30日前", "There is no day 02-30; for the last day of a month write: end of 02"),
        (
            "2023-02-29",
            "There is no day 2023-02-29; for the last day of a month write: end of 2023-02",
        ),
        ("13-01", "13 cannot be the month of a deadline; it must be from 1 to 12."),
        (
            "0 days after x",
            "0 cannot be the count of a deadline; it must be from 1 to 9999.",
        ),
        (
            "07-10 cutoff 24:30",
            "30 cannot be the minute of the cut-off of a deadline; it must be from 0 to 0.",
        ),
        (
            "12-31..10-01",
            (
                "The window opens on 12-31 and closes before that, on 10-01; "
                "if it closes in the year after, say so: next year"
            ),
        ),
        (
            "2月中旬前",
            (
                "“2月中旬前” can mean before it begins or by its end; "
                "write 2月10日前 or 2月20日前, or leave out 前."
            ),
        ),
        (
            "1月上旬前",
            (
                "“1月上旬前” can mean before it begins or by its end; "
                "write 上年12月底前 or 1月10日前, or leave out 前."
            ),
        ),
        (
            "07-10 roll no roll",
            "The deadline “07-10 roll no roll” has roll twice or with its opposite; keep one.",
        ),
        (
            "07-10 from 2024-07",
            (
                "The recurrence 07-10 from 2024-07 cannot be used: "
                "only what recurs can run from a month or until one."
            ),
        ),
        (
            "every quarter by day 10",
            (
                "The recurrence every quarter by day 10 cannot be used: "
                "a quarter has no day 10; write: every quarter plus 10 days."
            ),
        ),
        (
            "every month by day 10 from 2025-07 until 2025-03",
            "The recurrence from … until … cannot be used: it ends before it begins.",
        ),
        (
            "every month by day 10 from 01 from 02",
            (
                "The deadline “every month by day 10 from 01 from 02” has from twice "
                "or with its opposite; keep one."
            ),
        ),
        (
            "rrule FREQ=SECONDLY",
            (
                "The recurrence rrule FREQ=SECONDLY cannot be used: "
                "FREQ must be one of DAILY, MONTHLY, WEEKLY, YEARLY."
            ),
        ),
        (
            "rrule FREQ=DAILY;INTERVAL=0",
            (
                "The recurrence rrule FREQ=DAILY;INTERVAL=0 cannot be used: "
                "INTERVAL must be from 1 to 999."
            ),
        ),
        (
            "rrule BYDAY=MO",
            "The recurrence rrule BYDAY=MO cannot be used: it needs FREQ.",
        ),
        (
            "rrule FREQ=DAILY;FREQ=DAILY",
            "The recurrence rrule FREQ=DAILY;FREQ=DAILY cannot be used: it has FREQ twice.",
        ),
    ],
)
def test_a_wrong_deadline_is_told_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(EngineError) as caught:
        parse(text)
    assert str(caught.value) == message
    assert caught.value.code.startswith("deadline-")


def test_unknown_parts_of_an_rrule_are_named() -> None:
    with pytest.raises(EngineError, match="not BYHOUR; bounds are from and until"):
        parse("rrule FREQ=DAILY;BYHOUR=3")
    with pytest.raises(EngineError, match="cannot be used"):
        parse("rrule FREQ=MONTHLY;BYDAY=XX")


def test_a_text_of_any_length_is_refused_in_time() -> None:
    with pytest.raises(DeadlineSyntax, match="at most 500 characters"):
        parse("(" * 5000)
    with pytest.raises(EngineError):
        parse("(" * 400 + "07-10")
    assert parse("(" * 200 + "07-10" + ")" * 200) == parse("07-10")


def test_no_text_is_evaluated() -> None:
    for text in ("__import__('os')", "{0.__class__}", "07-10; import os", "%(x)s {text}"):
        with pytest.raises(DeadlineSyntax):
            parse(text)
