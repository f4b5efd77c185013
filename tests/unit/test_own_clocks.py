"""Own clocks: measured from each one's own event, standing in absences, moved by corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from engine.deadline import Certainty
from engine.events import Event, Kind
from tests.unit.dated import CLIMB, WHY, climbed, dated, of_targets, own_day, plan_with
from tests.unit.year import OFFICE, Year, begin, goal, head, local, submit
from workflows.plan.model import Step
from workflows.running import correcting
from workflows.running.additions import add_target
from workflows.running.announcing import announce
from workflows.running.desk import desk
from workflows.running.exceptions import excuse, extend, suspend
from workflows.running.own_clocks import absences
from workflows.running.requests import Grounds

SIXTY = of_targets("plan", "60 days after own:start")


def begun(*steps: Step) -> Year:
    """Begin a cycle on 1 October whose periods end on whatever day they end."""
    plan = plan_with(*(steps or (SIXTY,)), year=2024, targets=2)
    return begin(replace(plan, dates=replace(plan.dates, roll_relative=False)), "2024-10-01 09:00")


def starts(year: Year, name: str, on: str = "") -> Event:
    return year.record(name, "start", {}, head(year.find(name).owner), on=on)[0]


def absent(year: Year, name: str, first: str, last: str = "", **more: Any) -> Event:
    values = {"first": first, **({"last": last} if last else {})}
    return year.record(name, "absence", values, head(year.find(name).owner), **more)[0]


def correct(year: Year, event: Event, **more: Any) -> None:
    values, void = more.pop("values", None), more.pop("void", False)
    grounds = Grounds(reason="日期有误", **more)
    correcting.correct(year.app, event.position, OFFICE, grounds, values=values, void=void)


def test_each_has_a_date_of_its_own_sixty_days_after_its_start() -> None:
    """The US federal cycle of 1 October: a plan within 60 days of the start (plans/22)."""
    year = begun()
    assert year.deadline("plan").certainty is Certainty.WAITING
    starts(year, "T-1", "2024-10-01")
    assert own_day(year, "plan", "T-1") == "2024-11-30"
    year.at("2024-11-04 10:00")
    starts(year, "T-2")
    assert own_day(year, "plan", "T-2") == "2025-01-03"
    assert year.deadline("plan").certainty is Certainty.WAITING
    year.assert_sound()


def test_what_follows_the_period_is_one_date_for_all() -> None:
    """The rating of the same plan: 30 days after the period ends, rolling over no day off."""
    year = begun(of_targets("rating", "30 days after 2025-09-30"))
    assert year.deadline("rating").last_day == "2025-10-30"


def test_its_ladder_climbs_for_it_alone() -> None:
    year = begun()
    starts(year, "T-1", "2024-10-01")
    year.tick_daily("2024-12-10")
    assert climbed(year, "plan") == [(0, "11-26"), (1, "12-01"), (2, "12-05")]
    assert (year.late("T-1"), year.late("T-2")) == (["plan"], [])
    assert (year.find("T-1").lamp, year.find("T-2").lamp) == ("紫", "")


def test_the_clock_stands_in_an_absence_and_goes_on_after_it() -> None:
    year = begun()
    starts(year, "T-1", "2024-10-01")
    year.at("2024-10-10 09:00")
    absent(year, "T-1", "2024-10-10")
    assert year.deadline("plan", "T-1").due_at is None, "nobody knows yet when it ends"
    year.tick("2024-12-20 09:00")
    assert year.late("T-1") == []
    absent(year, "T-1", "2024-10-10", "2024-12-08")
    assert own_day(year, "plan", "T-1") == "2025-01-29"


def test_absences_that_overlap_count_once() -> None:
    year = begun()
    starts(year, "T-1", "2024-10-01")
    absent(year, "T-1", "2024-10-10", "2024-10-19")
    absent(year, "T-1", "2024-10-15", "2024-10-24")
    assert own_day(year, "plan", "T-1") == "2024-12-15"


def test_a_corrected_absence_replaces_the_wrong_one() -> None:
    year = begun()
    starts(year, "T-1", "2024-10-01")
    wrong = absent(year, "T-1", "2024-10-10", "2024-10-29")
    correct(year, wrong, values={"last": "2024-10-12"})
    assert own_day(year, "plan", "T-1") == "2024-12-03"
    with year.store.reading() as reader:
        (kept,) = absences(desk(year.app, reader, year.key), year.find("T-1"))
    assert (kept.first, kept.last) == (date(2024, 10, 10), date(2024, 10, 12))


def test_an_absence_that_is_void_never_stopped_the_clock() -> None:
    year = begun()
    starts(year, "T-1", "2024-10-01")
    wrong = absent(year, "T-1", "2024-10-10")
    assert year.deadline("plan", "T-1").due_at is None
    correct(year, wrong, void=True)
    assert own_day(year, "plan", "T-1") == "2024-11-30"


def test_a_corrected_start_moves_the_date_and_what_fired_stays() -> None:
    year = begun()
    first = starts(year, "T-1", "2024-10-01")
    year.tick_daily("2024-11-27")
    correct(year, first, occurred_at=date(2024, 9, 20))
    assert own_day(year, "plan", "T-1") == "2024-11-19"
    year.tick()
    assert year.late("T-1") == ["plan"]
    assert climbed(year, "plan") == [(0, "11-26"), (1, "11-20"), (2, "11-24")]


def test_a_void_start_leaves_no_date() -> None:
    year = begun()
    first = starts(year, "T-1", "2024-10-01")
    correct(year, first, void=True)
    assert year.deadline("plan", "T-1").certainty is Certainty.WAITING
    assert [t for t in year.timers() if "T-1" in t.deadline] == []


def test_a_granted_date_outlives_whatever_else_is_recorded() -> None:
    year = begun()
    starts(year, "T-1", "2024-10-01")
    extend(year.app, year.name("T-1"), "plan", date(2024, 12, 20), OFFICE, WHY)
    year.record("T-1", "progress", {"percent": 10}, head(year.find("T-1").owner))
    assert own_day(year, "plan", "T-1") == "2024-12-20"
    absent(year, "T-1", "2024-10-10", "2024-10-11")
    assert own_day(year, "plan", "T-1") == "2024-12-20"
    absent(year, "T-1", "2024-10-15", "2024-11-30")
    assert own_day(year, "plan", "T-1") == "2025-01-18", "an absence may lead beyond it"


def test_who_is_excused_or_paused_stays_so_when_the_clock_moves() -> None:
    year = begun()
    for name, act in (("T-1", excuse), ("T-2", suspend)):
        starts(year, name, "2024-10-01")
        act(year.app, year.name(name), "plan", OFFICE, WHY)
        absent(year, name, "2024-10-10", "2024-10-12")
    year.tick_daily("2024-12-31")
    assert (year.late("T-1"), year.late("T-2")) == ([], [])
    assert year.standing("plan", "T-1") == "excused"
    assert year.standing("plan", "T-2") == "suspended"


def test_nothing_new_on_the_clock_sets_no_date_anew() -> None:
    year = begun()
    starts(year, "T-1", "2024-10-01")
    year.record("T-1", "progress", {"percent": 10}, head(year.find("T-1").owner))
    assert len(year.history("T-1", Kind.DEADLINE_SET)) == 1


def test_a_start_told_late_is_late_at_once_with_its_nominal_moments() -> None:
    year = begun()
    year.at("2024-12-20 10:00")
    starts(year, "T-1", "2024-10-05")
    year.tick()
    (late,) = year.history("T-1", Kind.LATE)
    assert late.occurred_at == local("2024-12-05")
    assert CLIMB.rungs[2].lamp == year.find("T-1").lamp


# clocks that hang on each one's own events and on something of the cycle


def test_a_clock_that_also_names_an_event_of_the_cycle_follows_it() -> None:
    year = begun(of_targets("plan", "later of (60 days after own:start, 10 days after drafted)"))
    starts(year, "T-1", "2024-10-01")
    assert own_day(year, "plan", "T-1") == "", "the cycle's own part is still to come"
    year.at("2024-12-10 09:00")
    year.move("", "draft")
    assert own_day(year, "plan", "T-1") == "2024-12-20"
    assert own_day(year, "plan", "T-2") == "", "it has not started"
    (moved,) = year.history("T-1", Kind.DEADLINE_SET)
    assert moved.cause in {e.position for e in year.history("", Kind.MOVED)}
    year.tick_daily("2024-12-30")
    assert year.late("T-1") == ["plan"]
    year.assert_sound()


def test_the_event_of_the_cycle_may_bring_the_date_forward_or_be_corrected() -> None:
    year = begun(of_targets("plan", "earlier of (60 days after own:start, 10 days after reply)"))
    starts(year, "T-1", "2024-10-01")
    assert year.deadline("plan", "T-1").certainty is Certainty.PROVISIONAL
    assert own_day(year, "plan", "T-1") == "2024-11-30"
    year.at("2024-10-21 10:00")
    for step in ("draft", "peer_review"):
        year.move("", step)
    submit(year)
    reply = year.record("", "reply", {"document": "批复1号"}, on="2024-10-21 10:00")[0]
    assert own_day(year, "plan", "T-1") == "2024-10-31"
    correct(year, reply, void=True)
    assert own_day(year, "plan", "T-1") == "2024-11-30"


def test_a_clock_that_hangs_on_another_step_follows_its_date() -> None:
    open_date = dated("meeting", "announced “年末” planned 2024-12-20")
    own = of_targets("plan", "earlier of (60 days after own:start, 5 days before step meeting)")
    year = begun(open_date, own)
    year.at("2024-10-20 09:00")
    starts(year, "T-1")
    assert own_day(year, "plan", "T-1") == "2024-12-15"
    announce(year.app, year.key, "meeting", "2024-11-30", OFFICE, WHY)
    assert own_day(year, "plan", "T-1") == "2024-11-25", "the meeting comes first"


def test_a_clock_from_ones_own_opening_runs_from_the_first_day() -> None:
    year = begun(of_targets("plan", "30 days after own:opened"))
    assert [own_day(year, "plan", name) for name in ("T-1", "T-2")] == ["2024-10-31"] * 2
    year.tick_daily("2024-11-10")
    assert (year.late("T-1"), year.late("T-2")) == (["plan"], ["plan"])
    year.assert_sound()


def test_what_joins_later_has_its_own_opening() -> None:
    year = begun(of_targets("plan", "30 days after own:opened"))
    year.at("2024-10-15 09:00")
    add_target(year.app, year.key, goal(year.plan, 7), OFFICE, Grounds())
    assert own_day(year, "plan", "T-8") == "2024-11-14"
