"""Creating instances, finding them, and what they run on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from engine.deadline import Exempt
from engine.definition import Workflow
from engine.errors import AlreadyExists, BadText, NotFound
from engine.events import Instance, Kind
from engine.facts import clean_text
from engine.footprint import Footprint, footprint
from engine.population import Population
from engine.ports import Store, UnitOfWork
from tests.contract.world import (
    CYCLE,
    GOAL,
    GOALS,
    NOW,
    born,
    create,
    filled,
    following,
    instance,
    keys,
    moving,
    open_cycle,
)


def test_what_was_created_is_found_as_it_was_given(store: Store) -> None:
    made = instance(
        f"{CYCLE}/T-017", "middle", owner="办公室", origin="d-1", n=7, tired=False, title="目标"
    )
    filled(store, made)
    with store.reading() as reader:
        assert reader.find(made.key) == made


def test_nothing_is_found_where_nothing_is(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        assert unit.find(f"{CYCLE}/T-1") is None
        with pytest.raises(NotFound):
            unit.load(f"{CYCLE}/T-1")


def test_a_store_in_which_nothing_is_answers_with_nothing(blank: Store) -> None:
    with blank.reading() as reader:
        assert list(reader.cycles()) == []
        assert list(reader.histories()) == []
        assert list(reader.timers()) == []
        assert list(reader.tenures()) == []
        assert reader.next_moment() is None
        assert reader.waiting_notices() == {}
        assert reader.count(GOALS) == 0
        assert reader.event(1) is None


def test_create_tells_where_each_first_event_stands(store: Store) -> None:
    first, second = instance(f"{CYCLE}/T-2"), instance(f"{CYCLE}/T-1")
    with store.unit_of_work(NOW) as unit:
        positions = create(unit, first, second)
        found = [unit.event(position) for position in positions]
        assert [event and event.instance for event in found] == [first.key, second.key]
        assert all(event and event.kind is Kind.OPENED for event in found)
        assert positions == sorted(positions)


def test_creating_nobody_is_no_trouble(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        assert list(unit.create([])) == []


def test_parents_and_children_may_be_born_together(blank: Store) -> None:
    with blank.unit_of_work(NOW) as unit:
        unit.publish_workflow(GOAL)
        create(unit, instance("a"), instance("a/b"), instance("a/b/c"))
        assert keys(unit, Population(cycle="a", workflow="goal")) == ["a", "a/b", "a/b/c"]
        assert keys(unit, Population(cycle="a", workflow="goal", parent="a/b")) == ["a/b/c"]


def test_a_key_is_taken_once(store: Store) -> None:
    taken, free = instance(f"{CYCLE}/T-1"), instance(f"{CYCLE}/T-2")
    filled(store, taken)
    with pytest.raises(AlreadyExists), store.unit_of_work(NOW) as unit:
        create(unit, free, taken)
    with store.reading() as reader:
        assert keys(reader, GOALS) == [taken.key]
        assert len(reader.history(taken.key)) == 1


def test_a_key_is_taken_once_within_one_call_too(store: Store) -> None:
    with store.unit_of_work(NOW) as unit, pytest.raises(AlreadyExists):
        create(unit, instance(f"{CYCLE}/T-1"), instance(f"{CYCLE}/T-1"))


def test_a_refused_creation_leaves_the_unit_as_it_was(store: Store) -> None:
    filled(store, instance(f"{CYCLE}/T-1"))
    with store.unit_of_work(NOW) as unit:
        with pytest.raises(AlreadyExists):
            create(unit, instance(f"{CYCLE}/T-2"), instance(f"{CYCLE}/T-1"))
        assert unit.find(f"{CYCLE}/T-2") is None
        create(unit, instance(f"{CYCLE}/T-3"))
    with store.reading() as reader:
        assert keys(reader, GOALS) == [f"{CYCLE}/T-1", f"{CYCLE}/T-3"]


@pytest.mark.parametrize("key", ["nowhere/T-1", f"{CYCLE}/T-1/F-1"])
def test_nobody_is_born_beneath_nobody(store: Store, key: str) -> None:
    with pytest.raises(NotFound), store.unit_of_work(NOW) as unit:
        create(unit, instance(key))


def test_keys_and_owners_are_any_text(store: Store) -> None:
    strange = [
        instance(f"{CYCLE}/目标—〇一", owner="泉州市𠮷办"),
        instance(f"{CYCLE}/100%_a'\"\\", owner="O'Brien; --"),
        instance(f"{CYCLE}/👩‍👩‍👧", owner="ẞß"),
    ]
    filled(store, *strange)
    with store.reading() as reader:
        for made in strange:
            assert reader.find(made.key) == made
            assert keys(reader, replace(GOALS, owner=made.owner)) == [made.key]
        assert keys(reader, replace(GOALS, key=f"{CYCLE}/%")) == []


@pytest.mark.parametrize("text", ["T\0", "\ud800"])
def test_what_no_database_keeps_is_refused_before_it_comes_here(text: str) -> None:
    with pytest.raises(BadText):
        clean_text("key", text)


def test_the_order_of_keys_is_that_of_their_bytes(store: Store) -> None:
    names = [
        "T-9",
        "T-10",
        "a",
        "Z",
        "é",
        "e",
        "目",
        "Ａ",
        "𠮷",
        "T-10/F-1",
    ]  # Ａ, 𠮷: not UTF-16's
    filled(store, *(instance(f"{CYCLE}/{name}") for name in names))
    with store.reading() as reader:
        found = keys(reader, GOALS)
    assert found == sorted((f"{CYCLE}/{name}" for name in names), key=str.encode)


def test_case_and_near_keys_do_not_mix(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        create(unit, instance("QZ-2024", workflow="year"), instance("qz-2024b", workflow="year"))
        create(unit, instance("QZ-2024/T-1"), instance("qz-2024b/T-1"), instance(f"{CYCLE}/t-1"))
        assert keys(unit, GOALS) == [f"{CYCLE}/t-1"]
        assert unit.find(f"{CYCLE}/T-1") is None


def test_cycles_come_in_order_of_opening_and_nothing_else_does(store: Store) -> None:
    filled(store, instance("office", workflow="gap"), instance(f"{CYCLE}/T-1"))
    with store.unit_of_work(NOW) as unit:
        open_cycle(unit, "qz-2023")
        open_cycle(unit, "qz-2022")
    with store.unit_of_work(NOW) as unit:
        unit.bind_plan(CYCLE, "plan@qz-2022")
        assert [cycle.key for cycle in unit.cycles()] == [CYCLE, "qz-2023", "qz-2022"]


def test_a_cycle_runs_under_the_plan_that_it_was_last_bound_to(store: Store) -> None:
    content = {"title": "二〇二四", "steps": [{"step": "draft", "days": 7, "soft": False}]}
    with store.unit_of_work(NOW) as unit:
        unit.publish_plan("second", content)
        assert unit.plan(CYCLE) == (f"plan@{CYCLE}", {"title": CYCLE})
        unit.bind_plan(CYCLE, "second")
        assert unit.plan(CYCLE) == ("second", content)
    with store.reading() as reader:
        assert reader.plan(CYCLE) == ("second", content)


def test_a_published_plan_never_changes(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        unit.publish_plan(f"plan@{CYCLE}", {"title": "another"})
        assert unit.plan(CYCLE)[1] == {"title": CYCLE}


def test_a_plan_is_read_by_its_edition_whether_or_not_a_cycle_runs_under_it(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        unit.publish_plan("unbound", {"title": "x"})
        assert unit.published_plan("unbound") == {"title": "x"}
    with store.reading() as reader:
        assert reader.published_plan("unbound") == {"title": "x"}
        assert reader.published_plan(f"plan@{CYCLE}") == {"title": CYCLE}
        with pytest.raises(NotFound):
            reader.published_plan("never")


@pytest.mark.parametrize("cycle", ["nowhere", f"{CYCLE}/T-1"])
def test_where_there_is_no_cycle_there_is_no_plan(store: Store, cycle: str) -> None:
    filled(store, instance(f"{CYCLE}/T-1"))
    with store.reading() as reader, pytest.raises(NotFound):
        reader.plan(cycle)


@pytest.mark.parametrize(("cycle", "plan"), [("nowhere", f"plan@{CYCLE}"), (CYCLE, "unknown")])
def test_only_a_cycle_is_bound_and_only_to_a_plan(store: Store, cycle: str, plan: str) -> None:
    with pytest.raises(NotFound), store.unit_of_work(NOW) as unit:
        unit.bind_plan(cycle, plan)


def test_a_published_calendar_never_changes(store: Store) -> None:
    days = {"2024-10-01": "国庆节", "2024-10-12": True, "years": [2024]}
    with store.unit_of_work(NOW) as unit:
        assert unit.calendar("cn@1") == {}
        unit.publish_calendar("cn@1", days)
        unit.publish_calendar("cn@1", {})
        unit.publish_calendar("cn@2", {"years": []})
        assert unit.calendar("cn@1") == days
    with store.reading() as reader:
        assert reader.calendar("cn@1") == days
        assert reader.calendar("cn@2") == {"years": []}


def test_a_machine_is_the_one_that_was_published(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        unit.publish_workflow(GOAL)
    with store.reading() as reader:
        machine = reader.machine(GOAL.edition)
        assert machine.workflow == GOAL
        assert machine.workflow.edition == GOAL.edition
        with pytest.raises(NotFound):
            reader.machine("goal@0000000000000000")


def publish_and_create(unit: UnitOfWork, workflow: Workflow, made: Instance) -> None:
    unit.publish_workflow(workflow)
    assert unit.machine(workflow.edition).workflow == workflow
    create(unit, made)


def test_a_machine_that_a_failed_unit_published_is_not_there(store: Store) -> None:
    other = replace(GOAL, name="other")
    taken = instance(CYCLE, workflow="year")
    with pytest.raises(AlreadyExists), store.unit_of_work(NOW) as unit:
        publish_and_create(unit, other, taken)
    with store.reading() as reader, pytest.raises(NotFound):
        reader.machine(other.edition)


def test_instances_are_counted_by_state(store: Store) -> None:
    filled(
        store,
        instance(f"{CYCLE}/T-1"),
        instance(f"{CYCLE}/T-2", "high"),
        instance(f"{CYCLE}/T-2/T-1", "high"),
        instance(f"{CYCLE}/T-1/F-1", "open", workflow="gap"),
    )
    with store.reading() as reader:
        assert reader.by_state(CYCLE, "goal") == {"low": 1, "high": 2}
        assert reader.by_state(CYCLE, "year") == {"drafting": 1}
        assert reader.by_state(CYCLE, "task") == {}


def test_instances_are_counted_by_lamp(store: Store) -> None:
    made = [instance(f"{CYCLE}/T-{n}") for n in range(4)]
    filled(store, *made)
    with store.unit_of_work(NOW) as unit:
        assert unit.by_lamp(CYCLE) == {}
        for one, lamp in zip(made, ["red", "red", "yellow", ""], strict=True):
            unit.append(following(one, data={"lamp": lamp}))
        assert unit.by_lamp(CYCLE) == {"red": 2, "yellow": 1}


def test_histories_are_told_of_one_cycle_or_of_all(store: Store) -> None:
    one = instance(f"{CYCLE}/T-1")
    with store.unit_of_work(NOW) as unit:
        open_cycle(unit, "other")
        unit.create([born(one, texts={"reason": "secret"})])
        unit.append(following(one, data={"set": {"n": 1}}))
    with store.reading() as reader:
        told = {found.key: events for found, events in reader.histories(CYCLE)}
        everything = {found.key: events for found, events in reader.histories()}
        assert set(told) == {CYCLE, one.key}
        assert set(everything) == {CYCLE, "other", one.key}
        assert [event.sequence for event in told[one.key]] == [1, 2]
        assert all(not event.texts for event in told[one.key])
        assert {found.key: found for found, _ in reader.histories()} == {
            key: reader.find(key) for key in everything
        }


def parsed(steps: Iterable[Footprint]) -> list[tuple[Footprint, object]]:
    """The footprints and what their data says: how it is spaced and ordered is the store's."""
    return [(step._replace(data=""), json.loads(step.data)) for step in steps]


