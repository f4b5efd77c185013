"""Which acts need a second person, and who may read what: what a plan says of those who run it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.definition import ADMINISTRATOR
from engine.ladder import Unit
from workflows.roles import GROUP_OFFICE, LEADING_GROUP, REVIEWER


class Guarded(StrEnum):
    """An act that a plan may give to two persons."""

    FORCE = "force"
    """Forcing a state."""
    EXCUSE_LATE = "excuse_late"
    """Excusing, pausing or extending a step whose date has passed."""
    REOPEN = "reopen"
    """A move that re-opens what was settled."""
    AMEND = "amend"
    """Amending the plan, and taking that back."""
    POSTS = "posts"
    """Giving a post, letting somebody deputise in it, ending a tenure; a plan with new holders."""
    CORRECT = "correct"
    """Putting a record or the date of a move right."""
    BACKDATE = "backdate"
    """An act dated before a date that has passed since, so that it would have been in time."""
    OPEN = "open"
    """Opening another cycle of the same body."""
    CALENDAR = "calendar"
    """Letting other working days count, for every cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FourEyes:
    """Which acts one person proposes and another confirms. As it stands: none."""

    acts: tuple[Guarded, ...] = ()
    within: int = 3
    """Days in which it is to be confirmed, the day of the proposal not counted."""
    unit: Unit = Unit.WORKING_DAY
    confirmed_by: tuple[str, ...] = (LEADING_GROUP, ADMINISTRATOR)
    break_glass: bool = False
    """Whether one person may act alone; flagged until an auditor has noted it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyLimits:
    """From where on an act is listed for whoever audits."""

    back_dated_days: int = 1
    """Recorded so many days after it took effect."""
    near_minutes: int = 30
    """So close to a date, before or after."""
    burst: int = 20
    """So many acts of one person …"""
    burst_minutes: int = 10
    """… within that time."""


class LogHash(StrEnum):
    """With which hash function the log is made that covers a cycle."""

    ANY = "any"
    """As the database has it."""
    SHA256 = "sha256"
    SM3 = "sm3"


class Sight(StrEnum):
    """How far the sections of a body see."""

    ALL = "all"
    OWN = "own"
    """What they answer for themselves, and the cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRule:
    """Who may read what, where the database is shared. As it stands: everybody everything."""

    sections: Sight = Sight.ALL
    everything: tuple[str, ...] = (GROUP_OFFICE, LEADING_GROUP, REVIEWER)
    """Roles that read everything all the same; administrators and auditors always do."""
