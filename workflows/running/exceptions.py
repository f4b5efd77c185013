"""Exceptions to a step for one instance: excused, extended, suspended; each with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from engine.act import Act
from engine.deadline import Deadline, Exempt
from engine.errors import N_, NotFound, ReasonRequired, Refused
from engine.events import Event, Instance, Kind
from engine.facts import to_text
from engine.ports import UnitOfWork
from workflows.plan.model import Step
from workflows.roles import GROUP_OFFICE, LEADING_GROUP, OWNER
from workflows.running.consequences import deadline_for, own_deadline
from workflows.running.desk import Application, Desk
from workflows.running.people import permit
from workflows.running.requests import Grounds, Who, act_of, at_desk


class NoDate(Refused):
    """The step has no date that could be extended."""

    code = "no-date"
    template = N_("Step {step} has no date for {key} that could be extended: {problem}.")


class AskedTooLate(Refused):
    """A later date must be asked for before the present one has passed."""

    code = "asked-too-late"
    template = N_(
        "The date of {step} for {key} passed at {due} and nobody had asked for a later one; "
        "what remains is to excuse it: duban excuse {key} {step} --reason …"
    )


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


def ask_extension(
    app: Application, key: str, step_id: str, until: date, who: Who, grounds: Grounds
) -> Event:
    """Ask for a later date, before the present one has passed.

    Raises:
        NoDate: the step has no date, or the new one is not later.
        AskedTooLate: the present date has passed.
        ReasonRequired: no reason was given.

    """
    with at_desk(app, key) as at:
        deadline, due_at = _later(at, key, step_id, until)
        instance = at.unit.load(key)
        if deadline.due_at is not None and at.now >= deadline.due_at:
            raise AskedTooLate(step=step_id, key=key, due=deadline.due_at)
        allowed = (OWNER, GROUP_OFFICE)
        acting_for = _permitted(at, who, instance.owner, allowed, "extend", key, grounds)
        act = _act(at, instance, who, grounds, acting_for)
        data = {"step": step_id, "to": to_text(due_at)}
        return at.unit.append(replace(act.on(at.unit, instance, Kind.EXTENSION_ASKED), data=data))


def refuse_extension(app: Application, key: str, step_id: str, who: Who, grounds: Grounds) -> Event:
    """Refuse what was asked; the old date stays, for scoring too."""
    with at_desk(app, key) as at:
        instance = at.unit.load(key)
        asked = _asked(at, key, step_id)
        if asked is None:
            raise NotFound(what="extension", key=step_id, hint=f"duban show {key}")
        allowed = at.plan.dates.extended_by
        acting_for = _permitted(at, who, instance.owner, allowed, "extend", key, grounds)
        act = _act(at, instance, who, grounds, acting_for)
        data = {"step": step_id, "asked": asked.position}
        return at.unit.append(replace(act.on(at.unit, instance, Kind.EXTENSION_REFUSED), data=data))


def extend(
    app: Application, key: str, step_id: str, until: date, who: Who, grounds: Grounds
) -> Event:
    """Give an instance a later date of its own for a step; the day itself is in time.

    After the date has passed this is possible only for who had asked before.

    Raises:
        NoDate: the step has no date, or the new one is not later.
        AskedTooLate: the date has passed, and nobody had asked before.
        NotPermitted: the plan does not let the person grant it.

    """
    with at_desk(app, key) as at:
        deadline, due_at = _later(at, key, step_id, until)
        instance = at.unit.load(key)
        allowed = at.plan.dates.extended_by
        acting_for = _permitted(at, who, instance.owner, allowed, "extend", key, grounds)
        asked = _asked(at, key, step_id)
        if asked is None and deadline.due_at is not None and at.now >= deadline.due_at:
            raise AskedTooLate(step=step_id, key=key, due=deadline.due_at)
        act = _act(at, instance, who, grounds, acting_for)
        data: dict[str, object] = {
            "step": step_id,
            "from": to_text(deadline.due_at) if deadline.due_at else "",
            "to": to_text(due_at),
        }
        if asked is not None:
            data["asked"] = asked.position
        event = at.unit.append(replace(act.on(at.unit, instance, Kind.EXTENDED), data=data))
        step = _step(at, step_id)
        own_deadline(at, instance, step, deadline, due_at, event.position)
        return event


def _later(at: Desk[UnitOfWork], key: str, step_id: str, until: date) -> tuple[Deadline, datetime]:
    """Return the deadline that binds now, and the first moment after the new day."""
    deadline = deadline_for(at, _step(at, step_id), at.unit.load(key))
    if deadline is None or deadline.due_at is None:
        raise NoDate(step=step_id, key=key, problem=N_("it is undated or waits"))
    due_at = datetime.combine(until + timedelta(days=1), time(), at.zone).astimezone(UTC)
    if due_at <= deadline.due_at:
        raise NoDate(step=step_id, key=key, problem=N_("the new date is not later"))
    return deadline, due_at


def _asked(at: Desk[UnitOfWork], key: str, step_id: str) -> Event | None:
    """Return the request for a later date that nobody has answered yet."""
    open_request = None
    for event in at.unit.history(key):
        if event.data.get("step") != step_id:
            continue
        if event.kind is Kind.EXTENSION_ASKED:
            open_request = event
        elif event.kind in (Kind.EXTENDED, Kind.EXTENSION_REFUSED):
            open_request = None
    return open_request


def _except(
    app: Application, key: str, step_id: str, who: Who, grounds: Grounds, kind: Kind
) -> Event:
    with at_desk(app, key) as at:
        step = _step(at, step_id)
        instance = at.unit.load(key)
        allowed = (GROUP_OFFICE, LEADING_GROUP)
        acting_for = _permitted(at, who, instance.owner, allowed, str(kind), key, grounds)
        act = _act(at, instance, who, grounds, acting_for)
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
    at: Desk[UnitOfWork],
    who: Who,
    owner: str,
    allowed: Iterable[str],
    act: str,
    key: str,
    grounds: Grounds,
) -> str:
    if not grounds.reason.strip():
        raise ReasonRequired(act=act, key=key)
    return permit(at, who.person, who.acting_for, owner, allowed, act, key)


def _act(
    at: Desk[UnitOfWork], instance: Instance, who: Who, grounds: Grounds, acting_for: str
) -> Act:
    """Return the act, taking effect now: a decision on a date cannot be back-dated."""
    now = Grounds(reason=grounds.reason, authority=grounds.authority)
    return act_of(at, instance, who, now, acting_for)
