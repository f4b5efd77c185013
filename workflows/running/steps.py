"""Steps as conditions: whom a step concerns, and when what it asks has been done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.deadline import Deadline
from engine.definition import Workflow
from engine.events import Instance
from engine.guards import ALWAYS, NEVER, All, Guard, Known, Not, StateIn
from engine.population import Population
from workflows import assignment, cycle, target
from workflows.plan.model import REPLY, Plan, Scope, Step
from workflows.roles import GROUP_OFFICE
from workflows.target import excused

MACHINE_OF = {
    Scope.CYCLE: cycle.NAME,
    Scope.TARGETS: target.NAME,
    Scope.SECTIONS: assignment.NAME,
    Scope.OFFICE: assignment.NAME,
}


def machine_of(plan: Plan, step: Step) -> Workflow:
    """Return the machine of the instances that ``step`` concerns."""
    return plan.machine(MACHINE_OF[step.scope])


def steps_binding(plan: Plan, instance: Instance, *, attended: bool = False) -> Iterator[Step]:
    """Yield the steps that bind ``instance``; those only attended where asked for."""
    if REPLY in instance.origin:
        answer = plan.step(instance.origin.partition("@")[0])
        if answer is not None:
            yield answer
        return
    for step in plan.steps:
        if MACHINE_OF[step.scope] != instance.workflow or (step.attend and not attended):
            continue
        if step.scope not in (Scope.SECTIONS, Scope.OFFICE) or (
            instance.origin.partition("@")[0] == step.id
        ):
            yield step


def done(plan: Plan, step: Step) -> Guard:
    """Return the condition under which ``step`` is done for an instance."""
    if step.brings:
        return StateIn(machine_of(plan, step).done(step.brings))
    if step.records:
        return All(tuple(Known(name) for name in step.records))
    if step.hand_in:
        return StateIn(machine_of(plan, step).done(assignment.SUBMITTED))
    return ALWAYS


def owed(plan: Plan, step: Step) -> Guard:
    """Return the condition under which an instance still owes ``step``."""
    void = machine_of(plan, step).void
    return All((Not(done(plan, step)), *((Not(StateIn(void)),) if void else ())))


def excused_facts(step: Step) -> tuple[str, ...]:
    """Return the facts of an instance that is excused from ``step``: joins leave it out by them."""
    if step.brings:
        return (excused(step.brings),)
    return tuple(excused(name) for name in step.records)


def outside(step: Step) -> Guard:
    """Return the condition under which what ``step`` asks lies with an outside body."""
    if step.wait is None:
        return NEVER
    return All((*(Known(name) for name in step.records), Not(Known(step.wait.record))))


def origin(deadline: Deadline) -> str:
    """Return the mark on the assignments that a deadline created."""
    return f"{deadline.step}@{deadline.occurrence}" if deadline.occurrence else deadline.step


def concerned(step: Step, deadline: Deadline, where: Guard) -> Population:
    """Return the instances that ``deadline`` binds and of which ``where`` holds."""
    return Population(
        cycle=deadline.cycle,
        workflow=MACHINE_OF[step.scope],
        parent=deadline.cycle if step.scope is Scope.TARGETS else "",
        key=deadline.instance or (deadline.cycle if step.scope is Scope.CYCLE else ""),
        origin=origin(deadline) if step.hand_in and not deadline.instance else "",
        where=where,
        bound_by="" if deadline.instance else step.id,
    )


def falling_short(plan: Plan, step: Step, deadline: Deadline, when: Guard) -> Population:
    """Return those who still owe what ``deadline`` asks and of whose facts ``when`` holds."""
    population = laggards(plan, step, deadline)
    if when == ALWAYS:
        return population
    return replace(population, where=All((population.where, when)))


def laggards(plan: Plan, step: Step, deadline: Deadline) -> Population:
    """Return the instances that still owe what ``deadline`` asks."""
    return concerned(step, deadline, owed(plan, step))


def owner_of(step: Step, instance_owner: str) -> str:
    """Return who owes ``step`` on an instance of ``instance_owner``."""
    return step.owner or instance_owner or GROUP_OFFICE
