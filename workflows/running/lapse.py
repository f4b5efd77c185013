"""Proposals that nobody decided on: they lapse at their moment, once, as timers do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from engine.deadline import Certainty, Deadline, Rungs, Timer
from engine.events import DAEMON, Event, Kind
from engine.ports import NoticeItem, UnitOfWork
from workflows.running.desk import Desk
from workflows.running.schedule import deadline_id

PROPOSAL = "+proposal"
"""In the place of a step: the time within which somebody decides. No step has such an id."""


def arm_lapse(at: Desk[UnitOfWork], proposed: Event, moment: datetime) -> None:
    """Let the proposal of an event lapse at ``moment``."""
    blank = Deadline(
        id="",
        cycle=at.key,
        step=PROPOSAL,
        occurrence=str(proposed.position),
        certainty=Certainty.FIXED,
        due_at=moment,
        event=proposed.position,
    )
    name = deadline_id(blank, 1)
    timer = Timer(
        id=f"{name}:{Rungs.LAPSE}", deadline=name, cycle=at.key, rung=Rungs.LAPSE, fires_at=moment
    )
    at.unit.set_deadlines([replace(blank, id=name)], [timer])


def lapse_id(cycle: str, proposal: int) -> str:
    """Return the deadline within which a proposal is decided on."""
    blank = Deadline(id="", cycle=cycle, step=PROPOSAL, occurrence=str(proposal))
    return deadline_id(blank, 1)


def lapse(at: Desk[UnitOfWork], deadline: Deadline, timer: Timer) -> None:
    """Record that nobody decided in time, and tell whoever proposed it."""
    proposed = at.unit.event(int(deadline.occurrence))
    if proposed is None:
        return
    instance = at.unit.load(proposed.instance)
    event = at.unit.append(
        Event(
            instance=instance.key,
            sequence=instance.sequence + 1,
            kind=Kind.ACT_LAPSED,
            actor=DAEMON,
            occurred_at=timer.fires_at,
            recorded_at=at.now,
            cause=proposed.position,
            timer=timer.id,
            part=str(Rungs.LAPSE),
            data={"proposal": proposed.position, "act": proposed.data["act"]},
        )
    )
    tell(at, event, [proposed.actor])


def tell(at: Desk[UnitOfWork], event: Event, people: Iterable[str]) -> None:
    """Tell each of ``people`` of an event, by the channels that they have."""
    at.unit.tell(
        NoticeItem(event=event.position, recipient=who, channel=channel)
        for who in people
        for channel in at.channels_of(who)
    )
