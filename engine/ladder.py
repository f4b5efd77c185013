"""Ladders: the escalation of a step, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
        object.__setattr__(self, "rungs", tuple(sorted(rungs, key=lambda r: r.offset)))


NO_LADDER = Ladder(name="", rungs=(Rung(offset=0, action=Action.LATE),))
"""Lateness is recorded and nobody is told."""
