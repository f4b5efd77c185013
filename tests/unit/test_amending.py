"""Amending: from now on by the new plan; what is past stays as it was, dates and judgements too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.errors import AuthorityRequired, NotPermitted, ReasonRequired
from engine.events import Kind
from engine.ladder import Action, Ladder, Rung
from tests.unit.amended import (
    LEADER,
    WHY,
    apply,
    november,
    owed,
    pending,
    redated,
    renamed,
    shown,
    with_step,
    without,
)
from tests.unit.year import (
    ADMINISTRATOR,
    OFFICE,
    Year,
    begin,
    goal,
    hand_in,
    head,
    publish,
    self_assess,
    small,
)
from workflows.deadlines.parse import parse
from workflows.plan.model import Scope, Step, Text
from workflows.plan.oversight import FourEyes, Guarded
from workflows.running.amending import NotAmendable, amend
from workflows.running.confirming import confirm
from workflows.running.editions import NotMapped, UnknownMapping
from workflows.running.exceptions import extend
from workflows.running.obligations import Standing


@pytest.fixture
def year() -> Year:
    """Published, four targets, in the middle of November."""
    return november()


def test_a_changed_date_is_a_new_version_and_the_others_keep_theirs(year: Year) -> None:
    before, timers = year.deadline("s4"), pending(year)
    event, *_ = apply(year, redated(year.plan, "s4", "2024-12-20前"))
    after = year.deadline("s4")
    assert (event.kind, event.authority) == (Kind.AMENDED, WHY.authority)
    assert event.data["redated"] == ["s4"]
    assert (before.last_day, after.last_day) == ("2024-12-31", "2024-12-20")
    assert after.version == before.version + 1
    kept = {name: moment for name, moment in timers.items() if ":s4#" not in name}
    assert {n: m for n, m in pending(year).items() if ":s4#" not in n} == kept
    assert any(":s4#2" in name for name in pending(year))
    year.tick("2024-12-21")
    assert year.late("T-1") == ["s4"]


def test_it_is_shown_before_for_whom_and_changes_nothing(year: Year) -> None:
    histories, timers = year.histories(), pending(year)
    plan = redated(year.plan, "s4", "2024-12-20前")
    plan = replace(plan, targets=(*plan.targets, goal(plan, 8)))
    found = {(a.part, a.name, a.what): a for a in shown(year, plan)}
    moved = found["date", "s4", "-11d"]
    assert (moved.before, moved.after, moved.count) == ("2024-12-31", "2024-12-20", 4)
    assert found["target", "T-9", "added"].count == 1
    assert ("step", "s4", "due_text") in found
    assert (year.histories(), pending(year)) == (histories, timers)


def test_what_is_past_is_not_judged_again_by_a_new_date(year: Year) -> None:
    """Who was in time stays in time though the date is now earlier; who was late stays late."""
    self_assess(year, ["T-1"])
    before = owed(year)
    assert before[f"{year.key}/T-1 s4"] is Standing.MET
    history = year.history("T-1")
    apply(year, redated(year.plan, "s4", "2024-11-10前"))
    after = owed(year)
    assert after[f"{year.key}/T-1 s4"] is Standing.MET
    assert after[f"{year.key}/T-2 s4"] is Standing.UNRECORDED
    past = [k for k, s in before.items() if s in (Standing.MET, Standing.MET_LATE)]
    assert past
    assert {k: after[k] for k in past} == {k: before[k] for k in past}
    assert year.history("T-1")[: len(history)] == history
    year.tick("2024-11-20 10:00")
    assert year.late("T-2") == []


def test_a_date_that_has_passed_is_moved_only_to_one_to_come(year: Year) -> None:
    year.tick("2025-01-05 10:00")
    assert year.late("T-1") == ["s4"]
    late = year.deadline("s4")
    apply(year, redated(year.plan, "s4", "2024-12-20前"))
    assert year.deadline("s4") == late
    apply(year, redated(year.plan, "s4", "次年2月10日前"))
    assert year.deadline("s4").last_day == "2025-02-10"
    assert year.standing("s4", "T-1") is Standing.OPEN
    assert year.late("T-1") == ["s4"]  # that it was late then stays on record
    year.tick("2025-02-11")
    assert year.late("T-1") == ["s4", "s4"]


def test_a_new_step_is_armed_and_not_late_for_what_is_past(year: Year) -> None:
    plan = year.plan
    past = Step(
        id="n1",
        name=Text("新增一"),
        scope=Scope.TARGETS,
        records=("progress",),
        due=parse("2024-10-10前"),
        due_text="2024-10-10前",
        ladder=plan.steps[0].ladder,
    )
    coming = replace(past, id="n2", due=parse("2024-11-30前"), due_text="2024-11-30前")
    year.record("T-1", "progress", {"percent": 10}, head(year.find("T-1").owner))
    apply(year, with_step(with_step(plan, past), coming))
    year.tick("2024-11-16 10:00")
    assert year.standing("n1", "T-1") is Standing.MET
    assert year.standing("n1", "T-2") is Standing.UNRECORDED
    assert year.late("T-2") == []
    year.record("T-2", "progress", {"percent": 10}, head(year.find("T-2").owner))
    year.tick("2024-12-01 00:00")
    assert year.late("T-3") == ["n2"]
    assert year.late("T-2") == []


def test_a_new_hand_in_creates_what_is_to_come(year: Year) -> None:
    step = Step(
        id="n3",
        name=Text("专项材料"),
        scope=Scope.SECTIONS,
        hand_in=True,
        due=parse("2024-12-15前"),
        due_text="2024-12-15前",
    )
    apply(year, with_step(year.plan, step))
    section = year.plan.sections[0].id
    assert year.state(f"n3-{section}") == "open"
    hand_in(year, [section], "n3")
    assert year.standing("n3", f"n3-{section}") is Standing.MET


def test_a_removed_step_is_owed_no_more(year: Year) -> None:
    year.tick("2025-01-05 10:00")
    assert year.find("T-1").lamp
    assert year.find("s4-incentive-planning").state == "open"
    apply(year, without(year.plan, "s4", "s4-incentive"))
    assert [t for t in year.timers() if ":s4#" in t.id or ":s4-incentive#" in t.id] == []
    assert year.find("T-1").lamp == ""
    assert year.find("s4-incentive-planning").state == "excused"
    assert not [k for k in owed(year) if k.endswith(" s4")]
    year.tick("2025-03-05 10:00")
    assert year.late("T-1") == ["s4"]


def test_another_ladder_arms_what_is_still_to_come(year: Year) -> None:
    name = next(s.ladder for s in year.plan.steps if s.id == "s4")
    ladder = Ladder(
        name=name,
        rungs=(
            Rung(offset=-40, action=Action.REMIND, recipients=("owner",)),
            Rung(offset=-1, action=Action.REMIND, lamp="黄", recipients=("owner",)),
            Rung(offset=0, action=Action.LATE, lamp="红", recipients=("owner",)),
        ),
    )
    others = tuple(ladder if x.name == name else x for x in year.plan.ladders)
    apply(year, replace(year.plan, ladders=others))
    mine = [t for t in year.timers() if ":s4#" in t.id]
    assert [t.rung for t in mine] == ["r1", "r2"]  # forty working days before is past
    year.tick("2025-01-01")
    assert year.late("T-1") == ["s4"]
    assert year.find("T-1").lamp == "红"


def test_what_was_granted_to_one_stays_granted(year: Year) -> None:
    extend(year.app, year.name("T-1"), "s4", date(2025, 1, 20), LEADER, WHY)
    apply(year, redated(year.plan, "s4", "2024-12-20前"))
    assert year.deadline("s4", "T-1").last_day == "2025-01-20"


def test_targets_join_and_change_but_none_is_lost(year: Year) -> None:
    plan = year.plan
    changed = replace(plan.targets[0], quality="提高到优秀", section=plan.sections[3].id)
    new = goal(plan, 10)
    apply(year, replace(plan, targets=(changed, *plan.targets[1:3], new)))
    assert year.find("T-1").facts["work_plan.quality"] == "提高到优秀"
    assert year.find("T-1").owner == plan.sections[3].id
    assert year.find("T-11").state == "drafting"
    assert year.find("T-4").state == "published"
    amended = year.history("T-1", Kind.AMENDED)[-1]
    assert amended.data["was"]["owner"] == plan.sections[0].id


def test_what_people_changed_since_stays_where_both_plans_say_the_same(year: Year) -> None:
    from workflows.running.additions import amend_target  # noqa: PLC0415 - of this test alone

    amend_target(year.app, year.name("T-1"), {"quality": "经批准调整"}, OFFICE, WHY)
    apply(year, redated(year.plan, "s4", "2024-12-20前"))
    assert year.find("T-1").facts["work_plan.quality"] == "经批准调整"


def test_instances_stay_on_their_edition_unless_a_mapping_is_given(year: Year) -> None:
    edition = year.find("T-1").edition
    (said,) = [a for a in shown(year, renamed(year.plan)) if a.part == "machine"]
    assert (said.what, said.count) == ("stays", 4)
    apply(year, renamed(year.plan))
    assert year.find("T-1").edition == edition
    self_assess(year, ["T-1"])
    assert year.state("T-1") == "self_assessed"


def test_a_mapping_moves_them_as_an_event_that_replays(year: Year) -> None:
    year.force("T-2", "evaluated")
    plan = renamed(year.plan)
    apply(year, plan, mapping={"target": {"evaluated": "scored"}})
    assert (year.state("T-1"), year.state("T-2")) == ("published", "scored")
    assert year.find("T-1").edition == plan.machine("target").edition
    moved = year.history("T-2", Kind.AMENDED)[-1]
    assert (moved.data["was"], moved.data["state"]) == ("evaluated", "scored")
    assert moved.authority == WHY.authority
    self_assess(year, ["T-1"])
    year.tick("2025-01-05 10:00")
    year.assert_sound()


def test_the_plan_itself_may_say_what_becomes_of_states(year: Year) -> None:
    year.force("T-2", "evaluated")
    plan = replace(renamed(year.plan), amends=(("target", (("evaluated", "scored"),)),))
    apply(year, plan)
    assert (year.state("T-1"), year.state("T-2")) == ("published", "scored")
    assert year.find("T-1").edition == plan.machine("target").edition


def test_a_state_without_mapping_refuses_the_whole(year: Year) -> None:
    year.force("T-2", "evaluated")
    before = year.histories()
    with pytest.raises(NotMapped) as refused:
        apply(year, renamed(year.plan), mapping={"target": {}})
    assert refused.value.values["state"] == "evaluated"
    assert refused.value.values["names"] == [f"{year.key}/T-2"]
    with pytest.raises(UnknownMapping):
        apply(year, renamed(year.plan), mapping={"target": {"evaluated": "nowhere"}})
    with pytest.raises(UnknownMapping):
        apply(year, renamed(year.plan), mapping={"targets": {}})
    assert year.histories() == before


def test_a_plan_of_something_else_or_of_nothing_new_is_refused(year: Year) -> None:
    for plan in (replace(year.plan, body="other"), replace(year.plan, year=2025), year.plan):
        with pytest.raises(NotAmendable):
            amend(year.app, year.key, plan, OFFICE, WHY)


def test_who_may_and_on_what(year: Year) -> None:
    plan = redated(year.plan, "s4", "2024-12-20前")
    with pytest.raises(NotPermitted):
        amend(year.app, year.key, plan, head("planning"), WHY)
    with pytest.raises(ReasonRequired):
        amend(year.app, year.key, plan, OFFICE, replace(WHY, reason=""))
    with pytest.raises(AuthorityRequired):
        amend(year.app, year.key, plan, ADMINISTRATOR, replace(WHY, authority=""))


def test_an_amendment_by_two_is_the_very_same() -> None:
    rule = FourEyes(acts=(Guarded.AMEND,))
    year = begin(replace(small(4), four_eyes=rule), "2024-07-01 09:00")
    publish(year)
    year.tick("2024-11-15 10:00")
    plan = redated(year.plan, "s4", "2024-12-20前")
    (proposed,) = amend(year.app, year.key, plan, OFFICE, WHY)
    assert proposed.kind is Kind.ACT_PROPOSED
    assert year.deadline("s4").last_day == "2024-12-31"
    confirm(year.app, proposed.position, LEADER)
    assert year.deadline("s4").last_day == "2024-12-20"
    year.assert_sound()
