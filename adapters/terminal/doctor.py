"""What a doctor found."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.sql.examination import Examined
from adapters.terminal.screen import BAD, FAINT, GOOD, Cell, Screen, Span


def show_examined(screen: Screen, found: Sequence[Examined]) -> None:
    """Print what was looked at, and how to mend what is wrong."""
    t = screen.words
    rows: list[Sequence[Cell]] = []
    for one in found:
        mark: Span = (t.text("sound"), GOOD) if one.sound else (t.text("WRONG"), BAD)
        rows.append((mark, t.shown(one.subject, marked=True), (one.found, FAINT)))
    screen.table((), rows)
    wrong = [one for one in found if not one.sound]
    if not wrong:
        screen.line((t.text("Everything is in order."), GOOD))
        return
    screen.heading(t.text("To mend"))
    for one in wrong:
        subject = t.shown(one.subject, marked=True)
        mend = t.error(one.error) if one.error else t.shown(one.mend, marked=True)
        screen.line(f"{subject}: {mend}", indent=2)
