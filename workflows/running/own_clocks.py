"""Own clocks: dates measured from an instance's own event, which stand still during absences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.deadline import Exempt
from engine.events import Event, Instance
from engine.ports import Reader, UnitOfWork
from workflows.deadlines.resolution import Absence
from workflows.deadlines.resolve import resolve
from workflows.deadlines.rule import OWN, events_of
from workflows.plan.model import Step
from workflows.running.desk import Desk
from workflows.running.schedule import (
    context_of,
    deadline_from,
    happened_on,
    same_date,
    set_deadline,
)
from workflows.running.steps import steps_binding

ABSENCE = "absence"
"""Record of the days on which the clock stands."""


def start_clocks(desk: Desk[UnitOfWork], instance: Instance, cause: Event) -> None:
    """Set the dates that depend on the instance's own events, where ``cause`` moved them."""
    for step in steps_binding(desk.plan, instance):
        if _is_own(step):
            _set_own(desk, instance, step, cause)


def _is_own(step: Step) -> bool:
    return step.due is not None and any(name.startswith(OWN) for name in events_of(step.due))


def _set_own(desk: Desk[UnitOfWork], instance: Instance, step: Step, cause: Event) -> None:
    if step.due is None:
        return
    happened = happened_on(desk.unit, desk.key)
    for name, moment in happened_on(desk.unit, instance.key).items():
        happened[f"{OWN}{name}"] = moment
    context = context_of(desk, happened, absences(desk, instance))
    occurrence = instance.origin.partition("@")[2]
    found = replace(
        deadline_from(desk, step, resolve(step.due, context)),
        instance=instance.key,
        occurrence=occurrence,
    )
    own = desk.unit.deadlines(desk.key, step.id, instance=instance.key)
    before = next((d for d in own if d.occurrence == occurrence), None)
    if before is not None and same_date(before, found):
        return
    if before is None and found.due_at is None:
        return  # still waiting, as the shared deadline says
    set_deadline(desk, step, found, before, cause)
    desk.unit.set_exemption(instance.key, step.id, Exempt.OWN_DATE, cause.position)


def absences(desk: Desk[Reader], instance: Instance) -> tuple[Absence, ...]:
    """Return the recorded absences of an instance; one without a last day goes on."""
    found = []
    for event in desk.unit.history(instance.key):
        if event.data.get("record") == ABSENCE and not event.data.get("void"):
            facts = event.data["set"]
            first = date.fromisoformat(facts[f"{ABSENCE}.first"])
            last = facts.get(f"{ABSENCE}.last")
            found.append(Absence(first, date.fromisoformat(last) if last else None))
    return tuple(found)
