"""Invented people at work: what each owes next is done by the ordinary requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from engine.errors import Refused
from engine.events import Instance
from engine.guards import Compare, Guard, Known, holds, leaves
from engine.moves import parent_of, view
from engine.ports import Reader
from workflows import target
from workflows.plan.model import Plan, Scope
from workflows.roles import GROUP_OFFICE, OWNER
from workflows.running.backfill import Entry, backfill
from workflows.running.behaviour import Habits, People
from workflows.running.desk import Application, Desk
from workflows.running.people import roles_of_post
from workflows.running.requests import Who, record
from workflows.running.steps import laggards, owner_of

PERSON = "simulation"
"""The account under which invented people act, each on behalf of a post."""

OUTSIDE_DAYS = 5
"""Days that an outside body, or the office after it, takes for what has no date."""


RESULTS = ("evaluation_result", "circular")
"""Records that come only after the body has done its own dated work."""


@dataclass(frozen=True, slots=True, order=True)
class Errand:
    """One thing that somebody means to do at a moment."""

    moment: datetime
    key: str
    step: str
    record: str = ""
    """The record that a cycle's next automatic move needs; empty for a step."""


def errands(desk: Desk[Reader], habits: Habits, known: set[str]) -> Iterator[Errand]:
    """Yield what people mean to do about deadlines that are not in ``known`` yet."""
    for deadline in desk.unit.deadlines(desk.key, instance=""):
        step = desk.plan.step(deadline.step)
        if step is None or step.attend or deadline.id in known or deadline.due_at is None:
            continue
        if step.scope is Scope.TARGETS and step.brings == target.RECTIFIED:
            continue
        late_opening = deadline.opens_at is not None and deadline.opens_at > desk.now
        if step.hand_in and deadline.occurrence and late_opening:
            continue
        known.add(deadline.id)
        for instance in desk.unit.select(laggards(desk.plan, step, deadline)):
            moment = habits.acts_at(desk, deadline, instance.key)
            if moment is not None:
                yield Errand(max(moment, desk.now + timedelta(minutes=1)), instance.key, step.id)


def undated_errands(desk: Desk[Reader], habits: Habits, known: set[str]) -> Iterator[Errand]:
    """Yield the records that the cycle's next automatic move waits for, and findings to mend."""
    if habits.people is People.SILENT:
        return
    stands = desk.cycle()
    machine = desk.unit.machine(stands.edition)
    for edge in machine.leaving(stands.state):
        if not edge.automatic:
            continue
        for number, fact in enumerate(_missing(desk, stands, edge.guard)):
            mark = f"{edge.trigger}/{fact}/{stands.moved_at}"
            kind = fact.partition(".")[0].partition(":")[0]
            declared = machine.workflow.record(kind)
            if mark in known or declared is None:
                continue
            if declared.answers and declared.answers not in stands.facts:
                continue
            if kind in RESULTS and _dated_work_left(desk):
                continue
            known.add(mark)
            yield Errand(_working_hour(desk, OUTSIDE_DAYS + number), stands.key, "", fact)


def _dated_work_left(desk: Desk[Reader]) -> bool:
    """Return whether the office still has something to do that is not late yet."""
    for deadline in desk.unit.deadlines(desk.key, instance=""):
        step = desk.plan.step(deadline.step)
        if step is None or step.scope is not Scope.CYCLE or step.attend:
            continue
        ahead = deadline.due_at is not None and deadline.due_at > desk.now
        if ahead and desk.unit.count(laggards(desk.plan, step, deadline)):
            return True
    return False


def _working_hour(desk: Desk[Reader], days: int) -> datetime:
    """Return ten in the morning, so many days from today."""
    return datetime.combine(desk.today + timedelta(days=days), time(10), desk.zone)


def run(app: Application, plan: Plan, errand: Errand) -> str:
    """Do one errand by the ordinary requests; return why it was refused, or nothing."""
    try:
        if errand.record:
            _record_fact(app, plan, errand)
        else:
            _do_step(app, plan, errand)
    except Refused as refused:
        return refused.code
    return ""


def _do_step(app: Application, plan: Plan, errand: Errand) -> None:
    step = plan.step(errand.step)
    if step is None:
        return
    with app.store.reading() as reader:
        instance = reader.find(errand.key)
    if instance is None:
        return
    owner = owner_of(step, instance.owner)
    if step.scope is Scope.TARGETS and step.brings == target.SELF_ASSESSED:
        record(app, errand.key, "self_report", {"completion": 100}, _who(plan, owner, OWNER))
    elif step.hand_in:
        record(app, errand.key, "handed_in", {}, _who(plan, owner, OWNER))
    elif step.brings:
        entry = Entry(step=step.id, on=app.clock.now(), instance=errand.key)
        backfill(app, errand.key, [entry], _who(plan, owner, GROUP_OFFICE))
    else:
        for fact in step.records:
            if fact not in instance.facts:
                _record_fact(app, plan, Errand(errand.moment, errand.key, step.id, fact))


def _record_fact(app: Application, plan: Plan, errand: Errand) -> None:
    """Record whatever sets the fact, with invented values for what it requires."""
    kind, _, per = errand.record.partition(".")[0].partition(":")
    with app.store.reading() as reader:
        instance = reader.find(errand.key)
        if instance is None or errand.record.partition(".")[0] in instance.facts:
            return
        declared = reader.machine(instance.edition).workflow.record(kind)
    if declared is None:
        return
    values: dict[str, str] = {declared.per: per} if declared.per else {}
    for field in declared.fields:
        if field.required and field.name not in values:
            values[field.name] = field.choices[0] if field.choices else "示例"
    record(app, errand.key, kind, values, _who(plan, instance.owner, GROUP_OFFICE))


def _missing(desk: Desk[Reader], instance: Instance, guard: Guard) -> Iterator[str]:
    seen = view(desk.unit, instance, guard, parent_of(desk.unit, instance))
    for leaf in leaves(guard):
        if isinstance(leaf, Known | Compare) and not holds(leaf, seen):
            yield leaf.fact


def _who(plan: Plan, owner: str, role: str) -> Who:
    """Return somebody who holds ``role`` towards what ``owner`` owes."""
    for post in plan.posts:
        if role in roles_of_post(post, owner):
            return Who(person=PERSON, acting_for=post.id)
    for post in plan.posts:
        if GROUP_OFFICE in post.roles:
            return Who(person=PERSON, acting_for=post.id)
    return Who(person=PERSON)
