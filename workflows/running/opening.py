"""Opening a cycle: from a checked plan to running instances, deadlines and timers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from engine.act import Act
from engine.definition import Workflow
from engine.errors import AlreadyExists
from engine.events import Data, Event, Instance, Kind
from engine.facts import Value, to_text
from engine.ports import UnitOfWork
from workflows import assignment, cycle, target
from workflows.deadlines.rule import Recurring
from workflows.plan.model import Plan, Scope, Step, Target
from workflows.plan.store_form import edition, to_data
from workflows.roles import GROUP_OFFICE
from workflows.running.desk import Application, Desk, calendar_for, desk
from workflows.running.own_clocks import start_at_opening
from workflows.running.schedule import deadline_id, happened_on, resolve_step, timers_of

BATCH = 2000
"""How many instances are made at a time: a large plan must not fill the memory."""


def how_many(plan: Plan) -> int:
    """Return how many instances the opening of ``plan`` makes."""
    return 1 + len(plan.targets) + sum(1 for step in plan.steps for _ in _assignments(plan, step))


def open_cycle(
    app: Application,
    unit: UnitOfWork,
    plan: Plan,
    actor: str,
    loaded_at: datetime,
    act: Act | None = None,
    progress: Callable[[int], None] = lambda _instances: None,
) -> Desk[UnitOfWork]:
    """Open the cycle of ``plan`` with its targets, assignments, deadlines and timers.

    The cycle's own event says what ``act`` says beside it; ``progress`` is told
    how many more instances there are.

    Steps due before ``loaded_at`` raise no alarm: they stand as unrecorded
    until somebody says when they were done (R-20).

    Raises:
        AlreadyExists: a cycle of that key is open already.

    """
    if unit.find(plan.key) is not None:
        raise AlreadyExists(what="cycle", key=plan.key, hint=f"duban show {plan.key}")
    for workflow in plan.machines:
        unit.publish_workflow(workflow)
    # Kept without its targets: they are instances from here on, and their opening
    # events say all of them. Every process reads the plan, however many they are.
    rules = replace(plan, targets=())
    name = edition(rules)
    unit.publish_plan(name, to_data(rules))
    # The first event says on what the rest is founded, or nobody could tell it from another.
    rests_on = {"plan": name, "calendar": calendar_for(app, unit, plan).edition}
    born = (_born(unit, i, actor, act, rests_on) for i in _instances(plan, loaded_at))
    opening = 0
    while batch := list(islice(born, BATCH)):
        first, *_ = unit.create(batch)
        opening = opening or first
        progress(len(batch))
    unit.bind_plan(plan.key, name)
    opened = desk(app, unit, plan.key)
    happened = happened_on(unit, plan.key)
    for step in plan.steps:
        for found in resolve_step(opened, step, happened):
            fixed = replace(found, id=deadline_id(found, 1), event=opening)
            unit.set_deadlines([fixed], timers_of(opened, step, fixed))
    start_at_opening(opened)
    return opened


def target_instance(plan: Plan, goal: Target) -> Instance:
    """Return the target as it is when it is opened."""
    facts: dict[str, Value] = {
        "title": goal.name.zh,
        "category": goal.category,
        "sources": " ".join(goal.sources),
    }
    if goal.name.en:
        facts["title.en"] = goal.name.en
    if goal.basis:
        facts["basis"] = goal.basis
    if goal.pace:
        facts[f"{target.WORK_PLAN}.pace"] = goal.pace
    if goal.quality:
        facts[f"{target.WORK_PLAN}.quality"] = goal.quality
    if goal.finish_by:
        facts[f"{target.WORK_PLAN}.finish_by"] = goal.finish_by.isoformat()
    return new_instance(plan.machine(target.NAME), f"{plan.key}/{goal.id}", goal.section, facts)


def assignment_instances(
    plan: Plan, step: Step, origin: str, label: str = ""
) -> Iterator[Instance]:
    """Yield what a step asks to be handed in: one per section, or one for the office."""
    machine = plan.machine(assignment.NAME)
    facts: dict[str, Value] = {"title": step.name.zh, "step": step.id}
    if step.name.en:
        facts["title.en"] = step.name.en
    if step.gate:
        facts[cycle.GATE] = step.gate
    stem = f"{plan.key}/{step.id}" + (f"-{label}" if label else "")
    if step.scope is Scope.OFFICE:
        owner = step.owner or GROUP_OFFICE
        yield replace(new_instance(machine, stem, owner, facts), origin=origin)
    else:
        for section in plan.sections:
            key = f"{stem}-{section.id}"
            yield replace(new_instance(machine, key, section.id, facts), origin=origin)


def new_instance(machine: Workflow, key: str, owner: str, facts: dict[str, Value]) -> Instance:
    """Return an instance in the initial state of its machine."""
    return Instance(
        key=key,
        workflow=machine.name,
        edition=machine.edition,
        state=machine.initial,
        sequence=1,
        owner=owner,
        facts=facts,
    )


def opening_event(unit: UnitOfWork, instance: Instance, actor: str) -> Event:
    """Return the first event of an instance, which says all that it starts with."""
    return Event(
        instance=instance.key,
        sequence=1,
        kind=Kind.OPENED,
        actor=actor,
        occurred_at=unit.now,
        recorded_at=unit.now,
        data={
            "workflow": instance.workflow,
            "machine": instance.edition,
            "state": instance.state,
            "owner": instance.owner,
            "origin": instance.origin,
            "set": dict(instance.facts),
        },
    )


def _born(
    unit: UnitOfWork, instance: Instance, actor: str, act: Act | None, rests_on: Data
) -> tuple[Instance, Event]:
    opened = opening_event(unit, instance, actor)
    if instance.parent:
        return instance, opened
    opened = replace(opened, data={**opened.data, **rests_on})
    if act is None:
        return instance, opened
    blank = replace(instance, sequence=instance.sequence - 1)
    return instance, act.on(unit, blank, Kind.OPENED, opened.data)


def _instances(plan: Plan, loaded_at: datetime) -> Iterator[Instance]:
    yield _cycle(plan, loaded_at)
    for goal in plan.targets:
        yield target_instance(plan, goal)
    for step in plan.steps:
        yield from _assignments(plan, step)


def _cycle(plan: Plan, loaded_at: datetime) -> Instance:
    facts: dict[str, Value] = {
        "title": plan.name.zh,
        "year": plan.year,
        "loaded_at": to_text(loaded_at),
    }
    if plan.name.en:
        facts["title.en"] = plan.name.en
    return new_instance(plan.machine(cycle.NAME), plan.key, GROUP_OFFICE, facts)


def _assignments(plan: Plan, step: Step) -> Iterator[Instance]:
    """Yield the assignments that stand from the opening on; a recurrence opens its own later."""
    recurs = step.due is not None and isinstance(step.due.deadline, Recurring)
    if step.hand_in and not recurs:
        yield from assignment_instances(plan, step, step.id)
