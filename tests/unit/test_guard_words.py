"""Guards as people read them: what is still needed, and by which command."""

import pytest

from adapters.messages import Translator, translator
from engine.guards import (
    All,
    AnyOf,
    Compare,
    Guard,
    Joined,
    Known,
    Not,
    ParentIn,
    ParentKnows,
    Reached,
    StateIn,
)


@pytest.fixture
def zh() -> Translator:
    return translator("zh")


@pytest.fixture
def en() -> Translator:
    return translator("en")


@pytest.mark.parametrize(
    ("guard", "chinese", "english"),
    [
        (Known("self_report"), "自评报告尚未报送", "record self_report is missing"),
        (Known("reply"), "批复尚未登记", "record reply has not been entered"),
        (
            Known("publication:website"),
            "公布情况（门户网站）尚未登记",
            "record publication (website) has not been entered",
        ),
        (Known("work_plan.pace"), "实施计划的“进度安排”尚未填报", "pace of work_plan is missing"),
        (
            Compare("decision.result", "==", "approved"),
            "审定意见的“结果”须为“同意”",
            "result of decision is not “approved”",
        ),
        (Compare("score", ">=", 60), "score应 ≥ 60", "score must be ≥ 60"),
        (Reached("gate"), "前置环节规定的时间尚未到", "gate has not come yet"),
        (StateIn(("open", "returned")), "当前不处于“待报送 / 已退回”", "it is not open / returned"),
        (
            ParentIn(("evaluated", "rectified")),
            "上一级尚未进入“已考评”",
            "its parent is not yet evaluated",
        ),
        (
            ParentIn(("drafted", "published")),
            "上一级尚未进入“已起草 / 已公布”",
            "its parent is not yet drafted / published",
        ),
        (ParentKnows("circular"), "上一级尚未登记通报", "its parent has no record circular yet"),
        (Joined("no_open_finding"), "尚有问题未整改销号", "a finding is still open"),
        (
            Joined("mine"),
            "“mine”所统计的事项尚未全部完成",
            "not all that “mine” counts have arrived",
        ),
        (Not(Known("reply")), "已有批复", "reply is there already"),
        (
            Not(Compare("score", "<", 60)),
            "不得存在以下情形：score < 60",
            "this must not be so: score < 60",
        ),
        (
            AnyOf((Known("reply"), Known("circular"))),
            "批复尚未登记 或 通报尚未登记",
            "record reply has not been entered or record circular has not been entered",
        ),
        (
            All((Known("reply"), StateIn(("open",)))),
            "批复尚未登记 且 当前不处于“待报送”",
            "record reply has not been entered and it is not open",
        ),
    ],
)
def test_every_guard_has_words(
    zh: Translator, en: Translator, guard: Guard, chinese: str, english: str
) -> None:
    assert (zh.guard(guard), en.guard(guard)) == (chinese, english)


def test_what_the_parent_lacks_is_provided_at_the_parent(zh: Translator) -> None:
    said = zh.guard(ParentKnows("circular"), "qz-2024/T-1")
    assert said == "上一级尚未登记通报（办理：duban record qz-2024 circular）"
