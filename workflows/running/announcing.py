"""Announcing: narrowing a date that the plan left open, and entering a ladder by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

from engine.deadline import Deadline, Exempt, Rungs, Timer
from engine.errors import N_, NotFound, ReasonRequired, Refused
from engine.events import Event, Instance, Kind
from engine.ladder import Action
from engine.ports import Reader, UnitOfWork
from workflows.deadlines.parse import parse
from workflows.deadlines.resolution import Resolution
from workflows.deadlines.resolve import resolve
from workflows.deadlines.rule import (
    OWN,
    Announced,
    Recurring,
    Rule,
    Undated,
    Window,
    events_of,
    renamed,
    steps_of,
)
from workflows.plan.model import Step
from workflows.roles import GROUP_OFFICE, LEADING_GROUP
from workflows.running.consequences import deadline_for
from workflows.running.desk import Application, Desk
from workflows.running.exempting import AlreadyExcused, step_of
from workflows.running.firing import fire
from workflows.running.own_clocks import restart_clocks
from workflows.running.people import permit
from workflows.running.redating import reschedule
from workflows.running.requests import Grounds, Who, act_of, at_desk
from workflows.running.schedule import (
    context_of,
    deadline_id,
    happened_on,
    ladder_of,
    rung_number,
    timers_of,
)


class NotOpenToAnnouncement(Refused):
    """The plan fixed the date; it is extended or amended, not announced."""

    code = "not-open-to-announcement"
    template = N_(
        "The date of step {step} was fixed by the plan ({rule}); only what the plan leaves to "
        "be announced, or gives as a window, can be narrowed."
    )


class NotNarrower(Refused):
    """What was announced is no date, or none that the plan leaves room for."""

    code = "not-narrower"
    template = N_("{rule} cannot be announced for step {step}, which says {plan}: {problem}.")


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
        NotNarrower: ``rule`` is no date, or lies outside of the plan's window.
        DeadlineSyntax: ``rule`` cannot be read.
        NotPermitted: the person is not of the group office.

    """
    with at_desk(app, cycle) as at:
        step = step_of(at, step_id)
        if step.due is None or not isinstance(step.due.deadline, Announced | Window):
            raise NotOpenToAnnouncement(step=step_id, rule=step.due_text)
        _check_narrower(at, step, step.due, rule)
        stands = at.unit.load(at.key)
        acting_for = permit(
            at, who.person, who.acting_for, stands.owner, (GROUP_OFFICE,), "announce", at.key
        )
        act = act_of(at, stands, who, replace(grounds, occurred_at=None), acting_for)
        event = at.unit.append(
            replace(act.on(at.unit, stands, Kind.AMENDED), data={"step": step_id, "rule": rule})
        )
        changed = {deadline.step for deadline in reschedule(at, event)}
        restart_clocks(at, (), changed, event)
        return event


def _check_narrower(at: Desk[Reader], step: Step, plan: Rule, text: str) -> None:
    def refuse(problem: str) -> NoReturn:
        raise NotNarrower(rule=text, step=step.id, plan=step.due_text, problem=problem)

    rule = renamed(parse(text), at.plan.event_names())
    if isinstance(rule.deadline, Recurring | Undated | Announced):
        refuse(N_("a day or a window is announced, nothing else"))
    if steps_of(rule) or any(name.startswith(OWN) for name in events_of(rule)):
        refuse(N_("it would hang on another step, or on each one's own event"))
    context = context_of(at, happened_on(at.unit, at.key))
    new, whole = resolve(rule, context), resolve(plan, context)
    if not isinstance(plan.deadline, Window) or new.due_at is None:
        return
    if _begins_before(new, whole) or (whole.due_at is not None and new.due_at > whole.due_at):
        refuse(N_("it lies outside of that window"))


def _begins_before(new: Resolution, whole: Resolution) -> bool:
    first = new.opens_at or new.due_at
    return first is not None and whole.opens_at is not None and first < whole.opens_at


def enter_rung(
    app: Application, key: str, step_id: str, number: int, who: Who, grounds: Grounds
) -> Event:
    """Put one instance on a rung of its ladder by hand; the rungs after it follow from there.

    Its date stays. Rungs below that still waited are passed over, but for
    those that record lateness: that is a fact, whatever was done by hand.

    Raises:
        ReasonRequired: no reason was given.
        NotFound: the step does not bind the instance, or has no deadline.
        NoSuchRung: the ladder is not that long.
        AlreadyExcused: the instance was excused from the step.
        NotPermitted: neither office nor leading group.

    """
    with at_desk(app, key) as at:
        instance = at.unit.load(key)
        step = step_of(at, step_id, instance)
        rungs = ladder_of(at.plan, step).rungs
        if not 0 <= number < len(rungs):
            raise NoSuchRung(step=step_id, rung=number, known=list(range(len(rungs))))
        if not grounds.reason.strip():
            raise ReasonRequired(act="rung", key=key)
        if at.unit.exemptions(key).get(step_id) in (Exempt.EXCUSED, Exempt.SUSPENDED):
            raise AlreadyExcused(key=key, step=step_id)
        allowed = (GROUP_OFFICE, LEADING_GROUP)
        acting_for = permit(at, who.person, who.acting_for, instance.owner, allowed, "rung", key)
        act = act_of(at, instance, who, replace(grounds, occurred_at=None), acting_for)
        data = {"step": step_id, "rung": number}
        event = at.unit.append(replace(act.on(at.unit, instance, Kind.ENTERED), data=data))
        binding = deadline_for(at, step, instance)
        if binding is None:
            raise NotFound(what="deadline", key=step_id, hint=f"duban show {key}")
        own = replace(_own_version(at, instance, step, binding), event=event.position)
        entered = _timer(own, f"r{number}", at)
        waiting = _follow_from(at, step, binding, own, number)
        at.unit.set_deadlines([own], [entered, *waiting])
        at.unit.set_exemption(key, step_id, Exempt.OWN_DATE, event.position)
        fire(at, entered)
        return event


def _own_version(
    at: Desk[UnitOfWork], instance: Instance, step: Step, binding: Deadline
) -> Deadline:
    """Return the instance's own version of the deadline that binds it, with the same date."""
    earlier = at.unit.deadlines(at.key, step.id, instance=instance.key, all_versions=True)
    mine = [d.version for d in earlier if d.occurrence == binding.occurrence]
    own = replace(binding, instance=instance.key, version=max(mine, default=0) + 1, opens_at=None)
    return replace(own, id=deadline_id(own, own.version))


def _timer(own: Deadline, rung: str, at: Desk[Reader]) -> Timer:
    return Timer(
        id=f"{own.id}:{rung}", deadline=own.id, cycle=own.cycle, rung=rung, fires_at=at.now
    )


def _follow_from(
    at: Desk[UnitOfWork], step: Step, binding: Deadline, own: Deadline, number: int
) -> list[Timer]:
    """Return what still comes after the rung: later rungs, lateness, the move of the date."""
    rungs = ladder_of(at.plan, step).rungs
    waits = {t.rung for t in at.unit.timers(at.key) if t.deadline == binding.id}

    def follows(timer: Timer) -> bool:
        place = rung_number(timer)
        if place is None:
            return timer.rung == Rungs.MOVE and timer.rung in waits
        if place == number or timer.fires_at <= at.now:
            return False
        return place > number or (rungs[place].action is Action.LATE and timer.rung in waits)

    return [timer for timer in timers_of(at, step, own) if follows(timer)]
