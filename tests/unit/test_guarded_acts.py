"""Which acts need two persons, and when one may do them alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.act import CHAIN
from engine.definition import ADMINISTRATOR
from engine.errors import NotPermitted, UnknownTrigger
from engine.events import Kind
from tests.unit.eyes import (
    ALL,
    ALONE,
    LEADER,
    VICE,
    WHY,
    flagged,
    propose_force,
    proposed,
    watched,
)
from tests.unit.year import ADMINISTRATOR as ROOT_WHO
from tests.unit.year import OFFICE, ROOT, Year, head
from workflows import office
from workflows.plan.oversight import FourEyes, Guarded
from workflows.roles import AUDITOR
from workflows.running.confirming import (
    OwnProposal,
    ProposalSettled,
    confirm,
    note,
)
from workflows.running.exceptions import ask_extension, excuse, extend, resume, suspend
from workflows.running.proposals import GlassForbidden, NoGlassToBreak
from workflows.running.requests import Who, force, move
from workflows.running.tenures import assign, end


@pytest.fixture
def year() -> Year:
    """Published, and some of August gone by."""
    return watched(ALL)


def test_only_what_the_plan_names_needs_two() -> None:
    year = watched(FourEyes(acts=(Guarded.POSTS,)))
    year.force("T-2", "evaluated")
    assert year.state("T-2") == "evaluated"
    excuse(year.app, year.name("T-1"), "s4", OFFICE, WHY)
    with pytest.raises(NoGlassToBreak):
        force(year.app, year.name("T-3"), "evaluated", ROOT_WHO, ALONE)


def test_an_exception_before_the_date_needs_one_and_after_it_two(year: Year) -> None:
    assert excuse(year.app, year.name("T-1"), "s4", OFFICE, WHY).kind is Kind.EXCUSED
    suspended = suspend(year.app, year.name("T-2"), "s4", OFFICE, WHY)
    assert suspended.kind is Kind.SUSPENDED
    resume(year.app, year.name("T-2"), "s4", OFFICE, WHY)
    ask_extension(year.app, year.name("T-3"), "s4", date(2025, 2, 1), head("property"), WHY)
    year.tick("2025-01-10 10:00")
    for event in (
        excuse(year.app, year.name("T-2"), "s4", OFFICE, WHY),
        suspend(year.app, year.name("T-2"), "s4", OFFICE, WHY),
        extend(year.app, year.name("T-3"), "s4", date(2025, 2, 1), LEADER, WHY),
    ):
        assert event.kind is Kind.ACT_PROPOSED
        assert event.data["guard"] == "excuse_late"
    assert len(proposed(year)) == 3
    last = proposed(year)[-1].event
    confirm(year.app, last.position, VICE)
    assert year.history("T-3", Kind.EXTENDED)[-1].data[CHAIN]["confirmed_by"] == VICE.person
    year.assert_sound()


def test_an_assignment_is_not_excused_late_by_its_move_alone(year: Year) -> None:
    year.tick("2025-01-10 10:00")
    section = year.plan.sections[0].id
    key = year.name(f"s4-incentive-{section}")
    (event,) = move(year.app, key, "excuse", OFFICE, WHY)
    assert (event.kind, event.data["guard"]) == (Kind.ACT_PROPOSED, "excuse_late")


def evaluated(year: Year, name: str = "T-2") -> None:
    confirm(year.app, propose_force(year, name).position, LEADER)


def test_reopening_needs_two(year: Year) -> None:
    evaluated(year)
    (event,) = year.move("T-2", "reopen", OFFICE, reason="申诉成立")
    assert (event.kind, event.data["guard"]) == (Kind.ACT_PROPOSED, "reopen")
    confirm(year.app, event.position, LEADER)
    assert year.state("T-2") == "self_assessed"
    moved = year.history("T-2", Kind.MOVED)[-1]
    assert (moved.actor, moved.texts["reason"]) == (OFFICE.person, "申诉成立")


def test_a_forced_move_is_made_by_force_alone(year: Year) -> None:
    with pytest.raises(UnknownTrigger):
        year.move("T-2", "force:evaluated", ROOT_WHO, reason="x")


def test_posts_need_two(year: Year) -> None:
    entry = assign(
        year.app,
        body=year.plan.body,
        post="group-head",
        person="p.new",
        actor=ROOT,
        since=date(2024, 8, 20),
    )
    assert (entry.kind, entry.instance) == (Kind.ACT_PROPOSED, year.key)
    with pytest.raises(NotPermitted):
        confirm(year.app, entry.position, Who(person="p.new"))
    _, tenure = confirm(year.app, entry.position, LEADER)
    assert (tenure.instance, tenure.kind) == (office.KEY, Kind.TENURE)
    assert tenure.data[CHAIN]["confirmed_by"] == LEADER.person
    finish = end(year.app, tenure.position, date(2024, 12, 31), ROOT)
    assert finish.kind is Kind.ACT_PROPOSED
    confirm(year.app, finish.position, Who(person="p.new"))
    with year.store.reading() as reader:
        (kept,) = [t for t in reader.tenures() if t.event == tenure.position]
    assert kept.until == "2024-12-31"
    second = assign(year.app, body="", post=ADMINISTRATOR, person="p.second", actor=ROOT)
    assert second.kind is Kind.ACT_PROPOSED


def test_other_bodies_and_ended_years_guard_no_posts(year: Year) -> None:
    entry = assign(year.app, body="another-body", post="head", person="p.x", actor=ROOT)
    assert entry.kind is Kind.TENURE


def test_glass_is_broken_for_all_to_see_until_an_auditor_has_noted_it(year: Year) -> None:
    for auditor in ("p.auditor", ROOT):
        entry = assign(year.app, body="", post=AUDITOR, person=auditor, actor=ROOT)
        confirm(year.app, entry.position, LEADER)
    year.told_raw()
    flag, act, *_ = force(year.app, year.name("T-2"), "evaluated", ROOT_WHO, ALONE)
    assert year.state("T-2") == "evaluated"
    assert (flag.kind, flag.instance) == (Kind.GLASS_BROKEN, year.key)
    assert act.data[CHAIN] == {"alone": flag.position}
    assert flagged(year) == [flag]
    told = {who for who, kind in year.told_raw() if kind is Kind.GLASS_BROKEN}
    assert {"p.auditor", LEADER.person} <= told
    assert ROOT not in told
    with pytest.raises(NotPermitted):
        note(year.app, flag.position, LEADER)
    with pytest.raises(OwnProposal):
        note(year.app, flag.position, ROOT_WHO)
    noted = note(year.app, act.position, Who(person="p.auditor"), WHY)
    assert (noted.kind, noted.data["event"]) == (Kind.NOTED, flag.position)
    assert flagged(year) == []
    with pytest.raises(ProposalSettled):
        note(year.app, flag.position, Who(person="p.auditor"))
    year.assert_sound()


def test_glass_is_broken_only_where_the_plan_allows_it() -> None:
    year = watched(replace(ALL, break_glass=False))
    with pytest.raises(GlassForbidden):
        force(year.app, year.name("T-2"), "evaluated", ROOT_WHO, ALONE)
    assert year.state("T-2") == "published"
