"""The log on a terminal: what was sealed, its checkpoints, its keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.messages import CLOCK_OF_THE_OFFICE
from adapters.terminal.screen import BAD, FAINT, GOOD, STRONG, WARN, Cell, Screen
from adapters.terminal.times import Times
from engine.checkpoint_chain import Audit
from engine.log import Sealed
from engine.note import VerifierKey
from workflows.running.sealing import Done, KnownKey

ROOT_SHOWN = 16
"""Digits of a root on a screen; the whole one is in the checkpoint."""


@dataclass(slots=True)
class Stamped:
    """Time stamps of checkpoints: how many hold, and how many nobody vouches for."""

    sound: int = 0
    untrusted: int = 0
    """Those whose authority the channels file does not know, with its certificates."""
    unread: int = 0
    """Those that cannot be read here: a package is missing."""


def show_stamps(screen: Screen, seen: Stamped) -> None:
    """Print what the time stamps of checkpoints are worth."""
    t = screen.words
    if seen.sound:
        screen.line(t.text("Time stamps that hold: {count}.", count=seen.sound))
    if seen.untrusted:
        text = t.text(
            "Time stamps whose authority nobody vouches for: {count}; name its certificates with "
            "trust in the channels file.",
            count=seen.untrusted,
        )
        screen.line((text, WARN))
    if seen.unread:
        text = t.text(
            "Time stamps not looked at: {count}; install duban[timestamp].", count=seen.unread
        )
        screen.line((text, WARN))


def show_sealed(screen: Screen, done: Done, last: Sealed | None) -> None:
    """Print what was sealed, and how the log stands."""
    t = screen.words
    if done.leaves:
        text = t.text("Sealed: {count} entries.", count=done.leaves)
        screen.line((text, GOOD))
    else:
        screen.line(t.text("There was nothing to seal."))
    for one in done.unreadable:
        text = t.text(
            "Cannot be read, and was not sealed: {what}", what=f"{one.kind} {one.position}"
        )
        screen.line((text, BAD))
    if last is None:
        return
    screen.line(sealed_line(screen, last))
    if not last.key:
        screen.line((t.text("Nobody signs the log; make a key with: duban key new"), WARN))


def show_audit(screen: Screen, log: Audit, unsealed: int, *, waits: bool) -> None:
    """Print what was seen of the log, besides breaks."""
    t = screen.words
    screen.line(
        t.text(
            "The log: {leaves} entries hashed, {checkpoints} checkpoints, {signed} of them signed.",
            leaves=log.leaves,
            checkpoints=log.checkpoints,
            signed=log.signed,
        )
    )
    if log.checkpoints and not log.signed:
        screen.line((t.text("Nobody signs the log; make a key with: duban key new"), WARN))
    if unsealed:
        text = t.text("Events not sealed yet: {count}.", count=unsealed)
        screen.line((text, WARN if waits else ""))
    if waits:
        text = t.text("A daemon is alive and does not seal; see its log, and: duban doctor")
        screen.line((text, WARN))


def sealed_line(screen: Screen, last: Sealed) -> str:
    """Return in one line how far the log goes, for screens and printed pages."""
    moment = Times(screen.words, ZoneInfo(CLOCK_OF_THE_OFFICE)).full(last.sealed_at)
    return screen.words.text(
        "Log of events: {size} entries, sealed {moment}, root {root}…",
        size=last.size,
        moment=moment,
        root=last.root.hex()[:ROOT_SHOWN],
    )


def show_checkpoints(screen: Screen, found: Sequence[Sealed]) -> None:
    """Print every checkpoint in a line."""
    t, times = screen.words, Times(screen.words, ZoneInfo(CLOCK_OF_THE_OFFICE))
    rows: list[Sequence[Cell]] = [
        (
            (str(one.size), STRONG),
            times.full(one.sealed_at),
            (one.key or t.text("unsigned"), FAINT if one.key else WARN),
            (one.root.hex(), FAINT),
        )
        for one in found
    ]
    headings = (t.text("size"), t.text("sealed"), t.text("signed with"), t.text("root"))
    screen.table(headings, rows)


def show_new_key(screen: Screen, key: VerifierKey, file: Path | None) -> None:
    """Print the public half of a key that was just given to the log."""
    t = screen.words
    screen.line((t.text("The log is signed from now on with the key {key}", key=str(key)), GOOD))
    if file is not None:
        text = t.text(
            "Its private half is in {file}: keep a copy elsewhere; nobody else may read it.",
            file=str(file),
        )
        screen.line(text)
    screen.line(t.text("Give the line above to the auditors: with it they check signatures."))


def show_keys(screen: Screen, known: Sequence[KnownKey], *, held: str) -> None:
    """Print the keys of the log, the present one last; ``held`` says why it cannot be used here."""
    t, times = screen.words, Times(screen.words, ZoneInfo(CLOCK_OF_THE_OFFICE))
    if not known:
        screen.line((t.text("Nobody signs the log; make a key with: duban key new"), WARN))
        return
    for one in known:
        since = times.full(one.event.recorded_at)
        until = times.full(one.until.recorded_at) if one.until else "…"
        screen.line((str(one.key), "" if one.until else STRONG))
        screen.line(
            (f"{since} – {until}, {one.event.actor}, #{one.event.position}", FAINT), indent=2
        )
        if one.event.data.get("lost"):
            screen.line((t.text("The key before it could not sign."), WARN), indent=2)
    if held:
        screen.line((held, WARN))
    else:
        screen.line((t.text("This installation holds the present key."), GOOD))
