"""Follow-up slips (督办单): numbered, one matter one slip, each with a clock for its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from engine.deadline import Deadline
from engine.events import DAEMON, Event, Instance
from engine.facts import Value
from engine.guards import Compare, Known
from engine.ladder import Rung, Unit
from engine.population import Population
from engine.ports import Reader, UnitOfWork
from workflows import assignment
from workflows.plan.model import REPLY, Step, Text
from workflows.running.desk import Desk
from workflows.running.granting import granted
from workflows.running.opening import new_instance, opening_event
from workflows.running.schedule import deadline_from, deadline_id, timers_of
from workflows.running.steps import origin, owner_of

SLIP = "slip"
"""Fact of an assignment: its number as a slip."""
MATTER = "matter"
"""Fact of a slip: the instance that it is about."""


def issue_slips(
    desk: Desk[UnitOfWork],
    step: Step,
    deadline: Deadline,
    number: int,
    rung: Rung,
    population: Population,
    cause: Event,
) -> None:
    """Issue a slip to each of ``population``, to be answered within the days that ``rung`` grants.

    The clock of the answer counts from today, when the slip is really issued,
    and not from the rung's nominal moment: nobody answers what was not sent.
    """
    if REPLY in step.id:
        return  # an answer that does not come is chased by its own ladder, not by further slips
    answer = desk.plan.step(f"{step.id}{REPLY}{number}")
    if answer is None:
        return
    suffix = deadline.instance.rpartition("/")[2]
    label = ".".join(part for part in (deadline.occurrence, suffix, f"v{deadline.version}") if part)
    blank = Deadline(
        id="",
        cycle=desk.key,
        step=answer.id,
        occurrence=label,
        rule=f"{rung.reply} {rung.reply_unit} after slip",
    )
    clock = answer_date(desk, blank, desk.today, rung.reply, rung.reply_unit)
    clock = replace(clock, id=deadline_id(clock, 1), event=cause.position)
    issued = desk.unit.count(
        Population(cycle=desk.key, workflow=assignment.NAME, where=Known(SLIP))
    )
    born = []
    for serial, matter in enumerate(desk.unit.select(population), start=issued + 1):
        instance = _slip(desk, step, matter, serial, origin(clock))
        event = opening_event(desk.unit, instance, DAEMON)
        born.append((instance, replace(event, cause=cause.position)))
    desk.unit.create(born)
    desk.unit.set_deadlines([clock], timers_of(desk, answer, clock))


def slips_about(desk: Desk[Reader], key: str) -> Sequence[Instance]:
    """Return the slips that were issued about an instance, by number."""
    about = Compare(MATTER, "==", key)
    return desk.unit.select(Population(cycle=desk.key, workflow=assignment.NAME, where=about))


def answer_date(
    desk: Desk[Reader], clock: Deadline, issued: date, days: int, unit: Unit
) -> Deadline:
    """Return ``clock`` with the date that a slip of the day ``issued`` is to be answered by."""
    blank = replace(Step(id=clock.step, name=Text("")), due_text=clock.rule)
    found = deadline_from(desk, blank, granted(desk, issued, days, unit))
    return replace(found, id=clock.id, occurrence=clock.occurrence, version=clock.version)


def _slip(desk: Desk[UnitOfWork], step: Step, matter: Instance, serial: int, mark: str) -> Instance:
    facts: dict[str, Value] = {
        "title": f"{matter.facts.get('title') or step.name.zh}（督办单第{serial}号）",
        "step": step.id,
        SLIP: serial,
        MATTER: matter.key,
    }
    owner = owner_of(step, matter.owner)
    key = f"{desk.key}/S-{serial:04}"
    machine = desk.plan.machine(assignment.NAME)
    return replace(new_instance(machine, key, owner, facts), origin=mark)
