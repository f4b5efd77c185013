"""Timers: which are due, in what order, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from engine.deadline import Timer, TimerState
from engine.ports import Store
from tests.contract.world import (
    CYCLE,
    HOUR,
    NOW,
    create,
    deadline,
    following,
    instance,
    open_cycle,
    timer,
)

D = deadline("d-1")
INSTANT = timedelta(microseconds=1)


def kept(store: Store, *timers: Timer) -> None:
    with store.unit_of_work(NOW) as unit:
        unit.set_deadlines([D], timers)


def names(timers: Iterable[Timer]) -> list[str]:
    return [one.id for one in timers]


def test_a_timer_is_kept_whole(store: Store) -> None:
    whole = timer(
        "t-1",
        D,
        -1,
        rung="r12",
        cursor=7,
        attempts=2,
        next_attempt_at=NOW + HOUR,
        last_error="数据库\n不可用",
    )
    kept(store, whole)
    with store.reading() as reader:
        assert list(reader.timers()) == [whole]


def test_what_a_timer_brought_about_is_told_by_its_first_event(store: Store) -> None:
    of_cycle = instance(CYCLE, workflow="year")
    with store.unit_of_work(NOW) as unit:
        create(unit, instance(f"{CYCLE}/T-1"))
        unit.append(following(of_cycle, timer="t-1", part="rung"))
        unit.append(following(instance(f"{CYCLE}/T-1"), timer="t-1", part="late"))
        unit.append(following(replace(of_cycle, sequence=2)))
    with store.reading() as reader:
        assert dict(reader.timers_told(CYCLE)) == {"t-1": (CYCLE, 2)}


def test_timers_come_in_order_of_time_then_rung_then_name(store: Store) -> None:
    kept(
        store,
        timer("t-1", D, 2),
        timer("t-2", D, 1, rung="r2"),
        timer("t-3", D, 1, rung="r1"),
        timer("t-5", D, 0),
        timer("t-4", D, 0),
    )
    with store.reading() as reader:
        expected = ["t-4", "t-5", "t-3", "t-2", "t-1"]
        assert names(reader.timers()) == names(reader.timers(CYCLE)) == expected
        assert names(reader.due(NOW + 2 * HOUR)) == expected


def test_a_timer_is_due_at_its_moment_and_not_before(store: Store) -> None:
    kept(store, timer("t-1", D))
    with store.reading() as reader:
        assert names(reader.due(NOW - INSTANT)) == []
        assert names(reader.due(NOW)) == ["t-1"]


def test_a_timer_that_waits_for_a_retry_is_not_due(store: Store) -> None:
    kept(store, timer("t-1", D, -2, attempts=1, next_attempt_at=NOW), timer("t-2", D, -1))
    with store.reading() as reader:
        assert names(reader.due(NOW - INSTANT)) == ["t-2"]
        assert names(reader.due(NOW)) == ["t-1", "t-2"]


def test_only_pending_timers_are_due(store: Store) -> None:
    kept(
        store,
        timer("t-1", D, state=TimerState.FIRED),
        timer("t-2", D, state=TimerState.CANCELLED),
        timer("t-3", D),
    )
    with store.reading() as reader:
        assert names(reader.due(NOW)) == names(reader.timers()) == ["t-3"]
        assert names(reader.timers(pending=False)) == ["t-1", "t-2", "t-3"]


def test_timers_are_asked_for_by_cycle(store: Store) -> None:
    kept(store, timer("t-1", D))
    other = deadline("d-2", cycle="other")
    with store.unit_of_work(NOW) as unit:
        open_cycle(unit, "other")
        unit.set_deadlines([other], [timer("t-2", other)])
    with store.reading() as reader:
        assert names(reader.timers()) == names(reader.due(NOW)) == ["t-1", "t-2"]
        assert names(reader.timers("other")) == names(reader.due(NOW, "other")) == ["t-2"]
        assert names(reader.timers("other", pending=False)) == ["t-2"]


def test_the_next_moment_is_that_of_a_timer_or_of_its_retry(store: Store) -> None:
    with store.reading() as reader:
        assert reader.next_moment() is None
    first = timer("t-1", D, 1)
    kept(store, first, timer("t-2", D, 3))
    with store.unit_of_work(NOW) as unit:
        assert unit.next_moment() == NOW + HOUR
        unit.settle_timer(replace(first, attempts=1, next_attempt_at=NOW + 2 * HOUR))
        assert unit.next_moment() == NOW + 2 * HOUR
        unit.settle_timer(replace(first, attempts=1, next_attempt_at=NOW + 4 * HOUR))
        assert unit.next_moment() == NOW + 3 * HOUR
        unit.settle_timer(replace(first, attempts=1, next_attempt_at=NOW - HOUR))
        assert unit.next_moment() == NOW + HOUR
        unit.cancel_timers(CYCLE)
        assert unit.next_moment() is None


def test_a_timer_is_claimed_while_it_is_pending(store: Store) -> None:
    made = timer("t-1", D)
    kept(store, made, timer("t-2", D, state=TimerState.CANCELLED))
    with store.unit_of_work(NOW) as unit:
        assert unit.claim("t-1") == made
        assert unit.claim("t-2") is None
        assert unit.claim("unknown") is None
        unit.settle_timer(replace(made, state=TimerState.FIRED))
        assert unit.claim("t-1") is None
    with store.unit_of_work(NOW) as unit:
        assert unit.claim("t-1") is None


def test_what_becomes_of_a_timer_is_kept_and_its_moment_stays(store: Store) -> None:
    made = timer("t-1", D)
    kept(store, made)
    outcome = replace(
        made, cursor=500, attempts=3, next_attempt_at=NOW + HOUR, last_error="disk full"
    )
    with store.unit_of_work(NOW) as unit:
        unit.settle_timer(replace(outcome, fires_at=NOW + 9 * HOUR, rung="r9"))
        assert unit.claim("t-1") == outcome
    with store.unit_of_work(NOW) as unit:
        unit.settle_timer(replace(outcome, state=TimerState.FIRED, next_attempt_at=None))
    with store.reading() as reader:
        fired = replace(outcome, state=TimerState.FIRED, next_attempt_at=None)
        assert list(reader.timers(pending=False)) == [fired]


def test_timers_are_cancelled_for_a_deadline_or_for_the_cycle(store: Store) -> None:
    second = deadline("d-2", "review")
    other = deadline("d-3", cycle="other")
    kept(store, timer("t-1", D), timer("t-2", D, state=TimerState.FIRED))
    with store.unit_of_work(NOW) as unit:
        open_cycle(unit, "other")
        unit.set_deadlines([second, other], [timer("t-3", second), timer("t-4", other)])
        unit.cancel_timers(CYCLE, "d-1")
        assert names(unit.timers()) == ["t-3", "t-4"]
        unit.cancel_timers(CYCLE, "d-3")
        assert names(unit.timers()) == ["t-3", "t-4"]
        unit.cancel_timers(CYCLE)
        assert names(unit.timers()) == ["t-4"]
        states = {one.id: one.state for one in unit.timers(CYCLE, pending=False)}
        assert states["t-2"] is TimerState.FIRED
        assert states["t-1"] is states["t-3"] is TimerState.CANCELLED
