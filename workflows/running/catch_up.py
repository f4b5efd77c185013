"""Catching up: what a start would do after a silence, and which notices wait for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.calendar import working_days_between
from engine.deadline import Deadline, Exempt, Rungs, Timer
from engine.facts import to_moment, to_text
from engine.guards import ALWAYS, Guard, View, holds
from engine.population import Tally
from engine.ports import Reader, UnitOfWork
from workflows.plan.model import Step
from workflows.running.desk import Desk
from workflows.running.opening import assignment_instances
from workflows.running.people import recipients
from workflows.running.pro_rata import condition_of, conditions_of
from workflows.running.schedule import ladder_of, rung_number
from workflows.running.speaking import later_rungs_due, left_to
from workflows.running.steps import falling_short, origin, owner_of

SILENCE = timedelta(days=1)
"""After so long without firing, what follows is a catch-up."""

HOLDS = "holds/"
"""Setting, with the cycle's key: when a catch-up began whose notices wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One thing that a start would catch up on."""

    timer: Timer
    step: Step
    deadline: Deadline
    concerned: int
    """Instances that still fall short."""
    recipients: tuple[str, ...]
    """Who would be told; nobody where a later rung speaks instead."""


def planned(desk: Desk[Reader]) -> Sequence[Planned]:
    """Return what is due in the cycle and not yet done, oldest first; nothing is changed."""
    due = desk.unit.due(desk.now, desk.key)
    deadlines = {d.id: d for d in desk.unit.deadlines(desk.key, all_versions=True)} if due else {}
    opening: set[str] = set()
    result = []
    for timer in due:
        deadline = deadlines[timer.deadline]
        step = desk.plan.step(deadline.step)
        if step is None:
            continue
        if timer.rung == Rungs.OPEN and step.hand_in and deadline.occurrence:
            opening.add(deadline.id)
        number = rung_number(timer)
        rungs = ladder_of(desk.plan, step).rungs
        rung = rungs[number] if number is not None else None
        when = condition_of(desk, deadline, rung, timer.fires_at) if rung else ALWAYS
        later = conditions_of(desk, deadline, rungs, later_rungs_due(timer, due))
        left = left_to(when, later) if rung is not None else None
        comes = deadline.id in opening
        concerned = _concerned(desk, step, deadline, when, comes=comes)
        told: tuple[str, ...] = ()
        has_told = timer.cursor > 0  # in chunks: people were told when it began
        if rung is not None and left is not None and concerned and not has_told:
            spoken_to = _concerned(desk, step, deadline, left, comes=comes) if later else concerned
            owners = [owner_of(step, tally.owner) for tally in spoken_to]
            told = tuple(recipients(desk, rung.recipients, owners))
        result.append(
            Planned(
                timer=timer,
                step=step,
                deadline=deadline,
                concerned=sum(t.count for t in concerned),
                recipients=told,
            )
        )
    return result


def released(desk: Desk[Reader], deadline: Deadline) -> bool:
    """Return whether the instance with this date of its own is excused or suspended."""
    if not deadline.instance:
        return False
    kind = desk.unit.exemptions(deadline.instance).get(deadline.step)
    return kind in (Exempt.EXCUSED, Exempt.SUSPENDED)


def _concerned(
    desk: Desk[Reader], step: Step, deadline: Deadline, when: Guard, *, comes: bool
) -> Sequence[Tally]:
    """Return per owner how many fall short; of an occurrence that ``comes`` as it will be."""
    if released(desk, deadline):
        return ()
    population = falling_short(desk.plan, step, deadline, when)
    if not comes:
        return desk.unit.tally(population, first=0)
    coming = assignment_instances(desk.plan, step, origin(deadline), deadline.occurrence)
    where = population.where
    owners = Counter(i.owner for i in coming if holds(where, View(i.state, i.facts, desk.now)))
    return [Tally(owner=owner, count=n, first=()) for owner, n in sorted(owners.items())]


def speaks_too_late(desk: Desk[Reader], timer: Timer) -> bool:
    """Return whether a rung that fires now is so late that a person should see it first."""
    since = timer.fires_at.astimezone(desk.zone).date()
    if (desk.today - since).days <= desk.plan.catch_up.working_days:
        return False
    passed = working_days_between(desk.calendar, since, desk.today).working_days
    return passed > desk.plan.catch_up.working_days


def hold_back(desk: Desk[UnitOfWork]) -> datetime | None:
    """Return up to which moment the notices of what is due wait; None when they may go.

    A catch-up that is too large is kept as the moment at which it began: what
    was due by then waits, also after a crash and whoever carries out the rest;
    what falls due later is an ordinary day's.
    """
    name = f"{HOLDS}{desk.key}"
    if are_too_many(desk):
        desk.unit.set_setting(name, to_text(desk.now))
        return desk.now
    kept = desk.unit.setting(name)
    return to_moment(kept) if kept else None


def are_too_many(desk: Desk[Reader]) -> bool:
    """Return whether what is due would tell more people more things than the plan allows at once.

    Only after a silence: a large body's ordinary day is no catch-up. Each due
    rung tells at most every holder once, so few timers need no count.
    """
    limit = desk.plan.catch_up.notices
    due = desk.unit.due(desk.now, desk.key)
    if not any(desk.now - timer.fires_at > SILENCE for timer in due):
        return False
    if len(due) * max(len(desk.plan.posts), 1) <= limit:
        return False
    return sum(len(one.recipients) for one in planned(desk)) > limit
