"""Messages: what a notice says, in as many forms as channels need, rendered when it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingDate:
    """A date that is still to come, for the reader's calendar."""

    uid: str
    """Stable: the same date told again, or moved, has the same."""
    version: int
    """Grows when the date moves."""
    last_day: date
    """The last day on which it is in time."""
    until: datetime | None = None
    """The hour of that day at which it is late, where that is not its end."""
    summary: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one notice says."""

    subject: str
    heading: str = ""
    """Who is told, as of when, how much; stands before the matters."""
    matters: tuple[str, ...] = ()
    """One matter each, the most urgent first: what a channel with a limit cuts from the end."""
    text: str = ""
    """All of it as plain text."""
    html: str = ""
    """All of it as HTML; empty where nothing but text is wanted."""
    dates: tuple[ComingDate, ...] = field(default=())
    thread: str = ""
    """What the conversation is about: the one instance, or the cycle where there are more."""
    cycle: str = ""
    """The key of the cycle."""
