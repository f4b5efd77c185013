"""What an amendment would change, and for whom, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.terminal.screen import FAINT, STRONG, WARN, Cell, Screen
from workflows.running.alterations import STAYS, Alteration

FIRST = 3
"""Keys of one owner that are named."""


def show_alterations(screen: Screen, found: Sequence[Alteration]) -> None:
    """Print one line for each thing that becomes otherwise."""
    t = screen.words
    if not found:
        screen.line((t.text("It says the same."), FAINT))
        return
    headings = (
        t.text("part"),
        t.text("which"),
        t.text("what"),
        t.text("before"),
        t.text("after"),
        t.text("for whom"),
    )
    screen.table(headings, [_row(screen, one) for one in found])


def _row(screen: Screen, one: Alteration) -> Sequence[Cell]:
    t = screen.words
    whom = [
        f"{tally.owner} {tally.count}" + (f" ({_keys(tally.first)})" if tally.first else "")
        for tally in one.touched
    ]
    return (
        t.word("part", one.part),
        (one.name, STRONG),
        (t.word("alteration", one.what), FAINT if one.what == STAYS else WARN),
        one.before,
        one.after,
        (t.shown(whom) if whom else "", FAINT),
    )


def _keys(keys: Sequence[str]) -> str:
    shown = " ".join(key.rpartition("/")[2] for key in keys[:FIRST])
    return f"{shown} …" if len(keys) > FIRST else shown
