"""What an excuse and a force back leave behind: joins do not wait, moves do not bounce."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.population import Population
from tests.unit.year import OFFICE, Year, begin, hand_in, publish, self_assess, small
from workflows import assignment, cycle, target
from workflows.running import exceptions
from workflows.running.additions import raise_finding
from workflows.running.requests import Grounds


def handed_in_but_one(year: Year) -> str:
    """Hand in all that the join waits for but one section's material; return its key."""
    for number in range(1, 4):
        year.record(f"T-{number}", "self_report", {"completion": 100})
    where = Population(cycle=year.key, workflow=assignment.NAME, origin="s4-incentive")
    with year.store.reading() as reader:
        first, *others = [found.key for found in reader.select(where)]
    for key in others:
        year.record(key.partition("/")[2], "handed_in")
    return first


def test_a_join_does_not_wait_for_an_assignment_that_is_excused() -> None:
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    last = handed_in_but_one(year)
    assert year.state() == cycle.PUBLISHED
    exceptions.excuse(year.app, last, "s4-incentive", OFFICE, Grounds(reason="机构撤并"))
    assert year.state(last.partition("/")[2]) == assignment.EXCUSED
    assert year.state() == cycle.SELF_ASSESSED
    year.assert_sound()


def all_but_target_three() -> Year:
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    self_assess(year, ("T-1", "T-2"))
    hand_in(year, [section.id for section in year.plan.sections])
    assert year.state() == cycle.PUBLISHED
    return year


def excuse(year: Year, name: str, step: str = "s4") -> None:
    exceptions.excuse(year.app, year.name(name), step, OFFICE, Grounds(reason="任务取消"))


def test_a_join_does_not_wait_for_a_target_that_is_excused() -> None:
    year = all_but_target_three()
    excuse(year, "T-3")
    assert year.state("T-3") == target.PUBLISHED, "nobody pretends that it reported"
    assert year.state() == cycle.SELF_ASSESSED
    year.assert_sound()


def test_nor_for_one_that_was_excused_before_the_last_one_reported() -> None:
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    hand_in(year, [section.id for section in year.plan.sections])
    excuse(year, "T-3")
    self_assess(year, ("T-1",))
    assert year.state() == cycle.PUBLISHED
    self_assess(year, ("T-2",))
    assert year.state() == cycle.SELF_ASSESSED


def test_a_target_that_is_excused_from_something_else_is_waited_for() -> None:
    year = all_but_target_three()
    exceptions.suspend(year.app, year.name("T-3"), "s4", OFFICE, Grounds(reason="等待上级文件"))
    year.tick()
    assert year.state() == cycle.PUBLISHED, "a pause is no excuse"


def test_targets_that_are_all_excused_hold_up_nothing_but_material_is_still_needed() -> None:
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    for name in ("T-1", "T-2", "T-3"):
        excuse(year, name)
    assert year.state() == cycle.PUBLISHED
    hand_in(year, [section.id for section in year.plan.sections])
    assert year.state() == cycle.SELF_ASSESSED


def self_assessed() -> Year:
    year = all_but_target_three()
    self_assess(year, ("T-3",))
    assert year.state() == cycle.SELF_ASSESSED
    return year


def test_what_is_forced_back_over_a_join_stays_until_something_changes() -> None:
    year = self_assessed()
    year.force("", cycle.PUBLISHED)
    assert year.state() == cycle.PUBLISHED
    year.tick("2024-08-06 09:00")
    year.record("T-1", "progress", {"percent": 90})
    year.record("", "minutes")
    year.tick("2024-08-07 09:00")
    assert year.state() == cycle.PUBLISHED, "all targets have still arrived, and none has changed"
    year.move("T-1", "return_report", reason="数据不实")
    assert year.state() == cycle.PUBLISHED
    self_assess(year, ("T-1",))
    assert year.state() == cycle.SELF_ASSESSED
    year.assert_sound()


@pytest.mark.parametrize("change", ["withdraw", "excuse"])
def test_what_leaves_the_join_is_a_change_too(change: str) -> None:
    year = all_but_target_three()
    self_assess(year, ("T-3",))
    year.force("", cycle.PUBLISHED)
    year.force("T-3", target.PUBLISHED)
    year.tick()
    assert year.state() == cycle.PUBLISHED
    if change == "withdraw":
        year.move("T-3", "withdraw", reason="任务取消")
    else:
        excuse(year, "T-3")
    assert year.state() == cycle.SELF_ASSESSED


def test_whoever_is_held_back_may_be_moved_on_by_the_office() -> None:
    year = self_assessed()
    assert year.overview().held_back == ""
    year.force("", cycle.PUBLISHED)
    assert year.overview().held_back == "self_assess"
    year.move("", "self_assess")
    assert year.state() == cycle.SELF_ASSESSED
    assert year.overview().held_back == ""


def test_what_is_forced_forward_goes_on_by_itself() -> None:
    year = self_assessed()
    year.force("", cycle.APPROVED)
    year.force("", cycle.PUBLISHED)
    assert year.state() == cycle.SELF_ASSESSED


def rectified() -> Year:
    year = self_assessed()
    year.record("", "evaluation_result", {"document": "结果1号"})
    year.record("", "circular", {"document": "通报1号"})
    assert (year.state(), year.state("T-1")) == (cycle.RECTIFIED, target.RECTIFIED)
    return year


def test_a_target_that_is_forced_back_stays_as_well() -> None:
    year = rectified()
    year.force("T-1", target.EVALUATED)
    year.tick("2024-08-06 09:00")
    assert year.state("T-1") == target.EVALUATED
    finding = raise_finding(year.app, year.name("T-1"), "整改不到位", OFFICE, Grounds())
    close(year, finding.instance.partition("/")[2])
    assert year.state("T-1") == target.RECTIFIED
    year.assert_sound()


def close(year: Year, name: str) -> None:
    """Take a finding to its end."""
    year.force(name, "closed")


def test_a_new_circular_takes_a_target_along_that_was_forced_back() -> None:
    year = rectified()
    year.force("T-1", target.EVALUATED)
    year.force("", cycle.EVALUATED)
    assert "circular" not in year.find().facts
    year.record("", "circular", {"document": "通报2号"})
    assert (year.state(), year.state("T-1")) == (cycle.RECTIFIED, target.RECTIFIED)


def test_what_is_forced_back_stays_there_until_it_is_done_anew() -> None:
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    year.force("", cycle.APPROVED)
    assert year.state() == cycle.APPROVED
    year.tick()
    assert year.state() == cycle.APPROVED, "the old publication would have published it again"
    voided = year.history()[-1].data["unset"]
    assert "publication:website" in voided
    assert not any(fact.startswith("reply") for fact in voided)
    for channel in ("website", "notice_board"):
        year.record("", "publication", {"channel": channel, "proof": "重新公开"})
    assert year.state() == cycle.PUBLISHED
    year.assert_sound()


def test_what_is_forced_along_stands_after_its_own_last_move_though_a_clock_was_set_back() -> None:
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    year.clock.moment += timedelta(minutes=10)
    year.force("T-1", target.SELF_ASSESSED)
    year.clock.moment -= timedelta(minutes=1)
    year.force("", cycle.DRAFTED, cascade=True)
    assert year.state("T-1") == target.DRAFTED
    year.assert_sound()
