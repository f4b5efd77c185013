"""Errors as people read them: every value in the reader's words, then the code."""

from datetime import UTC, datetime

import pytest

from adapters.calendars.overrides import BadOverrides, parse_overrides
from adapters.messages import Translator, translator
from engine.errors import (
    N_,
    BadMoment,
    BadRecord,
    GuardRejected,
    IllegalTransition,
    NotForcible,
    NotPermitted,
    ReasonRequired,
    StragglersRefused,
    UnknownRecord,
    UnknownTrigger,
)
from engine.guards import (
    Known,
)
from workflows.deadlines import parse
from workflows.deadlines.errors import DeadlineError

MOMENT = datetime(2024, 7, 10, 8, tzinfo=UTC)


@pytest.fixture
def zh() -> Translator:
    return translator("zh")


@pytest.fixture
def en() -> Translator:
    return translator("en")


def test_a_refused_guard_says_what_is_needed_and_how(zh: Translator, en: Translator) -> None:
    key = "qz-2024/T-1"
    guards = [Known("self_report")]
    error = GuardRejected(key=key, trigger="self_assess", state="published", unmet=guards)
    assert zh.error(error) == (
        "qz-2024/T-1 现为“已公布”，暂不能办理“自评”：自评报告尚未报送"
        "（办理：duban record qz-2024/T-1 self_report）。 [guard-rejected]"
    )
    assert en.error(error) == (
        "Cannot self-assess qz-2024/T-1 while it is published: record self_report is missing "
        "(with: duban record qz-2024/T-1 self_report). [guard-rejected]"
    )


def test_what_people_type_keeps_its_spelling(zh: Translator, en: Translator) -> None:
    error = IllegalTransition(
        key="q", trigger="publish", state="drafted", allowed=["peer_review", "send_back"]
    )
    assert zh.error(error) == (
        "q 现为“已起草”，不能办理“公布”；目前可办理：peer_review（同组互审）、"
        "send_back（退回修改）。 [illegal-transition]"
    )
    assert en.error(error) == (
        "Cannot publish q: it is drafted; from there you can: peer_review, send_back. "
        "[illegal-transition]"
    )


def test_from_a_dead_end_there_is_nothing_to_do(zh: Translator) -> None:
    error = IllegalTransition(key="q", trigger="publish", state="rectified", allowed=[])
    assert "目前可办理：无。" in zh.error(error)


def test_roles_and_acts_are_put_in_words(zh: Translator, en: Translator) -> None:
    error = NotPermitted(
        person="li", act="record self_report", key="q", allowed=["group_office", "owner"]
    )
    assert zh.error(error) == (
        "li 无权对 q 办理“登记自评报告”；有权办理的是：领导小组办公室、责任科室。 [not-permitted]"
    )
    assert "this is for: group office, responsible section." in en.error(error)
    assert "“强制调整为已批复”" in zh.error(ReasonRequired(act="force:approved", key="q"))
    assert "“同组互审”" in zh.error(ReasonRequired(act="peer_review", key="q"))


def test_a_choice_names_the_field_and_its_values(zh: Translator, en: Translator) -> None:
    error = BadRecord(
        kind="reply",
        key="q",
        problem=N_("that is not one of the choices"),
        field="result (approved, returned)",
    )
    assert zh.error(error) == (
        "q 的“批复”无法保存：不在可选范围内："
        "result（结果）（可选：approved（同意）、returned（退回））。 [bad-record]"
    )
    assert en.error(error).endswith("result (of: approved, returned). [bad-record]")


def test_states_records_triggers_and_moments_of_other_errors(zh: Translator) -> None:
    forced = NotForcible(key="q", state="drafted", target="mine", allowed=["approved"])
    assert "不能由“已起草”强制调整为“mine”；可强制调整为：approved（已批复）" in zh.error(forced)
    unknown = UnknownRecord(key="q", kind="foo", known=["reply"])
    assert zh.error(unknown) == "q 没有登记项“foo”；可登记：reply（批复）。 [unknown-record]"
    trigger = UnknownTrigger(workflow="target", trigger="x", known=["draft"])
    assert zh.error(trigger).startswith("“目标”流程没有操作“x”；可用的操作：draft（完成起草）。")
    left = StragglersRefused(trigger="publish", key="q", count=2, names=["q/T-1", "q/T-2"])
    assert "尚有 2 项不能随同办理：q/T-1、q/T-2。" in zh.error(left)
    late = BadMoment(moment=MOMENT, problem=N_("it lies in the future"))
    assert zh.error(late).startswith("2024年7月10日 16:00 不能作为办理时间：晚于当前时间。")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2024-02-30", "没有 2024-02-30 这一天"),
        ("25月10日前", "25 不能作为期限的月，应在 1 至 12 之间"),
        ("7月10日 foo", "第 7 个字符处无法识别：此处为“foo”，应为期限或其组成部分"),
    ],
)
def test_errors_of_deadlines_name_their_parts(zh: Translator, text: str, words: str) -> None:
    with pytest.raises(DeadlineError) as caught:
        parse(text)
    assert words in zh.error(caught.value)


@pytest.mark.parametrize(
    ("text", "zh_says"),
    [
        ("FREQ=HOURLY", "FREQ 只能是 DAILY, MONTHLY, WEEKLY, YEARLY 之一"),
        ("BYDAY=MO", "缺少 FREQ"),
        ("FREQ=DAILY;COUNT=0", "COUNT 应为 1 至 999"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ 出现了两次"),
        ("FREQ=DAILY;UNTIL=20240101", "不能有 UNTIL"),
        ("FREQ=MONTHLY;BYDAY=XX", "各部分互相不合"),
    ],
)
def test_what_is_wrong_with_a_rule_of_rfc_5545_is_said_in_chinese(
    text: str, zh_says: str, zh: Translator
) -> None:
    with pytest.raises(DeadlineError) as caught:
        parse(f"rrule {text}")
    said = zh.error(caught.value)
    assert zh_says in said
    assert " be " not in said


@pytest.mark.parametrize(
    ("text", "zh_says"),
    [
        (
            "days: [{day: 2026-1, kind: off, source: s, edition: e}]",
            "（第1行记录）：day 为 2026-1",
        ),
        (
            "days: [{day: 2026-01-01, kind: no, source: s, edition: e}]",
            "kind 为 no，应为 working 或 off",
        ),
        ("days: 3", "（days）：应为列表"),
        ("- 1", "（顶层）：应为"),
        ("days: [{dya: 3}]", "未知字段 dya；可用字段："),
        ("{", "（第2行）：不是有效的 YAML"),
    ],
)
def test_what_is_wrong_with_days_of_a_calendar_is_said_in_chinese(
    text: str, zh_says: str, zh: Translator
) -> None:
    with pytest.raises(BadOverrides) as caught:
        parse_overrides(f"{text}\n", "a.yaml")
    assert zh_says in zh.error(caught.value)
