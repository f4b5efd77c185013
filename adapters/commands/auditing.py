"""`duban history` and `duban verify`: the events, and whether they hold."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from adapters.commands.lazy import BROKEN
from adapters.commands.looking_back import past_options
from adapters.commands.moments import json_option
from adapters.commands.session import Session, pass_session, unknown
from adapters.commands.words import command
from adapters.json_shapes import break_shape, dump, event_shape
from adapters.terminal.history import show_breaks, show_history
from engine.errors import N_
from engine.past import visible
from engine.ports import Reader
from engine.verification import verify as checked
from workflows import office


@command(
    "history",
    N_("The events of INSTANCE, oldest first: what, when, by whom, on what paper and why."),
)
@click.argument("instance")
@json_option
@pass_session
@past_options
def history(session: Session, instance: str, as_json: bool) -> None:
    """Print a history."""
    zone = session.zone(instance)
    with session.app.store.reading() as reader:
        found = reader.find(instance)
        if found is None:
            raise unknown(reader, instance)
        events = reader.history(instance)
    horizon = session.past.horizon(instance) if session.past else None
    if horizon is not None:
        events = visible(events, horizon)
    if as_json:
        click.echo(dump([event_shape(e, zone) for e in events]))
        return
    screen = session.marked_screen
    session.say_past_of(instance, zone)
    show_history(screen, found, events, zone)


@command(
    "verify",
    N_(
        "Replay every history through its machine and compare it with what is shown.\n\n"
        "Ends with 0 when all hold, with 3 naming each break."
    ),
)
@click.argument("cycle", required=False)
@json_option
@pass_session
def verify(session: Session, cycle: str | None, as_json: bool) -> None:
    """Verify histories."""
    seen = _Counter()
    with session.app.store.reading() as reader:
        if cycle is not None and cycle != office.KEY:
            require_cycle(reader, cycle)
        breaks = list(checked(reader, cycle or "", seen.told(session)))
    seen.finish()
    if as_json:
        shape = {"events": seen.events, "breaks": [break_shape(b) for b in breaks]}
        click.echo(dump(shape))
    else:
        show_breaks(session.marked_screen, breaks, seen.events)
    if breaks:
        raise click.exceptions.Exit(BROKEN)


def require_cycle(reader: Reader, key: str) -> None:
    """Refuse a cycle that is not there.

    Raises:
        NotFound: there is none of that key.

    """
    if key not in {c.key for c in reader.cycles()}:
        raise unknown(reader, key)


class _Counter:
    """Counts events; on a terminal it says how far it is."""

    def __init__(self) -> None:
        self.events = 0
        self._shown = 0

    def told(self, session: Session) -> Callable[[int], None]:
        text = session.words.text("Checked {count} events", count="{count}")

        def progress(events: int) -> None:
            self.events = events
            if sys.stderr.isatty() and events - self._shown >= STRIDE:
                self._shown = events
                click.echo(f"\r{text.format(count=events)}", nl=False, err=True)

        return progress

    def finish(self) -> None:
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)


STRIDE = 5000
