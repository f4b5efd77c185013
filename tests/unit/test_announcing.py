"""Dates that the plan leaves open, narrowed by whoever may; and ladders entered by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from engine.deadline import Certainty
from engine.errors import EngineError, NotFound, NotPermitted, ReasonRequired
from engine.events import Kind
from engine.ladder import Action, Ladder, Rung, Unit
from tests.unit.dated import CLIMB, WHY, climbed, dated, last_days, of_targets, own_day, plan_with
from tests.unit.year import OFFICE, Year, begin, head, local
from workflows import cycle
from workflows.plan.model import Scope
from workflows.running.announcing import (
    NoSuchRung,
    NotNarrower,
    NotOpenToAnnouncement,
    announce,
    enter_rung,
)
from workflows.running.exceptions import excuse, suspend
from workflows.running.exempting import AlreadyExcused
from workflows.running.recalculation import preview
from workflows.running.requests import Grounds

LEFT_OPEN = 'announced "具体时间另行通知" planned 2024-12-10'
STEPS = (
    dated("open", LEFT_OPEN),
    dated("window", "10-01..12-31"),
    dated("fixed", "2024-11-30"),
    dated("before", "5 working days before step open"),
)


def opened() -> Year:
    return begin(plan_with(*STEPS, year=2024, targets=2), "2024-09-01 09:00")


def test_an_open_date_is_planned_until_it_is_narrowed_down() -> None:
    year = opened()
    assert year.deadline("open").certainty is Certainty.PROVISIONAL
    assert year.deadline("open").last_day == "2024-12-10"
    event = announce(year.app, year.key, "open", "2024-11-20", OFFICE, WHY)
    assert event.data == {"step": "open", "rule": "2024-11-20"}
    assert (event.authority, event.texts["reason"]) == (WHY.authority, WHY.reason)
    assert year.deadline("open").certainty is Certainty.FIXED
    assert last_days(year)["open"] == "2024-11-20"
    assert last_days(year)["window"] == "2024-12-31"
    (moved,) = (e for e in year.history("", Kind.DEADLINE_SET) if e.data["step"] == "open")
    assert moved.cause == event.position


def test_what_hangs_on_it_follows_and_stays_with_it() -> None:
    year = opened()
    assert last_days(year)["before"] == "2024-12-03"
    announce(year.app, year.key, "open", "2024-11-20", OFFICE, WHY)
    assert last_days(year)["before"] == "2024-11-13"
    year.move("", "draft")  # anything else that happens
    assert last_days(year)["before"] == "2024-11-13"
    assert preview(year.app) == []


def test_the_last_announcement_counts_and_what_fired_stays() -> None:
    year = opened()
    announce(year.app, year.key, "open", "2024-11-20", OFFICE, WHY)
    year.tick_daily("2024-11-15")
    assert climbed(year, "open") == [(0, "11-14")]
    announce(year.app, year.key, "open", "2024-11-29", OFFICE, WHY)
    year.tick_daily("2024-12-06")
    assert climbed(year, "open") == [(0, "11-14"), (0, "11-25"), (1, "11-30"), (2, "12-04")]


def test_a_reminder_of_two_dates_ago_is_given_anew_when_the_date_moves_far_ahead() -> None:
    year = opened()
    announce(year.app, year.key, "open", "2024-11-20", OFFICE, WHY)
    year.tick_daily("2024-11-18")
    announce(year.app, year.key, "open", "2024-11-21", OFFICE, WHY)  # its reminder is past too
    year.tick_daily("2024-11-19")
    announce(year.app, year.key, "open", "2024-12-20", OFFICE, WHY)
    year.tick_daily("2024-12-21")
    assert climbed(year, "open") == [(0, "11-14"), (0, "12-16"), (1, "12-21")]


def test_a_window_is_narrowed_to_a_day_or_a_window_within_it() -> None:
    year = opened()
    announce(year.app, year.key, "window", "11-01..11-15", OFFICE, WHY)
    found = year.deadline("window")
    assert (found.opens_at, found.last_day) == (local("2024-11-01"), "2024-11-15")
    announce(year.app, year.key, "window", "12月20日", OFFICE, WHY)
    assert last_days(year)["window"] == "2024-12-20"


@pytest.mark.parametrize(
    ("step", "rule", "error"),
    [
        ("fixed", "2024-12-20", NotOpenToAnnouncement),
        ("window", "2025-01-05", NotNarrower),
        ("window", "09-15..10-15", NotNarrower),
        ("open", "undated", NotNarrower),
        ("open", "every month by day 5", NotNarrower),
        ("open", LEFT_OPEN, NotNarrower),
        ("open", "5 days after step before", NotNarrower),
        ("open", "5 days after own:start", NotNarrower),
        ("nowhere", "2024-12-20", NotFound),
    ],
)
def test_nothing_else_is_announced(step: str, rule: str, error: type[EngineError]) -> None:
    year = opened()
    with pytest.raises(error):
        announce(year.app, year.key, step, rule, OFFICE, WHY)
    assert year.history("", Kind.AMENDED) == []


def test_only_the_group_office_announces() -> None:
    year = opened()
    with pytest.raises(NotPermitted):
        announce(year.app, year.key, "open", "2024-11-20", head("policy"), WHY)


LONG = Ladder(
    name="long",
    rungs=(
        Rung(offset=-3, unit=Unit.CALENDAR_DAY, recipients=("owner",)),
        Rung(offset=0, action=Action.LATE, lamp="黄", recipients=("owner",)),
        Rung(offset=5, unit=Unit.CALENDAR_DAY, lamp="橙", recipients=("owner",)),
        Rung(
            offset=3, unit=Unit.CALENDAR_DAY, lamp="红", after_previous=True, recipients=("owner",)
        ),
        Rung(offset=20, unit=Unit.CALENDAR_DAY, lamp="黑", recipients=("owner",)),
    ),
)


def laddered(due: str = "2024-12-10", **more: object) -> Year:
    step = replace(of_targets("t", due, ladder="long"), **more)  # type: ignore[arg-type]  # tests
    return begin(plan_with(step, year=2024, ladders=(CLIMB, LONG), targets=2), "2024-09-01 09:00")


def lamps(year: Year, name: str) -> list[tuple[str, str]]:
    """Return each lamp of an instance with its day."""
    return [
        (str(e.data["lamp"]), f"{e.occurred_at.astimezone(local('2024-01-01').tzinfo):%m-%d}")
        for e in year.history(name, Kind.LAMP)
    ]


def test_a_rung_entered_by_hand_acts_at_once_and_the_next_follow_from_it() -> None:
    year = laddered()
    year.at("2024-11-01 09:00")
    event = enter_rung(year.app, year.name("T-1"), "t", 2, OFFICE, WHY)
    assert (event.kind, event.data) == (Kind.ENTERED, {"step": "t", "rung": 2})
    assert (year.find("T-1").lamp, year.find("T-2").lamp) == ("橙", "")
    year.tick("2024-11-05 09:00")  # three days were granted anew, and have passed
    assert year.find("T-1").lamp == "红"
    assert own_day(year, "t", "T-1") == "2024-12-10", "its date stays"
    year.tick_daily("2025-01-05")
    assert year.late("T-1") == ["t"], "lateness is a fact, whatever was done by hand"
    assert [lamp for lamp, _ in lamps(year, "T-1")] == ["橙", "红", "黑"], "nor coloured back"
    assert [lamp for lamp, _ in lamps(year, "T-2")] == ["黄", "橙", "红", "黑"]
    year.assert_sound()


def test_each_rung_of_the_others_is_theirs_alone() -> None:
    year = laddered()
    enter_rung(year.app, year.name("T-1"), "t", 4, OFFICE, WHY)
    year.tick_daily("2025-01-05")
    with_t1 = [
        e
        for e in year.history("", Kind.REMINDED)
        if any(year.name("T-1") in line["first"] for line in e.data["owed"])
    ]
    assert [e.data["rung"] for e in with_t1] == [4, 1]


def test_a_ladder_can_be_entered_again_higher_or_lower() -> None:
    year = laddered()
    for number in (4, 0, 2):
        enter_rung(year.app, year.name("T-1"), "t", number, OFFICE, WHY)
    assert [e.data["rung"] for e in year.history("T-1", Kind.ENTERED)] == [4, 0, 2]
    assert year.find("T-1").lamp == "橙"
    assert preview(year.app) == []


def test_a_late_instance_goes_on_from_the_rung_that_was_entered() -> None:
    year = laddered()
    year.tick_daily("2024-12-12")
    assert year.late("T-1") == ["t"]
    enter_rung(year.app, year.name("T-1"), "t", 3, OFFICE, WHY)
    year.tick_daily("2025-01-05")
    assert year.late("T-1") == ["t"]
    assert [lamp for lamp, _ in lamps(year, "T-1")] == ["黄", "红", "黑"]


def test_the_move_of_a_date_is_not_lost() -> None:
    """A step whose date fires a move, and an instance that is chased by hand before."""
    machines = tuple(
        cycle.cycle(silence_approves=True) if m.name == cycle.NAME else m
        for m in plan_with(year=2024).machines
    )
    step = dated(
        "deemed",
        "2024-10-31",
        ladder="long",
        records=(),
        brings="approved",
        fires="deem_approved",
        scope=Scope.CYCLE,
    )
    plan = replace(plan_with(step, year=2024, ladders=(CLIMB, LONG)), machines=machines)
    year = begin(plan, "2024-09-01 09:00")
    year.move("", "draft")
    year.move("", "peer_review")
    for kind in ("submitted_for_decision", "submitted_for_reply"):
        year.record("", kind, {"document": "请示1号"})
    enter_rung(year.app, year.key, "deemed", 0, OFFICE, WHY)
    year.tick_daily("2024-11-02")
    assert year.state() == "approved"


def test_an_undated_step_has_a_ladder_too() -> None:
    year = laddered("undated")
    enter_rung(year.app, year.name("T-1"), "t", 2, OFFICE, WHY)
    assert year.find("T-1").lamp == "橙"
    assert year.standing("t", "T-1") == "open", "it is still never late"
    year.tick("2024-09-05 09:00")
    assert year.find("T-1").lamp == "红"


def test_entering_needs_a_reason_a_rung_a_step_and_the_right() -> None:
    year = laddered()
    key = year.name("T-1")
    refusals: Mapping[type[EngineError], tuple[str, str, int, object, Grounds]] = {
        ReasonRequired: (key, "t", 1, OFFICE, Grounds()),
        NoSuchRung: (key, "t", 5, OFFICE, WHY),
        NotFound: (year.key, "t", 1, OFFICE, WHY),
        NotPermitted: (key, "t", 1, head(year.find("T-1").owner), WHY),
    }
    for error, (where, step, number, who, why) in refusals.items():
        with pytest.raises(error):
            enter_rung(year.app, where, step, number, who, why)  # type: ignore[arg-type]  # Who
    assert year.history("T-1", Kind.ENTERED) == []


@pytest.mark.parametrize("release", [excuse, suspend])
def test_who_is_excused_or_paused_is_not_chased(release: object) -> None:
    year = laddered()
    release(year.app, year.name("T-1"), "t", OFFICE, WHY)  # type: ignore[operator]  # a service
    with pytest.raises(AlreadyExcused):
        enter_rung(year.app, year.name("T-1"), "t", 1, OFFICE, WHY)
