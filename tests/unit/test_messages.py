"""The words that people read: which language, which values are put into words, and how."""

import string
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.messages import Translator, translator
from engine.errors import (
    N_,
    NotFound,
)
from engine.guards import (
    Known,
)
from workflows.deadlines import parse
from workflows.deadlines.errors import DeadlineError
from workflows.plan.diagnostics import CODES, NOTHING_NEAR, NOWHERE, Diagnostic

MOMENT = datetime(2024, 7, 10, 8, tzinfo=UTC)
VARIABLES = ("DUBAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture
def zh() -> Translator:
    return translator("zh")


@pytest.fixture
def en() -> Translator:
    return translator("en")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("later", range(len(VARIABLES)))
def test_the_first_variable_that_is_set_decides(bare: pytest.MonkeyPatch, later: int) -> None:
    for name in VARIABLES[later + 1 :]:
        bare.setenv(name, "en_US.UTF-8")
    bare.setenv(VARIABLES[later], "zh_CN.UTF-8")
    assert translator().language == "zh"


def test_the_argument_goes_before_the_environment(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("DUBAN_LANG", "zh")
    assert translator("en").language == "en"


@pytest.mark.parametrize(
    ("asked", "language"),
    [("zh", "zh"), ("zh_TW", "zh"), ("ZH-Hans", "zh"), ("en", "en"), ("C", "en"), ("fr_FR", "en")],
)
def test_whatever_is_not_chinese_is_english(asked: str, language: str) -> None:
    assert translator(asked).language == language


def test_an_empty_variable_does_not_decide(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("LC_ALL", "")
    bare.setenv("LANG", "zh_CN.UTF-8")
    assert translator().language == "zh"


@pytest.mark.usefixtures("bare")
def test_without_any_wish_it_is_english() -> None:
    assert translator().language == "en"


def test_moments_are_told_in_the_zone_that_is_asked_for(zh: Translator, en: Translator) -> None:
    message = "{moment}"
    assert zh.text(message, moment=MOMENT) == "2024年7月10日 16:00"
    assert en.text(message, moment=MOMENT) == "2024-07-10 16:00"
    berlin = ZoneInfo("Europe/Berlin")
    assert en.text(message, moment=MOMENT, zone=berlin) == "2024-07-10 10:00"
    assert zh.in_zone(UTC).text(message, moment=MOMENT) == "2024年7月10日 08:00"


def test_a_moment_just_before_midnight_falls_on_the_day_of_its_zone(zh: Translator) -> None:
    assert zh.text("{m}", m=datetime(2024, 7, 10, 16, tzinfo=UTC)) == "2024年7月11日 00:00"


def test_days_have_no_leading_zeros_in_chinese(zh: Translator, en: Translator) -> None:
    assert zh.text("{day}", day=date(2024, 8, 2)) == "2024年8月2日"
    assert en.text("{day}", day=date(2024, 8, 2)) == "2024-08-02"


def test_lists_are_joined_as_the_language_does(zh: Translator, en: Translator) -> None:
    assert zh.text("{names}", names=["甲", "乙"]) == "甲、乙"
    assert en.text("{names}", names=("a", "b")) == "a, b"
    assert zh.text("{days}", days=[date(2024, 1, 1)]) == "2024年1月1日"
    assert (zh.text("{names}", names=[]), en.text("{names}", names=[])) == ("无", "none")


def test_a_value_is_only_translated_where_it_holds_a_message(zh: Translator) -> None:
    lies = N_("it lies in the future")
    assert zh.text("{problem}", problem=lies) == "晚于当前时间"
    assert zh.text("{title}", title=lies) == lies
    assert zh.text("{problem}", problem="no message of ours") == "no message of ours"


def test_an_empty_value_is_not_the_header_of_the_catalogue(zh: Translator) -> None:
    assert zh.text("{hint}", hint="") == ""
    assert zh.text("") == ""


def test_braces_in_values_are_left_alone(zh: Translator) -> None:
    shown = zh.error(NotFound(what="cycle", key="{evil!r} {0}", hint="duban status"))
    assert shown == "没有年度周期“{evil!r} {0}”。可查看：duban status [not-found]"


def test_a_message_without_values_may_hold_braces(en: Translator) -> None:
    assert en.text("write {year}") == "write {year}"


def test_names_of_a_plan_s_own_machine_stay_as_they_are(zh: Translator) -> None:
    assert zh.word("state", "piloted") == "piloted"
    assert zh.word("trigger", "force:piloted") == "强制调整为piloted"
    assert zh.guard(Known("pilot_report")) == "pilot_report尚未登记"


def test_a_machine_may_refine_a_word(zh: Translator) -> None:
    assert zh.word("trigger", "reopen") == "重新办理"
    assert zh.word("trigger", "reopen", machine="finding") == "退回重新整改"
    assert zh.word("trigger", "reopen", machine="target") == "重新考评"
    assert zh.word("trigger", "reopen", machine="another") == "重新办理"
    assert zh.label("reopen", machine="target") == "重新考评"


def test_facts_are_words_of_the_kind_field(zh: Translator, en: Translator) -> None:
    assert zh.word("field", "work_plan.finish_by") == "实施计划的“完成时限”"
    assert zh.word("field", "publication:website.proof") == "公布情况（门户网站）的“公布凭证”"
    assert en.word("field", "decision.result") == "result of decision"
    assert zh.word("field", "other.thing") == "other.thing"


def test_labels_for_diagrams_find_the_kind(zh: Translator) -> None:
    labels = [zh.label(name) for name in ("drafted", "send_back", "owner", "reply", "by itself")]
    assert labels == ["已起草", "退回修改", "责任科室", "批复", "自动办理"]
    assert zh.label("mine") == "mine"
    assert (zh.label("when"), zh.text("when")) == ("条件", "时间")


def test_a_diagnostic_is_a_sentence_without_its_code(zh: Translator, en: Translator) -> None:
    found = Diagnostic.at(NOWHERE, "P124", key="id", expected=N_("a text"), found=N_("a map"))
    assert zh.diagnostic(found) == "“id”应为文本，此处是映射。"
    assert en.diagnostic(found) == found.message
    missing = Diagnostic.at(NOWHERE, "P307", target="T-1", missing=("pace", "quality"))
    assert zh.diagnostic(missing) == "目标“T-1”缺少进度安排、质量要求，将无法公布（R-36）。"
    taken = Diagnostic.at(NOWHERE, "P132", id="section", noun="section", first=3)
    assert zh.diagnostic(taken).startswith("标识“section”已被第 3 行的另一个科室使用。")


def test_a_diagnostic_that_borrows_an_error_says_its_names_too(zh: Translator) -> None:
    with pytest.raises(DeadlineError) as caught:
        parse("25月10日前")
    found = Diagnostic.of_error(NOWHERE, "P231", caught.value)
    assert zh.diagnostic(found) == "25 不能作为期限的月，应在 1 至 12 之间。"


@pytest.mark.parametrize("code", sorted(c for c, k in CODES.items() if "{known}" in k.template))
def test_where_nothing_may_have_been_meant_nothing_is_offered(
    code: str, zh: Translator, en: Translator
) -> None:
    names = {n for _, n, _, _ in string.Formatter().parse(CODES[code].template) if n}
    values = {**dict.fromkeys(names, "x"), "known": NOTHING_NEAR}
    for words in (zh, en):
        said = words.diagnostic(Diagnostic.at(NOWHERE, code, **values))
        if "?" in CODES[code].template:
            assert "—" not in said
            assert said.endswith((".", "。"))
            assert len(said) > len("没有“x”。")


def test_the_plan_itself_is_named_in_chinese(zh: Translator) -> None:
    flaw = Diagnostic.at(NOWHERE, "P122", element="the plan", key="sectoins", known=("sections",))
    assert zh.diagnostic(flaw) == "“方案”没有“sectoins”这个键。是否为：sections？"
