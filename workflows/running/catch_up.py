"""Catching up: what a start would do after a silence, and which notices wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from engine.calendar import working_days_between
from engine.deadline import Deadline, Timer
from engine.ports import Reader
from workflows.plan.model import Step
from workflows.running.desk import Desk
from workflows.running.people import recipients
from workflows.running.schedule import ladder_of, later_rung_due, rung_number
from workflows.running.steps import laggards, owner_of

SILENCE = timedelta(days=1)
"""After so long without firing, what follows is a catch-up."""


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
    result = []
    for timer in due:
        deadline = deadlines[timer.deadline]
        step = desk.plan.step(deadline.step)
        if step is None:
            continue
        tallies = desk.unit.tally(laggards(desk.plan, step, deadline), first=0)
        number = rung_number(timer)
        told: tuple[str, ...] = ()
        if number is not None and tallies and not later_rung_due(timer, due):
            roles = ladder_of(desk.plan, step).rungs[number].recipients
            owners = [owner_of(step, tally.owner) for tally in tallies]
            told = tuple(recipients(desk, roles, owners))
        result.append(
            Planned(
                timer=timer,
                step=step,
                deadline=deadline,
                concerned=sum(t.count for t in tallies),
                recipients=told,
            )
        )
    return result


def speaks_too_late(desk: Desk[Reader], timer: Timer) -> bool:
    """Return whether a rung that fires now is so late that a person should see it first."""
    since = timer.fires_at.astimezone(desk.zone).date()
    if (desk.today - since).days <= desk.plan.catch_up.working_days:
        return False
    passed = working_days_between(desk.calendar, since, desk.today).working_days
    return passed > desk.plan.catch_up.working_days


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
