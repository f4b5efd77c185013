"""Four eyes: what one proposes another confirms, within a time, on the world as it was shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.act import CHAIN
from engine.definition import ADMINISTRATOR
from engine.errors import NotFound, NotPermitted, ReasonRequired
from engine.events import Event, Kind
from tests.unit.eyes import (
    ALL,
    FORCED,
    LEADER,
    VICE,
    WHY,
    outcomes,
    propose_force,
    proposed,
    watched,
)
from tests.unit.year import ADMINISTRATOR as ROOT_WHO
from tests.unit.year import INSTANT, OFFICE, ROOT, Year, head, local, self_assess
from workflows.plan.oversight import FourEyes, Guarded
from workflows.roles import LEADING_GROUP
from workflows.running.confirming import (
    ACTS,
    OwnProposal,
    ProposalSettled,
    WorldMoved,
    confirm,
    decline,
    note,
)
from workflows.running.exceptions import excuse
from workflows.running.proposals import AlreadyProposed, Outcome
from workflows.running.requests import Grounds, Who
from workflows.running.tenures import assign


@pytest.fixture
def year() -> Year:
    """Published, and some of August gone by."""
    return watched(ALL)


def test_a_force_is_proposed_and_changes_nothing(year: Year) -> None:
    before, timers = year.find("T-2"), year.timers()
    event = propose_force(year)
    after = year.find("T-2")
    assert (after.state, after.facts) == (before.state, before.facts)
    assert [t for t in year.timers() if t.rung != "lapse"] == list(timers)
    effects = event.data["effects"]
    assert effects["events"][0]["trigger"] == "force:evaluated"
    assert "order" in effects["events"][0]["data"]["around"]
    assert [f"{year.key}/T-2 s4", "open", "met"] in effects["obligations"]
    assert (event.authority, event.texts["reason"]) == (FORCED.authority, FORCED.reason)
    year.assert_sound()


def test_another_confirms_and_the_act_carries_the_chain(year: Year) -> None:
    event = propose_force(year)
    decided, act, *_ = confirm(year.app, event.position, LEADER, Grounds(reason="同意"))
    assert year.state("T-2") == "evaluated"
    assert (decided.kind, decided.actor) == (Kind.ACT_CONFIRMED, LEADER.person)
    assert decided.acting_for == "group-head"
    assert decided.texts["reason"] == "同意"
    assert act.cause == decided.position
    assert act.data[CHAIN] == {
        "proposal": event.position,
        "proposed_by": ROOT,
        "confirmed_by": LEADER.person,
        "confirmed_for": "group-head",
    }
    assert (act.actor, act.authority) == (ROOT, FORCED.authority)
    assert proposed(year) == []
    assert [t for t in year.timers() if t.rung == "lapse"] == []
    with pytest.raises(ProposalSettled):
        confirm(year.app, event.position, LEADER)
    year.assert_sound()


def test_a_refusal_needs_a_reason_and_ends_it(year: Year) -> None:
    event = propose_force(year)
    with pytest.raises(ReasonRequired):
        decline(year.app, event.position, LEADER, Grounds())
    decided = decline(year.app, event.position, LEADER, WHY)
    assert decided.kind is Kind.ACT_DECLINED
    assert year.state("T-2") == "published"
    assert outcomes(year) == [Outcome.DECLINED]
    with pytest.raises(ProposalSettled):
        confirm(year.app, event.position, LEADER)
    propose_force(year)  # one may ask again


def test_who_has_no_role_for_it_decides_nothing(year: Year) -> None:
    event = propose_force(year)
    for who in (OFFICE, head("planning"), Who(person="nobody")):
        with pytest.raises(NotPermitted):
            confirm(year.app, event.position, who)
    assert outcomes(year) == [Outcome.OPEN]


def test_the_proposer_never_decides(year: Year) -> None:
    """In person, on behalf of a post, in somebody's name, as a deputy, or for who was a deputy."""
    event = propose_force(year)
    for acting_for in ("", "group-head", LEADER.person):
        with pytest.raises(OwnProposal) as refused:
            confirm(year.app, event.position, Who(person=ROOT, acting_for=acting_for))
        assert refused.value.values["parties"] == [ROOT]
        with pytest.raises(OwnProposal):
            decline(year.app, event.position, Who(person=ROOT, acting_for=acting_for), WHY)
    year.at("2024-08-20 11:00")
    assert year.state("T-2") == "published"


