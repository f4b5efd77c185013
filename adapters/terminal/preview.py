"""What a forced move would change."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from adapters.terminal.event_words import around, what
from adapters.terminal.names import Names
from adapters.terminal.screen import BAD, FAINT, WARN, Cell, Screen
from adapters.terminal.times import Times
from engine.events import Event
from workflows.plan.model import Plan
from workflows.running.preview import Change, Preview

SHOWN = 20


def show_preview(screen: Screen, found: Preview, plan: Plan, zone: ZoneInfo) -> None:
    """Print what would be recorded, gone around, and otherwise."""
    t, times = screen.words, Times(screen.words, zone)
    names = Names(t, plan)
    screen.line((t.text("This would be recorded:"), WARN))
    rows = [(e.instance, what(e, t, times, _workflow(e))) for e in found.events]
    screen.table((), rows[:SHOWN], indent=2)
    gone_around = [code for e in found.events for code in e.data.get("around", ())]
    if gone_around:
        screen.line((t.text("It goes around:"), BAD))
        for code in dict.fromkeys(gone_around):
            screen.line(around(str(code), t), indent=2)
    _section(screen, t.text("How many stand where:"), [_state(screen, c) for c in found.states])
    _section(screen, t.text("What is waited for:"), [_join(screen, c) for c in found.joins])
    _section(
        screen,
        t.text("What is owed:"),
        [_obligation(screen, names, c) for c in found.obligations],
    )
    _section(screen, t.text("Timers:"), [_timer(screen, c) for c in found.timers])
    _section(
        screen,
        t.text("Notices that wait:"),
        [(c.what, f"{c.before or 0} → {c.after or 0}") for c in found.notices],
    )


def _section(screen: Screen, title: str, rows: Sequence[Sequence[Cell]]) -> None:
    if not rows:
        return
    screen.line(title)
    screen.table((), rows[:SHOWN], indent=2)
    if len(rows) > SHOWN:
        more = screen.words.text("and {count} more", count=len(rows) - SHOWN)
        screen.line((more, FAINT), indent=2)


def _state(screen: Screen, change: Change) -> Sequence[Cell]:
    t = screen.words
    machine, _, state = change.what.partition(":")
    word = f"{t.word('machine', machine)} {t.word('state', state, machine)}"
    return word, f"{change.before or 0} → {change.after or 0}"


def _join(screen: Screen, change: Change) -> Sequence[Cell]:
    return screen.words.word(
        "join", change.what
    ), f"{_held(screen, change.before)} → {_held(screen, change.after)}"


def _held(screen: Screen, value: str) -> str:
    t = screen.words
    if value == "yes":
        return t.text("holds")
    return t.text("{count} awaited", count=value.removeprefix("-"))


def _obligation(screen: Screen, names: Names, change: Change) -> Sequence[Cell]:
    t = screen.words
    key, _, step = change.what.partition(" ")
    before, after = (t.word("standing", s) if s else "-" for s in (change.before, change.after))
    return key, names.step(step), f"{before} → {after}"


def _timer(screen: Screen, change: Change) -> Sequence[Cell]:
    t = screen.words
    if not change.after:
        return change.what, t.text("falls away ({moment})", moment=change.before)
    if not change.before:
        return change.what, t.text("new: {moment}", moment=change.after)
    return change.what, f"{change.before} → {change.after}"


def _workflow(event: Event) -> str:
    return event.edition.partition("@")[0]
