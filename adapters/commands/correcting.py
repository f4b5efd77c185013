"""`duban correct`: put a wrong date, document, record or target right; the old event stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from adapters.commands.moments import Said, writing_options
from adapters.commands.recording import given_fields
from adapters.commands.session import Session, pass_session, unknown
from adapters.commands.words import command, option
from adapters.terminal.acts import show_acts
from engine.content import content, moment_of
from engine.errors import N_, BadRecord, NotFound
from engine.events import Event
from workflows.running.requests import Grounds, Who, at_desk, correct_at, record_at
from workflows.running.requests import correct as put_right


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
@writing_options()
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
    if to is None:
        events = put_right(app, event, who, grounds, values=values or None, void=void)
    else:
        events = _elsewhere(session, wrong, to, who, grounds, values)
    show_acts(session.screen, events, session.zone(key))


def _elsewhere(
    session: Session, wrong: Event, to: str, who: Who, grounds: Grounds, values: dict[str, Any]
) -> Sequence[Event]:
    """Void the record where it stands and keep it for ``to``, in one unit of work."""
    kind = str(wrong.data.get("record", ""))
    if not kind or to.partition("/")[0] != wrong.instance.partition("/")[0] or to == wrong.instance:
        raise BadRecord(
            kind=kind or str(wrong.kind),
            key=wrong.instance,
            problem=N_("only a record can be given to another instance of its cycle"),
            field="--to",
        )
    with at_desk(session.app, wrong.instance) as at:
        plain = Grounds(reason=grounds.reason, authority=grounds.authority)
        events = list(correct_at(at, wrong, who, plain, void=True))
        workflow = at.unit.machine(at.unit.load(wrong.instance).edition).workflow
        declared = workflow.record(kind)
        kept = _values(wrong, declared.per if declared else "") | values
        again = Grounds(
            occurred_at=grounds.occurred_at or moment_of(wrong),
            reason=grounds.reason,
            authority=grounds.authority or wrong.authority,
        )
        return [*events, *record_at(at, to, kind, kept, who, again)]


def _values(wrong: Event, per: str) -> dict[str, Any]:
    """Return the fields that a record was made with, from what it set and its texts."""
    kind = str(wrong.data["record"])
    values: dict[str, Any] = {n: text for n, text in wrong.texts.items() if n != "reason"}
    for fact, value in content(wrong).items():
        if "." in fact:
            values[fact.rpartition(".")[2]] = value
        elif per and fact.startswith(f"{kind}:"):
            values[per] = fact.partition(":")[2]
    return values


def _declared(session: Session, wrong: Event) -> Any:
    with session.reading(wrong.instance) as at:
        found = at.unit.find(wrong.instance)
        if found is None:
            return None
        return at.unit.machine(found.edition).workflow.record(str(wrong.data.get("record", "")))


def _has_document(session: Session, wrong: Event) -> bool:
    declared = _declared(session, wrong)
    return declared is not None and any(f.name == "document" for f in declared.fields)
