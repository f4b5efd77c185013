"""Chunks of a timer that has begun: how a population is cut, and who does which part."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Thread

import pytest

from engine.deadline import TimerState
from engine.division import Chunk
from engine.facts import to_text
from engine.guards import Reached
from engine.ports import Store
from tests.contract.world import (
    CYCLE,
    GOALS,
    HOUR,
    NOW,
    deadline,
    filled,
    following,
    instance,
    keys,
    timer,
)

NAMES = ["T-1", "T-2", "T-3", "T-4", "T-5"]
D = deadline("d-1")
T = timer("t-1", D)


def chunk(number: int, after: str = "", until: str = "", cause: int | None = None) -> Chunk:
    return Chunk(
        timer=T.id, number=number, after=after, until=until, begun_at=NOW - HOUR, cause=cause
    )


@pytest.fixture
def store(store: Store) -> Store:
    """The store, with five goals in it and a timer."""
    filled(store, *(instance(f"{CYCLE}/{name}") for name in NAMES))
    with store.unit_of_work(NOW) as unit:
        unit.set_deadlines([D], [T])
    return store


def last(found: Sequence[str]) -> str:
    return "".join(key[-1] for key in found)


@pytest.mark.parametrize(
    ("size", "expected"), [(1, "1234"), (2, "24"), (3, "3"), (4, "4"), (5, ""), (6, "")]
)
def test_a_population_is_cut_behind_the_last_of_each_piece(
    store: Store, size: int, expected: str
) -> None:
    with store.reading() as reader:
        assert last(reader.cut(GOALS, size)) == expected
        assert last(reader.cut(replace(GOALS, owner="nobody"), size)) == ""
        assert last(reader.cut(replace(GOALS, cycle="not-there"), size)) == ""


def test_a_piece_of_a_population_lies_between_two_keys(store: Store) -> None:
    second, fourth = f"{CYCLE}/T-2", f"{CYCLE}/T-4"
    with store.reading() as reader:
        assert last(keys(reader, replace(GOALS, until=second))) == "12"
        assert last(keys(reader, replace(GOALS, after=second, until=fourth))) == "34"
        assert last(keys(reader, replace(GOALS, after=fourth))) == "5"
        between = replace(GOALS, after=second, until=fourth)
        assert last([i.key for i in reader.select(between, after=f"{CYCLE}/T-3")]) == "4"


def test_a_condition_can_be_asked_as_of_another_moment(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/T-6", opens=to_text(NOW)))
    with store.reading() as reader:
        opened = replace(GOALS, where=Reached("opens"))
        assert last(keys(reader, opened)) == "6"
        assert last(keys(reader, replace(opened, as_of=NOW - HOUR))) == ""


def test_what_is_to_do_is_kept_until_it_is_done(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        event = unit.append(following(unit.load(CYCLE)))
        first = chunk(1, until=f"{CYCLE}/T-2", cause=event.position)
        second = chunk(2, after=f"{CYCLE}/T-2")
        unit.divide([first, second])
        assert list(unit.chunks(T.id)) == [first, second]
        assert list(unit.chunks("t-2")) == []
    with store.unit_of_work(NOW) as unit:
        assert unit.claim_chunk(T.id) == first
        unit.settle_chunk(first)
        assert unit.claim_chunk(T.id) == second
    with store.unit_of_work(NOW) as unit:
        assert unit.claim_chunk("t-2") is None
        assert unit.claim_chunk(T.id) == second
        unit.settle_chunk(second)
        assert unit.claim_chunk(T.id) is None
    with store.reading() as reader:
        assert list(reader.chunks(T.id)) == []


def test_a_unit_that_fails_leaves_its_chunk_to_do(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        unit.divide([chunk(1)])
    with suppress(ZeroDivisionError), store.unit_of_work(NOW) as unit:
        unit.settle_chunk(chunk(1))
        raise ZeroDivisionError
    with store.unit_of_work(NOW) as unit:
        assert unit.claim_chunk(T.id) == chunk(1)


def test_a_timer_that_has_begun_is_not_cancelled(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        unit.settle_timer(replace(T, cursor=2))
        unit.set_deadlines([], [timer("t-2", D)])
        unit.cancel_timers(CYCLE, D.id)
        unit.cancel_timers(CYCLE)
        states = {one.id: one.state for one in unit.timers(CYCLE, pending=False)}
    assert states == {"t-1": TimerState.PENDING, "t-2": TimerState.CANCELLED}


def test_units_that_do_a_chunk_each_hold_the_cycle_together(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        assert unit.hold(CYCLE, wait=False, shared=True)
        assert unit.hold(f"{CYCLE}/T-1", shared=True)


def test_on_a_server_several_are_at_it_at_once_and_nobody_else(database: Store) -> None:
    """On SQLite the second unit waits for the first; there is nothing to see."""
    filled(database, *(instance(f"{CYCLE}/{name}") for name in NAMES))
    found: dict[str, object] = {}

    def other() -> None:
        with database.unit_of_work(NOW) as unit:
            found["alone"] = unit.hold(CYCLE, wait=False)
            found["together"] = unit.hold(CYCLE, wait=False, shared=True)
            found["chunk"] = unit.claim_chunk(T.id)
            found["none"] = unit.claim_chunk(T.id) if found["chunk"] is None else None

    with database.unit_of_work(NOW) as unit:
        unit.set_deadlines([D], [T])
        unit.divide([chunk(1, until=f"{CYCLE}/T-2"), chunk(2, after=f"{CYCLE}/T-2")])
    thread = Thread(target=other)
    with database.unit_of_work(NOW) as unit:
        assert unit.hold(CYCLE, shared=True)
        mine = unit.claim_chunk(T.id)
        assert mine is not None
        assert mine.number == 1
        thread.start()
        if "postgresql" in repr(database._database):  # type: ignore[attr-defined]
            thread.join()
            assert found["alone"] is False
            assert found["together"] is True
            assert found["chunk"] == chunk(2, after=f"{CYCLE}/T-2")
        unit.settle_chunk(mine)
    thread.join()
    assert found["together"] is True
