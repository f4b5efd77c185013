"""Exceptions to a step for one instance: excused, extended, suspended; each with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from engine.deadline import Exempt
from engine.errors import N_, NotFound, ReasonRequired, Refused
from engine.events import Event, Kind
from engine.facts import to_text
from engine.ports import UnitOfWork
from workflows.plan.model import Step
from workflows.roles import GROUP_OFFICE, LEADING_GROUP
from workflows.running.consequences import deadline_for, own_deadline
from workflows.running.desk import Application, Desk
from workflows.running.people import permit
from workflows.running.requests import Grounds, Who, act_of, at_desk


class NoDate(Refused):
    """The step has no date that could be extended."""

    code = "no-date"
    template = N_("Step {step} has no date for {key} that could be extended: {problem}.")


def excuse(app: Application, key: str, step_id: str, who: Who, grounds: Grounds) -> Event:
    """Excuse an instance from a step for good.

    Raises:
        ReasonRequired: no reason was given.
        NotPermitted: the person is neither of the office nor of the leading group.
        NotFound: there is no such step or instance.

    """
    return _except(app, key, step_id, who, grounds, Kind.EXCUSED)


def suspend(app: Application, key: str, step_id: str, who: Who, grounds: Grounds) -> Event:
    """Pause a step for an instance; while paused it is not late."""
    return _except(app, key, step_id, who, grounds, Kind.SUSPENDED)


def resume(app: Application, key: str, step_id: str, who: Who, grounds: Grounds) -> Event:
    """End a pause."""
    return _except(app, key, step_id, who, grounds, Kind.RESUMED)


def extend(
    app: Application, key: str, step_id: str, until: date, who: Who, grounds: Grounds
) -> Event:
    """Give an instance a later date of its own for a step; the day itself is in time.

    Raises:
        NoDate: the step has no date, or the new one is not later.

    """
    with at_desk(app, key) as at:
        step = _step(at, step_id)
        instance = at.unit.load(key)
        acting_for = _permitted(at, who, instance.owner, "extend", key, grounds)
        deadline = deadline_for(at, step, instance)
        if deadline is None or deadline.due_at is None:
            raise NoDate(step=step_id, key=key, problem=N_("it is undated or waits"))
        due_at = datetime.combine(until + timedelta(days=1), time(), at.zone)
        if due_at <= deadline.due_at:
            raise NoDate(step=step_id, key=key, problem=N_("the new date is not later"))
        act = act_of(
            at,
            instance,
            who,
            Grounds(reason=grounds.reason, authority=grounds.authority),
            acting_for,
        )
        event = at.unit.append(
            replace(
                act.on(at.unit, instance, Kind.EXTENDED),
                data={
                    "step": step_id,
                    "from": to_text(deadline.due_at),
                    "to": to_text(due_at),
                },
            )
        )
        own_deadline(at, instance, step, deadline, due_at, event.position)
        return event


def _except(
    app: Application, key: str, step_id: str, who: Who, grounds: Grounds, kind: Kind
) -> Event:
    with at_desk(app, key) as at:
        step = _step(at, step_id)
        instance = at.unit.load(key)
        acting_for = _permitted(at, who, instance.owner, str(kind), key, grounds)
        act = act_of(
            at,
            instance,
            who,
            Grounds(reason=grounds.reason, authority=grounds.authority),
            acting_for,
        )
        event = at.unit.append(replace(act.on(at.unit, instance, kind), data={"step": step.id}))
        if kind is Kind.RESUMED:
            own = at.unit.deadlines(at.key, step.id, instance=key)
            back = Exempt.OWN_DATE if own else None
            at.unit.set_exemption(key, step.id, back, event.position)
        else:
            exempt = Exempt.EXCUSED if kind is Kind.EXCUSED else Exempt.SUSPENDED
            at.unit.set_exemption(key, step.id, exempt, event.position)
        return event


def _step(at: Desk[UnitOfWork], step_id: str) -> Step:
    step = at.plan.step(step_id)
    if step is None:
        raise NotFound(what="step", key=step_id, hint=f"duban due {at.key}")
    return step


def _permitted(
    at: Desk[UnitOfWork], who: Who, owner: str, act: str, key: str, grounds: Grounds
) -> str:
    if not grounds.reason.strip():
        raise ReasonRequired(act=act, key=key)
    return permit(at, who.person, who.acting_for, owner, (GROUP_OFFICE, LEADING_GROUP), act, key)
