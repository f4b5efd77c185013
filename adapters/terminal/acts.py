"""What a writing command did, event by event."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from adapters.terminal.event_words import what, who
from adapters.terminal.screen import FAINT, WARN, Screen
from adapters.terminal.times import Times
from engine.events import Event, Kind
from engine.facts import to_moment


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
    for event in events:
        if event.kind is Kind.ACT_PROPOSED:
            moment = times.moment(to_moment(str(event.data["lapses"])))
            text = screen.words.text(
                "It waits for a second person until {moment}: duban confirm {event}",
                moment=moment,
                event=event.position,
            )
            screen.line((text, WARN))
        elif event.kind is Kind.GLASS_BROKEN:
            text = screen.words.text(
                "Flagged until an auditor has noted it: duban audit note {event}",
                event=event.position,
            )
            screen.line((text, WARN))
