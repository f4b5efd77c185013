"""What a plan file says arrives in the plan, and what it says wrongly is told all at once."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engine.guards import All, AnyOf, Compare, Joined, Known, Not, ParentIn, ParentKnows, Reached
from engine.guards import StateIn as In
from engine.ladder import Action, Rung, Unit
from engine.machine import Machine
from tests.unit.plan_samples import MACHINE, SOUND
from workflows.deadlines.parse import parse
from workflows.plan.days import read_moment, read_time
from workflows.plan.diagnostics import MOST_ERRORS, Notes
from workflows.plan.element import Element, Reading
from workflows.plan.model import (
    CatchUp,
    Dates,
    Done,
    EvidenceRules,
    Holder,
    Plan,
    Quiet,
    Scope,
    Text,
    Wait,
)
from workflows.plan.names import Names, nearest
from workflows.plan.oversight import AnomalyLimits, FourEyes, Guarded, LogHash, ReadingRule, Sight
from workflows.plan.read import read_plan
from workflows.plan.read_definition import MOST_PARTS
from workflows.plan.read_guards import KEYS, read_guard
from workflows.plan.source import read_source


def plan(text: str = SOUND, year: int | None = None) -> Plan:
    reading = read_plan(text.encode(), year)
    assert reading.plan is not None, [d.message for d in reading.diagnostics]
    return reading.plan


def codes(text: str, year: int | None = None) -> list[tuple[str, int]]:
    return [(d.code, d.line) for d in read_plan(text.encode(), year).diagnostics]


def test_the_head_arrives() -> None:
    found = plan()
    assert (found.id, found.body, found.key, found.year) == (
        "small",
        "small-body",
        "small-2024",
        2024,
    )
    assert found.name == Text("小方案", "Small plan")
    assert found.document.number == "泉国资办〔2024〕197号"
    assert found.document.issued == date(2024, 1, 2)
    assert found.calendar.overrides == ((date(2024, 5, 2), True, "某通知"),)
    assert found.dates == Dates(cutoff="17:30")
    assert found.catch_up == CatchUp(working_days=2, notices=50)
    assert found.quiet == Quiet(begins="18:00", ends="08:30", working_days_only=True)


def test_a_plan_says_which_evidence_it_takes() -> None:
    assert plan().evidence == EvidenceRules(largest_mb=100, types=())
    found = plan(SOUND + "evidence: {largest_mb: 20, types: [pdf, .JPG, pdf]}\n")
    assert found.evidence == EvidenceRules(largest_mb=20, types=("pdf", "jpg"))


def test_people_and_contents_arrive() -> None:
    found = plan()
    assert found.posts[0].holders == (Holder(person="zhang", since=date(2024, 1, 1)),)
    assert found.posts[1].in_charge_of == ("office", "reform")
    assert [(c.id, c.parent, c.dynamic) for c in found.categories] == [
        ("functional", "", False),
        ("routine", "functional", False),
        ("dynamic", "", True),
    ]
    (target,) = found.targets
    assert (target.sources, target.finish_by, target.line) == (("mandate",), date(2024, 12, 1), 41)


def test_steps_and_ladders_arrive() -> None:
    found = plan()
    first, second, third, fourth = found.steps
    assert (first.scope, first.brings, first.due) == (Scope.CYCLE, "drafted", parse("03-01"))
    assert second.wait == Wait(body="city", record="reply")
    assert second.done == (Done(on=date(2024, 3, 9), document="请示1号"),)
    assert (third.scope, third.line) == (Scope.TARGETS, 37)
    assert (fourth.hand_in, fourth.gate) == (True, "self_assessed")
    assert found.ladders[0].rungs == (
        Rung(offset=-3, recipients=("owner",)),
        Rung(offset=0, action=Action.LATE, lamp="红", recipients=("owner", "vice_leader")),
    )


@pytest.mark.parametrize(
    ("at", "offset", "unit"),
    [
        ("-3 working days", -3, Unit.WORKING_DAY),
        ("+1 working day", 1, Unit.WORKING_DAY),
        ("5 days", 5, Unit.CALENDAR_DAY),
        ("+5 calendar days", 5, Unit.CALENDAR_DAY),
        ("-3个工作日", -3, Unit.WORKING_DAY),
        ("+2工作日", 2, Unit.WORKING_DAY),
        ("+10日", 10, Unit.CALENDAR_DAY),
        ("0", 0, Unit.WORKING_DAY),
    ],
)
def test_a_rung_stands_where_the_plan_says(at: str, offset: int, unit: Unit) -> None:
    found = plan(SOUND.replace("at: -3 working days", f"at: {at}"))
    assert Rung(offset=offset, unit=unit, recipients=("owner",)) in found.ladders[0].rungs


def test_a_slip_names_the_days_and_the_ladder_of_its_answer() -> None:
    old = "    - {at: 0, do: late, lamp: 红, tell: [owner, vice_leader]}\n"
    slip = "    - {at: +1 day, do: slip, tell: [owner], reply: 5 days, reply_ladder: %s}\n"
    rung = plan(SOUND.replace(old, old + slip % "standard")).ladders[0].rungs[-1]
    assert (rung.reply, rung.reply_unit, rung.reply_ladder) == (5, Unit.CALENDAR_DAY, "standard")
    assert codes(SOUND.replace(old, old + slip % "standart")) == [("P216", 33)]


@pytest.mark.parametrize("at", ["-3", "3 weeks", "+-3 days", "1.5 days", "days", "1000 days"])
def test_a_rung_that_stands_nowhere_is_told(at: str) -> None:
    text = SOUND.replace("at: -3 working days", f"at: {at}")
    assert codes(text) == [("P133", 31)]


def test_a_plan_for_any_year_takes_the_year_it_is_given() -> None:
    text = SOUND.replace("year: 2024\n", "").replace("2024-01-02", "01-02")
    found = plan(text, 2031)
    assert (found.year, found.key, found.document.issued) == (2031, "small-2031", date(2031, 1, 2))
    assert [code for code, _ in codes(text)][:1] == ["P201"]


def test_a_plan_without_its_year_is_told_of_the_year_and_not_of_its_key() -> None:
    text = SOUND.replace("year: 2024\n", "").replace("2024-01-02", "01-02")
    assert [code for code, _ in codes(text)] == ["P201"]


def test_a_plan_of_a_year_may_be_asked_for_by_that_year_only() -> None:
    assert plan(SOUND, 2024) == plan(SOUND)
    assert codes(SOUND, 2025) == [("P202", 6)]


def test_moments_are_of_the_plans_zone() -> None:
    found = plan(SOUND.replace("on: 03-09", "on: 2024-03-09 15:30"))
    assert found.steps[1].done[0].on == datetime(2024, 3, 9, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024/7/1", date(2024, 7, 1)),
        ("7月10日", date(2023, 7, 10)),
        ("翌年1月5日", date(2024, 1, 5)),
        ("next year 02-29", date(2024, 2, 29)),
        ("2024-07-10T08:05", datetime(2024, 7, 10, 8, 5)),  # noqa: DTZ001 - zone comes later
    ],
)
def test_days_are_written_in_several_ways(text: str, moment: date) -> None:
    assert read_moment(text, 2023) == moment


def test_a_day_ends_at_midnight() -> None:
    assert read_time("24:00") is None
    assert plan(SOUND.replace("'17:30'", "'24:00'")).dates.cutoff == ""


def test_everything_wrong_is_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        SOUND.replace("zone: Asia/Shanghai", "zome: x")
        .replace("issued: 2024-01-02", "issued: 2023-02-29")
        .replace("section: reform}", "section: refrom}")
        .replace("due: 03-01", "due: 2024-02-30")
        .replace("finish_by: 12-01", "finish_by: 12-32, weight: 5")
    )
    assert codes(text) == [
        ("P122", 7),
        ("P128", 8),
        ("P210", 20),
        ("P231", 34),
        ("P128", 42),
        ("P122", 42),
    ]


def test_a_near_miss_is_suggested() -> None:
    (diagnostic,) = read_plan(SOUND.replace("zone: Asia", "zome: Asia").encode()).diagnostics
    assert diagnostic.values["known"] == ("zone",)
    assert diagnostic.message == "the plan has no key zome. Did you mean: zone?"


def test_suggestions_stay_short_whatever_is_known() -> None:
    assert len(nearest("x", (f"name-{n}" for n in range(100_000)))) == 12
    assert nearest("x", ()) == ("—",)


def test_an_impossible_date_says_what_to_write() -> None:
    (diagnostic,) = read_plan(SOUND.replace("due: 03-01", "due: 2024-02-30").encode()).diagnostics
    assert diagnostic.message == (
        "There is no day 2024-02-30; for the last day of a month write: end of 2024-02"
    )


def test_a_hopeless_file_is_read_no_further() -> None:
    reading = read_plan(SOUND.encode() + b"".join(b"k%d: 1\n" % n for n in range(5_000)))
    assert len(reading.diagnostics) == MOST_ERRORS + 1
    assert reading.diagnostics[-1].code == "P119"


def test_a_machine_of_the_plans_own_replaces_the_one_that_ships() -> None:
    appeal = plan(SOUND + MACHINE).machine("appeal")
    assert appeal.states == ("lodged", "decided")
    assert appeal.transitions[0].guard == All(
        (Known("ruling"), Compare("ruling.score", ">=", 60), Joined("findings"))
    )
    assert Machine(appeal).edge("decide", "lodged") is not None
    assert plan(SOUND + MACHINE).machine("target") == plan().machine("target")


def test_a_machine_has_no_more_parts_than_people_can_read() -> None:
    extra = "".join(
        f"      - {{trigger: t{n}, from: [lodged], to: decided, by: [leading_group]}}\n"
        for n in range(MOST_PARTS)
    )
    assert codes(SOUND + MACHINE + extra) == [("P138", 51)]
    fewer = extra[: extra.rindex("      - ")]
    assert codes(SOUND + MACHINE + fewer) == []


def test_the_cycle_takes_its_settings_from_the_plan() -> None:
    settings = "machines: {cycle: {channels: [radio], publishes_by_date: true}}\n"
    cycle = plan(SOUND + settings).machine("cycle")
    publish = next(t for t in cycle.transitions if t.trigger == "publish")
    assert "daemon" in publish.by
    text = SOUND.replace("records: [submitted_for_reply]", "records: ['publication:website']")
    with_radio = "machines: {cycle: {channels: [radio]}}\n"
    assert codes(text + with_radio) == [("P214", 35)]
    proven = text.replace("document: 请示1号", "values: {proof: 网页摘要}")
    assert plan(proven).steps[1].records == ("publication:website",)


def test_every_guard_can_be_written() -> None:
    text = """
      all:
        - known: a
        - compare: [b, '!=', x]
        - compare: [c, '==', true]
        - reached: d
        - state_in: [s, t]
        - parent_in: [u]
        - parent_knows: e
        - joined: j
        - any: [{not: {known: f}}]
    """
    notes = Notes()
    root = read_source(text.encode(), notes)
    guard = read_guard(Reading(notes, Names(notes)), root)
    assert notes.all() == ()
    assert guard == All(
        (
            Known("a"),
            Compare("b", "!=", "x"),
            Compare("c", "==", True),
            Reached("d"),
            In(("s", "t")),
            ParentIn(("u",)),
            ParentKnows("e"),
            Joined("j"),
            AnyOf((Not(Known("f")),)),
        )
    )
    assert all(f"{key}:" in text for key in KEYS)


@pytest.mark.parametrize("guard", ["{}", "[]", "x", "{known: a, joined: b}", "{all: x}", "{not: }"])
def test_half_a_guard_is_told(guard: str) -> None:
    text = SOUND + MACHINE.replace("{known: ruling}", guard)
    assert codes(text)


def test_an_element_refuses_wrong_types_one_by_one() -> None:
    wrong = "a: [x]\nb: {c: d}\nc: x\nd: 1\ne: true\nf: x\n"
    notes = Notes()
    root = read_source(wrong.encode(), notes)
    assert root is not None
    with Reading(notes, Names(notes), year=2024).element(root, "x") as e:
        assert isinstance(e, Element)
        assert (e.text("a"), e.texts("b"), e.number("c", 0, 9)) == ("", (), 0)
        assert (e.flag("d"), e.text("e"), e.nodes("f")) == (False, "", ())
    assert [(d.code, d.line) for d in notes.all()] == [("P124", n) for n in range(1, 7)]


def test_a_step_that_asks_for_nothing_is_told() -> None:
    assert codes(SOUND.replace("brings: drafted, ", "")) == [("P232", 34)]
    assert codes(SOUND.replace("brings: drafted", "attend: false")) == [("P232", 34)]


def test_a_post_cannot_be_taken_for_a_section() -> None:
    text = SOUND.replace("{id: bureau,", "{id: office,")
    assert codes(text) == [("P132", 18)]


def test_done_can_name_the_answer_and_must_be_whole() -> None:
    whole = "done: [{on: 03-09}, {on: 03-20, record: reply, document: 批复2号}]"
    old = "done: [{on: 03-09, document: 请示1号}]"
    done = plan(SOUND.replace(old, whole)).steps[1].done
    assert done[1] == Done(on=date(2024, 3, 20), record="reply", document="批复2号")
    half = "done: [{on: 03-20, record: reply}]"
    assert codes(SOUND.replace(old, half)) == [("P253", 36)]
    chosen = "done: [{on: 03-20, record: reply, document: x, values: {result: aproved}}]"
    assert codes(SOUND.replace(old, chosen)) == [("P130", 36)]


def test_who_watches_and_who_reads_arrives() -> None:
    found = plan(
        SOUND
        + "four_eyes: {acts: [force, force, amend], within: 5日, confirmed_by: [auditor]}\n"
        + "reading: {sections: own, everything: [reviewer]}\n"
        + "amends: {target: {scored: evaluated}, finding: {}}\n"
    )
    assert found.four_eyes == FourEyes(
        acts=(Guarded.FORCE, Guarded.AMEND),
        within=5,
        unit=Unit.CALENDAR_DAY,
        confirmed_by=("auditor",),
    )
    assert found.reading == ReadingRule(sections=Sight.OWN, everything=("reviewer",))
    assert found.amends == (("target", (("scored", "evaluated"),)), ("finding", ()))


def test_what_is_wrong_about_who_watches_is_told() -> None:
    line = SOUND.count("\n") + 1
    assert codes(SOUND + "four_eyes: {acts: [forse]}\n") == [("P130", line)]
    assert codes(SOUND + "four_eyes: {within: 3 days}\n") == [("P123", line)]
    assert codes(SOUND + "reading: {sections: mine}\n") == [("P130", line)]
    assert codes(SOUND + "amends: {target: {scored: nowhere}}\n") == [("P213", line)]
    assert codes(SOUND + "amends: {targets: {}}\n") == [("P122", line)]


def test_a_plan_says_what_is_listed_for_auditors_and_how_its_log_is_hashed() -> None:
    assert (plan().anomalies, plan().log_hash) == (AnomalyLimits(), LogHash.ANY)
    found = plan(SOUND + "log: {hash: sm3}\nanomalies: {near_minutes: 5, burst: 50}\n")
    assert found.log_hash is LogHash.SM3
    assert found.anomalies == AnomalyLimits(near_minutes=5, burst=50)
