"""`duban redact`: remove free text of an event by law; the event and every proof stay."""

from __future__ import annotations

import click

from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.terminal.acts import show_acts
from engine.errors import N_
from workflows.running.redacting import redact as remove
from workflows.running.requests import Grounds


@command(
    "redact",
    N_(
        "Remove free text of EVENT by law: all of it, or the fields that are named.\n\n"
        "For administrators. The event stays, and so do its other fields and every proof; "
        "an event of its own says what was removed, why and on whose authority."
    ),
)
@click.argument("event", type=click.IntRange(min=1))
@option("--field", "fields", multiple=True, metavar="NAME", help=N_("Only this one; repeat it."))
@option("--reason", default="", metavar="TEXT", help=N_("Why."))
@option(
    "--authority",
    default="",
    metavar="DOC",
    help=N_("The document that it rests on, with its number."),
)
@pass_session
def redact(
    session: Session, event: int, fields: tuple[str, ...], reason: str, authority: str
) -> None:
    """Remove free text."""
    grounds = Grounds(reason=reason, authority=authority)
    said = remove(session.app, event, fields, session.who(), grounds)
    forget = getattr(session.app.store, "forget", None)
    if forget is not None:
        forget()
    show_acts(session.screen, [said], session.zone(said.instance))
