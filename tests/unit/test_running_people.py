"""Posts and duties in a running cycle: requirements R-04 to R-08, R-34 and R-35."""

from __future__ import annotations

from datetime import date

import pytest

from engine.errors import NotPermitted
from engine.events import Kind
from tests.unit.year import (
    ADMINISTRATOR,
    INSTANT,
    OFFICE,
    ROOT,
    Told,
    Year,
    begin,
    goal,
    head,
    local,
    publish,
    self_assess,
    shipped,
    small,
)
from workflows.running.additions import NotAdmitted, add_target, raise_finding
from workflows.running.conduct import conduct
from workflows.running.desk import desk
from workflows.running.requests import Grounds, Who
from workflows.running.tenures import assign

OLD_HEAD, NEW_HEAD = Who(person="p.group-head"), Who(person="zheng")


def appoint(year: Year, person: str, since: str, post: str = "group-head") -> None:
    assign(
        year.app,
        body=year.plan.body,
        post=post,
        person=person,
        actor=ROOT,
        since=date.fromisoformat(since),
        document="泉委干〔2024〕9号",
    )


@pytest.fixture
def published() -> Year:
    year = begin(small(), "2024-06-20 09:00")
    publish(year)
    return year


def test_acts_before_a_change_of_head_keep_the_old_name(published: Year) -> None:
    """R-04: "someone may change in mid-year"; 1 October keeps old acts under the old name."""
    year = published.at("2024-09-20 09:00")
    appoint(year, "zheng", "2024-10-01")
    found = raise_finding(
        year.app, year.name("T-1"), "台账不全", OLD_HEAD, Grounds(), method="spot_verification"
    )
    year.tick("2024-10-08 09:00")
    (opened,) = year.history("T-1/F-1", Kind.OPENED)
    assert (opened.actor, opened.acting_for) == ("p.group-head", "group-head")
    assert opened.position == found.position


def test_the_old_head_may_act_until_the_last_instant_and_the_new_from_the_next(
    published: Year,
) -> None:
    """R-04: roles by post, with dated holders."""
    year = published
    appoint(year, "zheng", "2024-10-01")

    def may(who: Who) -> bool:
        try:
            raise_finding(year.app, year.key, "抽查", who, Grounds())
        except NotPermitted:
            return False
        return True

    year.at(local("2024-10-01") - INSTANT)
    assert (may(OLD_HEAD), may(NEW_HEAD)) == (True, False)
    year.at("2024-10-01")
    assert (may(OLD_HEAD), may(NEW_HEAD)) == (False, True)


def test_notices_go_to_whoever_holds_the_post_when_they_are_written(published: Year) -> None:
    """R-04: the internal plan escalates in August, the quarter's progress in October."""
    year = published
    appoint(year, "zheng", "2024-10-01")
    year.tick_daily("2024-10-25")
    heads = {(t.who, t.step) for t in year.told() if t.who in ("p.group-head", "zheng")}
    assert heads == {
        ("p.group-head", "s2b"),
        ("zheng", "quarterly-progress"),
        ("zheng", "quarterly-analysis"),
    }


def test_the_leading_group_is_the_top_of_every_internal_escalation(published: Year) -> None:
    """R-05: the group "coordinates and supervises": told last, after owner and office."""
    year = published
    year.tick("2024-08-16")
    year.told()
    year.tick("2024-08-20")
    office = ("group_office",)
    # the office answers for the whole cycle: no section of its own, so no vice leader in charge
    assert year.told() == [Told("p.group-office", "s2b", "remind", office)]
    year.tick("2024-08-22")
    assert [t.who for t in year.told()] == [
        "p.group-head",
        "p.group-office",
        "p.vice-leader-a",
        "p.vice-leader-b",
    ]


def test_the_office_runs_the_cycle_and_no_section_does() -> None:
    """R-06: the office drafts, runs, coordinates, chases."""
    year = begin(small(), "2024-06-20 09:00")
    with pytest.raises(NotPermitted) as refused:
        year.move("", "draft", head("planning"))
    assert refused.value.values["allowed"] == ["group_office"]
    year.move("", "draft", OFFICE)
    assert year.state() == "drafted"


def test_the_office_may_not_force_alone() -> None:
    """R-06: it "may request (not alone perform) forced transitions"."""
    year = begin(small(), "2024-06-20 09:00")
    with pytest.raises(NotPermitted) as refused:
        year.force("", "published", OFFICE)
    assert refused.value.values["allowed"] == ["administrator"]
    year.force("", "published", ADMINISTRATOR)
    assert year.state() == "published"


def test_one_cycle_for_the_body_and_one_target_per_goal_with_its_section() -> None:
    """R-07: subject is the bureau; inside, sections."""
    plan = shipped()
    year = begin(plan, "2024-06-20 09:00")
    assert (year.find().workflow, year.find().parent) == ("cycle", "")
    for target in plan.targets:
        found = year.find(target.id)
        assert (found.workflow, found.parent, found.owner) == ("target", year.key, target.section)


@pytest.mark.parametrize("category", ["functional", "safety", "nowhere", ""])
def test_a_target_needs_exactly_one_leaf_of_the_content_tree(category: str) -> None:
    """R-08: "every target has exactly one leaf"; a branch, a stranger and nothing are none."""
    year = begin(small(), "2024-06-20 09:00")
    with pytest.raises(NotAdmitted) as refused:
        add_target(year.app, year.key, goal(year.plan, 8, category=category), OFFICE, Grounds())
    assert "leaf" in str(refused.value.values["problem"])
    add_target(year.app, year.key, goal(year.plan, 8, category="civilisation"), OFFICE, Grounds())
    assert year.find("T-9").facts["category"] == "civilisation"


def test_every_target_of_the_reference_plan_has_a_leaf() -> None:
    """R-08: four blocks, their leaves as data."""
    plan = shipped()
    branches = {category.parent for category in plan.categories}
    leaves = {category.id for category in plan.categories} - branches
    assert {target.category for target in plan.targets} <= leaves


def test_time_and_quality_are_counted_apart(published: Year) -> None:
    """R-34: two lights: lateness and returns, "never one colour for both"."""
    year = published.at("2024-12-30 09:00")
    self_assess(year, ["T-1"])
    year.move("T-1", "return_report", reason="数据不实")
    self_assess(year, ["T-1"])
    year.tick("2025-01-02 09:00")
    counts = {}
    with year.store.reading() as reader:
        for name in ("T-1", "T-2"):
            found = conduct(desk(year.app, reader, year.key), year.find(name))
            counts[name] = (found.late, found.returned)
    assert counts == {"T-1": (0, 1), "T-2": (1, 0)}
    assert (year.find("T-1").lamp, year.find("T-2").lamp) == ("", "红")


@pytest.mark.parametrize(
    ("target", "vice"), [("T-2", "p.vice-leader-a"), ("T-1", "p.vice-leader-b")]
)
def test_the_second_rung_tells_the_vice_leader_in_charge_and_no_other(
    published: Year, target: str, vice: str
) -> None:
    """R-35: vice leaders coordinate their sections: T-1 is the office's, T-2 of planning."""
    year = published
    self_assess(year, [name for name in ("T-1", "T-2", "T-3") if name != target])
    year.tick("2025-01-02 12:00")
    year.told()
    year.tick("2025-01-03")
    section = year.find(target).owner
    assert [t for t in year.told() if t.step == "s4"] == [
        Told(f"p.{section}-head", "s4", "remind", (section,)),
        Told(vice, "s4", "remind", (section,)),
    ]
