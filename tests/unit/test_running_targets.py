"""Targets that join later, and what a target needs: requirements R-11, R-12, R-30 and R-36."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.errors import BadFact, BadRecord, NotPermitted, StragglersRefused
from engine.events import Event, Kind
from tests.unit.year import (
    OFFICE,
    Year,
    answer,
    begin,
    goal,
    head,
    proofs,
    publish,
    small,
    submit,
)
from workflows.plan.model import Plan, Target, Text
from workflows.running.additions import NotAdmitted, Overlapping, add_target, amend_target
from workflows.running.requests import Grounds

DOCUMENT = "泉委办〔2024〕33号"


def dynamic(plan: Plan, number: int, source: str) -> Target:
    return goal(plan, number, category="dynamic", sources=(source,), basis=DOCUMENT)


@pytest.fixture
def published() -> Year:
    year = begin(small(), "2024-06-20 09:00")
    publish(year)
    return year.at("2024-09-10 09:00")


def test_a_dynamic_target_needs_the_document_behind_it(published: Year) -> None:
    """R-11: "a triggering document is attached"."""
    bare = replace(dynamic(published.plan, 7, "typhoon"), basis="")
    with pytest.raises(NotAdmitted) as refused:
        add_target(published.app, published.key, bare, OFFICE, Grounds())
    assert refused.value.values["what"] == "--basis"


def test_a_dynamic_target_comes_only_after_the_plan_was_issued() -> None:
    """R-11: "allowed only after the plan is issued", which was on 2 August."""
    year = begin(small(), "2024-06-20 09:00").at("2024-08-01 23:59")
    target = dynamic(year.plan, 7, "typhoon")
    with pytest.raises(NotAdmitted) as refused:
        add_target(year.app, year.key, target, OFFICE, Grounds())
    assert refused.value.values["what"] == "2024-08-02"
    year.at("2024-08-02")
    add_target(year.app, year.key, target, OFFICE, Grounds())
    assert year.state("T-8") == "drafting"


def test_a_priority_target_may_come_before_the_issue() -> None:
    """R-11 binds dynamic targets alone."""
    year = begin(small(), "2024-06-20 09:00")
    add_target(year.app, year.key, goal(year.plan, 7), OFFICE, Grounds())
    assert year.state("T-8") == "drafting"


def test_an_admitted_target_follows_its_cycle_step_by_step(published: Year) -> None:
    """R-11: it "joins the target machine": the cycle is public already, so it may catch up."""
    year = published
    add_target(year.app, year.key, dynamic(year.plan, 7, "typhoon"), OFFICE, Grounds())
    for trigger in ("draft", "peer_review", "approve", "publish"):
        year.move("T-8", trigger)
    year.record("T-8", "self_report", {}, head(year.find("T-8").owner))
    assert year.state("T-8") == "self_assessed"


def test_the_same_source_is_no_second_target(published: Year) -> None:
    """R-12: "duplicate source item is refused"; it says which one has it."""
    year = published
    with pytest.raises(NotAdmitted) as refused:
        add_target(year.app, year.key, dynamic(year.plan, 7, "mandate"), OFFICE, Grounds())
    assert refused.value.values["what"] == f"{year.name('T-1')} (mandate)"
    assert "T-8" not in {key.partition("/")[2] for key in year.histories()}


def test_what_was_withdrawn_overlaps_nothing(published: Year) -> None:
    """R-12: a source is free again once its target was withdrawn."""
    year = published
    add_target(year.app, year.key, dynamic(year.plan, 7, "typhoon"), OFFICE, Grounds())
    with pytest.raises(NotAdmitted):
        add_target(year.app, year.key, dynamic(year.plan, 8, "typhoon"), OFFICE, Grounds())
    year.move("T-8", "withdraw", reason="任务取消")
    add_target(year.app, year.key, dynamic(year.plan, 8, "typhoon"), OFFICE, Grounds())


def test_the_office_admits_and_it_is_on_record(published: Year) -> None:
    """R-30: "admission decision logged": who, when, on what document."""
    year = published
    target = dynamic(year.plan, 7, "typhoon")
    with pytest.raises(NotPermitted):
        add_target(year.app, year.key, target, head("planning"), Grounds())
    add_target(year.app, year.key, target, OFFICE, Grounds(authority=DOCUMENT))
    (opened,) = year.history("T-8", Kind.OPENED)
    assert (opened.actor, opened.acting_for) == ("p.group-office", "group-office")
    assert opened.authority == DOCUMENT
    assert opened.data["set"]["basis"] == DOCUMENT


def lacking(name: str) -> Plan:
    """The plan in which T-2 lacks one of the three attributes."""
    plan = small()
    return replace(plan, targets=tuple(_without(t, name) for t in plan.targets))


def _without(target: Target, name: str) -> Target:
    if target.id != "T-2":
        return target
    match name:
        case "pace":
            return replace(target, pace="")
        case "quality":
            return replace(target, quality="")
        case _:
            return replace(target, finish_by=None)


@pytest.mark.parametrize("missing", ["pace", "quality", "finish_by"])
def test_a_work_plan_that_lacks_something_blocks_the_publication(missing: str) -> None:
    """R-36: "missing quality standard blocks"; the straggler is named, the cycle waits for it."""
    year = begin(lacking(missing), "2024-06-20 09:00")
    publish(year, "approved")
    proofs(year)
    assert year.state() == "approved"
    with pytest.raises(StragglersRefused) as refused:
        year.move("", "publish")
    assert refused.value.values["names"] == [year.name("T-2")]
    assert {year.state(name) for name in ("", "T-1", "T-2", "T-3")} == {"approved"}


def test_the_work_plan_that_completes_them_publishes_at_once() -> None:
    """R-36, promise 10: nobody has to wait for a daemon, whoever handed it in."""
    year = begin(lacking("quality"), "2024-06-20 09:00")
    publish(year, "approved")
    proofs(year)
    values = {"pace": "按季", "quality": "验收合格", "finish_by": "2024-12-20"}
    year.at("2024-08-06 11:00").record("T-2", "work_plan", values, head("planning"))
    assert {year.state(name) for name in ("", "T-1", "T-2", "T-3")} == {"published"}


def test_amending_it_does_as_well() -> None:
    """R-36: the office may complete a work plan in the section's stead."""
    year = begin(lacking("quality"), "2024-06-20 09:00")
    publish(year, "approved")
    proofs(year)
    amend_target(year.app, year.name("T-2"), {"quality": "验收合格"}, OFFICE, Grounds())
    assert year.state() == year.state("T-2") == "published"


