"""`duban record`: hand in or note down something, with the real date on which it happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from adapters.commands.files import FILE
from adapters.commands.moments import Said, writing_options
from adapters.commands.session import Session, pass_session, path_of, unknown
from adapters.commands.words import command, option
from adapters.terminal.acts import show_acts
from adapters.terminal.kinds import show_kinds
from engine.definition import RecordKind, Workflow
from engine.errors import N_
from engine.facts import FactType
from workflows.running.redacting import require_not_removed
from workflows.running.requests import record as keep

TRUE = ("true", "yes", "1", "是")
FALSE = ("false", "no", "0", "否")


@command(
    "record",
    N_(
        "Hand in or note down a record, with the date on which it really happened.\n\n"
        "Without KIND, or with --help-kinds, it lists what can be recorded for INSTANCE "
        "and which fields are required."
    ),
)
@click.argument("instance")
@click.argument("kind", required=False)
@option("--field", "fields", multiple=True, metavar="NAME=VALUE", help=N_("A field; repeat it."))
@option(
    "--file",
    "path",
    type=FILE,
    help=N_("Keep this file as evidence and record its SHA-256."),
)
@option("--help-kinds", is_flag=True, help=N_("List the kinds of record and their fields."))
@writing_options(alone=True)
@pass_session
def record(
    session: Session,
    instance: str,
    kind: str | None,
    fields: tuple[str, ...],
    path: str | None,
    help_kinds: bool,
    *,
    said: Said,
) -> None:
    """Record something for an instance."""
    if help_kinds or kind is None:
        with session.reading(instance) as at:
            found = at.unit.find(instance)
            if found is None:
                raise unknown(at.unit, instance)
            workflow = at.unit.machine(found.edition).workflow
            show_kinds(session.screen, workflow, found)
        return
    declared = _declared(session, instance, kind)
    values = dict(given_fields(session, fields, declared))
    names = {f.name for f in declared.fields} if declared else set()
    if said.authority and "document" in names:
        values.setdefault("document", said.authority)
    with keeping(session, instance, path, names) as found_in_file:
        events = keep(
            session.app,
            instance,
            kind,
            found_in_file | values,
            session.who(said.acting_for),
            session.grounds(instance, said),
        )
    show_acts(session.screen, events, session.zone(instance))


def given_fields(
    session: Session, fields: Sequence[str], declared: RecordKind | None = None
) -> Iterator[tuple[str, str | int | bool]]:
    """Yield the fields as typed, each as its declared type has it.

    Raises:
        click.UsageError: one has no ``=``, or is no number where one is needed.

    """
    types = {f.name: f.type for f in declared.fields} if declared else {}
    for text in fields:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            message = session.words.text(
                "'{text}' is no field; write it as NAME=VALUE.", text=repr(text[:40])[1:-1]
            )
            raise click.UsageError(message)
        yield name.strip(), _typed(session, name.strip(), value, types.get(name.strip()))


def _typed(session: Session, name: str, value: str, kind: FactType | None) -> str | int | bool:
    if kind is FactType.INTEGER:
        try:
            return int(value)
        except ValueError:
            message = session.words.text(
                "{name} is a whole number; '{value}' is none.",
                name=name,
                value=repr(value[:40])[1:-1],
            )
            raise click.UsageError(message) from None
    if kind is FactType.BOOLEAN and value.lower() in (*TRUE, *FALSE):
        return value.lower() in TRUE
    return value


def _declared(session: Session, key: str, kind: str) -> RecordKind | None:
    """Return what is declared of ``kind``; nothing where the service will say so."""
    with session.reading(key) as at:
        found = at.unit.find(key)
        if found is None:
            raise unknown(at.unit, key)
        workflow: Workflow = at.unit.machine(found.edition).workflow
        return workflow.record(kind)


@contextmanager
def keeping(
    session: Session, key: str, path: str | None, names: set[str]
) -> Iterator[dict[str, str | int | bool]]:
    """Keep the file, if there is one, and yield the fields that tell of it.

    Raises:
        FileTrouble, EvidenceRefused: it cannot be kept.
        RemovedByLaw: it was kept before, and had to be taken away.

    """
    if path is None:
        yield {}
        return
    if not names & {"sha256", "proof"}:
        message = session.words.text(
            "This record holds no file; record it as evidence beside: "
            "duban record INSTANCE evidence --file PATH"
        )
        raise click.UsageError(message)
    with session.reading(key) as at:
        rules = at.plan.evidence
    with session.evidence.keeping(path_of(path), rules) as kept:
        with session.whole.store.reading() as reader:  # also what this person may not read
            require_not_removed(reader, kept.sha256)
        if "sha256" in names:
            yield {"sha256": kept.sha256, "name": kept.name}
        else:
            yield {"proof": f"sha256:{kept.sha256}"}
