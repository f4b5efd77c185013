"""Checks: what is wrong with a machine before anybody runs it, as data with stable codes.

W101 a state that cannot be reached · W102 a state from which nothing ends ·
W103 a final state with a way out · W104 a circle of automatic moves ·
W105 a fact that nothing declares · W106 an unknown name within the machine ·
W107 a forced move declared by hand · W108 an unknown state ·
W109 two ways out on one trigger · W110 a transition for nobody ·
W111 an unknown name in another machine
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.definition import FORCE, Workflow
from engine.errors import N_
from engine.guards import (
    Compare,
    Guard,
    Joined,
    Known,
    ParentIn,
    ParentKnows,
    Reached,
    StateIn,
    leaves,
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong, with a stable code to search for."""

    code: str
    template: str
    values: Mapping[str, str]
    """What fills the template: ``workflow``, and the names at fault."""

    def __str__(self) -> str:
        return self.template.format(**self.values)


def check(workflow: Workflow) -> tuple[Flaw, ...]:
    """Return every flaw of one machine in order of code; none means that it is sound."""
    parts = (_reachability, _circles, _facts, _names, _states, _transitions)
    return _in_order(flaw for part in parts for flaw in part(workflow))


def check_all(workflows: Iterable[Workflow]) -> tuple[Flaw, ...]:
    """Return every flaw of machines that run together: of each, and between them."""
    family = {workflow.name: workflow for workflow in workflows}
    found: list[Flaw] = []
    for workflow in family.values():
        found += (*check(workflow), *_children(workflow, family), *_parents(workflow, family))
    return _in_order(found)


def declares(workflow: Workflow, fact: str) -> bool:
    """Return whether ``fact`` can ever have a value on an instance of ``workflow``.

    A record declares a fact of its name, one for each field that is not
    personal, and with ``per`` one for each value of that field.
    """
    if any(fact == name for name, _ in workflow.facts):
        return True
    for record in workflow.records:
        public = {f"{record.kind}.{field.name}" for field in record.fields if not field.personal}
        if fact == record.kind or fact in public:
            return True
        if record.per and fact.startswith(f"{record.kind}:"):
            return True
    return False


def _reachability(workflow: Workflow) -> Iterator[Flaw]:
    """Check what can be reached and left, guards and forced moves aside."""
    name = workflow.name
    edges = {(s, t.target) for t in workflow.transitions for s in t.sources}
    reached = {workflow.initial} | _beyond({workflow.initial}, edges)
    for state in workflow.states:
        if state not in reached:
            template = N_("Machine {workflow}: state {state} cannot be reached from {initial}.")
            values = {"workflow": name, "state": state, "initial": workflow.initial}
            yield Flaw("W101", template, values)
    ending = {*workflow.final} | _beyond(workflow.final, {(t, s) for s, t in edges})
    for state in workflow.states if workflow.final else ():
        if state not in ending:
            template = N_("Machine {workflow}: from state {state} no final state can be reached.")
            yield Flaw("W102", template, {"workflow": name, "state": state})
    for t in workflow.transitions:
        for state in sorted({*workflow.final} & {*t.sources}):
            template = N_("Machine {workflow}: final state {state} is left by {trigger}.")
            yield Flaw("W103", template, {"workflow": name, "state": state, "trigger": t.trigger})


def _circles(workflow: Workflow) -> Iterator[Flaw]:
    """Check that automatic moves come to rest, whatever the facts."""
    edges = {(s, t.target) for t in workflow.transitions if t.automatic for s in t.sources}
    beyond = {state: _beyond({state}, edges) for state in {s for s, _ in edges}}
    circles = {
        tuple(sorted(other for other in reached if state in beyond.get(other, ())))
        for state, reached in beyond.items()
        if state in reached
    }
    for circle in sorted(circles):
        template = N_("Machine {workflow}: automatic moves run in a circle through {states}.")
        yield Flaw("W104", template, {"workflow": workflow.name, "states": ", ".join(circle)})


def _facts(workflow: Workflow) -> Iterator[Flaw]:
    """Check the facts that transitions read and clear."""
    for t in workflow.transitions:
        values = {"workflow": workflow.name, "trigger": t.trigger}
        for fact in _undeclared(workflow, _read(t.guard)):
            template = N_(
                "Machine {workflow}: the guard of {trigger} reads {fact}, never declared."
            )
            yield Flaw("W105", template, {**values, "fact": fact})
        for fact in _undeclared(workflow, t.clears):
            template = N_("Machine {workflow}: {trigger} clears {fact}, which is never declared.")
            yield Flaw("W105", template, {**values, "fact": fact})


