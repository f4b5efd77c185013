"""Set-based acts: one call, many instances, each at most once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.events import Event, Kind
from engine.facts import to_text
from engine.guards import Known, StateIn
from engine.machine import Machine
from engine.population import Stamp
from engine.ports import Store, UnitOfWork
from tests.contract.world import (
    CYCLE,
    GOAL,
    GOALS,
    HOUR,
    MACHINES,
    NOW,
    REPORT,
    STAMP,
    filled,
    following,
    instance,
    moving,
    states,
)

MACHINE = MACHINES["goal"]
TIMED = replace(STAMP, timer="t-1", part="late")


def last(unit: UnitOfWork, name: str) -> Event:
    return unit.history(f"{CYCLE}/{name}")[-1]


def test_all_that_can_move_do_and_no_other(store: Store) -> None:
    filled(
        store,
        instance(f"{CYCLE}/a"),
        instance(f"{CYCLE}/b", "middle"),
        instance(f"{CYCLE}/c", "middle", tired=True),
        instance(f"{CYCLE}/d", "high"),
    )
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(GOALS, MACHINE, "climb", STAMP) == 2
        assert states(unit) == {"a": "middle", "b": "high", "c": "middle", "d": "high"}
        assert len(unit.history(f"{CYCLE}/a")) == 2
        assert len(unit.history(f"{CYCLE}/c")) == 1


def test_moves_of_many_are_told_together(store: Store) -> None:
    a, b, c = (f"{CYCLE}/{name}" for name in "abc")
    filled(store, instance(a), instance(b), instance(c, "high"))
    with store.unit_of_work(NOW) as unit:
        unit.append(following(instance(b), texts={"reason": "no move"}))
        unit.append(moving(unit.load(a), "climb", texts={"reason": "private"}))
        since = last(unit, "a").position
        unit.advance(GOALS, MACHINE, "climb", STAMP)
        found = unit.moves_of([c, b, a, f"{CYCLE}/nowhere"])
        assert {key: [e.source for e in moves] for key, moves in found.items()} == {
            a: ["low", "middle"],
            b: ["low"],
        }
        assert found[a] == [replace(e, texts={}) for e in unit.history(a)[1:]]
        later = unit.moves_of([a, b], since)
        assert later == {a: found[a][1:], b: found[b]}


def test_each_climbs_one_rung_at_a_time(store: Store) -> None:
    filled(store, *(instance(f"{CYCLE}/{n}") for n in range(5)))
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(GOALS, MACHINE, "climb", STAMP) == 5
        assert set(states(unit).values()) == {"middle"}
        assert unit.advance(GOALS, MACHINE, "climb", STAMP) == 5
        assert set(states(unit).values()) == {"high"}
        assert unit.advance(GOALS, MACHINE, "climb", STAMP) == 0


def test_a_move_in_a_set_is_recorded_like_any_other(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/a", n=1))
    with store.unit_of_work(NOW) as unit:
        cause = unit.history(CYCLE)[0].position
        stamp = Stamp(
            occurred_at=NOW - HOUR,
            recorded_at=NOW,
            actor="zhang",
            acting_for="post:主任",
            authority="文〔2024〕1号",
            cause=cause,
            timer="t-1",
            part="move",
        )
        unit.advance(GOALS, MACHINE, "climb", stamp)
        expected = moving(
            instance(f"{CYCLE}/a"),
            "climb",
            acting_for="post:主任",
            authority="文〔2024〕1号",
            cause=cause,
            timer="t-1",
            part="move",
        )
        event = last(unit, "a")
        assert event == replace(expected, position=event.position)
        assert unit.load(f"{CYCLE}/a") == replace(
            instance(f"{CYCLE}/a", "middle", n=1), sequence=2, moved_at=NOW - HOUR
        )


def test_nobody_moves_before_its_last_move(store: Store) -> None:
    later = NOW - HOUR / 2
    filled(store, instance(f"{CYCLE}/a"), instance(f"{CYCLE}/b"), instance(f"{CYCLE}/c"))
    with store.unit_of_work(NOW) as unit:
        unit.append(moving(instance(f"{CYCLE}/a"), "climb", occurred_at=later))
        unit.append(moving(instance(f"{CYCLE}/b"), "climb", occurred_at=NOW - 2 * HOUR))
        unit.advance(GOALS, MACHINE, "climb", STAMP)
        moments = {name: last(unit, name).occurred_at for name in "abc"}
        assert moments == {"a": later, "b": NOW - HOUR, "c": NOW - HOUR}
        for name, moment in moments.items():
            assert unit.load(f"{CYCLE}/{name}").moved_at == moment
        unit.mark(GOALS, Kind.LATE, {}, STAMP)
        assert last(unit, "a").occurred_at == NOW - HOUR
        assert unit.load(f"{CYCLE}/a").moved_at == later


def test_events_of_one_act_stand_in_order_of_key(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/b"), instance(f"{CYCLE}/a"), instance(f"{CYCLE}/c"))
    with store.unit_of_work(NOW) as unit:
        unit.advance(GOALS, MACHINE, "climb", STAMP)
        positions = [last(unit, name).position for name in "abc"]
    assert positions == sorted(positions)


def test_only_the_population_moves(store: Store) -> None:
    filled(
        store,
        instance(f"{CYCLE}/a", n=1),
        instance(f"{CYCLE}/b", owner="section-2", n=1),
        instance(f"{CYCLE}/c"),
        instance(f"{CYCLE}/a/d", n=1),
    )
    mine = replace(GOALS, parent=CYCLE, owner="section-1", where=Known("n"))
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(mine, MACHINE, "climb", STAMP) == 1
        assert states(unit) == {"a": "middle", "b": "low", "c": "low", "d": "low"}


@pytest.mark.parametrize("cycle", [CYCLE, "nowhere"])
def test_where_nobody_is_nobody_moves(store: Store, cycle: str) -> None:
    nobody = replace(GOALS, cycle=cycle)
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(nobody, MACHINE, "climb", STAMP) == 0
        assert unit.mark(nobody, Kind.LATE, {}, STAMP) == 0


def test_on_a_trigger_that_is_not_there_nobody_moves(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/a"))
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(GOALS, MACHINE, "jump", STAMP) == 0


def test_one_that_runs_on_another_edition_stays(store: Store) -> None:
    later = replace(GOAL, final=("high",))
    with store.unit_of_work(NOW) as unit:
        unit.publish_workflow(later)
    filled(store, instance(f"{CYCLE}/a"), replace(instance(f"{CYCLE}/b"), edition=later.edition))
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(GOALS, Machine(later), "climb", STAMP) == 1
        assert states(unit) == {"a": "low", "b": "middle"}


def test_a_moment_is_compared_with_that_of_the_unit(store: Store) -> None:
    filled(
        store,
        instance(f"{CYCLE}/a", opens=to_text(NOW)),
        instance(f"{CYCLE}/b", opens=to_text(NOW + HOUR)),
        instance(f"{CYCLE}/c"),
    )
    with store.unit_of_work(NOW) as unit:
        stamp = replace(STAMP, occurred_at=NOW + 2 * HOUR)
        assert unit.advance(GOALS, MACHINE, "open", stamp) == 1
        assert states(unit) == {"a": "middle", "b": "low", "c": "low"}


@pytest.mark.parametrize(
    ("state", "circular", "moved"),
    [("published", False, 1), ("drafting", False, 0), ("published", True, 0), (None, False, 0)],
)
def test_guards_read_the_parent_that_is_given(
    store: Store, state: str | None, circular: bool, moved: int
) -> None:
    filled(store, instance(f"{CYCLE}/a"))
    facts = {"circular": "1"} if circular else {}
    parent = instance(CYCLE, state, "year", **facts) if state else None
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(GOALS, MACHINE, "follow", STAMP, parent) == moved


def test_each_is_asked_for_its_own_children(store: Store) -> None:
    filled(store, *(instance(f"{CYCLE}/{name}") for name in "abc"))
    filled(
        store,
        instance(f"{CYCLE}/a/1", "closed", "gap"),
        instance(f"{CYCLE}/a/2", "open", "gap"),
        instance(f"{CYCLE}/b/1", "closed", "gap"),
    )
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(GOALS, MACHINE, "settle", STAMP) == 2
        assert states(unit) == {"a": "low", "b": "high", "c": "high"}


def test_a_cycle_is_asked_for_all_within_it(store: Store) -> None:
    cycles = replace(GOALS, workflow="year")
    filled(store, instance(f"{CYCLE}/a", "high"), instance(f"{CYCLE}/a/b"))
    with store.unit_of_work(NOW) as unit:
        unit.append(moving(instance(CYCLE, workflow="year"), "publish"))
        assert unit.advance(cycles, MACHINES["year"], "close", STAMP) == 0
        unit.append(moving(instance(f"{CYCLE}/a/b"), "force:high"))
        assert unit.advance(cycles, MACHINES["year"], "close", STAMP) == 1
        assert unit.load(CYCLE).state == "closed"


def test_a_move_voids_the_facts_that_it_clears(store: Store) -> None:
    whole: dict[str, str] = {**dict.fromkeys(REPORT, "x"), "title": "t"}
    filled(
        store,
        instance(f"{CYCLE}/a", "middle", **whole),
        instance(f"{CYCLE}/b", "middle", report="x"),
        instance(f"{CYCLE}/c", "middle", title="t"),
    )
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(GOALS, MACHINE, "redo", STAMP) == 3
        facts = {name: unit.load(f"{CYCLE}/{name}").facts for name in "abc"}
        assert facts == {"a": {"title": "t"}, "b": {}, "c": {"title": "t"}}
        assert set(last(unit, "a").data["unset"]) == set(REPORT)


def test_an_event_names_the_facts_that_its_move_voids(store: Store) -> None:
    filled(
        store,
        instance(f"{CYCLE}/a", "middle", report="x"),
        instance(f"{CYCLE}/b", "middle", title="t"),
    )
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(GOALS, MACHINE, "redo", STAMP) == 2
        redo = MACHINE.edge("redo", "middle")
        assert redo is not None
        assert last(unit, "a").data == {"unset": list(redo.clears)}
        assert last(unit, "b").data == last(unit, "a").data


def test_a_move_that_clears_nothing_leaves_the_facts(store: Store) -> None:
    filled(
        store,
        instance(f"{CYCLE}/a", "middle", report="x"),
        instance(f"{CYCLE}/b", "high", report="x"),
    )
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(GOALS, MACHINE, "redo", STAMP) == 2
        assert unit.load(f"{CYCLE}/a").facts == {}
        assert unit.load(f"{CYCLE}/b").facts == {"report": "x"}
        assert last(unit, "b").data == {}


def test_a_timer_moves_each_once(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/a"), instance(f"{CYCLE}/b"))
    with store.unit_of_work(NOW) as unit:
        unit.append(following(instance(f"{CYCLE}/b"), timer="t-1", part="late"))
        assert unit.advance(GOALS, MACHINE, "climb", TIMED) == 1
        assert unit.advance(GOALS, MACHINE, "climb", TIMED) == 0
        assert unit.advance(GOALS, MACHINE, "climb", replace(TIMED, part="move")) == 2
        assert states(unit) == {"a": "high", "b": "middle"}


def test_many_may_be_forced_at_once(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/a"), instance(f"{CYCLE}/b", "dropped"))
    with store.unit_of_work(NOW) as unit:
        assert unit.advance(GOALS, MACHINE, "force:high", STAMP) == 2
        assert states(unit) == {"a": "high", "b": "high"}
        assert last(unit, "b").forced


def test_every_one_of_a_population_is_marked(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/a", n=1), instance(f"{CYCLE}/b", "high"))
    data = {"lamp": "红", "step": "draft", "days": 3}
    with store.unit_of_work(NOW) as unit:
        low = replace(GOALS, where=StateIn(("low",)))
        assert unit.mark(low, Kind.LATE, data, TIMED) == 1
        expected = following(
            instance(f"{CYCLE}/a"),
            kind=Kind.LATE,
            data=data,
            actor="daemon",
            timer="t-1",
            part="late",
        )
        assert last(unit, "a") == replace(expected, position=last(unit, "a").position)
        marked = replace(instance(f"{CYCLE}/a", n=1), sequence=2, lamp="红")
        assert unit.load(f"{CYCLE}/a") == marked
        assert unit.load(f"{CYCLE}/b") == instance(f"{CYCLE}/b", "high")


def test_a_mark_without_a_lamp_leaves_the_lamp(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/a"))
    with store.unit_of_work(NOW) as unit:
        unit.mark(GOALS, Kind.LAMP, {"lamp": "red"}, STAMP)
        unit.mark(GOALS, Kind.LATE, {"step": "draft"}, STAMP)
        assert unit.load(f"{CYCLE}/a").lamp == "red"
        unit.mark(GOALS, Kind.LAMP, {"lamp": ""}, STAMP)
        assert unit.load(f"{CYCLE}/a").lamp == ""


def test_a_part_of_a_timer_marks_each_once(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/a"))
    with store.unit_of_work(NOW) as unit:
        assert unit.mark(GOALS, Kind.LATE, {}, TIMED) == 1
        assert unit.mark(GOALS, Kind.LATE, {}, TIMED) == 0
    filled(store, instance(f"{CYCLE}/b"))
    with store.unit_of_work(NOW) as unit:
        assert unit.mark(GOALS, Kind.LATE, {}, TIMED) == 1
        assert unit.mark(GOALS, Kind.LATE, {}, replace(TIMED, part="lamp")) == 2
        assert unit.mark(GOALS, Kind.LATE, {}, replace(TIMED, timer="t-2")) == 2
        assert [e.sequence for e in unit.history(f"{CYCLE}/a")] == [1, 2, 3, 4]


def test_without_a_timer_marks_repeat(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/a"))
    with store.unit_of_work(NOW) as unit:
        assert unit.mark(GOALS, Kind.REMINDED, {}, STAMP) == 1
        assert unit.mark(GOALS, Kind.REMINDED, {}, STAMP) == 1
        assert unit.load(f"{CYCLE}/a").sequence == 3


def test_acts_follow_each_other_within_a_unit(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/a", n=60))
    with store.unit_of_work(NOW) as unit:
        unit.mark(GOALS, Kind.LATE, {"lamp": "red"}, TIMED)
        unit.advance(GOALS, MACHINE, "pass", replace(TIMED, part="move"))
        unit.append(following(replace(unit.load(f"{CYCLE}/a")), data={"set": {"n": 0}}))
        found = unit.load(f"{CYCLE}/a")
        assert (found.state, found.lamp, found.sequence) == ("high", "red", 4)
        assert found.facts == {"n": 0}
