"""Joins: whether every child that counts has arrived, and which have not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.definition import Counted, Join
from engine.errors import NotFound
from engine.guards import Compare, StateIn
from engine.ports import Store
from tests.contract.world import (
    ALL_DONE,
    CYCLE,
    GOAL,
    NO_GAP,
    NOW,
    create,
    filled,
    instance,
    moving,
    open_cycle,
)

YEAR_ITSELF = instance(CYCLE, workflow="year")


def asked(store: Store, join: Join, key: str = CYCLE) -> tuple[bool, list[str]]:
    """Whether the join holds, and who is awaited."""
    with store.reading() as reader:
        found = reader.find(key)
        assert found is not None
        assert reader.count_awaited(join, found) == len(reader.awaited(join, found))
        if not reader.awaited(join, found) and not join.may_be_empty:
            assert reader.joined(join, found) == (reader.count_arrived(join, found) > 0)
        awaited = [one.key.removeprefix(f"{CYCLE}/") for one in reader.awaited(join, found)]
        return reader.joined(join, found), awaited


def test_with_nobody_to_count_it_holds_only_if_it_may_be_empty(store: Store) -> None:
    assert asked(store, ALL_DONE) == (False, [])
    assert asked(store, replace(ALL_DONE, may_be_empty=True)) == (True, [])


def test_those_that_have_arrived_are_counted(store: Store) -> None:
    filled(
        store,
        instance(f"{CYCLE}/a", "dropped"),
        instance(f"{CYCLE}/b", "high"),
        instance(f"{CYCLE}/c", "high"),
        instance(f"{CYCLE}/d", "low"),
        instance(f"{CYCLE}/t", "done", "task", gate="closed"),
        instance(f"{CYCLE}/u", "done", "task"),
    )
    with store.reading() as reader:
        found = reader.find(CYCLE)
        assert found is not None
        assert reader.count_arrived(ALL_DONE, found) == 3


def test_with_only_some_that_do_not_count_nobody_is_counted(store: Store) -> None:
    filled(
        store,
        instance(f"{CYCLE}/a", "dropped"),
        instance(f"{CYCLE}/t", "done", "task", gate="open"),
        instance(f"{CYCLE}/u", "done", "task"),
        instance(f"{CYCLE}/g", "open", "gap"),
    )
    assert asked(store, ALL_DONE) == (False, [])
    assert asked(store, replace(ALL_DONE, may_be_empty=True)) == (True, [])


def test_it_holds_when_all_have_arrived(store: Store) -> None:
    filled(
        store,
        instance(f"{CYCLE}/a", "high"),
        instance(f"{CYCLE}/b", "dropped"),
        instance(f"{CYCLE}/t", "done", "task", gate="closed"),
        instance(f"{CYCLE}/u", "open", "task", gate="open"),
    )
    assert asked(store, ALL_DONE) == (True, [])


def test_one_kind_alone_is_enough_to_count(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/t", "done", "task", gate="closed"))
    assert asked(store, ALL_DONE) == (True, [])


def test_those_that_have_not_arrived_are_awaited_in_order_of_key(store: Store) -> None:
    filled(
        store,
        instance(f"{CYCLE}/t", "open", "task", gate="closed"),
        instance(f"{CYCLE}/c", "middle"),
        instance(f"{CYCLE}/a", "low"),
        instance(f"{CYCLE}/b", "high"),
    )
    assert asked(store, ALL_DONE) == (False, ["a", "c", "t"])
    with store.reading() as reader:
        first = reader.awaited(ALL_DONE, YEAR_ITSELF, limit=2)
        assert [one.key for one in first] == [f"{CYCLE}/a", f"{CYCLE}/c"]
        assert first[0] == instance(f"{CYCLE}/a")


def test_of_a_cycle_all_within_it_count(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/a", "high"), instance(f"{CYCLE}/a/b"))
    filled(store, instance(f"{CYCLE}/a/b/g", "open", "gap"))
    assert asked(store, ALL_DONE) == (False, ["a/b"])
    assert asked(store, NO_GAP) == (False, ["a/b/g"])


def test_of_any_other_only_those_directly_below_count(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/a"), instance(f"{CYCLE}/a/b"), instance(f"{CYCLE}/ab"))
    filled(store, instance(f"{CYCLE}/a/b/g", "open", "gap"))
    assert asked(store, NO_GAP, f"{CYCLE}/a") == (True, [])
    assert asked(store, NO_GAP, f"{CYCLE}/a/b") == (False, ["a/b/g"])
    assert asked(store, NO_GAP, f"{CYCLE}/ab") == (True, [])


def test_nobody_is_its_own_child(store: Store) -> None:
    years = Join(name="years", counted=(Counted(workflow="year", arrived=("drafting",)),))
    assert asked(store, years) == (False, [])
    assert asked(store, replace(years, may_be_empty=True)) == (True, [])


def test_children_of_another_cycle_do_not_count(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        open_cycle(unit, "other")
        create(unit, instance("other/a"), instance(f"{CYCLE}/a", "high"))
    assert asked(store, ALL_DONE) == (True, [])


def test_one_that_arrives_or_goes_back_is_seen_at_once(store: Store) -> None:
    goal = instance(f"{CYCLE}/a", "middle")
    filled(store, goal)
    with store.unit_of_work(NOW) as unit:
        assert not unit.joined(ALL_DONE, YEAR_ITSELF)
        unit.append(moving(goal, "climb"))
        assert unit.joined(ALL_DONE, YEAR_ITSELF)
        unit.append(moving(replace(goal, state="high", sequence=2), "redo"))
        assert not unit.joined(ALL_DONE, YEAR_ITSELF)


def test_a_state_that_is_left_out_has_not_arrived(store: Store) -> None:
    join = Join(
        name="odd", counted=(Counted(workflow="goal", arrived=("high",), left_out=("high",)),)
    )
    filled(store, instance(f"{CYCLE}/a", "high"))
    assert asked(store, join) == (False, [])


def test_one_that_counts_twice_must_arrive_twice(store: Store) -> None:
    join = Join(
        name="twice",
        counted=(
            Counted(workflow="goal", arrived=("middle", "high")),
            Counted(workflow="goal", arrived=("high",), when=Compare("n", ">=", 60)),
        ),
    )
    filled(store, instance(f"{CYCLE}/a", "middle", n=60), instance(f"{CYCLE}/b", "middle", n=59))
    assert asked(store, join) == (False, ["a"])


def test_which_count_may_depend_on_their_state(store: Store) -> None:
    join = Join(
        name="by_state",
        counted=(Counted(workflow="goal", arrived=("high",), when=StateIn(("low", "high"))),),
    )
    filled(store, instance(f"{CYCLE}/a", "middle"), instance(f"{CYCLE}/b", "high"))
    assert asked(store, join) == (True, [])


def test_a_kind_that_was_published_later_counts_too(store: Store) -> None:
    assert asked(store, NO_GAP) == (True, [])
    later = replace(GOAL, name="later")
    with store.unit_of_work(NOW) as unit:
        unit.publish_workflow(later)
        create(unit, replace(instance(f"{CYCLE}/a"), workflow="later", edition=later.edition))
    join = Join(name="later", counted=(Counted(workflow="later", arrived=("high",)),))
    assert asked(store, join) == (False, ["a"])


@pytest.mark.parametrize("limit", [0, 1])
def test_of_nobody_nothing_is_joined(store: Store, limit: int) -> None:
    nobody = instance("nowhere", workflow="year")
    with store.reading() as reader:
        with pytest.raises(NotFound):
            reader.joined(NO_GAP, nobody)
        with pytest.raises(NotFound):
            reader.awaited(NO_GAP, nobody, limit)
        with pytest.raises(NotFound):
            reader.count_awaited(NO_GAP, nobody)
