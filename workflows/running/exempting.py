"""What every exception to a step rests on: the step binds, a reason is given, lamps follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.act import Act
from engine.errors import N_, NotFound, ReasonRequired, Refused
from engine.events import DAEMON, Event, Instance, Kind
from engine.ports import Reader, UnitOfWork
from workflows.plan.model import Step
from workflows.running.asking import Grounds, Who, act_of
from workflows.running.desk import Desk
from workflows.running.obligations import Standing, obligations
from workflows.running.people import permit
from workflows.running.steps import steps_binding


class AlreadyExcused(Refused):
    """An excuse is for good; a pause ends first."""

    code = "already-excused"
    template = N_("{key} is excused from step {step}, or paused: nothing is chased meanwhile.")


def step_of(at: Desk[Reader], step_id: str, instance: Instance | None = None) -> Step:
    """Return the step, if it binds ``instance``.

    Raises:
        NotFound: the plan has no such step, or it is none of the instance's.

    """
    found: Sequence[Step] = at.plan.steps
    if instance is not None:
        found = list(steps_binding(at.plan, instance, attended=True))
    for step in found:
        if step.id == step_id:
            return step
    hint = f"duban show {instance.key}" if instance else f"duban due {at.key}"
    raise NotFound(what="step", key=step_id, hint=hint)


def permitted(
    at: Desk[UnitOfWork],
    who: Who,
    owner: str,
    allowed: Iterable[str],
    act: str,
    key: str,
    grounds: Grounds,
) -> str:
    """Return on whose behalf the person decides, who must say why.

    Raises:
        ReasonRequired: no reason was given.
        NotPermitted: the person holds none of the roles.

    """
    if not grounds.reason.strip():
        raise ReasonRequired(act=act, key=key)
    return permit(at, who.person, who.acting_for, owner, allowed, act, key)


def act_now(
    at: Desk[UnitOfWork], instance: Instance, who: Who, grounds: Grounds, acting_for: str
) -> Act:
    """Return the act, taking effect now: a decision on a date cannot be back-dated."""
    return act_of(at, instance, who, replace(grounds, occurred_at=None), acting_for)


def put_out_lamp(at: Desk[UnitOfWork], event: Event) -> None:
    """Put the instance's lamp out where nothing of it is late any more."""
    instance = at.unit.load(event.instance)
    if not instance.lamp or any(o.standing is Standing.LATE for o in obligations(at, instance)):
        return
    _light(at, event, {"lamp": ""})


def relight_lamp(at: Desk[UnitOfWork], event: Event, step: Step) -> None:
    """Let the instance show again what ``step`` last lit."""
    lit = [
        str(e.data["lamp"])
        for e in at.unit.history(event.instance)
        if e.kind is Kind.LAMP and e.data.get("step") == step.id and e.data.get("lamp")
    ]
    if lit:
        _light(at, event, {"step": step.id, "lamp": lit[-1]})


def _light(at: Desk[UnitOfWork], event: Event, data: dict[str, object]) -> None:
    instance = at.unit.load(event.instance)
    at.unit.append(
        Event(
            instance=instance.key,
            sequence=instance.sequence + 1,
            kind=Kind.LAMP,
            actor=DAEMON,
            occurred_at=event.occurred_at,
            recorded_at=at.now,
            cause=event.position,
            data=data,
        )
    )
