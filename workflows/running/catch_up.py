"""Catching up: what a start would do after a silence, and which notices wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.calendar import working_days_between
from engine.deadline import Deadline, Timer
from engine.ports import Reader
from workflows.plan.model import Step
from workflows.running.desk import Desk
from workflows.running.people import recipients
from workflows.running.schedule import ladder_of, later_rung_due, rung_number
from workflows.running.steps import laggards, owner_of


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


def is_long_silence(desk: Desk[Reader]) -> bool:
    """Return whether notices wait for a person: the silence was long, or they would be many."""
    due = desk.unit.due(desk.now, desk.key)
    if not due:
        return False
    limits = desk.plan.catch_up
    oldest = min(timer.fires_at for timer in due)
    if _working_days(desk, oldest) > limits.working_days:
        return True
    return sum(len(p.recipients) for p in planned(desk)) > limits.notices


def _working_days(desk: Desk[Reader], since: datetime) -> int:
    start = since.astimezone(desk.zone).date()
    return working_days_between(desk.calendar, start, desk.today).working_days
