"""`duban audit`: what an auditor has to look at, and the note that it was looked at."""

from __future__ import annotations

from typing import Any

import click

from adapters.commands.moments import Said, json_option, writing_options
from adapters.commands.session import Session, pass_session
from adapters.commands.words import group
from adapters.json_shapes import dump, event_shape
from adapters.terminal.acts import show_acts
from adapters.terminal.proposals import rows_alone
from adapters.terminal.screen import GOOD
from adapters.terminal.times import Times
from engine.errors import N_, NotFound
from workflows.running.confirming import note as write_note
from workflows.running.proposals import unnoted


@group("audit", N_("What an auditor has to look at, and the note that it was looked at."))
def audit() -> None:
    """Audits."""


@audit.part("alone", N_("What one person did alone, and no auditor has noted yet."))
@click.argument("cycle", required=False)
@json_option
@pass_session
def alone(session: Session, cycle: str | None, as_json: bool) -> None:
    """List what was done alone."""
    shapes: list[dict[str, Any]] = []
    shown = 0
    for key in session.chosen(cycle):
        with session.reading(key) as at:
            found = unnoted(at)
            shapes += [event_shape(e, at.zone) for e in found]
            if found and not as_json:
                screen = session.marked_screen
                screen.table((), rows_alone(screen, found, Times(screen.words, at.zone)))
            shown += len(found)
    if as_json:
        click.echo(dump(shapes))
    elif not shown:
        text = session.words.text("Nothing was done alone that an auditor has not noted.")
        session.marked_screen.line((text, GOOD))


@audit.part("note", N_("Note EVENT, which one person did alone; for auditors."))
@click.argument("event", type=click.IntRange(min=1))
@writing_options(occurred_at=False)
@pass_session
def note(session: Session, event: int, *, said: Said) -> None:
    """Note what was done alone."""
    with session.app.store.reading() as reader:
        found = reader.event(event)
    if found is None:
        raise NotFound(what="event", key=event, hint="duban audit alone")
    grounds = session.grounds(found.instance, said)
    noted = write_note(session.app, event, session.who(said.acting_for), grounds)
    show_acts(session.screen, [noted], session.zone(noted.instance))
