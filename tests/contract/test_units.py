"""Units of work: whole or not at all, one after the other, seen by nobody before they end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event as Signal
from threading import Thread

import pytest

from engine.deadline import Exempt, TimerState
from engine.errors import ConcurrentChange
from engine.events import Kind
from engine.heartbeat import Heartbeat
from engine.ports import NoticeItem, Reader, Store, Tenure, UnitOfWork
from tests.contract.world import (
    CYCLE,
    GOALS,
    HOUR,
    MACHINES,
    NOW,
    STAMP,
    create,
    deadline,
    filled,
    following,
    instance,
    keys,
    moving,
    open_cycle,
    timer,
)

ONE = instance(f"{CYCLE}/T-1")
D = deadline("d-1")
WAIT_SECONDS = 20


class Failure(Exception):
    """What a unit fails with."""


@pytest.fixture
def store(store: Store) -> Store:
    """The store, with a goal, a timer and a notice in it."""
    filled(store, ONE)
    with store.unit_of_work(NOW) as unit:
        unit.set_deadlines([D], [timer("t-1", D)])
        unit.tell([NoticeItem(event=1, recipient="zhang")])
        unit.tell([NoticeItem(event=1, recipient="li", held=True)])
        unit.set_setting("trial", "yes")
        unit.set_tenure(Tenure(body="", post="auditor", person="wang", since="", event=1))
    return store


def everything(reader: Reader) -> object:
    """All that a store can be asked, as one value to compare."""
    return (
        [(one, list(events)) for one, events in reader.histories()],
        [reader.history(one.key) for one, _ in reader.histories()],
        [(cycle, reader.plan(cycle.key)) for cycle in reader.cycles()],
        reader.calendar("cn@1"),
        [list(reader.deadlines(cycle.key, all_versions=True)) for cycle in reader.cycles()],
        [reader.exemptions(one.key) for one, _ in reader.histories()],
        reader.by_state(CYCLE, "goal"),
        reader.by_lamp(CYCLE),
        keys(reader, replace(GOALS, parent=CYCLE)),
        list(reader.timers(pending=False)),
        list(reader.timers()),
        reader.next_moment(),
        list(reader.tenures()),
        reader.waiting_notices(),
        list(reader.heartbeats()),
        reader.setting("trial"),
    )


def rebind(unit: UnitOfWork) -> None:
    unit.publish_plan("p", {})
    unit.bind_plan(CYCLE, "p")


def tell_and_settle(unit: UnitOfWork) -> None:
    for notice in unit.gather():
        unit.settle_notice(notice, "", None)


WRITES: dict[str, Callable[[UnitOfWork], object]] = {
    "create": lambda unit: create(unit, instance(f"{CYCLE}/T-2")),
    "open_cycle": lambda unit: open_cycle(unit, "other"),
    "append": lambda unit: unit.append(moving(ONE, "climb", texts={"reason": "r"})),
    "note": lambda unit: unit.append(
        following(ONE, timer="t", part="p", data={"set": {"n": 1}, "lamp": "red", "owner": "x"})
    ),
    "advance": lambda unit: unit.advance(GOALS, MACHINES["goal"], "climb", STAMP),
    "mark": lambda unit: unit.mark(GOALS, Kind.LATE, {"lamp": "red"}, STAMP),
    "plan": rebind,
    "calendar": lambda unit: unit.publish_calendar("cn@1", {"years": [2024]}),
    "deadlines": lambda unit: unit.set_deadlines([replace(D, id="d-2", version=2)], []),
    "timers": lambda unit: unit.set_deadlines([], [timer("t-2", D, -1)]),
    "settle_timer": lambda unit: unit.settle_timer(timer("t-1", D, state=TimerState.FIRED)),
    "cancel": lambda unit: unit.cancel_timers(CYCLE),
    "exemption": lambda unit: unit.set_exemption(ONE.key, "draft", Exempt.EXCUSED, 1),
    "tenure": lambda unit: unit.set_tenure(
        Tenure(body="b", post="p", person="x", since="", event=2)
    ),
    "end_tenure": lambda unit: unit.end_tenure(1, "2024-12-31"),
    "tell": lambda unit: unit.tell([NoticeItem(event=2, recipient="zhang")]),
    "release": lambda unit: unit.release_notices(),
    "gather": tell_and_settle,
    "beat": lambda unit: unit.beat(
        Heartbeat(daemon="d", version="1", started_at=NOW, last_tick=NOW)
    ),
    "setting": lambda unit: unit.set_setting("trial", "no"),
}


def seen(store: Store) -> object:
    with store.reading() as reader:
        return everything(reader)


def fail(store: Store, *writes: Callable[[UnitOfWork], object]) -> None:
    with store.unit_of_work(NOW) as unit:
        for write in writes:
            write(unit)
        raise Failure


@pytest.mark.parametrize("name", WRITES)
def test_a_unit_that_ends_well_is_there_to_stay(store: Store, name: str) -> None:
    before = seen(store)
    with store.unit_of_work(NOW) as unit:
        WRITES[name](unit)
        within = everything(unit)
    assert seen(store) == within != before


@pytest.mark.parametrize("name", WRITES)
def test_a_unit_that_fails_leaves_nothing(store: Store, name: str) -> None:
    before = seen(store)
    with pytest.raises(Failure):
        fail(store, WRITES[name])
    assert seen(store) == before


def test_after_everything_was_undone_everything_can_be_done(store: Store) -> None:
    writes = [WRITES[name] for name in ("create", "append", "deadlines", "gather", "open_cycle")]
    before = seen(store)
    for _ in range(2):
        with pytest.raises(Failure):
            fail(store, *writes)
        assert seen(store) == before
    for write in writes:
        with store.unit_of_work(NOW) as unit:
            write(unit)


@pytest.mark.parametrize("name", WRITES)
def test_a_view_stays_as_it_was_while_others_write(store: Store, name: str) -> None:
    with store.reading() as reader:
        before = everything(reader)
        with store.unit_of_work(NOW) as unit:
            WRITES[name](unit)
        assert everything(reader) == before
        assert seen(store) != before


@pytest.mark.parametrize("name", WRITES)
def test_nobody_sees_a_unit_before_it_ends(store: Store, name: str) -> None:
    before = seen(store)
    with store.unit_of_work(NOW) as unit:
        WRITES[name](unit)
        assert seen(store) == before
    assert seen(store) != before


def test_one_who_looked_before_another_wrote_is_told_so(store: Store) -> None:
    with store.reading() as reader:
        stale = reader.find(ONE.key)
    assert stale is not None
    with store.unit_of_work(NOW) as unit:
        unit.append(following(stale))
    with pytest.raises(ConcurrentChange), store.unit_of_work(NOW) as unit:
        unit.append(following(stale))


def test_writers_come_one_after_the_other(store: Store) -> None:
    inside, asked = Signal(), Signal()
    order: list[str] = []

    def second() -> None:
        inside.wait(WAIT_SECONDS)
        asked.set()
        with store.unit_of_work(NOW) as unit:
            goal = unit.load(ONE.key)
            order.append("second")
            unit.append(following(goal))

    thread = Thread(target=second)
    thread.start()
    with store.unit_of_work(NOW) as unit:
        goal = unit.load(ONE.key)
        inside.set()
        assert asked.wait(WAIT_SECONDS)
        unit.append(following(goal))
        order.append("first")
    thread.join(WAIT_SECONDS)
    assert order == ["first", "second"]
    with store.reading() as reader:
        assert [event.sequence for event in reader.history(ONE.key)] == [1, 2, 3]


def test_many_writers_lose_nothing(store: Store) -> None:
    def count() -> None:
        for _ in range(20):
            with store.unit_of_work(NOW + HOUR) as unit:
                found = unit.load(ONE.key)
                n = found.facts.get("n", 0)
                assert isinstance(n, int)
                unit.append(following(found, data={"set": {"n": n + 1}}))

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
    with store.reading() as reader:
        found = reader.find(ONE.key)
    assert found is not None
    assert (found.facts["n"], found.sequence) == (80, 81)


def test_who_holds_a_cycle_reads_it_as_it_stands(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        assert unit.hold(ONE.key)
        assert unit.hold(CYCLE, wait=False)
        assert unit.load(ONE.key) == ONE
    with store.unit_of_work(NOW) as unit:
        unit.hold("there-is-none")
