"""What follows for targets that a cascade took along: lamps go out, lateness is marked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.events import Kind
from engine.ladder import Action, Ladder, Rung, Unit
from tests.unit.year import OFFICE, Year, begin, hand_in, publish, self_assess, small
from workflows import target
from workflows.deadlines.parse import parse
from workflows.plan.model import Plan, Scope, Step, Text
from workflows.running.backfill import Entry, backfill
from workflows.running.obligations import Standing

LADDER = Ladder(
    name="soon",
    rungs=(
        Rung(offset=-3, unit=Unit.CALENDAR_DAY, lamp="黄", recipients=("owner",)),
        Rung(offset=0, action=Action.LATE, lamp="红", recipients=("owner",)),
    ),
)


def plan_of(brings: str = target.PEER_REVIEWED, due: str = "2024-08-20") -> Plan:
    """A plan in which every target itself owes a state of its line."""
    plan = small()
    step = Step(
        id="each",
        name=Text("逐项互审"),
        scope=Scope.TARGETS,
        brings=brings,
        due=parse(due),
        due_text=due,
        ladder="soon",
    )
    return replace(plan, steps=(*plan.steps, step), ladders=(*plan.ladders, LADDER))


@pytest.fixture
def late() -> Year:
    """Drafted in time, and every target late with its review."""
    year = begin(plan_of(), "2024-08-05 09:00")
    publish(year, "drafted")
    year.tick("2024-08-21 00:00")
    assert {year.find(f"T-{n}").lamp for n in (1, 2, 3)} == {"红"}
    return year


def lamps(year: Year) -> list[str]:
    return [year.find(f"T-{n}").lamp for n in (1, 2, 3)]


def test_the_lamp_of_a_target_goes_out_when_a_cascade_brings_what_was_owed(late: Year) -> None:
    late.move("", "peer_review")
    assert lamps(late) == ["", "", ""]
    assert late.standing("each", "T-1") is Standing.MET_LATE
    late.assert_sound()


def test_the_lamp_before_the_date_goes_out_too() -> None:
    year = begin(plan_of(), "2024-08-05 09:00")
    publish(year, "drafted")
    year.tick("2024-08-18 00:00")
    assert lamps(year) == ["黄", "黄", "黄"]
    year.move("", "peer_review")
    assert lamps(year) == ["", "", ""]


def test_whoever_is_left_behind_keeps_the_lamp(late: Year) -> None:
    late.move("T-2", "send_back", reason="重写")
    late.move("", "peer_review", leave_behind=True)
    assert lamps(late) == ["", "红", ""]


def test_sent_back_with_the_cycle_after_the_date_each_is_late_anew(late: Year) -> None:
    late.move("", "peer_review")
    before = [len(late.history(f"T-{n}", Kind.LATE)) for n in (1, 2, 3)]
    late.move("", "send_back", reason="市里退回")
    late.tick("2024-08-22 09:00")
    assert [len(late.history(f"T-{n}", Kind.LATE)) for n in (1, 2, 3)] == [n + 1 for n in before]
    assert lamps(late) == ["红", "红", "红"]
    publish(late, "peer_reviewed")
    assert lamps(late) == ["", "", ""]
    late.assert_sound()


def test_one_that_stood_there_already_is_not_late_anew(late: Year) -> None:
    late.move("T-3", "send_back", reason="重写")
    late.move("", "peer_review", leave_behind=True)
    late.move("", "send_back", reason="市里退回")
    late.tick("2024-08-22 09:00")
    assert [len(late.history(f"T-{n}", Kind.LATE)) for n in (1, 2, 3)] == [2, 2, 1]


def test_a_late_back_fill_of_the_cycle_marks_the_targets_it_takes_along() -> None:
    year = begin(plan_of(target.DRAFTED, "2024-07-05"), "2024-08-05 09:00")
    assert year.standing("each", "T-1") is Standing.UNRECORDED

    backfill(year.app, year.key, [Entry(step="s1a", on=date(2024, 7, 12))], OFFICE)
    for name in ("T-1", "T-2", "T-3"):
        (late,) = year.history(name, Kind.LATE)
        assert late.data["backfilled"] is True
        assert year.standing("each", name) is Standing.MET_LATE
    year.move("", "peer_review")
    assert len(year.history("T-1", Kind.LATE)) == 1, "once, whatever comes after it"
    year.assert_sound()


def test_a_back_fill_in_time_marks_nobody() -> None:
    year = begin(plan_of(target.DRAFTED, "2024-07-15"), "2024-08-05 09:00")

    backfill(year.app, year.key, [Entry(step="s1a", on=date(2024, 7, 8))], OFFICE)
    assert year.history("T-1", Kind.LATE) == []


def test_the_lamp_goes_out_when_the_date_itself_makes_the_move() -> None:
    plan = plan_of(target.DRAFTED)
    each = replace(plan.steps[-1], fires="draft")
    year = begin(replace(plan, steps=(*plan.steps[:-1], each)), "2024-08-05 09:00")
    year.tick("2024-08-18 00:00")
    assert lamps(year) == ["黄", "黄", "黄"]
    year.tick("2024-08-21 00:00")
    assert year.state("T-1") == target.DRAFTED
    assert lamps(year) == ["", "", ""]
    year.assert_sound()


def test_the_lamp_goes_out_when_a_record_of_the_cycle_takes_the_targets_along() -> None:
    year = begin(plan_of(target.RECTIFIED, "2024-08-20"), "2024-08-05 09:00")
    publish(year)
    self_assess(year, ("T-1", "T-2", "T-3"))
    hand_in(year, [section.id for section in year.plan.sections])
    year.record("", "evaluation_result", {"document": "结果1号"})
    year.tick("2024-08-21 00:00")
    assert lamps(year) == ["红", "红", "红"]
    year.record("", "circular", {"document": "通报1号"})
    assert year.state("T-1") == target.RECTIFIED
    assert lamps(year) == ["", "", ""]
    year.assert_sound()