def appoint(year: Year, post: str, person: str, **more: Any) -> None:
    """Give a post, by two persons."""
    body = year.plan.body
    entry = assign(year.app, body=body, post=post, person=person, actor=ROOT, **more)
    confirm(year.app, entry.position, LEADER)


def test_a_delegation_is_no_second_person(year: Year) -> None:
    appoint(year, "group-head", "p.deputy", since=date(2024, 8, 20), deputy=True)
    late = year.at("2025-01-05 10:00")
    late.tick()
    event = excuse(late.app, late.name("T-2"), "s4", LEADER, WHY)
    assert event.kind is Kind.ACT_PROPOSED
    with pytest.raises(OwnProposal) as refused:
        confirm(late.app, event.position, Who(person="p.deputy"))
    assert refused.value.values["parties"] == [LEADER.person]
    (decided, *_) = confirm(late.app, event.position, VICE)
    assert decided.acting_for == "vice-leader-a"


def test_whose_deputy_proposed_it_does_not_confirm_it(year: Year) -> None:
    appoint(year, "group-office", "p.deputy", since=date(2024, 8, 20), deputy=True)
    appoint(year, "group-head", OFFICE.person, since=date(2024, 8, 20), replaces=False)
    late = year.at("2025-01-05 10:00")
    event = excuse(late.app, late.name("T-2"), "s4", Who(person="p.deputy"), WHY)
    assert event.acting_for == "group-office (deputy)"
    with pytest.raises(OwnProposal):
        confirm(late.app, event.position, OFFICE)
    confirm(late.app, event.position, LEADER)


def test_in_whose_name_it_was_proposed_does_not_confirm_it(year: Year) -> None:
    late = year.at("2025-01-05 10:00")
    for acting_for in (LEADER.person, "group-head"):
        clerk = Who(person=ROOT, acting_for=acting_for)
        event = excuse(late.app, late.name("T-2"), "s4", clerk, WHY)
        with pytest.raises(OwnProposal):
            confirm(late.app, event.position, LEADER)
        decline(late.app, event.position, VICE, WHY)


def test_a_second_post_of_ones_own_is_used_where_the_first_is_barred(year: Year) -> None:
    """Who deputises for the proposer and leads in their own right decides in their own right."""
    appoint(year, "group-head", VICE.person, since=date(2024, 8, 20), deputy=True)
    late = year.at("2025-01-05 10:00")
    event = excuse(late.app, late.name("T-2"), "s4", LEADER, WHY)
    (decided, *_) = confirm(late.app, event.position, VICE)
    assert decided.acting_for == "vice-leader-a"


def test_it_lapses_at_its_moment_once_and_the_proposer_is_told(year: Year) -> None:
    event = propose_force(year)
    (waiting,) = proposed(year)
    assert waiting.lapses_at == local("2024-08-24")  # three working days after the 20th
    year.told_raw()
    year.at(waiting.lapses_at - INSTANT)
    year.tick()
    assert outcomes(year) == [Outcome.OPEN]
    year.at(waiting.lapses_at)
    assert outcomes(year) == [Outcome.LAPSED]  # computed, before anything recorded it
    with pytest.raises(ProposalSettled) as refused:
        confirm(year.app, event.position, LEADER)
    assert refused.value.values["outcome"] == "lapsed"
    for _ in range(2):
        year.tick()
    (lapsed,) = year.history("T-2", Kind.ACT_LAPSED)
    assert lapsed.occurred_at == waiting.lapses_at
    assert [who for who, kind in year.told_raw() if kind is Kind.ACT_LAPSED] == [ROOT]
    year.assert_sound()


def test_a_late_daemon_lapses_it_with_its_nominal_moment(year: Year) -> None:
    propose_force(year)
    (waiting,) = proposed(year)
    year.tick("2024-09-30 10:00")
    (lapsed,) = year.history("T-2", Kind.ACT_LAPSED)
    assert (lapsed.occurred_at, lapsed.recorded_at) == (waiting.lapses_at, year.clock.now())


def test_those_who_may_confirm_are_told_but_not_its_own_side(year: Year) -> None:
    year.told_raw()
    propose_force(year)
    told = {who for who, kind in year.told_raw() if kind is Kind.ACT_PROPOSED}
    assert {LEADER.person, VICE.person} <= told
    assert ROOT not in told


