"""Own clocks: dates measured from an instance's own event, which stand still during absences."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime

from engine.content import content
from engine.deadline import Deadline, Exempt
from engine.events import Event, Instance, Kind
from engine.facts import to_moment
from engine.guards import ALWAYS
from engine.ports import Reader, UnitOfWork
from workflows.deadlines.resolution import Absence, Resolution
from workflows.deadlines.resolve import resolve
from workflows.deadlines.rule import OWN, Rule, Undated, events_of, steps_of
from workflows.plan.model import Step
from workflows.running.desk import Desk
from workflows.running.redating import set_deadline
from workflows.running.schedule import (
    context_of,
    deadline_from,
    happened_on,
    last_day_of,
    narrowed_rules,
    same_date,
)
from workflows.running.steps import concerned, steps_binding

OPENED = f"{OWN}opened"
"""The own event that every instance has from its first day."""

BATCH = 500
"""Instances that are looked at together: there may be many."""

ABSENCE = "absence"
"""Record of the days on which the clock stands."""


def start_clocks(desk: Desk[UnitOfWork], instance: Instance, cause: Event) -> None:
    """Set the dates that depend on the instance's own events, where ``cause`` moved them."""
    for step in steps_binding(desk.plan, instance):
        if has_own_clock(step):
            _set_own(desk, instance, step, cause)


def has_own_clock(step: Step) -> bool:
    """Return whether the date of ``step`` depends on events of each instance itself."""
    return step.due is not None and any(name.startswith(OWN) for name in events_of(step.due))


def start_at_opening(desk: Desk[UnitOfWork]) -> None:
    """Set the dates that run from each one's own opening, which nothing else would start."""
    for step in desk.plan.steps:
        if step.due is not None and OPENED in events_of(step.due):
            for instance in _bound(desk, step):
                _set_own(desk, instance, step, desk.unit.history(instance.key)[0])


def restart_clocks(
    desk: Desk[UnitOfWork], happened: Collection[str], changed: Collection[str], cause: Event
) -> None:
    """Set own dates anew that also hang on events of the cycle, or on steps whose date changed.

    ``happened`` are names of events of the cycle, ``changed`` steps.
    """
    for step in desk.plan.steps:
        if not has_own_clock(step) or step.due is None:
            continue
        if events_of(step.due).isdisjoint(happened) and steps_of(step.due).isdisjoint(changed):
            continue
        for instance in _bound(desk, step):
            _set_own(desk, instance, step, cause)


def _bound(desk: Desk[UnitOfWork], step: Step) -> Iterator[Instance]:
    """Yield the instances that ``step`` binds, some at a time."""
    shared = Deadline(id="", cycle=desk.key, step=step.id)
    population = replace(concerned(step, shared, ALWAYS), bound_by="")
    found = desk.unit.select(population, BATCH)
    while found:
        yield from found
        found = desk.unit.select(population, BATCH, found[-1].key)


def _set_own(desk: Desk[UnitOfWork], instance: Instance, step: Step, cause: Event) -> None:
    found = own_date(desk, instance, step)
    own = desk.unit.deadlines(desk.key, step.id, instance=instance.key)
    before = next((d for d in own if d.occurrence == found.occurrence), None)
    if before is not None and same_date(before, found):
        return
    if before is None and found.due_at is None:
        return  # still waiting, as the shared deadline says
    set_deadline(desk, step, found, before, cause)
    if desk.unit.exemptions(instance.key).get(step.id) is None:
        # Whoever is excused or paused stays so, whatever happens to the date meanwhile.
        desk.unit.set_exemption(instance.key, step.id, Exempt.OWN_DATE, cause.position)


def own_date(desk: Desk[Reader], instance: Instance, step: Step) -> Deadline:
    """Return the date of ``step`` on the instance's own clock, or a later one that was granted."""
    found = replace(
        deadline_from(desk, step, own_resolution(desk, instance, step)),
        instance=instance.key,
        occurrence=instance.origin.partition("@")[2],
    )
    granted = _granted(desk, instance, step)
    if found.due_at is None or granted is None or granted <= found.due_at:
        return found
    return replace(found, due_at=granted, last_day=last_day_of(desk, granted).isoformat())


def own_resolution(desk: Desk[Reader], instance: Instance, step: Step) -> Resolution:
    """Return how the date of ``step`` resolves for one instance, from its own events."""
    happened = happened_on(desk.unit, desk.key)
    for name, moment in happened_on(desk.unit, instance.key).items():
        happened[f"{OWN}{name}"] = moment
    narrowed = narrowed_rules(desk)
    context = context_of(desk, happened, absences(desk, instance), narrowed)
    return resolve(step.due or Rule(Undated()), context)


def _granted(desk: Desk[Reader], instance: Instance, step: Step) -> datetime | None:
    """Return the last extension of ``step`` that the instance was granted."""
    granted = [
        to_moment(event.data["to"])
        for event in desk.unit.history(instance.key)
        if event.kind is Kind.EXTENDED and event.data.get("step") == step.id
    ]
    return granted[-1] if granted else None


def absences(desk: Desk[Reader], instance: Instance) -> tuple[Absence, ...]:
    """Return the recorded absences of an instance; one without a last day goes on.

    A correction replaces what it corrects, and a second record from the same
    first day replaces the first: that is how an absence ends.
    """
    kept: dict[int, Absence] = {}
    for event in desk.unit.history(instance.key):
        if event.kind is Kind.CORRECTED:
            kept.pop(int(event.data["corrects"]), None)
        if event.data.get("record") != ABSENCE or event.data.get("void"):
            continue
        values = {str(f).rpartition(".")[2]: v for f, v in content(event).items() if "." in f}
        first, last = date.fromisoformat(str(values["first"])), values.get("last")
        kept[event.position] = Absence(first, date.fromisoformat(str(last)) if last else None)
    return tuple({absence.first: absence for absence in kept.values()}.values())
