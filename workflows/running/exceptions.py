"""Exceptions to a step for one instance: excused, extended, suspended; each with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from engine import moves
from engine.act import Act
from engine.deadline import Deadline, Exempt
from engine.errors import N_, NotFound, Refused
from engine.events import Event, Instance, Kind
from engine.facts import to_text
from engine.ports import UnitOfWork
from workflows.deadlines.moments import late_from
from workflows.deadlines.rule import Rule, Undated
from workflows.plan.model import Step
from workflows.plan.oversight import Guarded
from workflows.roles import GROUP_OFFICE, LEADING_GROUP, OWNER
from workflows.running.asking import Asked, Grounds, Who, at_desk
from workflows.running.consequences import deadline_for, follow, own_deadline
from workflows.running.desk import Application, Desk
from workflows.running.exempting import (
    AlreadyExcused,
    act_now,
    permitted,
    put_out_lamp,
    relight_lamp,
    step_of,
)
from workflows.running.obligations import Standing, obligations
from workflows.running.proposals import Doing, carry_out
from workflows.running.schedule import context_of
from workflows.running.steps import excused_facts, steps_binding

EXCUSE = "excuse"
"""Trigger by which an assignment is excused; other machines have none."""


class NoDate(Refused):
    """The step has no date that could be extended, or not to the day that was said."""

    code = "no-date"
    template = N_("The date of step {step} for {key} cannot be extended: {problem}.")


class AskedTooLate(Refused):
    """A later date must be asked for before the present one has passed."""

    code = "asked-too-late"
    template = N_(
        "The date of {step} for {key} passed at {due} and nobody had asked for a later one; "
        "what remains is to excuse it: duban excuse {key} {step} --reason …"
    )


class NotSuspended(Refused):
    """There is no pause that could end."""

    code = "not-suspended"
    template = N_("Step {step} is not suspended for {key}; there is nothing to resume.")


def excuse(app: Application, key: str, step_id: str, who: Who, grounds: Grounds) -> Event:
    """Excuse an instance from a step for good; after its date a proposal, if the plan says so.

    Raises:
        ReasonRequired: no reason was given.
        NotPermitted: the person is neither of the office nor of the leading group.
        NotFound: there is no such instance, or the step does not bind it.

    """
    return _late(
        app, Asked(act=EXCUSE, key=key, values={"step": step_id}, who=who, grounds=grounds)
    )


def suspend(app: Application, key: str, step_id: str, who: Who, grounds: Grounds) -> Event:
    """Pause a step for an instance; while paused it is not late."""
    return _late(
        app, Asked(act="suspend", key=key, values={"step": step_id}, who=who, grounds=grounds)
    )


def resume(app: Application, key: str, step_id: str, who: Who, grounds: Grounds) -> Event:
    """End a pause; what fell due meanwhile is late at once, on a date of its own.

    Raises:
        NotSuspended: there is no pause.

    """
    with at_desk(app, key) as at:
        return _except(at, key, step_id, who, grounds, Kind.RESUMED)[0]


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
        instance = at.unit.load(key)
        deadline, due_at = _later(at, instance, step_id, until)
        if deadline.due_at is not None and at.now >= deadline.due_at:
            raise AskedTooLate(step=step_id, key=key, due=deadline.due_at)
        allowed = (OWNER, GROUP_OFFICE)
        acting_for = permitted(at, who, instance.owner, allowed, "extend", key, grounds)
        act = act_now(at, instance, who, grounds, acting_for)
        data = {"step": step_id, "to": to_text(due_at)}
        return at.unit.append(replace(act.on(at.unit, instance, Kind.EXTENSION_ASKED), data=data))


def refuse_extension(app: Application, key: str, step_id: str, who: Who, grounds: Grounds) -> Event:
    """Refuse what was asked; the old date stays, for scoring too."""
    with at_desk(app, key) as at:
        instance = at.unit.load(key)
        step_of(at, step_id, instance)
        asked = _asked(at, key, step_id)
        if asked is None:
            raise NotFound(what="extension", key=step_id, hint=f"duban show {key}")
        allowed = at.plan.dates.extended_by
        acting_for = permitted(at, who, instance.owner, allowed, "extend", key, grounds)
        act = act_now(at, instance, who, grounds, acting_for)
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
        AlreadyExcused: the instance was excused from the step.
        NotPermitted: the plan does not let the person grant it.

    """
    values = {"step": step_id, "until": until.isoformat()}
    return _late(app, Asked(act="extend", key=key, values=values, who=who, grounds=grounds))


def _extend(at: Desk[UnitOfWork], asked_for: Asked) -> Sequence[Event]:
    key, who, grounds = asked_for.key, asked_for.who, asked_for.grounds
    step_id, until = asked_for.values["step"], date.fromisoformat(asked_for.values["until"])
    instance = at.unit.load(key)
    deadline, due_at = _later(at, instance, step_id, until)
    allowed = at.plan.dates.extended_by
    acting_for = permitted(at, who, instance.owner, allowed, "extend", key, grounds)
    asked = _asked(at, key, step_id)
    if asked is None and deadline.due_at is not None and at.now >= deadline.due_at:
        raise AskedTooLate(step=step_id, key=key, due=deadline.due_at)
    act = act_now(at, instance, who, grounds, acting_for)
    data: dict[str, object] = {
        "step": step_id,
        "from": to_text(deadline.due_at) if deadline.due_at else "",
        "to": to_text(due_at),
    }
    if asked is not None:
        data["asked"] = asked.position
    event = at.unit.append(act.on(at.unit, instance, Kind.EXTENDED, data))
    paused = at.unit.exemptions(key).get(step_id) is Exempt.SUSPENDED
    own_deadline(at, instance, step_of(at, step_id, instance), deadline, due_at, event.position)
    if paused:
        at.unit.set_exemption(key, step_id, Exempt.SUSPENDED, event.position)
    put_out_lamp(at, event)
    return [event]


