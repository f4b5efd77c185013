"""Deadlines and timers: when a step is due, and the moments at which something happens for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Certainty(StrEnum):
    """How a deadline's date stands."""

    FIXED = "fixed"
    PROVISIONAL = "provisional"
    """Computed over days whose calendar is not yet published."""
    WAITING = "waiting"
    """For an event that may never come."""
    UNDATED = "undated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The resolved date of a step, shared by all in its scope or an instance's own."""

    id: str
    cycle: str
    step: str
    occurrence: str = ""
    """Label of a recurrence, such as ``2024-Q3``."""
    instance: str = ""
    """Key of the one instance that it binds; empty when shared."""
    version: int = 1
    current: bool = True
    rule: str = ""
    certainty: Certainty = Certainty.UNDATED
    soft: bool = False
    opens_at: datetime | None = None
    due_at: datetime | None = None
    """The first moment at which it is late."""
    last_day: str = ""
    calendar_edition: str = ""
    waits_for: Sequence[str] = ()
    reasons: Sequence[Any] = ()
    event: int = 0
    """Position of the event that set it; 0 in a database from before that was kept."""


class TimerState(StrEnum):
    """What became of a timer."""

    PENDING = "pending"
    FIRED = "fired"
    CANCELLED = "cancelled"


class Rungs(StrEnum):
    """What a timer does, where it is no rung of the ladder; a rung is ``r`` and its number."""

    OPEN = "open"
    """The window opens, or the recurrence creates its assignments."""
    CLOSE = "close"
    MOVE = "move"
    """The move that the step declares for its date."""
    LAPSE = "lapse"
    """A proposal lapses that nobody has decided on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A stored moment at which something happens once; it never changes its moment."""

    id: str
    deadline: str
    cycle: str
    rung: str
    fires_at: datetime
    state: TimerState = TimerState.PENDING
    cursor: int = 0
    """Into how many chunks it was divided when it began; 0 where it takes effect as one."""
    attempts: int = 0
    next_attempt_at: datetime | None = None
    last_error: str = ""


class Exempt(StrEnum):
    """Why a step does not bind an instance as it binds the others."""

    EXCUSED = "excused"
    SUSPENDED = "suspended"
    OWN_DATE = "own_date"
    """The instance has a deadline of its own, which takes precedence."""
