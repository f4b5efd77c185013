"""Announcing: narrowing a date that the plan left open, and entering a ladder by hand."""

from __future__ import annotations

from dataclasses import replace

from engine.deadline import Timer
from engine.errors import N_, NotFound, ReasonRequired, Refused
from engine.events import Event, Kind
from engine.ports import UnitOfWork
from workflows.deadlines.parse import parse
from workflows.deadlines.rule import Announced, Window
from workflows.plan.model import Step
from workflows.roles import GROUP_OFFICE, LEADING_GROUP
from workflows.running.consequences import deadline_for, own_deadline
from workflows.running.desk import Application, Desk
from workflows.running.firing import fire
from workflows.running.people import permit
from workflows.running.requests import Grounds, Who, act_of, at_desk
from workflows.running.schedule import ladder_of, reschedule


class NotOpenToAnnouncement(Refused):
    """The plan fixed the date; it is extended or amended, not announced."""

    code = "not-open-to-announcement"
    template = N_(
        "The date of step {step} was fixed by the plan ({rule}); only what the plan leaves to "
        "be announced, or gives as a window, can be narrowed."
    )


class NoSuchRung(Refused):
    """The step's ladder has no rung of that number."""

    code = "no-such-rung"
    template = N_("Step {step} has no rung {rung}; its rungs are: {known}.")


def announce(
    app: Application, cycle: str, step_id: str, rule: str, who: Who, grounds: Grounds
) -> Event:
    """Narrow down the date of a step that the plan left to be announced.

    Raises:
        NotFound: the plan has no such step.
        NotOpenToAnnouncement: the plan fixed its date.
        DeadlineSyntax: ``rule`` cannot be read.
        NotPermitted: the person is not of the group office.

    """
    with at_desk(app, cycle) as at:
        step = _step(at, step_id)
        if step.due is None or not isinstance(step.due.deadline, Announced | Window):
            raise NotOpenToAnnouncement(step=step_id, rule=step.due_text)
        parse(rule)
        stands = at.unit.load(at.key)
        acting_for = permit(
            at, who.person, who.acting_for, stands.owner, (GROUP_OFFICE,), "announce", at.key
        )
        act = act_of(at, stands, who, replace(grounds, occurred_at=None), acting_for)
        event = at.unit.append(
            replace(act.on(at.unit, stands, Kind.AMENDED), data={"step": step_id, "rule": rule})
        )
        reschedule(at, event)
        return event


def enter_rung(
    app: Application, key: str, step_id: str, number: int, who: Who, grounds: Grounds
) -> Event:
    """Put one instance on a rung of its ladder by hand; the rungs after it follow from there.

    Raises:
        ReasonRequired: no reason was given.
        NoSuchRung: the ladder is not that long.
        NotPermitted: neither office nor leading group.

    """
    with at_desk(app, key) as at:
        step = _step(at, step_id)
        instance = at.unit.load(key)
        rungs = ladder_of(at.plan, step).rungs
        if not 0 <= number < len(rungs):
            raise NoSuchRung(step=step_id, rung=number, known=list(range(len(rungs))))
        if not grounds.reason.strip():
            raise ReasonRequired(act="rung", key=key)
        allowed = (GROUP_OFFICE, LEADING_GROUP)
        acting_for = permit(at, who.person, who.acting_for, instance.owner, allowed, "rung", key)
        act = act_of(at, instance, who, replace(grounds, occurred_at=None), acting_for)
        data = {"step": step_id, "rung": number}
        event = at.unit.append(replace(act.on(at.unit, instance, Kind.ENTERED), data=data))
        shared = deadline_for(at, step, instance)
        if shared is None:
            raise NotFound(what="deadline", key=step_id, hint=f"duban show {key}")
        own = own_deadline(at, instance, step, shared, shared.due_at or at.now, event.position)
        timer = Timer(
            id=f"{own.id}:r{number}",
            deadline=own.id,
            cycle=own.cycle,
            rung=f"r{number}",
            fires_at=at.now,
        )
        passed = [t for t in at.unit.timers(at.key) if t.deadline == own.id]
        at.unit.cancel_timers(at.key, own.id)
        later = [t for t in passed if int(t.rung[1:]) > number]
        again = [replace(t, id=f"{t.id}+", rung=t.rung) for t in later]
        at.unit.set_deadlines([], [replace(timer, id=f"{timer.id}+"), *again])
        fire(at, replace(timer, id=f"{timer.id}+"), silent=False)
        return event


def _step(at: Desk[UnitOfWork], step_id: str) -> Step:
    step = at.plan.step(step_id)
    if step is None:
        raise NotFound(what="step", key=step_id, hint=f"duban due {at.key}")
    return step
