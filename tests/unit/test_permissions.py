"""Who may do what, for whom and when (R-04 to R-06; design.md section 6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from engine.definition import ADMINISTRATOR
from engine.errors import NotFound, NotPermitted, Refused
from engine.events import Event, Kind
from tests.unit.year import (
    INSTANT,
    OFFICE,
    ROOT,
    Year,
    begin,
    goal,
    head,
    local,
    publish,
    small,
)
from workflows.running.additions import add_target, amend_target, raise_finding
from workflows.running.correcting import correct
from workflows.running.exceptions import excuse, suspend
from workflows.running.requests import Grounds, Who, force
from workflows.running.tenures import assign, end

WHY = Grounds(reason="情况说明")
WHY_IN_JULY = Grounds(reason="笔误", occurred_at=date(2024, 7, 2))
LEADER, VICE, SECTION, OTHER = (
    Who(person="p.group-head"),
    Who(person="p.vice-leader-a"),
    head("planning"),
    head("party"),
)
ROOT_ALONE, STRANGER = Who(person=ROOT), Who(person="nobody")
EVERYBODY = (OFFICE, LEADER, VICE, SECTION, OTHER, ROOT_ALONE, STRANGER)

ACTS: dict[str, tuple[Callable[[Year, Who], object], set[Who], list[str]]] = {
    "move": (
        lambda y, who: y.move("T-2", "withdraw", who, reason="任务取消"),
        {OFFICE},
        ["group_office"],
    ),
    "record": (
        lambda y, who: y.record("T-2", "progress", {"percent": 40}, who),
        {OFFICE, SECTION},
        ["group_office", "owner"],
    ),
    "record of an outside body": (
        lambda y, who: y.record("", "spot_verification", {}, who),
        {OFFICE},
        ["group_office"],
    ),
    "force": (
        lambda y, who: y.force("T-2", "evaluated", who),
        {ROOT_ALONE},
        ["administrator"],
    ),
    "excuse": (
        lambda y, who: excuse(y.app, y.name("T-2"), "s4", who, WHY),
        {OFFICE, LEADER, VICE},
        ["group_office", "leading_group"],
    ),
    "suspend": (
        lambda y, who: suspend(y.app, y.name("T-2"), "s4", who, WHY),
        {OFFICE, LEADER, VICE},
        ["group_office", "leading_group"],
    ),
    "add a target": (
        lambda y, who: add_target(y.app, y.key, goal(y.plan, 7), who, Grounds()),
        {OFFICE},
        ["group_office"],
    ),
    "amend a target": (
        lambda y, who: amend_target(y.app, y.name("T-2"), {"title": "新题"}, who, Grounds()),
        {OFFICE},
        ["group_office"],
    ),
    "raise a finding": (
        lambda y, who: raise_finding(y.app, y.name("T-2"), "台账不全", who, Grounds()),
        {OFFICE, LEADER, VICE},
        ["group_office", "leading_group", "reviewer"],
    ),
    "correct": (
        lambda y, who: correct(y.app, moved(y).position, who, WHY_IN_JULY),
        {OFFICE, ROOT_ALONE},
        ["administrator", "group_office"],
    ),
}
"""Act, who may, and whom a refusal names."""


def moved(year: Year) -> Event:
    return year.history("", Kind.MOVED)[-1]


@pytest.fixture
def year() -> Year:
    found = begin(small(), "2024-07-01 09:00")
    publish(found)
    return found.at("2024-08-20 10:00")


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.person)
@pytest.mark.parametrize("name", ACTS)
def test_who_may_do_what(year: Year, name: str, who: Who) -> None:
    """And whoever may not is told who may, and has changed nothing."""
    act, allowed, named = ACTS[name]
    if who in allowed:
        act(year, who)
        return
    before = year.histories()
    with pytest.raises(NotPermitted) as refused:
        act(year, who)
    assert refused.value.values["person"] == who.person
    assert refused.value.values["allowed"] == named
    assert year.histories() == before


def test_a_section_answers_for_its_own_and_no_other(year: Year) -> None:
    year.record("T-2", "progress", {"percent": 40}, head("planning"))
    with pytest.raises(NotPermitted):
        year.record("T-1", "progress", {"percent": 40}, head("planning"))


def deputise(year: Year, since: str, until: str, post: str = "group-office") -> None:
    assign(
        year.app,
        body=year.plan.body,
        post=post,
        person="wang",
        actor=ROOT,
        since=date.fromisoformat(since),
        until=date.fromisoformat(until),
        deputy=True,
    )


@pytest.mark.parametrize(
    ("when", "may"),
    [
        (local("2024-09-02") - INSTANT, False),
        (local("2024-09-02"), True),
        (local("2024-09-07") - INSTANT, True),
        (local("2024-09-07"), False),
    ],
)
def test_a_deputy_acts_within_the_period_both_days_included(
    year: Year, when: datetime, *, may: bool
) -> None:
    deputise(year, "2024-09-02", "2024-09-06")
    year.at(when)
    wang = Who(person="wang")
    if not may:
        with pytest.raises(NotPermitted):
            year.record("T-2", "progress", {"percent": 40}, wang)
        return
    (event, *_) = year.record("T-2", "progress", {"percent": 40}, wang)
    assert (event.actor, event.acting_for) == ("wang", "group-office (deputy)")


def test_the_holder_may_act_while_somebody_deputises(year: Year) -> None:
    deputise(year, "2024-09-02", "2024-09-06")
    (event, *_) = year.at("2024-09-03 09:00").record("T-2", "progress", {"percent": 40})
    assert (event.actor, event.acting_for) == ("p.group-office", "group-office")


def test_who_holds_a_post_and_deputises_in_another_acts_in_the_own_first(year: Year) -> None:
    assign(
        year.app,
        body=year.plan.body,
        post="group-office",
        person="p.planning-head",
        actor=ROOT,
        deputy=True,
    )
    (own, *_) = year.record("T-2", "progress", {"percent": 40}, head("planning"))
    (other, *_) = year.record("T-1", "progress", {"percent": 40}, head("planning"))
    assert own.acting_for == "planning-head"
    assert other.acting_for == "group-office (deputy)"


# the administrator


def test_the_administrator_in_the_name_of_a_post_is_recorded_as_both(year: Year) -> None:
    who = Who(person=ROOT, acting_for="planning-head")
    (event, *_) = year.record("T-2", "progress", {"percent": 40}, who)
    assert (event.actor, event.acting_for) == (ROOT, "planning-head")


def test_in_the_name_of_a_person_the_post_behind_it_is_recorded_too(year: Year) -> None:
    who = Who(person=ROOT, acting_for="p.planning-head")
    (event, *_) = year.record("T-2", "progress", {"percent": 40}, who)
    assert (event.actor, event.acting_for) == (ROOT, "p.planning-head/planning-head")


def test_nobody_else_acts_in_the_name_of_another(year: Year) -> None:
    with pytest.raises(NotPermitted) as refused:
        year.record("T-2", "progress", {}, Who(person="p.group-office", acting_for="planning-head"))
    assert refused.value.values["act"] == "--as"
    assert refused.value.values["allowed"] == [ADMINISTRATOR]


def test_the_administrator_may_no_more_than_whom_it_acts_for(year: Year) -> None:
    with pytest.raises(NotPermitted) as refused:
        year.record("T-1", "progress", {}, Who(person=ROOT, acting_for="planning-head"))
    assert refused.value.values["person"] == "planning-head"
    with pytest.raises(NotPermitted) as refused:
        year.record("T-1", "progress", {}, Who(person=ROOT, acting_for="p.planning-head"))
    assert refused.value.values["person"] == "p.planning-head"


def test_there_is_nobody_of_that_name(year: Year) -> None:
    with pytest.raises(NotFound) as refused:
        year.record("T-2", "progress", {}, Who(person=ROOT, acting_for="p.planing-head"))
    assert refused.value.values["key"] == "p.planing-head"


def test_an_administrator_who_was_replaced_is_none_any_more(year: Year) -> None:
    assign(year.app, body="", post=ADMINISTRATOR, person="li", actor=ROOT, since=date(2024, 8, 1))
    with year.store.reading() as reader:
        mine = next(t for t in reader.tenures(person=ROOT) if t.post == ADMINISTRATOR)
    end(year.app, mine.event, date(2024, 8, 31), "li")
    year.at(local("2024-09-01") - INSTANT).force("T-1", "evaluated")
    year.at("2024-09-01")
    with pytest.raises(NotPermitted):
        year.force("T-2", "evaluated")
    year.force("T-2", "evaluated", Who(person="li"))


def test_only_an_administrator_gives_out_posts(year: Year) -> None:
    with pytest.raises(NotPermitted) as refused:
        assign(
            year.app, body=year.plan.body, post="group-head", person="li", actor="p.group-office"
        )
    assert refused.value.values["allowed"] == [ADMINISTRATOR]


@pytest.mark.parametrize("missing", ["reason", "authority"])
def test_forcing_needs_both_texts(year: Year, missing: str) -> None:
    before = year.histories()
    for blank in ("", "  "):
        texts: dict[str, Any] = {missing: blank}
        with pytest.raises(Refused) as refused:
            year.force("T-2", "evaluated", **texts)
        assert refused.value.code == f"{missing}-required"
    assert year.histories() == before


# dating an act back over a deadline


@pytest.fixture
def past() -> Year:
    """The third of January: T-2 is late, whoever could have reported before."""
    found = begin(small(), "2024-07-01 09:00")
    publish(found)
    found.tick("2025-01-03 09:00")
    return found


@pytest.mark.parametrize(
    "who",
    [
        OFFICE,
        Who(person=ROOT, acting_for="group-office"),
        Who(person=ROOT, acting_for="p.group-office"),
        Who(person="wang"),
    ],
    ids=lambda who: f"{who.person}-{who.acting_for}",
)
def test_the_office_accepts_an_earlier_date(past: Year, who: Who) -> None:
    """Design 4: "back-dating over a deadline needs the office's acceptance"; lateness stays."""
    deputise(past, "2025-01-01", "2025-01-31")
    past.record("T-2", "self_report", {"completion": 100}, who, on="2024-12-30")
    assert past.state("T-2") == "self_assessed"
    assert past.late("T-2") == ["s4"]
    assert past.standing("s4", "T-2") == "met", "by the accepted date it was in time"


@pytest.mark.parametrize("who", [head("planning"), Who(person=ROOT, acting_for="planning-head")])
def test_a_section_does_not_accept_its_own(past: Year, who: Who) -> None:
    with pytest.raises(NotPermitted) as refused:
        past.record("T-2", "self_report", {"completion": 100}, who, on="2024-12-30")
    assert refused.value.values["allowed"] == ["group_office"]
    assert past.state("T-2") == "published"
    past.record("T-2", "self_report", {"completion": 100}, who, on="2025-01-02")
    assert past.standing("s4", "T-2") == "met_late"


def test_what_is_forced_rests_on_its_authority_also_for_its_date(past: Year) -> None:
    """A forced move goes around roles, with reason and authority; so does its date."""
    grounds = Grounds(occurred_at=date(2024, 12, 30), reason="更正", authority="泉审〔2025〕1号")
    force(past.app, past.name("T-2"), "self_assessed", ROOT_ALONE, grounds)
    assert past.state("T-2") == "self_assessed"
