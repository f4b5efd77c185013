"""What a start of the daemon would catch up on."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.messages import Translator
from adapters.terminal.names import Names
from adapters.terminal.screen import FAINT, GOOD, STRONG, Cell, Screen
from adapters.terminal.times import Times
from engine.deadline import Rungs
from engine.ports import Reader
from workflows.running.catch_up import Planned
from workflows.running.desk import Desk
from workflows.running.schedule import ladder_of, rung_number


def show_planned(screen: Screen, at: Desk[Reader], found: Sequence[Planned]) -> None:
    """Print what is due and not done, oldest first, and who would be told."""
    t, times, names = screen.words, Times(screen.words, at.zone), Names(screen.words, at.plan)
    if not found:
        screen.line((t.text("{key}: nothing to catch up on.", key=at.key), GOOD))
        return
    screen.line((at.key, STRONG), f"  {t.text('{count} to catch up on', count=len(found))}")
    rows: list[Sequence[Cell]] = [
        (
            times.full(one.timer.fires_at),
            names.step(one.step.id),
            _effect(t, at, one),
            str(one.concerned),
            (_told(t, names, one), FAINT),
        )
        for one in found
    ]
    headings = (
        t.text("when"),
        t.text("step"),
        t.text("effect"),
        t.text("concerns"),
        t.text("tells"),
    )
    screen.table(headings, rows, indent=2, right=(3,))


def _effect(t: Translator, at: Desk[Reader], one: Planned) -> str:
    number = rung_number(one.timer)
    if number is not None:
        rung = ladder_of(at.plan, one.step).rungs[number]
        lamp = f" {rung.lamp}" if rung.lamp else ""
        return t.word("action", str(rung.action)) + lamp
    words = {Rungs.OPEN: "opens", Rungs.CLOSE: "closes", Rungs.MOVE: "moves"}
    return t.word("what", words[Rungs(one.timer.rung)])


def _told(t: Translator, names: Names, one: Planned) -> str:
    shown = []
    for recipient in one.recipients:
        if recipient.startswith("post:"):
            post = names.owner(recipient.removeprefix("post:"))
            shown.append(t.text("{post} (no holder)", post=post))
        else:
            shown.append(recipient)
    return t.shown(shown) if shown else "-"
