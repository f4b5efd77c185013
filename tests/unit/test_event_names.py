"""Events by the names that a plan gives them: what is outside, in the words of the document."""

from __future__ import annotations

from adapters.calendars import calendar_named
from adapters.messages import translator
from adapters.terminal.explanation import Explanation, paragraph
from tests.unit.plan_samples import QUIET, SOUND
from tests.unit.real_plans import office
from tests.unit.year import Year, begin
from workflows.plan.check import check_file
from workflows.plan.model import Plan
from workflows.plan.read import read_plan
from workflows.plan.store_form import from_data, to_data
from workflows.running.announcing import announce
from workflows.running.desk import desk
from workflows.running.requests import Grounds
from workflows.running.schedule import resolution_of

EVENTS = "events: {人代会闭会: 'external_result:congress', 入职: start}"


def plan_of(due: str, events: str = EVENTS, scope: str = "") -> Plan:
    text = SOUND.replace(QUIET, f"{events}\n{QUIET}").replace("due: 03-11", f"due: '{due}'{scope}")
    text = text.replace(", done: [{on: 03-09, document: 请示1号}]", "")
    plan = read_plan(text.encode()).plan
    assert plan is not None
    return plan


def begun(due: str) -> Year:
    return begin(plan_of(due), "2024-01-05 09:00")


def closed(year: Year) -> None:
    values = {"block": "congress", "document": "公告1号"}
    year.record("", "external_result", values, office(year))


def test_a_date_waits_for_the_event_under_its_name_in_the_document() -> None:
    year = begun("人代会闭会后20日内")
    assert year.deadline("b").waits_for == ("external_result:congress",)
    assert year.deadline("b").rule == "人代会闭会后20日内"
    closed(year)
    assert year.deadline("b").last_day == "2024-01-25"


def test_the_records_that_ship_are_known_by_what_offices_call_them() -> None:
    year = begun("批复后10日内")
    assert year.deadline("b").waits_for == ("reply",)
    for step in ("draft", "peer_review"):
        year.move("", step, office(year))
    for record in ("submitted_for_reply", "reply"):
        year.record("", record, {"document": "1号"}, office(year))
    assert year.deadline("b").last_day == "2024-01-15"


def test_what_is_announced_may_use_the_names_too() -> None:
    year = begun("另行通知“人代会后”，暂定3月20日前")
    closed(year)
    announce(year.app, year.key, "b", "人代会闭会后20日内", office(year), Grounds())
    assert year.deadline("b").last_day == "2024-01-25"


def test_an_own_event_keeps_its_mark() -> None:
    plan = plan_of("03-11")
    text = SOUND.replace(QUIET, f"{EVENTS}\n{QUIET}").replace(
        "brings: self_assessed, due: 12-31", "brings: self_assessed, due: own:入职后60日内"
    )
    found = read_plan(text.encode()).plan
    assert found is not None
    assert "own:start" in str(found.steps[2].due)
    assert from_data(to_data(plan)) == plan


def test_a_name_for_nothing_is_refused_and_an_unknown_event_says_where_to_name_it() -> None:
    text = SOUND.replace("due: 03-11", "due: 人代会闭会后20日内")
    (warning,) = (d for d in check_file(text.encode()).diagnostics if d.code == "P226")
    assert "请在 events 中写明它指什么" in translator("zh").diagnostic(warning)
    named = text.replace(QUIET, f"{EVENTS}\n{QUIET}")
    assert [d.code for d in check_file(named.encode()).diagnostics if d.code == "P226"] == []


def test_an_explanation_calls_the_event_as_the_plan_does() -> None:
    year = begun("人代会闭会后20日内")
    with year.store.reading() as reader:
        at = desk(year.app, reader, year.key)
        step = at.plan.steps[1]
        shown = Explanation(
            step=step,
            plan=at.plan,
            zone=at.zone,
            resolved=resolution_of(at, step),
            kept=(),
            edition="",
            behind=(),
            changes=(),
        )
        said = paragraph(translator("zh"), shown)
    assert "事项“人代会闭会”尚未发生" in said
    assert "等待：人代会闭会。" in said
    assert "external_result" not in said


def test_a_festival_is_no_fault_where_nobody_says_which_calendar_counts() -> None:
    text = SOUND.replace("due: 03-11", "due: 国庆节前")
    assert [d.code for d in check_file(text.encode()).diagnostics if d.code == "P231"] == []
    german = text.replace("base: china", "base: 'holidays:DE'")
    found = check_file(german.encode(), calendar=calendar_named("holidays:DE")).diagnostics
    assert [d.code for d in found if d.code == "P231"] == ["P231"]
