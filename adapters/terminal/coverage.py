"""The matrix of sources and targets as a screen."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.terminal.screen import FAINT, GOOD, STRONG, WARN, Cell, Screen
from workflows.running.coverage import Coverage, Covered


def show_coverage(screen: Screen, key: str, found: Coverage) -> None:
    """Print which source led to which target, then what has no counterpart."""
    t = screen.words
    screen.heading(t.text("Sources and targets of {key}", key=key))
    rows: list[Sequence[Cell]] = []
    for line in found.lines:
        name = line.source.name.in_language(t.language)
        named: Cell = t.shown([_short(one) for one in line.targets])
        if not line.targets:
            named = (t.text("no target"), WARN)
        rows.append(((line.source.id, STRONG), name, line.source.document, named))
    headings = (t.text("source"), t.text("name"), t.text("document"), t.text("targets"))
    screen.table(headings, rows, indent=2)
    if found.without_source:
        screen.heading(t.text("Targets without a source"))
        screen.table((), [((one.id, WARN), one.title) for one in found.without_source], indent=2)
    if found.unknown:
        screen.heading(t.text("Sources that the plan does not have"))
        screen.table((), [((source, WARN), one) for one, source in found.unknown], indent=2)
    screen.gap()
    if found.uncovered or found.without_source or found.unknown:
        text = t.text(
            "Without a target: {sources} sources; without a source: {targets} targets.",
            sources=len(found.uncovered),
            targets=len(found.without_source) + len(found.unknown),
        )
        screen.line((text, WARN))
    elif found.lines:
        screen.line((t.text("Every source has a target, and every target a source."), GOOD))
    else:
        screen.line((t.text("The plan names no sources."), FAINT))


def _short(one: Covered) -> str:
    return one.id.rpartition("/")[2]
