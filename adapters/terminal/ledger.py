"""The ledger as a table."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from adapters.terminal.names import Names
from adapters.terminal.screen import BAD, FAINT, STRONG, WARN, Cell, Screen
from adapters.terminal.times import Times
from workflows.plan.model import Plan
from workflows.running.ledger import Row
from workflows.running.obligations import Standing

STYLES = {
    Standing.LATE: BAD,
    Standing.DUE_SOON: WARN,
    Standing.OUTSIDE: WARN,
    Standing.UNRECORDED: WARN,
}


def show_ledger(screen: Screen, plan: Plan, rows: Sequence[Row], zone: ZoneInfo) -> None:
    """Print one line per instance."""
    t, times, names = screen.words, Times(screen.words, zone), Names(screen.words, plan)
    if not rows:
        screen.line((t.text("{key}: nothing fits.", key=plan.key), FAINT))
        return
    table = [
        (
            (row.instance.key, STRONG),
            names.state(row.instance),
            names.owner(row.instance.owner),
            row.instance.lamp,
            times.last_day(row.due_at) if row.due_at else "",
            _standing(screen, row),
            names.title(row.instance),
        )
        for row in rows
    ]
    headings = (
        t.text("key"),
        t.text("state"),
        t.text("owner"),
        t.text("lamp"),
        t.text("due"),
        t.text("stands"),
        t.text("title"),
    )
    screen.table(headings, table)


def _standing(screen: Screen, row: Row) -> Cell:
    if row.standing is None:
        return ""
    word = screen.words.word("standing", str(row.standing))
    if row.days_late:
        word = screen.words.text("{standing} {days}d", standing=word, days=row.days_late)
    return word, STYLES.get(row.standing, "")