def test_the_same_again_is_not_proposed_twice(year: Year) -> None:
    event = propose_force(year)
    with pytest.raises(AlreadyProposed) as refused:
        year.force("T-2", "evaluated")
    assert refused.value.values["proposal"] == event.position
    propose_force(year, state="self_assessed")
    propose_force(year, name="T-3")


MEANWHILE: dict[str, Callable[[Year], object]] = {
    "it moved": lambda y: self_assess(y, ["T-2"]),
    "what is known of it changed": lambda y: y.record(
        "T-2", "progress", {"percent": 40}, head("planning")
    ),
    "an obligation became late": lambda y: y.at("2025-01-01 00:00"),
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_what_was_proposed_on_another_world_is_not_done(name: str) -> None:
    year = watched(replace(ALL, within=300), "2024-12-30 10:00")
    event = propose_force(year)
    MEANWHILE[name](year)
    before = year.histories()
    with pytest.raises(WorldMoved) as refused:
        confirm(year.app, event.position, LEADER)
    assert refused.value.values["differences"]
    assert year.histories() == before
    decline(year.app, event.position, LEADER, WHY)


def test_days_that_go_by_and_others_that_move_are_no_difference(year: Year) -> None:
    event = propose_force(year)
    self_assess(year, ["T-1"])
    year.tick("2024-08-23 09:00")
    confirm(year.app, event.position, LEADER)
    assert year.state("T-2") == "evaluated"


def test_there_is_nothing_to_decide_on_an_event_that_is_no_proposal(year: Year) -> None:
    for position in (1, 10_000):
        with pytest.raises(NotFound):
            confirm(year.app, position, LEADER)
        with pytest.raises(NotFound):
            note(year.app, position, LEADER)


def test_a_confirmed_act_is_the_very_act_of_one_who_needs_no_second() -> None:
    """But for the chain, and for the events by which two came to it."""
    histories = []
    for rule in (FourEyes(), ALL):
        year = watched(rule)
        for events in (
            year.force("T-2", "evaluated", cascade=True),
            year.force("T-3", "self_assessed"),
        ):
            if rule.acts:
                confirm(year.app, events[0].position, LEADER)
        year.tick("2025-01-10 10:00")
        late = excuse(year.app, year.name("T-1"), "s4", OFFICE, WHY)
        if rule.acts:
            confirm(year.app, late.position, LEADER)
        histories.append(bare(year.histories()))
        year.assert_sound()
    assert histories[0] == histories[1]


def bare(histories: dict[str, list[Event]]) -> dict[str, list[Event]]:
    """Return histories without what four eyes add, renumbered."""
    deciding = (Kind.ACT_PROPOSED, Kind.ACT_CONFIRMED)
    kept: dict[str, list[Event]] = {}
    for key, events in histories.items():
        mine: Sequence[Event] = [e for e in events if e.kind not in deciding]
        kept[key] = [
            replace(
                event,
                sequence=number,
                position=0,
                cause=None,
                data={k: v for k, v in event.data.items() if k not in (CHAIN, "plan")},
            )
            for number, event in enumerate(mine, start=1)
        ]
    return kept


def test_every_act_that_is_proposed_can_be_carried_out() -> None:
    assert set(ACTS) >= {"force", "move", "excuse", "suspend", "extend", "post assign", "post end"}


def test_the_roles_that_decide_are_the_plan_s() -> None:
    year = watched(replace(ALL, confirmed_by=(ADMINISTRATOR,)))
    event = excuse_late(year)
    with pytest.raises(NotPermitted) as refused:
        confirm(year.app, event.position, LEADER)
    assert refused.value.values["allowed"] == [ADMINISTRATOR]
    confirm(year.app, event.position, ROOT_WHO)


def excuse_late(year: Year) -> Event:
    year.tick("2025-01-10 10:00")
    return excuse(year.app, year.name("T-2"), "s4", OFFICE, WHY)


def test_a_proposer_who_lost_the_right_meanwhile_proposed_nothing() -> None:
    year = watched(replace(ALL, acts=(Guarded.EXCUSE_LATE,)))
    event = excuse_late(year)
    assign(
        year.app,
        body=year.plan.body,
        post="group-office",
        person="p.other",
        actor=ROOT,
        since=date(2025, 1, 10),
    )
    with pytest.raises(WorldMoved):
        confirm(year.app, event.position, LEADER)


def test_leading_group_and_administrators_decide_unless_the_plan_says_otherwise() -> None:
    assert FourEyes().confirmed_by == (LEADING_GROUP, ADMINISTRATOR)
