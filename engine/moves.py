"""Moving instances: one move with its cascade, and what follows of itself.

`settle` makes the automatic moves that have become possible: of the instance
itself, of its children, and of every ancestor whose join may now hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from engine.act import Act, in_time, not_before_last_move, people_of
from engine.definition import Cascade, Counted, Move
from engine.errors import ReasonRequired, SamePerson, StragglersRefused
from engine.events import DAEMON, Event, Instance, Kind
from engine.guards import (
    NEVER,
    All,
    AnyOf,
    Guard,
    Joined,
    Known,
    Not,
    StateIn,
    View,
    holds,
    leaves,
    reads_parent,
    with_parent,
)
from engine.holding import FORCED_BACK, is_held
from engine.kinship import move_data
from engine.machine import Machine
from engine.population import Population, Stamp
from engine.ports import Reader, UnitOfWork

NAMES_SHOWN = 5
"""How many stragglers an error names."""


def view(reader: Reader, instance: Instance, guard: Guard, parent: Instance | None) -> View:
    """Return what ``guard`` may read for ``instance``, joins counted only where it asks."""
    workflow = reader.machine(instance.edition).workflow
    asked = {leaf.join for leaf in leaves(guard) if isinstance(leaf, Joined)}
    joins = {j.name: reader.joined(j, instance) for j in workflow.joins if j.name in asked}
    return View(
        state=instance.state,
        facts=instance.facts,
        now=reader.now,
        parent_state=parent.state if parent else None,
        parent_facts=parent.facts if parent else {},
        joins=joins,
    )


def parent_of(reader: Reader, instance: Instance) -> Instance | None:
    """Return the parent of ``instance``; a cycle has none."""
    return reader.find(instance.parent) if instance.parent else None


def move(
    unit: UnitOfWork, instance: Instance, trigger: str, act: Act, *, leave_behind: bool = False
) -> Sequence[Event]:
    """Make one move of a loaded instance, with its cascade and all that follows of itself.

    Returns the event, then those of automatic moves; not those of children.

    Raises:
        UnknownTrigger, IllegalTransition, GuardRejected: the machine refuses.
        StragglersRefused: children would be left behind.
        ReasonRequired: the move asks for a reason.
        SamePerson: the actor did what this move confirms.
        BadMoment: the act's moment cannot be.

    """
    machine = unit.machine(instance.edition)
    edge = machine.edge(trigger, instance.state)
    parent = parent_of(unit, instance) if edge and reads_parent(edge.guard) else None
    seen = view(unit, instance, edge.guard if edge else All(), parent)
    made = machine.fire(instance.key, trigger, seen)
    if made.needs_reason and not act.reason:
        raise ReasonRequired(act=trigger, key=instance.key)
    if made.not_by_maker_of:
        _another_person(unit, instance, made, act)
    in_time(unit, instance, act)
    act = not_before_last_move(instance, act)  # a host's clock may have been set back meanwhile
    return _carry_out(unit, instance, machine, made, act, leave_behind=leave_behind)


def held_back(reader: Reader, instance: Instance) -> str:
    """Return the trigger of an automatic move that waits only because of a force back, or none."""
    if FORCED_BACK not in instance.facts:
        return ""
    for edge in reader.machine(instance.edition).leaving(instance.state):
        if not edge.automatic:
            continue
        parent = parent_of(reader, instance) if reads_parent(edge.guard) else None
        seen = view(reader, instance, edge.guard, parent)
        if holds(edge.guard, seen) and is_held(reader, instance, edge):
            return edge.trigger
    return ""


def settle(unit: UnitOfWork, instance: Instance, cause: Event | None) -> list[Event]:
    """Make every automatic move that has become possible; return their events.

    Without a ``cause`` it is decided again from states alone, as each tick
    does, so that nothing hangs on which of two last movers saw the other.
    """
    events = _own(unit, instance, cause)
    instance = unit.load(instance.key)
    settle_children(unit, instance, events[-1] if events else cause)
    key = instance.key
    while key := key.rpartition("/")[0]:
        ancestor = unit.find(key)
        if ancestor and _awaits(unit, ancestor, instance):
            events += _own(unit, unit.load(key), events[-1] if events else cause)
    return events


def settle_children(unit: UnitOfWork, parent: Instance, cause: Event | None) -> int:
    """Make the automatic moves of children that depend on ``parent``; return how many."""
    workflow = unit.machine(parent.edition).workflow
    kinds = {c.child for c in workflow.cascades} | {
        c.workflow for j in workflow.joins for c in j.counted
    }
    moved = 0
    for kind in sorted(kinds):
        children = Population(cycle=parent.cycle, workflow=kind, parent=parent.key)
        for machine in unit.machines(kind):
            for edge in machine.moves():
                if edge.automatic and _may_follow(edge.guard, parent):
                    stamp = _stamp(unit, cause)
                    free = replace(children, where=Not(Known(FORCED_BACK)))
                    moved += unit.advance(free, machine, edge.trigger, stamp, parent)
                    back = All((StateIn((edge.source,)), Known(FORCED_BACK)))
                    for child in unit.select(replace(children, where=back)):
                        moved += len(_own(unit, unit.load(child.key), cause))
    return moved


def stragglers(
    unit: UnitOfWork, parent: Instance, cascade: Cascade
) -> tuple[Population, Machine] | None:
    """Return the children that cannot follow ``parent``, and their machine."""
    children = Population(cycle=parent.cycle, workflow=cascade.child, parent=parent.key)
    first = unit.select(children, limit=1)
    if not first:
        return None
    machine = unit.machine(first[0].edition)
    machines = _machines_of(unit, machine)
    edges = [m for each in machines for m in each.moves(cascade.child_trigger)]
    able = AnyOf(
        tuple(
            All((StateIn((m.source,)), with_parent(m.guard, parent.state, parent.facts)))
            for m in edges
        )
    )
    settled = {
        state
        for each in machines
        for m in each.moves(cascade.child_trigger)
        for state in (*each.workflow.done(m.target), *each.workflow.void)
    }
    behind = All((Not(able), Not(StateIn(tuple(sorted(settled))))))
    return replace(children, where=behind), machine


def _carry_out(
    unit: UnitOfWork,
    instance: Instance,
    machine: Machine,
    made: Move,
    act: Act,
    *,
    leave_behind: bool,
) -> list[Event]:
    parent = parent_of(unit, instance) if reads_parent(made.guard) else None
    asked = {leaf.join for leaf in leaves(made.guard) if isinstance(leaf, Joined)}
    joins = (j for j in machine.workflow.joins if j.name in asked)
    joined = {join.name: unit.count_arrived(join, instance) for join in joins}
    after = replace(instance, state=made.target)
    cascades = [c for c in machine.workflow.cascades if c.trigger == made.trigger]
    for cascade in cascades:
        if cascade.refuses_stragglers and not leave_behind:
            _refuse_stragglers(unit, after, cascade)
    event = unit.append(
        replace(
            act.on(unit, instance, Kind.MOVED, move_data(made, parent, joined)),
            edition=instance.edition,
            trigger=made.trigger,
            source=made.source,
            target=made.target,
        )
    )
    moved = unit.load(instance.key)
    for cascade in cascades:
        children = Population(cycle=moved.cycle, workflow=cascade.child, parent=moved.key)
        first = unit.select(children, limit=1)
        if first:
            stamp = replace(_stamp(unit, event), actor=act.actor, acting_for=act.acting_for)
            for child in _machines_of(unit, unit.machine(first[0].edition)):
                unit.advance(children, child, cascade.child_trigger, stamp, moved)
    return [event, *settle(unit, moved, event)]


def _machines_of(unit: UnitOfWork, first: Machine) -> Sequence[Machine]:
    """Return the machine and those of other editions of it: amended children may run on both."""
    others = unit.machines(first.workflow.name)
    return [first, *(m for m in others if m.workflow.edition != first.workflow.edition)]


def _refuse_stragglers(unit: UnitOfWork, parent: Instance, cascade: Cascade) -> None:
    found = stragglers(unit, parent, cascade)
    if found is None:
        return
    behind, _ = found
    count = unit.count(behind)
    if count:
        names = [i.key for i in unit.select(behind, limit=NAMES_SHOWN)]
        raise StragglersRefused(trigger=cascade.trigger, key=parent.key, count=count, names=names)


def _own(unit: UnitOfWork, instance: Instance, cause: Event | None) -> list[Event]:
    """Make the instance's own automatic moves until none is possible."""
    machine = unit.machine(instance.edition)
    for edge in machine.leaving(instance.state):
        if not edge.automatic:
            continue
        parent = parent_of(unit, instance) if reads_parent(edge.guard) else None
        if not holds(edge.guard, view(unit, instance, edge.guard, parent)):
            continue
        if is_held(unit, instance, edge):
            continue
        act = Act(
            actor=DAEMON,
            occurred_at=cause.occurred_at if cause else unit.now,
            cause=cause.position if cause else None,
        )
        act = not_before_last_move(instance, act)
        try:
            return _carry_out(unit, instance, machine, edge, act, leave_behind=False)
        except StragglersRefused:
            # Nobody asked for this move, so nobody is refused: `status` shows
            # who holds it up, and a person may leave them behind on purpose.
            return []
    return []


