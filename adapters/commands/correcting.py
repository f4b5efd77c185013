"""`duban correct`: put a wrong date, document, record or target right; the old event stays."""

from __future__ import annotations

from typing import Any

import click

from adapters.commands.moments import Said, writing_options
from adapters.commands.recording import given_fields
from adapters.commands.session import Session, pass_session, unknown
from adapters.commands.words import command, option
from adapters.terminal.acts import show_acts
from engine.errors import N_, NotFound
from engine.events import Event
from workflows.running.correcting import correct as put_right


@command(
    "correct",
    N_(
        "Supersede EVENT, a number that history shows, by one that is right; the old one stays.\n\n"
        "Of a move, the date; of a record, the date, the document and its fields. "
        "With --void it should not have been made at all; with --to it belongs to another INSTANCE."
    ),
)
@click.argument("event", type=click.IntRange(min=1))
@option("--field", "fields", multiple=True, metavar="NAME=VALUE", help=N_("A right field."))
@option("--void", is_flag=True, help=N_("It should not have been recorded."))
@option("--to", metavar="INSTANCE", help=N_("It belongs to this instance: void here, kept there."))
@writing_options(alone=True)
@pass_session
def correct(
    session: Session,
    event: int,
    fields: tuple[str, ...],
    void: bool,
    to: str | None,
    *,
    said: Said,
) -> None:
    """Correct an event."""
    t, app, who = session.words, session.app, session.who(said.acting_for)
    with app.store.reading() as reader:
        wrong = reader.event(event)
        if wrong is None:
            raise NotFound(what="event", key=event, hint="duban history INSTANCE")
        if to is not None and reader.find(to) is None:
            raise unknown(reader, to)
    if void and (fields or said.occurred_at or to):
        raise click.UsageError(t.text("--void stands alone: what is void has no date or fields."))
    if not (void or to or fields or said.occurred_at or said.authority):
        message = t.text("Say what is right: --occurred-at, --document, --field, --void or --to.")
        raise click.UsageError(message)
    key = wrong.instance
    values: dict[str, Any] = dict(given_fields(session, fields, _declared(session, wrong)))
    if said.authority and _has_document(session, wrong):
        values.setdefault("document", said.authority)
    grounds = session.grounds(key, said)
    events = put_right(app, event, who, grounds, values=values, void=void, to=to or "")
    show_acts(session.screen, events, session.zone(key))


def _declared(session: Session, wrong: Event) -> Any:
    with session.reading(wrong.instance) as at:
        found = at.unit.find(wrong.instance)
        if found is None:
            return None
        return at.unit.machine(found.edition).workflow.record(str(wrong.data.get("record", "")))


def _has_document(session: Session, wrong: Event) -> bool:
    declared = _declared(session, wrong)
    return declared is not None and any(f.name == "document" for f in declared.fields)
