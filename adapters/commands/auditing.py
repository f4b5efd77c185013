"""`duban history` and `duban verify`: the events, and whether they hold."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime

import click

from adapters.commands.lazy import BROKEN
from adapters.commands.moments import MOMENT, json_option
from adapters.commands.session import Session, pass_session, unknown
from adapters.commands.words import command, option
from adapters.json_shapes import break_shape, dump, event_shape
from adapters.terminal.history import show_breaks, show_history
from engine.errors import N_
from engine.ports import Reader
from engine.verification import verify as checked
from workflows import office


@command(
    "history",
    N_("The events of INSTANCE, oldest first: what, when, by whom, on what paper and why."),
)
@click.argument("instance")
@option(
    "--as-of",
    type=MOMENT,
    metavar="WHEN",
    help=N_("Only what had taken effect then; a day means its end."),
)
@json_option
@pass_session
def history(session: Session, instance: str, as_of: date | datetime | None, as_json: bool) -> None:
    """Print a history."""
    until = session.instant(as_of, instance, end=True)
    zone = session.zone(instance)
    with session.app.store.reading() as reader:
        found = reader.find(instance)
        if found is None:
            raise unknown(reader, instance)
        events = [e for e in reader.history(instance) if until is None or e.occurred_at <= until]
    if as_json:
        click.echo(dump([event_shape(e, zone) for e in events]))
    else:
        show_history(session.marked_screen, found, events, zone)


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
