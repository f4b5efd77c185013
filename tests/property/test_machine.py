"""Random machines do what a naive interpreter of their declaration does, and nothing else."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definition import Workflow
from engine.errors import (
    EngineError,
    GuardRejected,
    IllegalTransition,
    NotForcible,
    UnknownTrigger,
)
from engine.facts import to_text
from engine.guards import (
    All,
    AnyOf,
    Compare,
    Guard,
    Joined,
    Known,
    Not,
    ParentIn,
    ParentKnows,
    Reached,
    StateIn,
    View,
    holds,
    leaves,
    unmet,
    with_parent,
)
from engine.machine import Machine
from tests.property.strategies import STATES, TRIGGERS, guards, views, workflows

ASKED = (*TRIGGERS, "nonsense", *(f"{way}{s}" for s in STATES for way in ("force:", "to_")))
SYMBOLS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


def true(guard: Guard, view: View) -> bool:  # noqa: PLR0911 - one kind, one line
    """What `holds` should say, once more and in other words."""
    if isinstance(guard, Not):
        return true(guard.guard, view) is False
    if isinstance(guard, All):
        return False not in {true(part, view) for part in guard.parts}
    if isinstance(guard, AnyOf):
        return True in {true(part, view) for part in guard.parts}
    if isinstance(guard, Known):
        return guard.fact in {*view.facts}
    if isinstance(guard, Compare):
        known = {fact: value for fact, value in view.facts.items() if fact == guard.fact}
        same = [v for v in known.values() if isinstance(v, bool) is isinstance(guard.value, bool)]
        same = [v for v in same if isinstance(v, str) is isinstance(guard.value, str)]
        compare = getattr(operator, SYMBOLS[guard.operator])
        return any(compare(value, guard.value) for value in same)
    if isinstance(guard, Reached):
        moment = view.facts.get(guard.fact, 0)
        return isinstance(moment, str) and not to_text(view.now) < moment
    if isinstance(guard, StateIn):
        return any(view.state == state for state in guard.states)
    if isinstance(guard, ParentIn):
        return any(view.parent_state == state for state in guard.states)
    if isinstance(guard, ParentKnows):
        return any(fact == guard.fact for fact in view.parent_facts)
    assert isinstance(guard, Joined)
    return (guard.join, True) in (view.joins or {}).items()


def naive(workflow: Workflow, trigger: str, view: View) -> str | type[EngineError]:
    """Where ``trigger`` leads by the declaration alone, or which refusal it meets."""
    force, _, target = trigger.rpartition(":")
    if force and target in workflow.forcible and len(workflow.states) > 1:
        return IllegalTransition if view.state == target else target
    declared = [t for t in workflow.transitions if t.trigger == trigger]
    if not declared:
        return UnknownTrigger
    leaving = [t for t in declared if view.state in t.sources]
    if not leaving:
        return IllegalTransition
    return leaving[0].target if true(leaving[0].guard, view) else GuardRejected


def fired(machine: Machine, trigger: str, view: View) -> str | type[EngineError]:
    try:
        return machine.fire("k", trigger, view).target
    except EngineError as refusal:
        return type(refusal)


@settings(max_examples=300, deadline=None)
@given(workflow=workflows(), data=st.data())
def test_firing_agrees_with_the_declaration(workflow: Workflow, data: st.DataObject) -> None:
    machine = Machine(workflow)
    view = data.draw(views(states=workflow.states))
    for trigger in ASKED:
        assert fired(machine, trigger, view) == naive(workflow, trigger, view), trigger


@settings(deadline=None)
@given(workflow=workflows(), data=st.data())
def test_a_fired_move_is_one_of_those_read_back(workflow: Workflow, data: st.DataObject) -> None:
    machine = Machine(workflow)
    view = data.draw(views(states=workflow.states))
    edges = machine.moves()
    for move in edges:
        if move.source == view.state and true(move.guard, view):
            assert machine.fire("k", move.trigger, view) == move
            assert machine.edge(move.trigger, move.source) == move


@settings(deadline=None)
@given(workflow=workflows())
def test_every_declared_move_comes_back_once(workflow: Workflow) -> None:
    machine = Machine(workflow)
    declared = [
        (t.trigger, source, t.target, t.guard, t.by, t.automatic, t.needs_reason, t.clears)
        for t in workflow.transitions
        for source in t.sources
    ]
    back = machine.moves()
    lawful = [
        (m.trigger, m.source, m.target, m.guard, m.by, m.automatic, m.needs_reason, m.clears)
        for m in back
        if not m.forced
    ]
    assert sorted(lawful, key=str) == sorted(declared, key=str)
    forced = [(m.source, m.target) for m in back if m.forced]
    assert sorted(forced) == sorted(
        (s, f) for f in workflow.forcible for s in workflow.states if s != f
    )
    assert [m for state in workflow.states for m in machine.leaving(state)] == sorted(
        back, key=lambda m: workflow.states.index(m.source)
    )


@settings(deadline=None)
@given(workflow=workflows())
def test_there_are_no_back_doors(workflow: Workflow) -> None:
    machine = Machine(workflow)
    assert {*machine._library.events} == {m.trigger for m in workflow.moves()}
    assert machine._library.models == []


@settings(deadline=None)
@given(workflow=workflows(), data=st.data())
def test_only_what_is_forcible_can_be_forced(workflow: Workflow, data: st.DataObject) -> None:
    machine = Machine(workflow)
    view = data.draw(views(states=workflow.states))
    for target in STATES:
        if target in workflow.forcible and target != view.state:
            move = machine.force("k", target, view)
            assert (move.source, move.target, move.forced) == (view.state, target, True)
        else:
            with pytest.raises(NotForcible):
                machine.force("k", target, view)


@settings(max_examples=300, deadline=None)
@given(guard=guards(mistyped=True), view=views(mistyped=True))
def test_a_guard_means_what_it_says(guard: Guard, view: View) -> None:
    assert holds(guard, view) is true(guard, view)
    assert bool([*unmet(guard, view)]) is not true(guard, view)


@settings(max_examples=300, deadline=None)
@given(guard=guards(), view=views())
def test_deciding_the_parent_first_changes_nothing(guard: Guard, view: View) -> None:
    decided = with_parent(guard, view.parent_state or "", view.parent_facts)
    assert holds(decided, view) is holds(guard, view)
    assert not [leaf for leaf in leaves(decided) if isinstance(leaf, ParentIn | ParentKnows)]
