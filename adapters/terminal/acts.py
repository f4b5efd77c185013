"""What a writing command did, event by event."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from adapters.terminal.event_words import what, who
from adapters.terminal.screen import FAINT, Screen
from adapters.terminal.times import Times
from engine.events import Event


def show_acts(screen: Screen, events: Sequence[Event], zone: ZoneInfo) -> None:
    """Print each event that was recorded: where, what, when, by whom, and its number."""
    times = Times(screen.words, zone)
    rows = [
        (
            event.instance,
            what(event, screen.words, times),
            times.moment(event.occurred_at),
            who(event, screen.words),
            (f"#{event.position}", FAINT),
        )
        for event in events
    ]
    screen.table((), rows)
