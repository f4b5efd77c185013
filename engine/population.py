"""Populations: which instances a set-based act concerns, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.events import DAEMON, Kind
from engine.guards import ALWAYS, Guard

CHANGES = (Kind.OPENED, Kind.MOVED, Kind.EXCUSED)
"""What changes whether a join that counts an instance holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Instances of one workflow in one cycle, narrowed down."""

    cycle: str
    workflow: str
    parent: str = ""
    """Only those directly below this key."""
    key: str = ""
    """Only this one."""
    origin: str = ""
    """Only those that this deadline created."""
    owner: str = ""
    where: Guard = ALWAYS
    """Only those of whose own state and facts this holds."""
    bound_by: str = ""
    """A step: leave out those excused from it, suspended, or with a date of their own."""
    changed_since: int = 0
    """Only those that were opened, moved or excused after the event at this position."""
    lit: bool = False
    """Only those that show a lamp."""
    after: str = ""
    """Only those past this key."""
    until: str = ""
    """Only those up to this key, itself included."""
    as_of: datetime | None = None
    """The moment with which ``where`` compares, if not that of the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many of a population one owner has, and the first of them."""

    owner: str
    count: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who, when and why: what all events of one set-based act have in common."""

    occurred_at: datetime
    recorded_at: datetime
    actor: str = DAEMON
    acting_for: str = ""
    authority: str = ""
    cause: int | None = None
    timer: str = ""
    part: str = ""
