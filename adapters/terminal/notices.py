"""Notices that have not reached their readers."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from adapters.sql.notice_list import Unsent
from adapters.terminal.screen import BAD, FAINT, GOOD, STRONG, WARN, Cell, Screen
from adapters.terminal.times import Times

STYLES = {"held": WARN, "failing": WARN, "dead": BAD}


def show_notices(screen: Screen, found: Sequence[Unsent], zone: ZoneInfo) -> None:
    """Print each person's undelivered notices, and what to do about those held."""
    t, times = screen.words, Times(screen.words, zone)
    if not found:
        screen.line((t.text("Every notice has been delivered."), GOOD))
        return
    named = {
        "pending": t.text("pending"),
        "held": t.text("held"),
        "failing": t.text("failing"),
        "dead": t.text("given up"),
    }
    rows: list[Sequence[Cell]] = [
        (
            (n.recipient, STRONG),
            n.channel,
            (named.get(n.state, n.state), STYLES.get(n.state, "")),
            str(n.items),
            times.full(n.next_attempt_at) if n.next_attempt_at else "",
            (n.error, FAINT),
        )
        for n in found
    ]
    headings = (
        t.text("to"),
        t.text("by"),
        t.text("stands"),
        t.text("items"),
        t.text("again"),
        t.text("error"),
    )
    screen.table(headings, rows, right=(3,))
    if any(n.state == "held" for n in found):
        screen.line(t.text("Let what is held go with: duban daemon --apply"))
    dead = [n.key for n in found if n.state == "dead"]
    if dead:
        screen.line(t.text("Try again what was given up with: duban notices retry --all-dead"))
        screen.line(t.text("or one of them: duban notices retry {key}", key=dead[0]))
