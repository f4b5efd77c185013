"""Forcing: the move outside guards and roles, what it goes around and what it makes void."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.act import Act, in_time, not_before_last_move
from engine.definition import FORCE
from engine.events import Event, Instance, Kind
from engine.guards import All, Compare, Known, holds, leaves
from engine.holding import FORCED_BACK, goes_back
from engine.machine import Machine
from engine.moves import parent_of, settle, view
from engine.population import Population
from engine.ports import Reader, UnitOfWork


def force(
    unit: UnitOfWork, instance: Instance, target: str, act: Act, *, cascade: bool = False
) -> Sequence[Event]:
    """Force a loaded instance into ``target``, around guards and roles.

    The event says which guards did not hold. Children stay where they are
    unless ``cascade``, which forces each of those that the parent's move to
    ``target`` would have taken along.

    Raises:
        NotForcible: the machine declares no such forced move.
        BadMoment: the act's moment cannot be.

    """
    machine = unit.machine(instance.edition)
    parent = parent_of(unit, instance)
    seen = view(unit, instance, All(), parent)
    made = machine.force(instance.key, target, seen)
    in_time(unit, instance, act)
    act = not_before_last_move(instance, act)
    data = _effect_of_force(machine, instance, target)
    if around := gone_around(unit, instance, target):
        data["around"] = around
    event = unit.append(
        replace(
            act.on(unit, instance, Kind.MOVED, data),
            edition=instance.edition,
            trigger=made.trigger,
            source=made.source,
            target=made.target,
        )
    )
    events = [event]
    if cascade:
        events += _force_children(unit, unit.load(instance.key), target, act, event)
    return [*events, *settle(unit, unit.load(instance.key), event)]


def _effect_of_force(machine: Machine, instance: Instance, target: str) -> dict[str, object]:
    """Return the facts that a forced move sets and makes void: those of a move back."""
    if not goes_back(machine.workflow, instance.state, target):
        return {}
    data: dict[str, object] = {"set": {FORCED_BACK: True}}
    if voided := _voided(machine, instance, target):
        data["unset"] = voided
    return data


def _voided(machine: Machine, instance: Instance, target: str) -> list[str]:
    """Return the facts that a move back along the line makes void.

    They had brought the instance forward of itself and would do so again at
    once: what they record has to be done anew.
    """
    line = machine.workflow.line
    passed = line[line.index(target) : line.index(instance.state)]
    asked = {
        leaf.fact.partition(".")[0]
        for state in passed
        for edge in machine.leaving(state)
        if edge.automatic
        for leaf in leaves(edge.guard)
        if isinstance(leaf, Known | Compare)
    }
    return sorted(fact for fact in instance.facts if fact.partition(".")[0] in asked)


def gone_around(reader: Reader, instance: Instance, target: str) -> list[str]:
    """Return the triggers that lead to ``target`` lawfully and why none was possible."""
    machine = reader.machine(instance.edition)
    lawful = [m for m in machine.moves() if not m.forced and m.target == target]
    parent = parent_of(reader, instance)
    around = []
    for edge in lawful:
        if edge.source != instance.state:
            continue
        if not holds(edge.guard, view(reader, instance, edge.guard, parent)):
            around.append(f"guard:{edge.trigger}")
        if edge.by:
            around.append(f"roles:{edge.trigger}:{','.join(edge.by)}")
    if not any(edge.source == instance.state for edge in lawful):
        around.append("order")
    return sorted(around)


def _force_children(
    unit: UnitOfWork, parent: Instance, target: str, act: Act, cause: Event
) -> list[Event]:
    events = []
    workflow = unit.machine(parent.edition).workflow
    for kind in sorted({c.child for c in workflow.cascades}):
        for child in unit.select(Population(cycle=parent.cycle, workflow=kind, parent=parent.key)):
            machine = unit.machine(child.edition)
            if child.state in machine.workflow.void:
                continue
            if machine.edge(f"{FORCE}:{target}", child.state) is None:
                continue
            made = replace(
                not_before_last_move(child, act).on(unit, child, Kind.MOVED),
                edition=child.edition,
                trigger=f"{FORCE}:{target}",
                source=child.state,
                target=target,
                cause=cause.position,
                data=_effect_of_force(machine, child, target),
            )
            events.append(unit.append(made))
    return events