def _later(
    at: Desk[UnitOfWork], instance: Instance, step_id: str, until: date
) -> tuple[Deadline, datetime]:
    """Return the deadline that binds now, and the first moment after the new day."""
    key = instance.key
    deadline = deadline_for(at, step_of(at, step_id, instance), instance)
    if at.unit.exemptions(key).get(step_id) is Exempt.EXCUSED:
        raise AlreadyExcused(key=key, step=step_id)
    if deadline is None or deadline.due_at is None:
        raise NoDate(step=step_id, key=key, problem=N_("it is undated or waits"))
    rule = step_of(at, step_id, instance).due or Rule(Undated())
    due_at = late_from(until, rule, context_of(at, {}))
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
    at: Desk[UnitOfWork], key: str, step_id: str, who: Who, grounds: Grounds, kind: Kind
) -> Sequence[Event]:
    instance = at.unit.load(key)
    step = step_of(at, step_id, instance)
    allowed = (GROUP_OFFICE, LEADING_GROUP)
    acting_for = permitted(at, who, instance.owner, allowed, str(kind), key, grounds)
    exempt = at.unit.exemptions(key).get(step.id)
    if kind is Kind.RESUMED and exempt is not Exempt.SUSPENDED:
        raise NotSuspended(key=key, step=step_id)
    if exempt is Exempt.EXCUSED:
        raise AlreadyExcused(key=key, step=step_id)
    act = act_now(at, instance, who, grounds, acting_for)
    data: dict[str, Any] = {"step": step.id}
    if kind is Kind.EXCUSED and (facts := excused_facts(step)):
        data["set"] = dict.fromkeys(facts, True)
    event = at.unit.append(act.on(at.unit, instance, kind, data))
    if kind is Kind.RESUMED:
        own = at.unit.deadlines(at.key, step.id, instance=key)
        back = Exempt.OWN_DATE if own else None
        at.unit.set_exemption(key, step.id, back, event.position)
        _catch_up(at, instance, step, event)
    else:
        now = Exempt.EXCUSED if kind is Kind.EXCUSED else Exempt.SUSPENDED
        at.unit.set_exemption(key, step.id, now, event.position)
        put_out_lamp(at, event)
        if kind is Kind.EXCUSED:
            _leave_out(at, event, act, who)
    return [event]


def _excuse(at: Desk[UnitOfWork], asked: Asked) -> Sequence[Event]:
    return _except(at, asked.key, asked.values["step"], asked.who, asked.grounds, Kind.EXCUSED)


def _suspend(at: Desk[UnitOfWork], asked: Asked) -> Sequence[Event]:
    return _except(at, asked.key, asked.values["step"], asked.who, asked.grounds, Kind.SUSPENDED)


ACTS: Mapping[str, Doing] = MappingProxyType(
    {EXCUSE: _excuse, "suspend": _suspend, "extend": _extend}
)
"""What can be proposed, by name."""


def _late(app: Application, asked: Asked) -> Event:
    """Make an exception; after the date it takes two persons where the plan says so."""

    def guard(at: Desk[UnitOfWork]) -> Guarded | None:
        return excused_late(at, asked.key, asked.values["step"])

    return carry_out(app, asked, ACTS[asked.act], guard)[-1]


def excused_late(at: Desk[UnitOfWork], key: str, step_id: str = "") -> Guarded | None:
    """Return that an exception comes after a date, of one step or of any, if it does.

    Raises:
        NotFound: the step is none of the instance's.

    """
    instance = at.unit.load(key)
    steps = [step_of(at, step_id, instance)] if step_id else steps_binding(at.plan, instance)
    for step in steps:
        deadline = deadline_for(at, step, instance)
        if deadline is not None and deadline.due_at is not None and deadline.due_at <= at.now:
            return Guarded.EXCUSE_LATE
    return None


def _leave_out(at: Desk[UnitOfWork], excused: Event, act: Act, who: Who) -> None:
    """Let no join wait any more for what is excused; an assignment comes to its end with it."""
    instance = at.unit.load(excused.instance)
    if at.unit.machine(instance.edition).edge(EXCUSE, instance.state) is not None:
        events = moves.move(at.unit, instance, EXCUSE, act)
    else:
        events = moves.settle(at.unit, instance, excused)
    follow(at, instance, [excused, *events], who.person)


def _catch_up(at: Desk[UnitOfWork], instance: Instance, step: Step, event: Event) -> None:
    """Give an instance that a pause left behind its date as one of its own: late at once."""
    deadline = deadline_for(at, step, instance)
    if deadline is None or deadline.due_at is None:
        return
    if not any(
        o.step.id == step.id and o.standing is Standing.LATE for o in obligations(at, instance)
    ):
        return
    if any(
        e.kind is Kind.LATE
        and (e.data.get("step"), e.data.get("occurrence")) == (step.id, deadline.occurrence)
        and e.occurred_at >= deadline.due_at  # an earlier date that was missed is another matter
        for e in at.unit.history(instance.key)
    ):
        relight_lamp(at, event, step)  # it was late before the pause: that is on record
        return
    own_deadline(at, instance, step, deadline, deadline.due_at, event.position)
