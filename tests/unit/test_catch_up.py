"""Catching up after a silence (promise 4): in order, folded, and held where it is much."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from engine.deadline import TimerState
from engine.events import Event, Kind
from engine.ports import Reader, Store, UnitOfWork
from tests.unit.year import (
    Year,
    begin,
    local,
    publish,
    small,
)
from workflows.plan.model import CatchUp, Plan
from workflows.running.catch_up import Planned, planned
from workflows.running.desk import desk
from workflows.running.requests import Grounds
from workflows.running.tick import tick

OPENED = "2024-06-20 09:00"
WHY = Grounds(reason="情况说明")


def published(plan: Plan | None = None) -> Year:
    year = begin(plan or small(), OPENED)
    publish(year)
    year.record("", "internal_plan")
    year.record("", "filing")
    year.told()
    return year


def rungs(year: Year) -> list[Event]:
    """Every rung that was climbed, in the order in which it was recorded."""
    return year.history("", Kind.REMINDED, Kind.FOLDED)


def foreseen(year: Year) -> Sequence[Planned]:
    with year.store.reading() as reader:
        return planned(desk(year.app, reader, year.key))


def limited(notices: int, working_days: int = 3) -> Plan:
    return replace(small(), catch_up=CatchUp(working_days=working_days, notices=notices))


class SetBack:
    """A clock that is set back after somebody has looked at it once."""

    def __init__(self, first: datetime, then: datetime) -> None:
        self._moments = [first]
        self._then = then

    def now(self) -> datetime:
        return self._moments.pop() if self._moments else self._then


# in order, folded, with both times


def test_what_fell_due_in_a_silence_is_done_in_order_of_its_date() -> None:
    year = begin(small(), OPENED)
    year.tick("2025-03-10 09:00")
    timed = [event for event in year.history() if event.timer]
    assert len(timed) > 20
    nominal = [event.occurred_at for event in timed]
    assert nominal == sorted(nominal)
    assert {event.recorded_at for event in timed} == {local("2025-03-10 09:00")}
    assert max(nominal) <= local("2025-03-10 09:00")


def test_of_several_rungs_that_are_due_only_the_last_speaks() -> None:
    year = begin(small(), OPENED)
    year.tick("2024-07-11 12:00")
    mine = [(e.kind, e.data["rung"]) for e in rungs(year) if e.data["step"] == "s1a"]
    assert mine == [(Kind.FOLDED, 0), (Kind.FOLDED, 1), (Kind.REMINDED, 2)]
    assert [told.action for told in year.told() if told.step == "s1a"] == ["late"]


def test_what_is_folded_still_takes_effect() -> None:
    """Lateness and lamps are recorded with their nominal time, though nobody is told of them."""
    year = published()
    year.tick("2025-01-08 09:00")
    marks = [
        (event.kind, event.data.get("lamp"), event.occurred_at)
        for event in year.history("T-2", Kind.LATE, Kind.LAMP)
    ]
    assert marks == [
        (Kind.LAMP, "蓝", local("2024-12-26")),
        (Kind.LAMP, "黄", local("2024-12-30")),
        (Kind.LATE, None, local("2025-01-01")),
        (Kind.LAMP, "红", local("2025-01-01")),
        (Kind.LAMP, "红", local("2025-01-03")),
        (Kind.LAMP, "红", local("2025-01-08")),
    ]


def test_a_second_pass_finds_nothing() -> None:
    year = begin(small(), OPENED)
    first = year.tick("2025-03-10 09:00")
    assert first.fired > 50
    before = year.histories()
    assert (year.tick().fired, year.histories()) == (0, before)
    due = [timer for timer in year.timers(pending=False) if timer.fires_at <= year.clock.moment]
    assert {timer.state for timer in due} <= {TimerState.FIRED, TimerState.CANCELLED}


# held notices


@pytest.mark.parametrize("when", ["2025-01-08 09:00", "2025-01-07 23:00"])
def test_what_is_a_few_days_old_is_told_at_once(when: str) -> None:
    """The rung of Wednesday on its day; that of Friday on Tuesday, two working days after it."""
    year = published()
    year.tick(when)
    assert {told.step for told in year.told()} >= {"s4", "s4-incentive"}


def test_what_is_older_waits_for_a_word_and_then_goes() -> None:
    """More than three working days: late on the first, and nothing ran until the ninth."""
    year = published(until_the_date(small()))
    year.tick("2025-01-09 09:00")
    assert "s4" not in {told.step for told in year.told()}
    held = year.waiting()["held"]
    with year.store.unit_of_work(year.clock.now()) as unit:
        assert unit.release_notices() == held
    assert {told.who for told in year.told() if told.step == "s4"} == {
        "p.office-head",
        "p.planning-head",
        "p.property-head",
    }
    assert year.waiting() == {}


def until_the_date(plan: Plan) -> Plan:
    """The plan whose ladder has nothing after the date."""
    (ladder,) = plan.ladders
    rungs = tuple(rung for rung in ladder.rungs if rung.offset <= 0)
    return replace(plan, ladders=(replace(ladder, rungs=rungs),))


@pytest.mark.parametrize(("day", "held"), [("2024-10-15", False), ("2024-10-16", True)])
def test_days_off_do_not_count(day: str, *, held: bool) -> None:
    """Late on Friday 11 October; the 12th is worked, the 13th is not: Tuesday is the third day."""
    year = published(until_the_date(small()))
    year.tick("2024-10-01")
    year.told()
    year.tick(f"{day} 09:00")
    told = {t.step for t in year.told()}
    assert ("quarterly-progress" in told) is not held
    assert ("held" in year.waiting()) is held


def test_a_flood_after_a_silence_is_held_whole() -> None:
    """More than the plan allows at once, though none is days old."""
    year = published(limited(notices=5, working_days=300))
    year.tick("2025-01-05 09:00")
    assert year.told() == []
    flood = year.waiting()["held"]
    assert flood > 5
    with year.store.unit_of_work(year.clock.now()) as unit:
        assert unit.release_notices() == flood


def test_the_same_flood_is_not_held_where_the_plan_allows_it() -> None:
    year = published(limited(notices=200, working_days=300))
    year.tick("2025-01-05 09:00")
    assert "held" not in year.waiting()
    assert len(year.told()) > 5


def test_what_a_quarter_is_about_to_open_counts_as_well() -> None:
    """Nothing of the quarter exists yet when it is foreseen whom its lateness concerns."""
    year = published(limited(notices=5, working_days=300))
    year.tick("2024-10-12 09:00")
    assert year.told() == []
    assert year.waiting()["held"] > 5


def test_ordinary_days_are_never_held() -> None:
    """However many are told, however low the limit: who passes daily is not catching up."""
    year = published(limited(notices=0))
    year.tick_daily("2025-02-01")
    assert "held" not in year.waiting()
    assert len(year.told()) > 50


def test_after_a_flood_the_next_day_is_an_ordinary_one() -> None:
    year = published(limited(notices=5, working_days=300))
    year.tick("2025-01-05 09:00")
    year.told()
    year.tick("2025-01-08")
    assert {told.step for told in year.told()} >= {"s4", "s4-incentive"}


def test_the_act_of_a_person_in_a_flood_is_held_like_the_daemons() -> None:
    """Promise 10: no daemon ran, and somebody records progress: the same notices wait."""
    year = published(limited(notices=5, working_days=300))
    year.at("2025-01-05 09:00").record("T-1", "progress", {"percent": 40})
    assert year.told() == []
    assert year.waiting()["held"] > 5


class Killed(BaseException):
    """What stops a daemon in the middle, as a signal would."""


@dataclass
class CutShort:
    """A store that a daemon reaches only so many times."""

    store: Store
    left: int

    def unit_of_work(self, now: datetime) -> AbstractContextManager[UnitOfWork]:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return self.store.unit_of_work(now)

    def reading(self) -> AbstractContextManager[Reader]:
        return self.store.reading()


def kill_after(year: Year, units: int) -> None:
    """Let a daemon pass that is killed after so many units of work."""
    with pytest.raises(Killed):
        tick(replace(year.app, store=CutShort(year.store, units)))


@pytest.mark.parametrize("units", [1, 5, 20])
def test_a_flood_that_was_cut_short_is_held_to_its_end(units: int) -> None:
    """Killed and started again: what is left is few, but still the same flood."""
    year = published(limited(notices=5, working_days=300))
    year.at("2025-01-05 09:00")
    kill_after(year, units)
    year.tick("2025-01-05 09:10")
    assert year.told() == []
    assert year.waiting()["held"] > 5


def test_what_is_left_of_a_flood_is_held_for_whoever_acts_next() -> None:
    year = published(limited(notices=20, working_days=300))
    year.at("2025-01-05 09:00")
    kill_after(year, len(foreseen(year)) - 1)
    assert 0 < sum(len(one.recipients) for one in foreseen(year)) <= 20, "few are left"
    year.at("2025-01-05 09:10").record("T-1", "progress", {"percent": 40})
    assert year.told() == []
    assert foreseen(year) == []


def test_a_flood_that_somebody_else_ended_does_not_hold_the_next_day() -> None:
    """The daemon was killed, a person's act fired the rest: the day after is ordinary."""
    year = published(limited(notices=5, working_days=300))
    year.at("2025-01-05 09:00")
    kill_after(year, 12)
    year.at("2025-01-05 09:10").record("T-1", "progress", {"percent": 40})
    year.told()
    year.tick("2025-01-08")
    assert {told.step for told in year.told()} >= {"s4", "s4-incentive"}


@pytest.mark.timeout(30)  # it went round for ever
def test_a_clock_that_is_set_back_while_a_daemon_passes_ends_the_pass_and_fires_nothing() -> None:
    year = begin(small(), OPENED)
    clock = SetBack(local("2025-03-10 09:00"), year.clock.moment)
    assert tick(replace(year.app, clock=clock)).fired == 0
    assert [event for event in year.history() if event.timer] == []
