"""Moving a whole population in one call is firing each of its instances once.

`Machine.fire` decides what each should do, on random machines, guards, facts
and kin; then `advance` of every store is held to it, states and events alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import StandingClock
from engine.definition import Counted, Join, Transition, Workflow
from engine.errors import EngineError
from engine.events import Event, Instance, Kind, apply
from engine.facts import NO_FACTS, Value
from engine.guards import Guard, Joined, Not, ParentIn, ParentKnows, View, holds
from engine.machine import Machine
from engine.population import Population, Stamp
from engine.ports import Store, UnitOfWork
from tests.contract.stores import STORES
from tests.property.strategies import (
    FACTS,
    JOINS,
    NOW,
    PARENT_FACTS,
    PARENT_STATES,
    VALUES,
    facts,
    guards,
)

INSTANT = timedelta(microseconds=1)
STATES = ("low", "middle", "high")
TRIGGERS = ("climb", "fall")
TARGETS = Population(cycle="year", workflow="random")
STAMP = Stamp(occurred_at=NOW - INSTANT, recorded_at=NOW, timer="t-1", part="move")

CHILD_STATES = ("open", "closed", "withdrawn")
IN_TIME = Counted(workflow="child", arrived=("closed",), left_out=("withdrawn",))
ALL_IN = Join(name="all_in", counted=(IN_TIME,))
NONE_OPEN = Join(name="none_open", counted=(IN_TIME,), may_be_empty=True)
assert {ALL_IN.name, NONE_OPEN.name} == set(JOINS)

CHILD = Workflow(
    name="child",
    states=CHILD_STATES,
    initial="open",
    line=CHILD_STATES[:2],
    final=CHILD_STATES[1:],
    transitions=(),
)
PARENT = replace(
    CHILD, name="year", states=PARENT_STATES, initial="early", line=PARENT_STATES, final=("late",)
)
FORCED = "high"
LADDER = Workflow(
    name="random",
    states=STATES,
    initial="low",
    line=STATES,
    final=("high",),
    transitions=(
        *(
            Transition(trigger="climb", sources=(source,), target=target)
            for source, target in pairwise(STATES)
        ),
        Transition(trigger="fall", sources=("middle",), target="low", clears=(*FACTS,)),
        Transition(trigger="fall", sources=("high",), target="middle"),
    ),
    forcible=(FORCED,),
    joins=(ALL_IN, NONE_OPEN),
)
"""Where one who follows its own event moves twice in one call."""

some_states = st.lists(st.sampled_from(PARENT_STATES), max_size=2, unique=True).map(tuple)
kin: st.SearchStrategy[Guard] = st.one_of(
    st.builds(Joined, st.sampled_from(JOINS)),
    st.builds(ParentIn, some_states),
    st.builds(ParentKnows, st.sampled_from(PARENT_FACTS)),
)
"""What is read of others, drawn on its own: within a large tree it seldom decides."""


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    """A machine in which most of a population has somewhere to go."""
    return replace(
        LADDER,
        transitions=tuple(
            Transition(
                trigger=trigger,
                sources=(source,),
                target=draw(st.sampled_from(STATES)),
                guard=draw(kin | st.builds(Not, kin) | guards(states=STATES, joins=JOINS)),
                clears=tuple(draw(st.lists(st.sampled_from([*FACTS]), max_size=2))),
            )
            for trigger in TRIGGERS
            for source in STATES
            if draw(st.integers(0, 3))
        ),
    )


mistyped = st.dictionaries(st.sampled_from([*FACTS]), st.one_of(*VALUES.values()))


@dataclass(frozen=True)
class Member:
    """One of a population, as it is drawn: itself, and the states of its children."""

    state: str
    facts: Mapping[str, Value]
    owner: str
    children: Sequence[str]
    busy: bool
    """Whether it felt this part of the timer already or, having an owner, was forced just now."""


members = st.builds(
    Member,
    state=st.sampled_from(STATES),
    facts=facts() | mistyped,
    owner=st.sampled_from(["", "一科"]),
    children=st.lists(st.sampled_from(CHILD_STATES), max_size=2),
    busy=st.booleans(),
)
parents = st.none() | st.builds(
    lambda state, known: Instance(
        key="year", workflow="year", edition=PARENT.edition, state=state, facts=known
    ),
    st.sampled_from(PARENT_STATES),
    st.dictionaries(st.sampled_from(PARENT_FACTS), st.just("recorded")),
)


class RolledBack(Exception):
    """Ends an example, so that the next finds the store as it was."""


@pytest.fixture(scope="module", params=STORES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    with STORES[request.param](tmp_path_factory.mktemp("set"), StandingClock(NOW)) as made:
        with made.unit_of_work(NOW) as unit:
            unit.publish_workflow(PARENT)
            unit.publish_workflow(CHILD)
            unit.create(
                [born(Instance(key="year", workflow="year", edition=PARENT.edition, state="early"))]
            )
        yield made


@contextmanager
def trying(store: Store) -> Iterator[UnitOfWork]:
    """A unit that leaves nothing behind."""
    with suppress(RolledBack), store.unit_of_work(NOW) as unit:
        yield unit
        raise RolledBack


def born(instance: Instance, **fields: Any) -> tuple[Instance, Event]:
    made = replace(instance, sequence=1)
    given: dict[str, Any] = {"occurred_at": NOW, "recorded_at": NOW, **fields}
    return made, Event(instance=made.key, sequence=1, kind=Kind.OPENED, actor="x", **given)


def populate(unit: UnitOfWork, workflow: Workflow, drawn: Sequence[Member]) -> None:
    """Create the drawn with their children, and let the busy ones be busy."""
    for n, member in enumerate(drawn):
        key = f"year/{n}"
        fired = {"timer": "t-1", "part": "move"} if member.busy and not member.owner else {}
        instance = Instance(
            key=key,
            workflow=workflow.name,
            edition=workflow.edition,
            state=member.state,
            owner=member.owner,
            facts=member.facts,
        )
        unit.create([born(instance, **fired)])
        children = [
            Instance(key=f"{key}/{i}", workflow="child", edition=CHILD.edition, state=state)
            for i, state in enumerate(member.children)
        ]
        unit.create([born(child) for child in children])
        if member.busy and member.owner and member.state != FORCED:
            forced = Event(
                instance=key,
                sequence=2,
                kind=Kind.MOVED,
                actor="x",
                occurred_at=NOW,
                recorded_at=NOW,
                edition=workflow.edition,
                trigger=f"force:{FORCED}",
                source=member.state,
                target=FORCED,
            )
            unit.append(forced)


def fired_one_by_one(
    machine: Machine,
    trigger: str,
    before: Mapping[str, Instance],
    drawn: Sequence[Member],
    parent: Instance | None,
) -> dict[str, Event]:
    """The event of each that `Machine.fire` moves."""
    events = {}
    for (key, instance), member in zip(before.items(), drawn, strict=True):
        counted = [state for state in member.children if state != "withdrawn"]
        none_open = "open" not in counted
        view = View(
            instance.state,
            instance.facts,
            NOW,
            parent_state=parent.state if parent else None,
            parent_facts=parent.facts if parent else NO_FACTS,
            joins={"all_in": bool(counted) and none_open, "none_open": none_open},
        )
        try:
            move = machine.fire(key, trigger, view)
        except EngineError:
            continue
        if member.busy and not member.owner:
            continue
        gone = [fact for fact in dict.fromkeys(move.clears) if fact in instance.facts]
        events[key] = Event(
            instance=key,
            sequence=instance.sequence + 1,
            kind=Kind.MOVED,
            actor=STAMP.actor,
            occurred_at=max(STAMP.occurred_at, instance.moved_at or STAMP.occurred_at),
            recorded_at=NOW,
            edition=machine.workflow.edition,
            trigger=move.trigger,
            source=move.source,
            target=move.target,
            timer="t-1",
            part="move",
            data={"unset": gone} if gone else {},
        )
    return events


def comparable(event: Event, facts: Mapping[str, Value]) -> Event:
    """The event without its position, voiding only facts that were there, in order of name."""
    gone = sorted({*event.data.get("unset", ())} & {*facts})
    return replace(event, position=0, data={"unset": gone} if gone else {})


def assert_equal(
    unit: UnitOfWork,
    workflow: Workflow,
    trigger: str,
    drawn: Sequence[Member],
    parent: Instance | None,
    owner: str,
) -> None:
    machine = Machine(workflow)
    unit.publish_workflow(workflow)
    populate(unit, workflow, drawn)
    before = {one.key: one for one in unit.select(TARGETS)}
    expected = fired_one_by_one(machine, trigger, before, drawn, parent)
    if owner:
        expected = {key: made for key, made in expected.items() if before[key].owner == owner}
    moved = unit.advance(replace(TARGETS, owner=owner), machine, trigger, STAMP, parent)
    assert moved == len(expected)
    for key, instance in before.items():
        new = unit.history(key)[instance.sequence :]
        wanted = [expected[key]] if key in expected else []
        assert [comparable(event, instance.facts) for event in new] == [
            comparable(event, instance.facts) for event in wanted
        ]
        assert unit.find(key) == (apply(instance, expected[key]) if wanted else instance)


@settings(deadline=None, max_examples=200)
@given(
    workflow=workflows(),
    trigger=st.sampled_from([*TRIGGERS, f"force:{FORCED}"]),
    drawn=st.lists(members, max_size=6),
    parent=parents,
    owner=st.sampled_from(["", "一科"]),
)
def test_advancing_a_population_is_firing_each_once(
    store: Store,
    workflow: Workflow,
    trigger: str,
    drawn: list[Member],
    parent: Instance | None,
    owner: str,
) -> None:
    with trying(store) as unit:
        assert_equal(unit, workflow, trigger, drawn, parent, owner)


@settings(deadline=None, max_examples=50)
@given(trigger=st.sampled_from(TRIGGERS), drawn=st.lists(members, min_size=1, max_size=6))
def test_nobody_climbs_two_rungs_in_one_call(
    store: Store, trigger: str, drawn: list[Member]
) -> None:
    with trying(store) as unit:
        assert_equal(unit, LADDER, trigger, drawn, None, "")


@settings(deadline=None, max_examples=200)
@given(
    where=guards(states=STATES, joins=(), parents=False, mistyped=True),
    drawn=st.lists(members, min_size=1, max_size=6),
)
def test_a_population_is_those_of_whom_its_guard_holds(
    store: Store, where: Guard, drawn: list[Member]
) -> None:
    with trying(store) as unit:
        unit.publish_workflow(LADDER)
        populate(unit, LADDER, drawn)
        expected = [
            one.key
            for one in unit.select(TARGETS)
            if holds(where, View(one.state, one.facts, unit.now))
        ]
        chosen = replace(TARGETS, where=where)
        assert [one.key for one in unit.select(chosen)] == expected
        assert unit.mark(chosen, Kind.LATE, {"lamp": "red"}, replace(STAMP, part="late")) == len(
            expected
        )
        assert unit.by_lamp("year") == ({"red": len(expected)} if expected else {})
