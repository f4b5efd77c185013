"""Targets that an amendment admits or changes; those that the new plan leaves out stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from engine import moves
from engine.act import Act
from engine.events import Event, Instance, Kind
from engine.population import Population, Tally
from engine.ports import UnitOfWork
from workflows import target
from workflows.plan.model import Plan
from workflows.running.alterations import ADDED, STAYS, Alteration
from workflows.running.consequences import follow
from workflows.running.desk import Desk
from workflows.running.opening import opening_event, target_instance


def amend_targets(
    new: Desk[UnitOfWork], whole: Plan, act: Act, cause: Event
) -> Iterator[Alteration]:
    """Admit new targets, change those that say otherwise; yield what becomes of each."""
    plan, unit = new.plan, new.unit
    named = set()
    for goal in whole.targets:
        wanted = target_instance(plan, goal)
        named.add(wanted.key)
        found = unit.find(wanted.key)
        if found is None:
            blank = opening_event(unit, wanted, act.actor)
            born = replace(blank, cause=cause.position, authority=act.authority)
            (position,) = unit.create([(wanted, born)])
            follow(new, None, [replace(born, position=position)], act.actor)
            said = str(wanted.facts["title"])
            yield _of(wanted, ADDED, after=said)
        else:
            yield from _change(new, found, wanted, replace(act, cause=cause.position))
    for left in unit.select(Population(cycle=plan.key, workflow=target.NAME, parent=plan.key)):
        void = unit.machine(left.edition).workflow.void
        if left.key not in named and left.state not in void:
            yield _of(left, STAYS)


def _change(
    new: Desk[UnitOfWork], found: Instance, wanted: Instance, act: Act
) -> Iterator[Alteration]:
    """Change what the new plan says otherwise than the one before it.

    What people have changed since stays, where both plans say the same.
    """
    unit = new.unit
    if found.owner == wanted.owner and wanted.facts.items() <= found.facts.items():
        return
    said, owner = _said_before(unit, found.key)
    changed = {
        name: value
        for name, value in wanted.facts.items()
        if said.get(name) != value and found.facts.get(name) != value
    }
    data: dict[str, Any] = {}
    if changed:
        data["set"] = changed
    moved = wanted.owner not in (owner, found.owner)
    if moved:
        data["owner"] = wanted.owner
    if not data:
        return
    data["was"] = {name: found.facts.get(name) for name in changed}
    if moved:
        data["was"]["owner"] = found.owner
        yield _of(found, "owner", found.owner, wanted.owner)
    for name, value in changed.items():
        yield _of(found, name, str(found.facts.get(name, "")), str(value))
    stands = unit.load(found.key)
    event = unit.append(act.on(unit, stands, Kind.AMENDED, data))
    events = [event, *moves.settle(unit, unit.load(found.key), event)]
    follow(new, stands, events, act.actor)


def _said_before(unit: UnitOfWork, key: str) -> tuple[dict[str, Any], str]:
    """Return what plans have said of a target so far: at its opening, and by amendments."""
    opening, *later = unit.history(key)
    said, owner = dict(opening.data["set"]), str(opening.data["owner"])
    for event in later:
        if event.kind is Kind.AMENDED and "was" in event.data and "machine" not in event.data:
            said |= event.data.get("set", {})
            owner = event.data.get("owner", owner)
    return said, owner


def _of(instance: Instance, what: str, before: str = "", after: str = "") -> Alteration:
    return Alteration(
        part="target",
        name=instance.key.rpartition("/")[2],
        what=what,
        before=before,
        after=after,
        touched=(Tally(owner=instance.owner, count=1, first=(instance.key,)),),
    )