def test_withdrawing_the_straggler_publishes_the_others() -> None:
    """R-36: nothing is owed by what was withdrawn."""
    year = begin(lacking("quality"), "2024-06-20 09:00")
    publish(year, "approved")
    proofs(year)
    year.move("T-2", "withdraw", reason="任务取消")
    assert [year.state(name) for name in ("", "T-1", "T-2")] == [
        "published",
        "published",
        "withdrawn",
    ]


def test_a_straggler_at_the_approval_is_named_too() -> None:
    """R-36: a target that was sent back holds up the approval that both answers would bring."""
    year = begin(small(), "2024-06-20 09:00")
    publish(year, "peer_reviewed")
    year.move("T-3", "send_back", reason="重拟")
    submit(year)
    answer(year)
    assert year.state() == "peer_reviewed"
    year.move("T-3", "draft")
    assert year.state() == "peer_reviewed"
    year.move("T-3", "peer_review")
    assert {year.state(name) for name in ("", "T-1", "T-3")} == {"approved"}


@pytest.mark.parametrize(
    ("values", "error", "word"),
    [
        ({"pace": "按季", "finish_by": "2024-12-20"}, BadRecord, "quality"),
        ({"pace": "按季", "quality": " ", "finish_by": "2024-12-20"}, BadRecord, "quality"),
        ({"pace": "按季", "quality": "合格", "finish_by": "2024-02-30"}, BadFact, "finish_by"),
    ],
)
def test_a_work_plan_has_three_attributes(
    published: Year, values: dict[str, str], error: type[Exception], word: str
) -> None:
    """R-36: progress, quality and date, none of them empty."""
    before = published.histories()
    with pytest.raises(error, match=word):
        published.record("T-1", "work_plan", values, head("office"))
    assert published.histories() == before


ALIKE = "防范台风保障国有企业安全度汛"


def unlike_any_other(year: Year, title: str = ALIKE, number: int = 7) -> Target:
    return replace(dynamic(year.plan, number, "typhoon"), name=Text(title))


def add(year: Year, target: Target, **more: str) -> Sequence[Event]:
    return add_target(year.app, year.key, target, OFFICE, Grounds(), **more)


def test_a_dynamic_target_that_reads_like_another_needs_a_decision(published: Year) -> None:
    """R-12: similar text is blocked until a person says why it is no overlap."""
    amend_target(published.app, published.name("T-1"), {"title": ALIKE}, OFFICE, Grounds())
    before = published.histories()
    with pytest.raises(Overlapping) as caught:
        add(published, unlike_any_other(published, f"{ALIKE}工作"))
    assert caught.value.values["other"] == published.name("T-1")
    assert published.histories() == before
    opened, said = add(published, unlike_any_other(published), no_overlap="另一河段")
    assert (opened.kind, said.data["record"]) == (Kind.OPENED, "no_overlap")
    assert said.texts["because"] == "另一河段"
    published.assert_sound()


def test_nor_is_it_amended_into_the_likeness_of_another(published: Year) -> None:
    amend_target(published.app, published.name("T-1"), {"title": ALIKE}, OFFICE, Grounds())
    (added,) = add(published, unlike_any_other(published, "承办全省国资监管现场会"))

    def amend(changes: dict[str, str], **more: str) -> None:
        amend_target(published.app, added.instance, changes, OFFICE, Grounds(), **more)

    with pytest.raises(Overlapping):
        amend({"title": ALIKE})
    with pytest.raises(NotAdmitted):
        amend({"sources": "mandate"})
    with pytest.raises(NotAdmitted):
        amend({"category": "nonsense"})
    amend({"title": ALIKE}, no_overlap="另一河段")
    amend({"section": "planning"})
    amend({"pace": "按月"})


def test_what_is_planned_may_read_alike(published: Year) -> None:
    amend_target(published.app, published.name("T-1"), {"title": ALIKE}, OFFICE, Grounds())
    amend_target(published.app, published.name("T-2"), {"title": ALIKE}, OFFICE, Grounds())
    assert published.find("T-2").facts["title"] == ALIKE
