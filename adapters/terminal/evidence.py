"""Evidence on the screen: files, where histories speak of them, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from adapters.evidence.inspection import BROKEN, Inspected, Standing
from adapters.terminal.event_words import who
from adapters.terminal.screen import BAD, FAINT, GOOD, STRONG, WARN, Cell, Screen
from adapters.terminal.times import Times
from engine.events import Event
from workflows.evidence import Piece

SHOWN = 16
"""Digits of a hash that a screen shows; `duban evidence get` takes as many."""

_STYLES = {Standing.SOUND: GOOD, Standing.REMOVED: FAINT, Standing.UNRECORDED: WARN}


def show_pieces(
    screen: Screen, pieces: Sequence[Piece], gone: Mapping[str, Event], zone: ZoneInfo
) -> None:
    """Print each file that an event speaks of."""
    t, times = screen.words, Times(screen.words, zone)
    if not pieces:
        screen.line((t.text("No evidence was handed in."), FAINT))
        return
    rows: list[Sequence[Cell]] = []
    for piece in pieces:
        removal = gone.get(piece.sha256)
        note = t.text("removed by law, see #{event}", event=removal.position) if removal else ""
        rows.append(
            (
                (piece.sha256[:SHOWN], STRONG),
                piece.name,
                piece.event.instance,
                times.moment(piece.event.occurred_at),
                who(piece.event, t),
                (f"#{piece.event.position}", FAINT),
                (note, BAD),
            )
        )
    headings = (
        "SHA-256",
        t.text("name"),
        t.text("key"),
        t.text("when"),
        t.text("who"),
        t.text("event"),
        "",
    )
    screen.table(headings, rows)


def show_evidence(screen: Screen, found: Sequence[Inspected]) -> None:
    """Print how each file stands, those that are wrong with their events."""
    t = screen.words
    rows: list[Sequence[Cell]] = []
    for one in found:
        where = ", ".join(f"{p.event.instance} #{p.event.sequence}" for p in one.pieces)
        rows.append(
            (
                (t.word("evidence", str(one.standing)), _STYLES.get(one.standing, BAD)),
                (one.sha256[:SHOWN], STRONG),
                str(one.size) if one.size else "",
                where,
                next((p.name for p in one.pieces if p.name), ""),
            )
        )
    headings = (t.text("state"), "SHA-256", t.text("bytes"), t.text("key"), t.text("name"))
    if rows:
        screen.table(headings, rows, right=(2,))
    wrong = [one for one in found if one.standing in BROKEN]
    if wrong:
        said = t.text(
            "{count} of {all} files are not as they should be.", count=len(wrong), all=len(found)
        )
        screen.line((said, BAD))
    else:
        said = t.text("All evidence is as it was handed in; {count} files read.", count=len(found))
        screen.line((said, GOOD))