def _names(workflow: Workflow) -> Iterator[Flaw]:
    """Check the names that parts of one machine call each other by."""
    template = N_("Machine {workflow}: {place} names {name}, which it does not have.")
    triggers = {t.trigger for t in workflow.transitions}
    named: list[tuple[str, str]] = []
    for t in workflow.transitions:
        for leaf in leaves(t.guard):
            match leaf:
                case Joined(join) if workflow.join(join) is None:
                    named.append((t.trigger, join))
                case StateIn(states):
                    named += ((t.trigger, state) for state in _missing(states, workflow.states))
                case _:
                    pass
        named += ((t.trigger, maker) for maker in _missing((t.not_by_maker_of,), triggers))
    for c in workflow.cascades:
        named += ((f"{c.trigger} → {c.child}", name) for name in _missing((c.trigger,), triggers))
    for r in workflow.records:
        kinds, fields = {k.kind for k in workflow.records}, {f.name for f in r.fields}
        named += ((r.kind, name) for name in _missing((r.answers,), kinds))
        named += ((r.kind, name) for name in _missing((r.per,), fields))
    for place, name in named:
        yield Flaw("W106", template, {"workflow": workflow.name, "place": place, "name": name})


def _states(workflow: Workflow) -> Iterator[Flaw]:
    """Check that every state that is named is declared."""
    template = N_("Machine {workflow}: {place} names state {state}, which is not declared.")
    places: list[tuple[str, Iterable[str]]] = [
        ("initial", (workflow.initial,)),
        ("line", workflow.line),
        ("final", workflow.final),
        ("void", workflow.void),
        ("forcible", workflow.forcible),
        *((record.kind, record.states) for record in workflow.records),
        *((t.trigger, (*t.sources, t.target)) for t in workflow.transitions),
    ]
    for place, states in places:
        for state in _missing(states, workflow.states):
            values = {"workflow": workflow.name, "place": place, "state": state}
            yield Flaw("W108", template, values)


def _transitions(workflow: Workflow) -> Iterator[Flaw]:
    """Check who may make each transition, and that a trigger says where it leads."""
    name = workflow.name
    for t in workflow.transitions:
        if t.trigger.startswith(f"{FORCE}:"):
            template = N_(
                "Machine {workflow}: {trigger} is declared by hand; only the administrator "
                "forces, to states listed as forcible."
            )
            yield Flaw("W107", template, {"workflow": name, "trigger": t.trigger})
        if not t.by and not t.automatic:
            template = N_("Machine {workflow}: nobody may make {trigger}, and it is not automatic.")
            yield Flaw("W110", template, {"workflow": name, "trigger": t.trigger})
    ways = Counter((move.trigger, move.source) for move in workflow.moves())
    for (trigger, state), count in ways.items():
        if count > 1:
            template = N_("Machine {workflow}: several transitions leave {state} on {trigger}.")
            yield Flaw("W109", template, {"workflow": name, "trigger": trigger, "state": state})


def _children(workflow: Workflow, family: Mapping[str, Workflow]) -> Iterator[Flaw]:
    """Check what cascades and joins name in the machines of children."""
    named: list[tuple[str, str, str]] = []
    for c in workflow.cascades:
        triggers = {t.trigger for t in family[c.child].transitions} if c.child in family else ()
        named += ((c.trigger, c.child, name) for name in _missing((c.child_trigger,), triggers))
    for join in workflow.joins:
        for counted in join.counted:
            child = family.get(counted.workflow)
            states = child.states if child else ()
            missing = _missing((*counted.arrived, *counted.left_out), states)
            undeclared = _undeclared(child, _read(counted.when)) if child else ()
            named += ((join.name, counted.workflow, name) for name in (*missing, *undeclared))
    template = N_("Machine {workflow}: {place} names {name}, which machine {other} does not have.")
    for place, other, name in named:
        values = {"workflow": workflow.name, "place": place, "name": name, "other": other}
        yield Flaw("W111", template, values)


def _parents(workflow: Workflow, family: Mapping[str, Workflow]) -> Iterator[Flaw]:
    """Check what guards name in the machine of a parent, which may be any of the family."""
    template = N_("Machine {workflow}: {place} asks a parent for {name}, which no machine has.")
    states = {state for parent in family.values() for state in parent.states}
    for t in workflow.transitions:
        for leaf in leaves(t.guard):
            missing: tuple[str, ...] = ()
            if isinstance(leaf, ParentIn):
                missing = _missing(leaf.states, states)
            elif isinstance(leaf, ParentKnows):
                known = any(declares(parent, leaf.fact) for parent in family.values())
                missing = () if known else (leaf.fact,)
            for name in missing:
                values = {"workflow": workflow.name, "place": t.trigger, "name": name}
                yield Flaw("W111", template, values)


def _in_order(flaws: Iterable[Flaw]) -> tuple[Flaw, ...]:
    return tuple(sorted(flaws, key=lambda flaw: flaw.code))


def _beyond(starts: Iterable[str], edges: set[tuple[str, str]]) -> set[str]:
    """Return what can be reached from ``starts`` in one step or more."""
    reached: set[str] = set()
    frontier = {*starts}
    while frontier := {t for s, t in edges if s in frontier} - reached:
        reached |= frontier
    return reached


def _read(guard: Guard) -> set[str]:
    return {leaf.fact for leaf in leaves(guard) if isinstance(leaf, Known | Compare | Reached)}


def _undeclared(workflow: Workflow, facts: Iterable[str]) -> tuple[str, ...]:
    return tuple(fact for fact in sorted({*facts}) if not declares(workflow, fact))


def _missing(names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are given but not known; an empty name is none."""
    return tuple(name for name in dict.fromkeys(names) if name and name not in {*known})