def test_footprints_are_those_of_the_histories(store: Store) -> None:
    one = instance(f"{CYCLE}/T-1")
    with store.unit_of_work(NOW) as unit:
        open_cycle(unit, "other")
        unit.create([born(one, timer="t-1", part="open")])
        unit.append(moving(one, "climb", data={"unset": ["n"], "set": {"m": "目"}}))
        unit.append(following(replace(one, sequence=2), data={"lamp": "red", "owner": "x"}))
    with store.reading() as reader:
        for cycle in (CYCLE, ""):
            told = [(found, parsed(steps)) for found, steps in reader.footprints(cycle)]
            assert told == [
                (found, parsed(footprint(event) for event in events))
                for found, events in reader.histories(cycle)
            ]


def test_questions_about_a_name_that_is_not_there_say_so(store: Store) -> None:
    with store.reading() as reader:
        for ask in (
            lambda: reader.history("nowhere"),
            lambda: list(reader.histories("nowhere")),
            lambda: list(reader.footprints("nowhere")),
            lambda: reader.last("nowhere", "climb"),
            lambda: reader.by_state("nowhere", "goal"),
            lambda: reader.by_lamp("nowhere"),
            lambda: reader.deadlines("nowhere"),
            lambda: reader.timers("nowhere"),
            lambda: reader.due(NOW, "nowhere"),
            lambda: reader.exemptions("nowhere"),
            lambda: reader.exempt("nowhere", Exempt.EXCUSED),
        ):
            with pytest.raises(NotFound):
                ask()
