"""Obligations: who owes what by when, derived from dates and events; never stored.

What is done (the state) and what is owed are kept apart. An obligation is a
step as it concerns one instance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engine.calendar import working_days_between
from engine.deadline import Deadline, Exempt
from engine.events import Event, Instance, Kind
from engine.facts import to_moment
from engine.guards import View, holds
from engine.ports import Reader
from workflows import assignment
from workflows.plan.model import Step
from workflows.running.consequences import deadline_for
from workflows.running.desk import Desk
from workflows.running.schedule import due_for, last_day_of
from workflows.running.steps import done, outside, owner_of, steps_binding

SOON = timedelta(days=14)
"""How far ahead a date counts as due soon."""


class Standing(StrEnum):
    """How an obligation stands (design.md section 1)."""

    WAITING = "waiting"
    OPEN = "open"
    DUE_SOON = "due_soon"
    LATE = "late"
    OUTSIDE = "outside"
    MET = "met"
    MET_LATE = "met_late"
    EXCUSED = "excused"
    SUSPENDED = "suspended"
    UNRECORDED = "unrecorded"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """What one instance owes for one step."""

    instance: str
    step: Step
    owner: str
    standing: Standing
    deadline: Deadline | None = None
    days_late: int = 0
    """Working days late."""
    since: datetime | None = None
    """For one that lies outside: since when."""


def obligations(desk: Desk[Reader], instance: Instance) -> Iterator[Obligation]:
    """Yield what ``instance`` owes and has met, step by step in the plan's order."""
    exempt = desk.unit.exemptions(instance.key)
    history = desk.unit.history(instance.key)
    for step in steps_binding(desk.plan, instance, attended=True):
        deadline = deadline_for(desk, step, instance)
        standing = standing_of(desk, step, instance, deadline, exempt.get(step.id))
        if standing is Standing.MET and _was_late(desk, step, instance, deadline, history):
            standing = Standing.MET_LATE
        yield Obligation(
            instance=instance.key,
            step=step,
            owner=owner_of(step, instance.owner),
            standing=standing,
            deadline=deadline,
            days_late=days_late(desk, deadline) if standing is Standing.LATE else 0,
        )


def met_at(
    desk: Desk[Reader], step: Step, instance: Instance, history: Sequence[Event]
) -> datetime | None:
    """Return when what ``step`` asks was done, by the accepted dates; None if it is not.

    A correction counts, and so does a back-dated record that the office
    accepted; that it stood as late meanwhile remains in the history.
    """
    if step.records:
        moments = [str(instance.facts[r]) for r in step.records if r in instance.facts]
        return to_moment(max(moments)) if len(moments) == len(step.records) else None
    workflow = desk.unit.machine(instance.edition).workflow
    reached = workflow.done(step.brings or assignment.SUBMITTED)
    corrected = {
        int(e.data["corrects"]): to_moment(str(e.data["moment"]))
        for e in history
        if e.kind is Kind.CORRECTED
    }
    moment = None
    for event in history:
        if event.kind is Kind.MOVED and event.target in reached and event.source not in reached:
            moment = corrected.get(event.position, event.occurred_at)
    return moment


def _was_late(
    desk: Desk[Reader],
    step: Step,
    instance: Instance,
    deadline: Deadline | None,
    history: Sequence[Event],
) -> bool:
    moment = met_at(desk, step, instance, history)
    due = due_for(deadline, moment) if deadline and moment else None
    return due is not None and moment is not None and moment >= due


def standing_of(
    desk: Desk[Reader],
    step: Step,
    instance: Instance,
    deadline: Deadline | None,
    exempt: Exempt | None = None,
) -> Standing:
    """Return how ``step`` stands for ``instance``, from its state, facts and dates alone."""
    workflow = desk.unit.machine(instance.edition).workflow
    view = View(state=instance.state, facts=instance.facts, now=desk.now)
    if instance.state in workflow.void:
        return Standing.VOID
    if exempt is Exempt.EXCUSED:
        return Standing.EXCUSED
    if exempt is Exempt.SUSPENDED:
        return Standing.SUSPENDED
    if step.wait is not None and step.records and holds(outside(step), view):
        return Standing.OUTSIDE
    if not step.attend and holds(done(desk.plan, step), view):
        return Standing.MET
    if deadline is None:
        return Standing.OPEN
    return _by_date(desk, step, deadline)


def _by_date(desk: Desk[Reader], step: Step, deadline: Deadline) -> Standing:
    due, now = deadline.due_at, desk.now
    if deadline.opens_at is not None and now < deadline.opens_at:
        return Standing.WAITING
    if deadline.waits_for and due is None:
        return Standing.WAITING
    if due is None:
        return Standing.OPEN
    if step.attend:
        return Standing.MET if due <= now else Standing.OPEN
    if due <= desk.loaded_at(step.id):
        return Standing.UNRECORDED
    if due <= now:
        return Standing.OPEN if deadline.soft else Standing.LATE
    return Standing.DUE_SOON if due - now <= SOON else Standing.OPEN


def days_late(desk: Desk[Reader], deadline: Deadline | None) -> int:
    """Return how many working days have begun since the first moment of lateness."""
    if deadline is None or deadline.due_at is None or deadline.due_at > desk.now:
        return 0
    last = last_day_of(desk, deadline.due_at)
    return working_days_between(desk.calendar, last, desk.today).working_days
