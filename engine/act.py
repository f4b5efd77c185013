"""Acts: who does something, on whose behalf, when and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.errors import N_, BadMoment
from engine.events import DAEMON, NOTHING, Data, Event, Instance, Kind
from engine.ports import UnitOfWork

CHAIN = "chain"
"""Under this name the data of an act's event says how two persons came to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What the events of one request have in common."""

    actor: str
    occurred_at: datetime
    """When it took effect in the world; never in the future."""
    acting_for: str = ""
    authority: str = ""
    reason: str = ""
    cause: int | None = None
    timer: str = ""
    part: str = ""
    chain: Data = field(default_factory=lambda: NOTHING)
    """Who proposed and who confirmed it, or that one person did alone what needs two."""

    def following(self, event: Event) -> Act:
        """Return the act of the engine itself that ``event`` brought about."""
        return Act(actor=DAEMON, occurred_at=event.occurred_at, cause=event.position)

    def on(self, unit: UnitOfWork, instance: Instance, kind: Kind, data: Data = NOTHING) -> Event:
        """Return the next event of ``instance`` for this act, to be completed by the caller."""
        return Event(
            instance=instance.key,
            sequence=instance.sequence + 1,
            kind=kind,
            actor=self.actor,
            acting_for=self.acting_for,
            authority=self.authority,
            occurred_at=self.occurred_at,
            recorded_at=unit.now,
            cause=self.cause,
            timer=self.timer,
            part=self.part,
            data={**data, CHAIN: dict(self.chain)} if self.chain else data,
            texts={"reason": self.reason} if self.reason else {},
        )


def people_of(act: Act | Event) -> frozenset[str]:
    """Return who acted: the account, and the person in whose name it acted.

    ``acting_for`` is a post, or a person and the post behind a stroke.
    """
    person, stroke, _ = act.acting_for.partition("/")
    return frozenset({act.actor, person} if stroke else {act.actor})


def in_time(unit: UnitOfWork, instance: Instance, act: Act) -> None:
    """Make sure that the act's moment can be.

    Raises:
        BadMoment: it lies in the future, or before the instance's last move.

    """
    if act.occurred_at == unit.now:
        return
    if act.occurred_at > unit.now:
        raise BadMoment(moment=act.occurred_at, problem=N_("it lies in the future"))
    last = instance.moved_at
    if last is not None and act.occurred_at < last:
        raise BadMoment(
            moment=act.occurred_at, problem=N_("it lies before the last move"), last=last
        )


def not_before_last_move(instance: Instance, act: Act) -> Act:
    """Return the act, its moment raised to the instance's last move if it lies before."""
    if instance.moved_at is not None and act.occurred_at < instance.moved_at:
        return replace(act, occurred_at=instance.moved_at)
    return act
