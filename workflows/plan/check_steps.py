"""Checking steps: circles, gates that hold nothing, events that nothing brings about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.definition import Workflow
from engine.guards import Compare, leaves
from workflows import assignment
from workflows.cycle import GATE
from workflows.cycle import NAME as CYCLE
from workflows.deadlines.rule import OWN, Recurring, events_of
from workflows.deadlines.settle import RETURN
from workflows.plan.check_ladders import never_due
from workflows.plan.diagnostics import Diagnostic, brief
from workflows.plan.model import Plan, Step
from workflows.plan.names import nearest
from workflows.plan.places import Places
from workflows.plan.read_steps import MACHINE_OF
from workflows.plan.record_names import RecordNames
from workflows.plan.step_order import order_of_steps

_AGAIN: Final = re.compile(
    r"定期|例会|每[日天周旬月季年]|每半年|[按逐][日周月季]"
    r"|\b(?:regular|periodic|weekly|monthly|quarterly|every (?:week|month|quarter))",
    re.IGNORECASE,
)


def check_steps(plan: Plan, places: Places) -> Iterator[Diagnostic]:
    """Yield what is wrong with the steps of ``plan``."""
    if not plan.steps:
        yield Diagnostic.at(places.of("plan", "steps"), "P314")
    family = {machine.name: machine for machine in plan.machines}
    for step in plan.steps:
        place = places.of("step", step.id)
        machine, cycle = family.get(MACHINE_OF[step.scope]), family.get(CYCLE)
        if step.brings and machine and step.brings not in machine.line:
            values = {"state": step.brings, "machine": machine.name, "step": step.id}
            yield Diagnostic.at(place, "P251", **values)
        if step.gate and cycle and not _counts(cycle, step.gate):
            yield Diagnostic.at(place, "P250", step=step.id, gate=step.gate)
        if step.due and isinstance(step.due.deadline, Recurring) and not step.gate:
            yield Diagnostic.at(place, "P309", step=step.id)
        if _repeats(step) and never_due(step):
            yield Diagnostic.at(place, "P324", step=step.id)
        if machine and cycle:
            yield from _events(step, places, machine, cycle)
    for circle in order_of_steps(plan)[1]:
        yield Diagnostic.at(places.of("step", circle[0]), "P242", steps=circle)


def _repeats(step: Step) -> bool:
    """Return whether the words of the step say that it comes again: 定期调度, a weekly review."""
    return _AGAIN.search(f"{step.name.zh} {step.name.en} {step.note.zh} {step.note.en}") is not None


def _counts(cycle: Workflow, gate: str) -> bool:
    """Return whether some join waits for assignments with that gate."""
    for join in cycle.joins:
        for counted in join.counted:
            if counted.workflow == assignment.NAME:
                read = [leaf for leaf in leaves(counted.when) if isinstance(leaf, Compare)]
                gates = [leaf.value for leaf in read if leaf.fact == GATE]
                if not gates or gate in gates:
                    return True
    return False


def _events(step: Step, places: Places, machine: Workflow, cycle: Workflow) -> Iterator[Diagnostic]:
    """Check that what the deadline waits for can happen: on the cycle, or on one's own."""
    if step.due is None:
        return
    for event in sorted(events_of(step.due)):
        name = event.removeprefix(OWN)
        about = machine if event.startswith(OWN) else cycle
        kinds = RecordNames(about)
        if event != RETURN and name not in about.states and kinds.kind(name) is None:
            known = nearest(name, [*kinds.known(), *about.states])
            place = places.of("step", step.id)
            yield Diagnostic.at(place, "P226", step=step.id, id=brief(event), known=known)
