"""Ladders: the escalation of a step, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.guards import ALWAYS, Guard


class Unit(StrEnum):
    """What an offset counts."""

    CALENDAR_DAY = "day"
    WORKING_DAY = "working_day"


class Action(StrEnum):
    """What a rung does beside setting its lamp and telling its recipients."""

    REMIND = "remind"
    LATE = "late"
    SLIP = "slip"
    PROPOSE = "propose"
    """Propose accountability; people decide (R-43)."""
    MOVE = "move"
    """Fire the move that the step declares."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Progress lies more than ``tolerance`` points below what the time gone by asks for (序时进度).

    Which percent that is depends on the date, so it becomes a guard only where a
    rung fires.
    """

    tolerance: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a ladder."""

    offset: int
    """Days before (negative) or after the date; 0 is the first moment at which it is late."""
    unit: Unit = Unit.WORKING_DAY
    action: Action = Action.REMIND
    lamp: str = ""
    """A label of the plan's own; colours mean different things in different places."""
    recipients: tuple[str, ...] = ()
    """Roles relative to the instance: owner, vice_leader, group_office, leading_group; or posts."""
    when: Guard | Behind = ALWAYS
    """Only for those of whose facts this holds: behind, or nothing reported."""
    after_previous: bool = False
    """``offset`` days are granted anew when the rung before fires; this one fires if they pass
    without result. Such ladders climb on missed re-set dates, not on days late."""
    reply: int = 0
    """Days granted to answer a slip, counted from the day on which it is really issued."""
    reply_unit: Unit = Unit.WORKING_DAY
    reply_ladder: str = ""
    """Ladder of the answer's own date; without one its lateness is only recorded."""

    @property
    def only_reminds(self) -> bool:
        """Return whether nothing but a message comes of it."""
        return self.action is Action.REMIND and not self.lamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Rungs before and after a date, in order of time."""

    name: str
    rungs: tuple[Rung, ...]

    def __post_init__(self) -> None:
        """Put the rungs in order of time, and make sure that lateness is recorded."""
        rungs = self.rungs
        if not any(r.action is Action.LATE for r in rungs):
            rungs = (*rungs, Rung(offset=0, action=Action.LATE))
        object.__setattr__(self, "rungs", tuple(_in_order(rungs)))

    @property
    def asks_who_is_behind(self) -> bool:
        """Return whether a rung compares progress with the time gone by."""
        return any(isinstance(rung.when, Behind) for rung in self.rungs)


def _in_order(rungs: tuple[Rung, ...]) -> list[Rung]:
    """Return the rungs in order of time; those on re-set dates stay behind the one before."""
    groups: list[list[Rung]] = []
    for rung in rungs:
        if rung.after_previous and groups:
            groups[-1].append(rung)
        else:
            groups.append([rung])
    return [rung for group in sorted(groups, key=lambda g: g[0].offset) for rung in group]


NO_LADDER = Ladder(name="", rungs=(Rung(offset=0, action=Action.LATE),))
"""Lateness is recorded and nobody is told."""
