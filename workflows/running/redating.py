"""New versions of a date: what has fired stays, what still waits is armed anew.

A timer never changes its moment. Where a date changes, the deadline gets a
new version; the unfired timers of the old one are cancelled, new ones armed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from engine.deadline import Deadline, Rungs, Timer, TimerState
from engine.events import DAEMON, Event, Kind
from engine.facts import to_text
from engine.ports import Reader, UnitOfWork
from workflows.deadlines.rule import events_of, steps_of
from workflows.plan.model import Step
from workflows.running.desk import Desk
from workflows.running.granting import granted_until
from workflows.running.schedule import (
    AMENDED,
    deadline_id,
    happened_on,
    ladder_of,
    narrowed_rules,
    resolve_step,
    rung_moment,
    rung_number,
    same_date,
    timers_of,
)


def reschedule(desk: Desk[UnitOfWork], cause: Event | None) -> Sequence[Deadline]:
    """Resolve again every deadline that depends on events or steps; return those that changed."""
    happened = happened_on(desk.unit, desk.key)
    narrowed = narrowed_rules(desk)
    changed: list[Deadline] = []
    for step in desk.plan.steps:
        rule = narrowed.get(step.id) or step.due
        if rule is None or not (step.id in narrowed or events_of(rule) or steps_of(rule)):
            continue
        old = {d.occurrence: d for d in desk.unit.deadlines(desk.key, step.id, instance="")}
        for new in resolve_step(desk, step, happened, narrowed):
            before = old.get(new.occurrence)
            if before is None or not same_date(before, new):
                changed.append(set_deadline(desk, step, new, before, cause))
    return changed


def set_deadline(
    desk: Desk[UnitOfWork],
    step: Step,
    deadline: Deadline,
    before: Deadline | None,
    cause: Event | None,
    known: Sequence[Timer] | None = None,
    arm: Callable[[Deadline], Sequence[Timer]] | None = None,
) -> Deadline:
    """Keep ``deadline`` as the next version of ``before``, arm it, and record that it was set.

    What has fired stays: a rung that fired for the old date fires again only
    if its moment now lies ahead, and a window that opened does not open anew;
    unless ``arm`` says otherwise.
    """
    version = before.version + 1 if before else 1
    fixed = replace(deadline, version=version, id=deadline_id(deadline, version))
    if before is not None:
        amended = [r for r in before.reasons if r[0] == AMENDED]
        amended += [r for r in fixed.reasons if r[0] == AMENDED and r not in amended]
        others = [r for r in fixed.reasons if r[0] != AMENDED]
        fixed = replace(fixed, reasons=[*others, *amended])
    armed = arm(fixed) if arm else unfired(desk, step, fixed, before, known)
    instance = desk.unit.load(deadline.instance or desk.key)
    event = desk.unit.append(
        Event(
            instance=instance.key,
            sequence=instance.sequence + 1,
            kind=Kind.DEADLINE_SET,
            actor=DAEMON,
            occurred_at=cause.occurred_at if cause else desk.now,
            recorded_at=desk.now,
            cause=cause.position if cause else None,
            data={
                "step": step.id,
                "occurrence": fixed.occurrence,
                "version": version,
                "certainty": str(fixed.certainty),
                "due": to_text(fixed.due_at) if fixed.due_at else "",
                "calendar": fixed.calendar_edition,
            },
        )
    )
    fixed = replace(fixed, event=event.position)
    desk.unit.set_deadlines([fixed], armed)
    return fixed


def unfired(
    desk: Desk[Reader],
    step: Step,
    deadline: Deadline,
    before: Deadline | None,
    known: Sequence[Timer] | None = None,
) -> list[Timer]:
    """Return the timers of ``deadline``, the next version of ``before``.

    A rung that still waits goes on waiting; one that fired for any earlier
    version fires again only if its moment was past and now lies ahead; one
    that was left out (passed when a late date was set, below a rung entered
    by hand) stays out, unless it was the loading of the plan that left it out.

    Args:
        desk: the cycle at hand.
        step: whose date it is.
        deadline: the date as it shall be.
        before: the version that it follows; none for a first one.
        known: every timer of the deadline's versions, where the caller has them.

    """
    timers = list(timers_of(desk, step, deadline))
    if before is None:
        return timers
    stem = stem_of(before.id)
    if known is None:
        known = desk.unit.timers(desk.key, pending=False)
    mine = [t for t in known if stem_of(t.deadline) == stem]
    fired = {t.rung for t in mine if t.state is TimerState.FIRED}
    waiting = [t for t in mine if t.deadline == before.id and t.state is TimerState.PENDING]
    pending = {t.rung for t in waiting}

    def counts(timer: Timer) -> bool:
        if timer.rung in pending:
            return True
        if timer.rung in fired:
            earlier = _moment_before(desk, step, before, timer)
            return earlier is not None and earlier <= desk.moment < timer.fires_at
        return _passed_over(desk, step, before, timer)

    armed = [timer for timer in timers if counts(timer)]
    again = {rung_number(timer) for timer in armed}
    return armed + [
        replace(
            timer,
            id=f"{deadline.id}:{timer.rung}",
            deadline=deadline.id,
            fires_at=_granted_until(desk, step, timer, mine),
        )
        for timer in waiting
        if _counts_from_firing(desk, step, timer) and (rung_number(timer) or 0) - 1 not in again
    ]


def stem_of(deadline: str) -> str:
    """Return what the ids of all versions of a deadline have in common."""
    return deadline.rpartition("#")[0]


def _passed_over(desk: Desk[Reader], step: Step, before: Deadline, timer: Timer) -> bool:
    """Return whether ``before`` had no such rung because it had no date, or for a late loading."""
    loaded = desk.loaded_at(before.step)
    if before.due_at is None or before.due_at <= loaded:
        return True
    if timer.rung == Rungs.OPEN:
        return before.opens_at is None
    earlier = _moment_before(desk, step, before, timer)
    return earlier is not None and earlier <= loaded


def _moment_before(
    desk: Desk[Reader], step: Step, before: Deadline, timer: Timer
) -> datetime | None:
    """Return when the rung of ``timer`` was to fire for ``before``; an opening never fires anew."""
    if timer.rung == Rungs.OPEN or before.due_at is None:
        return None
    number = rung_number(timer)
    if number is None:
        return before.due_at
    return rung_moment(desk, before.due_at, ladder_of(desk.plan, step).rungs[number])


def _counts_from_firing(desk: Desk[Reader], step: Step, timer: Timer) -> bool:
    number = rung_number(timer)
    rungs = ladder_of(desk.plan, step).rungs
    return number is not None and number < len(rungs) and rungs[number].after_previous


def _granted_until(
    desk: Desk[Reader], step: Step, timer: Timer, known: Sequence[Timer]
) -> datetime:
    """Return when the days end that were granted anew on the day the rung before really fired."""
    number = rung_number(timer) or 0
    fired = {t.id for t in known if t.state is TimerState.FIRED and rung_number(t) == number - 1}
    events = [e for e in desk.unit.history(desk.key) if e.timer in fired]
    if not events:
        return timer.fires_at
    rung = ladder_of(desk.plan, step).rungs[number]
    day = events[-1].recorded_at.astimezone(desk.zone).date()
    return granted_until(desk, day, rung.offset, rung.unit, step.due)
