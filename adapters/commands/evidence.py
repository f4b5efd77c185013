"""`duban evidence`: files that were handed in, kept by the hash of their content."""

from __future__ import annotations

import sys

import click

from adapters.commands.auditing import require_cycle
from adapters.commands.files import FILE
from adapters.commands.lazy import BROKEN
from adapters.commands.looking_back import past_options
from adapters.commands.moments import Said, json_option, writing_options
from adapters.commands.moving import require_instance
from adapters.commands.recording import given_fields, keeping
from adapters.commands.session import Session, pass_session, path_of, unknown
from adapters.commands.words import group, option
from adapters.evidence.inspection import BROKEN as WRONG
from adapters.evidence.inspection import Inspected, inspect
from adapters.evidence.trouble import FileTrouble
from adapters.json_shapes import dump, evidence_shape
from adapters.terminal.acts import show_acts
from adapters.terminal.evidence import show_evidence, show_pieces
from engine.errors import N_, NotFound
from workflows.evidence import kept, pieces, removals
from workflows.running.redacting import remove_file
from workflows.running.requests import Grounds
from workflows.running.requests import record as keep


@group("evidence", N_("Files that were handed in: kept by their hash, verified when read."))
def evidence() -> None:
    """Evidence."""


@evidence.part("add", N_("Keep FILE as evidence of INSTANCE and record its SHA-256."))
@click.argument("instance")
@click.argument("file", type=FILE)
@option("--kind", default="evidence", metavar="KIND", help=N_("The record that speaks of it."))
@option("--field", "fields", multiple=True, metavar="NAME=VALUE", help=N_("A field; repeat it."))
@writing_options()
@pass_session
def add(
    session: Session, instance: str, file: str, kind: str, fields: tuple[str, ...], *, said: Said
) -> None:
    """Keep a file."""
    require_instance(session, instance)
    with session.reading(instance) as at:
        found_at = at.unit.find(instance)
        declared = at.unit.machine(found_at.edition).workflow.record(kind) if found_at else None
    names = {f.name for f in declared.fields} if declared else {"sha256"}
    values = dict(given_fields(session, fields, declared))
    with keeping(session, instance, file, names) as found:
        events = keep(
            session.app,
            instance,
            kind,
            found | values,
            session.who(said.acting_for),
            session.grounds(instance, said),
        )
    show_acts(session.screen, events, session.zone(instance))


@evidence.part("list", N_("The files that the histories of CYCLE or an instance speak of."))
@click.argument("key", required=False, metavar="[CYCLE|INSTANCE]")
@json_option
@pass_session
@past_options
def list_(session: Session, key: str | None, as_json: bool) -> None:
    """List files, without reading them."""
    key = key or ("" if session.past is None else session.the_cycle(None))
    with session.app_of(key).store.reading() as reader:
        gone = removals(reader)
        if "/" in key:
            if reader.find(key) is None:
                raise unknown(reader, key)
            found = list(pieces(reader.history(key)))
        else:
            if key:
                require_cycle(reader, key)
            found = [piece for group in kept(reader, key).values() for piece in group]
    zone = session.zone(key or (session.cycles() or [""])[0])
    if as_json:
        shapes = [evidence_shape(piece, gone.get(piece.sha256), zone) for piece in found]
        click.echo(dump([shape | session.moments(key) for shape in shapes]))
    else:
        session.say_past_of(key, zone)
        show_pieces(session.marked_screen, found, gone, zone)


@evidence.part(
    "get", N_("Copy the file of that HASH to FILE, if it is what was handed in; - prints it.")
)
@click.argument("sha256", metavar="HASH")
@click.argument("file", type=FILE)
@pass_session
def get(session: Session, sha256: str, file: str) -> None:
    """Copy a file out."""
    with session.app.store.reading() as reader:
        whole = whole_hash(sha256, set(kept(reader)))
    if file != "-":
        session.evidence.copy(whole, path_of(file))
        return
    if session.evidence.examine(whole) != "sound":  # what is printed cannot be taken back
        for _ in session.evidence.pieces(whole):
            pass
    for piece in session.evidence.pieces(whole):
        sys.stdout.buffer.write(piece)


@evidence.part(
    "check",
    N_(
        "Read every file and say which is missing, altered, or should be gone.\n\n"
        "Ends with 0 when all are what was handed in, else with 3."
    ),
)
@click.argument("cycle", required=False)
@json_option
@pass_session
def check(session: Session, cycle: str | None, as_json: bool) -> None:
    """Check all files."""
    with session.app.store.reading() as reader:
        if cycle is not None:
            require_cycle(reader, cycle)
        everything = [""] if session.app is session.whole else session.cycles()
        cycles = everything if cycle is None else [cycle]
        found = [one for key in cycles for one in inspect(reader, session.evidence, key)]
    if as_json:
        click.echo(dump([_inspected_shape(one) for one in found]))
    else:
        show_evidence(session.marked_screen, found)
    if any(one.standing in WRONG for one in found):
        raise click.exceptions.Exit(BROKEN)


@evidence.part(
    "remove",
    N_(
        "Remove the file of that HASH by law; for administrators.\n\n"
        "The hash stays, and every history that speaks of the file says why it is gone."
    ),
)
@click.argument("sha256", metavar="HASH")
@option("--reason", default="", metavar="TEXT", help=N_("Why."))
@option(
    "--authority",
    default="",
    metavar="DOC",
    help=N_("The document that it rests on, with its number."),
)
@pass_session
def remove(session: Session, sha256: str, reason: str, authority: str) -> None:
    """Remove a file."""
    with session.app.store.reading() as reader:
        whole = whole_hash(sha256, set(kept(reader)))
    grounds = Grounds(reason=reason, authority=authority)
    events = remove_file(session.app, whole, session.who(), grounds)
    was_there = session.evidence.remove(whole)
    if events:
        show_acts(session.screen, events, session.zone(events[0].instance))
    elif was_there:
        session.screen.line(session.words.text("The file was still there; it is gone now."))
    else:
        session.screen.line(session.words.text("It was removed before; nothing was changed."))


SHORTEST_HASH = 8


def whole_hash(text: str, known: set[str]) -> str:
    """Return the hash of which ``text`` is the beginning, at least eight digits of it.

    Raises:
        NotFound: no event speaks of such a file.
        FileTrouble: several begin so.

    """
    found = [name for name in known if len(text) >= SHORTEST_HASH and name.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise FileTrouble(
            file=text, problem=N_("several begin so"), hint=N_("Type more of its hash.")
        )
    raise NotFound(what="file", key=text[:64], hint="duban evidence list")


def _inspected_shape(one: Inspected) -> dict[str, object]:
    return {
        "sha256": one.sha256,
        "standing": str(one.standing),
        "size": one.size,
        "events": [piece.event.position for piece in one.pieces],
        "removed_by": one.removal.position if one.removal else None,
    }