def _awaits(unit: UnitOfWork, ancestor: Instance, child: Instance) -> bool:
    """Return whether ``ancestor`` may now move because of ``child``.

    It may be the last that a join waited for, or the last that a cascade would
    have left behind.
    """
    machine = unit.machine(ancestor.edition)
    for edge in machine.leaving(ancestor.state):
        if not edge.automatic:
            continue
        for cascade in machine.workflow.cascades:
            if (
                cascade.refuses_stragglers
                and cascade.trigger == edge.trigger
                and cascade.child == child.workflow
            ):
                return True
        for leaf in leaves(edge.guard):
            join = machine.workflow.join(leaf.join) if isinstance(leaf, Joined) else None
            for kind in join.counted if join else ():
                if kind.workflow == child.workflow and _ends_waiting(kind, child, unit.now):
                    return True
    return False


def _ends_waiting(kind: Counted, child: Instance, now: datetime) -> bool:
    """Return whether a join that counts ``kind`` does not wait, or no longer, for ``child``."""
    if child.state in (*kind.arrived, *kind.left_out):
        return True
    return not holds(kind.when, View(child.state, child.facts, now))


def _another_person(unit: UnitOfWork, instance: Instance, made: Move, act: Act) -> None:
    done = unit.last(instance.key, made.not_by_maker_of)
    if done and people_of(act) & people_of(done):
        raise SamePerson(
            person=act.actor, did=made.not_by_maker_of, key=instance.key, trigger=made.trigger
        )


def _may_follow(guard: Guard, parent: Instance) -> bool:
    """Return whether ``guard`` reads the parent, and what it reads does not already forbid it."""
    if not reads_parent(guard):
        return False
    decided = with_parent(guard, parent.state, parent.facts)
    return not (isinstance(decided, All) and NEVER in decided.parts) and decided != NEVER


def _stamp(unit: UnitOfWork, cause: Event | None) -> Stamp:
    return Stamp(
        occurred_at=cause.occurred_at if cause else unit.now,
        recorded_at=unit.now,
        cause=cause.position if cause else None,
    )
