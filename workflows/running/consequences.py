"""What follows from an act besides moves: dates that depended on it, lamps, lateness anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from engine.deadline import Certainty, Deadline, Exempt, Timer
from engine.events import DAEMON, Event, Instance, Kind
from engine.guards import View, holds, reads_parent
from engine.ladder import Action
from engine.population import Population
from engine.ports import Reader, UnitOfWork
from workflows.plan.model import Step
from workflows.roles import GROUP_OFFICE
from workflows.running.desk import Desk
from workflows.running.own_clocks import has_own_clock, restart_clocks, start_clocks
from workflows.running.people import permit
from workflows.running.redating import reschedule
from workflows.running.schedule import (
    deadline_id,
    due_for,
    ladder_of,
    last_day_of,
    names_told,
    rung_moment,
    timers_of,
)
from workflows.running.steps import MACHINE_OF, machine_of, owed, steps_binding


def follow(
    desk: Desk[UnitOfWork], before: Instance | None, events: Sequence[Event], person: str
) -> None:
    """Bring deadlines, lamps and lateness into step with ``events``.

    ``before`` is the instance of the first event as it was, nothing for one
    that is new. The others were moved along: a cycle by the last of its targets.
    Back-dating over a deadline needs the office (design 4).

    Raises:
        NotPermitted: the act was back-dated over a deadline by somebody else.

    """
    of_cycle = [event for event in events if event.instance == desk.key]
    if of_cycle:
        changed = {deadline.step for deadline in reschedule(desk, events[-1])}
        happened = {name for event in of_cycle for name in names_told(desk, event)}
        restart_clocks(desk, happened, changed, events[-1])
    for key in dict.fromkeys(event.instance for event in events):
        mine = [event for event in events if event.instance == key]
        after = desk.unit.load(key)
        if key != events[0].instance:
            before = replace(after, state=mine[0].source)
        _follow_one(desk, before, after, mine, person)
    causes = [e for e in events if e.instance == desk.key]
    if causes:
        workflow = desk.unit.machine(desk.cycle().edition).workflow
        made = {cause.trigger for cause in causes}
        triggers = {c.child_trigger for c in workflow.cascades if c.trigger in made}
        follow_children(desk, triggers, person, causes)


def follow_children(
    desk: Desk[UnitOfWork],
    triggers: Collection[str],
    person: str,
    causes: Sequence[Event] = (),
    *,
    after: str = "",
    until: str = "",
) -> None:
    """Bring into step the children that moved as a set: by ``causes`` of the cycle, or by time.

    ``after`` and ``until`` are the keys between which they are looked at.

    Those that show a lamp are always looked at; all of them only where one of
    ``triggers``, or a move that follows the cycle of itself, brings or undoes
    what a step of theirs asks whose date is past.
    """
    workflow = desk.unit.machine(desk.cycle().edition).workflow
    positions = {cause.position for cause in causes}
    for name in sorted({cascade.child for cascade in workflow.cascades}):
        everyone = any(
            has_own_clock(step) or (_turns(desk, step, triggers) and _is_past(desk, step))
            for step in desk.plan.steps
            if MACHINE_OF[step.scope] == name and not step.attend
        )
        children = Population(
            cycle=desk.key,
            workflow=name,
            parent=desk.key,
            lit=not everyone,
            changed_since=causes[0].position if causes else 0,
            until=until,
        )
        past = after
        while page := desk.unit.select(children, limit=PAGE, after=past):
            past = page[-1].key
            moved = desk.unit.moves_of([child.key for child in page], children.changed_since)
            for child in page:
                if mine := _taken_along(desk, moved.get(child.key, ()), positions):
                    before = replace(child, state=mine[0].source)
                    _follow_one(desk, before, child, mine, person)


PAGE = 1000
"""How many children are looked at together."""


def _turns(desk: Desk[Reader], step: Step, triggers: Collection[str]) -> bool:
    """Return whether one of ``triggers`` brings or undoes what ``step`` asks."""
    workflow = machine_of(desk.plan, step)
    done = workflow.done(step.brings) if step.brings else ()
    return any(
        (edge.source in done) != (edge.target in done) or set(edge.clears) & set(step.records)
        for edge in workflow.moves()
        if edge.trigger in triggers or (edge.automatic and reads_parent(edge.guard))
    )


def _is_past(desk: Desk[Reader], step: Step) -> bool:
    shared = desk.unit.deadlines(desk.key, step.id, instance="")
    return any(d.due_at is not None and d.due_at <= desk.moment for d in shared)


def _taken_along(desk: Desk[Reader], moved: Sequence[Event], causes: set[int]) -> list[Event]:
    """Return the moves that a child made because of one of ``causes``, or by time in this unit."""
    return [
        event
        for event in moved
        if event.cause in causes
        or (event.cause is None and event.actor == DAEMON and event.recorded_at == desk.now)
    ]


def _follow_one(
    desk: Desk[UnitOfWork],
    before: Instance | None,
    after: Instance,
    events: Sequence[Event],
    person: str,
) -> None:
    start_clocks(desk, after, events[-1])
    owing = [
        (step, before is not None and _owes(desk, step, before), _owes(desk, step, after))
        for step in steps_binding(desk.plan, after)
    ]
    ended = [step for step, owed_before, owed_now in owing if owed_before and not owed_now]
    began = [step for step, owed_before, owed_now in owing if owed_now and not owed_before]
    if ended:
        _ended(desk, after, ended, events[0], person)
    if began:
        _began(desk, after, began)


def own_deadline(
    desk: Desk[UnitOfWork],
    instance: Instance,
    step: Step,
    shared: Deadline,
    due_at: datetime,
    event: int,
    *,
    certainty: Certainty = Certainty.FIXED,
) -> Deadline:
    """Give ``instance`` a deadline of its own for ``step``, which takes precedence."""
    earlier = [
        d
        for d in desk.unit.deadlines(desk.key, step.id, instance=instance.key, all_versions=True)
        if d.occurrence == shared.occurrence
    ]
    version = max((d.version for d in earlier), default=0) + 1
    last = last_day_of(desk, due_at)
    own = replace(
        shared,
        instance=instance.key,
        version=version,
        due_at=due_at,
        opens_at=None,
        certainty=certainty,
        last_day=last.isoformat() if due_at != shared.due_at else shared.last_day,
        event=event,
    )
    own = replace(own, id=deadline_id(own, version))
    desk.unit.set_deadlines([own], _own_timers(desk, step, own))
    desk.unit.set_exemption(instance.key, step.id, Exempt.OWN_DATE, event)
    return own


def _own_timers(desk: Desk[Reader], step: Step, own: Deadline) -> Iterator[Timer]:
    """Yield the timers of an own date: what is past is late at once, by the current rung only.

    Rungs before a date still to come that lie behind spoke for the date before.
    """
    due_at = own.due_at
    if due_at is None or due_at > desk.moment:
        yield from (t for t in timers_of(desk, step, own) if t.fires_at > desk.moment)
        return
    rungs = ladder_of(desk.plan, step).rungs
    past = [
        n
        for n, rung in enumerate(rungs)
        if not rung.after_previous and rung_moment(desk, due_at, rung) <= desk.moment
    ]
    late = [n for n in past if rungs[n].action is Action.LATE]
    at_once = {*late[:1], *past[-1:]}
    for number, rung in enumerate(rungs):
        if rung.after_previous:
            continue
        moment = rung_moment(desk, due_at, rung)
        if number in at_once or moment > desk.moment:
            yield Timer(
                id=f"{own.id}:r{number}",
                deadline=own.id,
                cycle=own.cycle,
                rung=f"r{number}",
                fires_at=max(moment, desk.moment),
            )


def _owes(desk: Desk[Reader], step: Step, instance: Instance) -> bool:
    view = View(state=instance.state, facts=instance.facts, now=desk.now)
    return holds(owed(desk.plan, step), view)


def deadline_for(desk: Desk[Reader], step: Step, instance: Instance) -> Deadline | None:
    """Return the deadline that binds ``instance``: its own, or the shared one."""
    occurrence = instance.origin.partition("@")[2]
    own = desk.unit.deadlines(desk.key, step.id, instance=instance.key)
    shared = desk.unit.deadlines(desk.key, step.id, instance="")
    return next((d for d in (*own, *shared) if d.occurrence == occurrence), None)


def _ended(
    desk: Desk[UnitOfWork], instance: Instance, steps: Sequence[Step], act: Event, person: str
) -> None:
    for step in steps:
        deadline = deadline_for(desk, step, instance)
        due = due_for(deadline, act.occurred_at) if deadline else None
        if due is None:
            continue
        if act.occurred_at < due <= act.recorded_at:
            if due > desk.loaded_at(step.id):
                desk.back_dated.append(instance.key)
            if act.actor != DAEMON:
                _office_accepts(desk, person, act, instance)
        if due <= desk.loaded_at(step.id) and due <= act.occurred_at:
            _mark(
                desk,
                Kind.LATE,
                act,
                instance.key,
                {"step": step.id, "backfilled": True},
                due,
            )
    if instance.lamp and not any(
        _is_late(desk, s, instance) for s in steps_binding(desk.plan, instance)
    ):
        _mark(desk, Kind.LAMP, act, instance.key, {"lamp": ""}, act.occurred_at)


def _office_accepts(desk: Desk[Reader], person: str, act: Event, instance: Instance) -> None:
    if act.forced:
        return  # around all roles, on an authority of its own
    post = next((p for p in desk.plan.posts if p.id == act.acting_for), None)
    if post is not None and GROUP_OFFICE in post.roles:
        return
    named, stroke, _ = act.acting_for.partition("/")
    who = named if stroke else person
    permit(desk, who, "", instance.owner, (GROUP_OFFICE,), "back-date", instance.key)


def _is_late(desk: Desk[Reader], step: Step, instance: Instance) -> bool:
    if not _owes(desk, step, instance):
        return False
    deadline = deadline_for(desk, step, instance)
    due = deadline.due_at if deadline else None
    return due is not None and desk.loaded_at(step.id) < due <= desk.moment


def _mark(
    desk: Desk[UnitOfWork],
    kind: Kind,
    cause: Event,
    key: str,
    data: dict[str, object],
    occurred_at: datetime,
) -> None:
    instance = desk.unit.load(key)
    desk.unit.append(
        Event(
            instance=key,
            sequence=instance.sequence + 1,
            kind=kind,
            actor=DAEMON,
            occurred_at=occurred_at,
            recorded_at=desk.now,
            cause=cause.position,
            data=data,
        )
    )


def _began(desk: Desk[UnitOfWork], instance: Instance, steps: Sequence[Step]) -> None:
    """An instance falls short of a step whose date is past: late at once, on a date of its own."""
    exempt = desk.unit.exemptions(instance.key)
    for step in steps:
        if exempt.get(step.id) in (Exempt.EXCUSED, Exempt.SUSPENDED):
            continue
        deadline = deadline_for(desk, step, instance)
        if deadline is None or deadline.soft or deadline.due_at is None:
            continue
        if desk.loaded_at(step.id) < deadline.due_at <= desk.moment:
            cause = desk.unit.history(instance.key)[-1]
            own_deadline(desk, instance, step, deadline, deadline.due_at, cause.position)
