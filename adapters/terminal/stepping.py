"""A history walked through on the terminal: forward and back, the machine drawn, grounds beside."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import click

from adapters.terminal.event_words import details, what, who
from adapters.terminal.history import Step
from adapters.terminal.picture import line_of_states
from adapters.terminal.screen import BAD, FAINT, STRONG, WARN, Cell, Screen, Span
from adapters.terminal.times import Times
from engine.events import DAEMON, Event, Instance
from engine.machine import Machine

_KEY = re.compile(r"\x1b[\[O][0-9;]*[A-Za-z~]|.", re.DOTALL)

NEXT = ("n", " ", "\r", "\n", "j", "\x1b[C", "\x1b[B", "\x1bOC", "\x1bOB", "\x1b[6~")
PREVIOUS = ("p", "b", "k", "\x7f", "\x1b[D", "\x1b[A", "\x1bOD", "\x1bOA", "\x1b[5~")
HOME = ("g", "\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~")
END = ("G", "e", "\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~")
QUIT = ("q", "Q", "\x1b", "\x03", "\x04")


def walk_through(screen: Screen, steps: Sequence[Step], machine: Machine, zone: ZoneInfo) -> None:
    """Show one event after the other, as the keys say; q ends it."""
    place = 0
    with _key_by_key() as typed:
        while steps:
            _draw(screen, steps, place, machine, zone)
            for key in _KEY.findall(typed()):
                if key in QUIT:
                    click.echo()
                    return
                place = moved(key, place, len(steps))


def moved(key: str, place: int, count: int) -> int:
    """Return where a key leads from ``place``; one that means nothing stays.

    >>> moved("n", 0, 3), moved("p", 0, 3), moved("G", 0, 3), moved("x", 1, 3)
    (1, 0, 2, 1)
    """
    if key in NEXT:
        return min(place + 1, count - 1)
    if key in PREVIOUS:
        return max(place - 1, 0)
    if key in HOME:
        return 0
    return count - 1 if key in END else place


@contextmanager
def _key_by_key() -> Iterator[Callable[[], str]]:
    """Let keys be read as they are typed, several at once where they came so; an end quits.

    The terminal stays so from the first screen to the last: what is typed while
    one is drawn is not lost.
    """
    try:
        import termios  # noqa: PLC0415 - not on every system
        import tty  # noqa: PLC0415 - likewise
    except ImportError:
        yield click.getchar
        return
    place = sys.stdin.fileno()
    before = termios.tcgetattr(place)
    tty.setcbreak(place, termios.TCSANOW)
    try:
        yield lambda: os.read(place, 64).decode(errors="replace") or "q"
    finally:
        termios.tcsetattr(place, termios.TCSADRAIN, before)


def _draw(
    screen: Screen, steps: Sequence[Step], place: int, machine: Machine, zone: ZoneInfo
) -> None:
    t, step = screen.words, steps[place]
    before = steps[place - 1].after if place else None
    workflow = machine.workflow
    click.clear()
    number = t.text("event {number} of {count}", number=place + 1, count=len(steps))
    screen.line((step.event.instance, STRONG), f"  {number}")
    screen.gap()
    state = step.after.state if step.after else ""
    if state in workflow.line:
        line_of_states(screen, workflow, state)
    else:
        screen.line((f"[{t.word('state', state, workflow.name)}]", STRONG))
    screen.gap()
    screen.table((), list(_rows(screen, step, before, zone)))
    if step.broken is not None:
        screen.line((t.shown(step.broken.problem, marked=True), BAD))
    if state:
        _onward(screen, machine, state)
    screen.gap()
    screen.line((t.text("n next  p previous  g first  G last  q quit; arrow keys as well"), FAINT))


def _rows(
    screen: Screen, step: Step, before: Instance | None, zone: ZoneInfo
) -> Iterator[Sequence[Cell]]:
    t, times, event = screen.words, Times(screen.words, zone), step.event
    workflow = step.after.workflow if step.after else ""
    yield t.text("what"), what(event, t, times, workflow)
    yield t.text("when"), times.full(event.occurred_at)
    if event.recorded_at != event.occurred_at:
        style = FAINT if event.actor == DAEMON else WARN
        yield t.text("recorded"), (times.full(event.recorded_at), style)
    yield t.text("who"), who(event, t)
    yield from details(event, t)
    if event.cause:
        yield t.text("cause"), f"#{event.cause}"
    for name, was, is_now in _changes(step.after, before, event):
        yield t.word("field", name), (_changed(t.word("choice", was), t.word("choice", is_now)))


def _changed(before: str, after: str) -> Sequence[Span]:
    return [(f"{before or '-'} → ", FAINT), after or "-"]


def _changes(
    after: Instance | None, before: Instance | None, event: Event
) -> Iterator[tuple[str, str, str]]:
    """Yield what the event changed besides the state: owner, lamp, facts that it unset."""
    if after is None or before is None:
        return
    if after.owner != before.owner:
        yield "owner", before.owner, after.owner
    if after.lamp != before.lamp:
        yield "lamp", before.lamp, after.lamp
    for fact in event.data.get("unset", ()):
        if fact in before.facts and fact not in after.facts:
            yield fact, str(before.facts[fact]), ""


def _onward(screen: Screen, machine: Machine, state: str) -> None:
    """Print where it could go from here, forced moves left out."""
    t, name = screen.words, machine.workflow.name
    rows: list[Sequence[Cell]] = [
        (
            t.word("trigger", move.trigger, name),
            f"→ {t.word('state', move.target, name)}",
            (t.text("by itself") if move.automatic else "", FAINT),
        )
        for move in machine.leaving(state)
        if not move.forced
    ]
    if rows:
        screen.heading(t.text("Moves from here"))
        screen.table((), rows, indent=2)
