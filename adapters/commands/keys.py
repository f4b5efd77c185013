"""`duban key`: the key that signs the log, and putting another in its place."""

from __future__ import annotations

import click

from adapters.commands.moments import json_option
from adapters.commands.session import Session, pass_session
from adapters.commands.words import group, option
from adapters.json_shapes import Shape, dump
from adapters.key_changes import Change, begin, rotate
from adapters.terminal.sealing import show_keys, show_new_key
from engine.errors import N_
from engine.facts import to_text
from engine.ports import Reader
from workflows.running.sealing import KnownKey, known_keys

PUBLIC = option(
    "--public",
    default="",
    metavar="KEY",
    help=N_("The public key of a signing command, NAME+ID+KEY; no file is made."),
)
REASON = option("--reason", default="", metavar="TEXT", help=N_("Why."))
AUTHORITY = option(
    "--authority", default="", metavar="DOC", help=N_("The document that it rests on.")
)


@group(
    "key",
    N_(
        "The key that signs the log of events.\n\n"
        "The private key lies in a file that only its owner reads: FILE.key beside the database "
        "FILE, or the one that DUBAN_KEY_FILE names. Or a command signs that the office trusts: "
        "DUBAN_SIGNING_COMMAND reads a text and prints the signature in Base64."
    ),
)
def key() -> None:
    """Keys of the log."""


@key.part("new", N_("Give the log its first key."))
@option(
    "--name", default="", metavar="NAME", help=N_("The name of the log, such as gov.example/qz.")
)
@PUBLIC
@REASON
@AUTHORITY
@pass_session
def new(session: Session, name: str, public: str, reason: str, authority: str) -> None:
    """Make the first key."""
    change = Change(actor=session.account, reason=reason, authority=authority)
    made = begin(session.app, session.keys, change, name, public)
    show_new_key(session.marked_screen, made, None if public else session.keys.file)


@key.part("show", N_("The keys of the log, with their periods; only public halves."))
@json_option
@pass_session
def show(session: Session, as_json: bool) -> None:
    """Show public keys."""
    with session.app.store.reading() as reader:
        known = known_keys(reader)
        held = _holds(session, reader)
    if as_json:
        click.echo(dump([_shape(one) for one in known]))
    else:
        show_keys(session.marked_screen, known, held=held)


@key.part("rotate", N_("Put a new key in the place of the present one; both sign that."))
@PUBLIC
@REASON
@AUTHORITY
@option("--lost", is_flag=True, help=N_("The present key is lost, or was stolen: it cannot sign."))
@pass_session
def rotate_(session: Session, public: str, reason: str, authority: str, lost: bool) -> None:
    """Put another key in place."""
    change = Change(actor=session.account, reason=reason, authority=authority)
    made, _ = rotate(session.app, session.keys, change, public=public, lost=lost)
    show_new_key(session.marked_screen, made, None if public else session.keys.file)


def _holds(session: Session, reader: Reader) -> str:
    """Return why this installation cannot sign; empty where it can."""
    from adapters.keys import KeyTrouble  # noqa: PLC0415 - next to its only use

    try:
        session.keys.signers(reader)
    except KeyTrouble as error:
        return session.words.error(error)
    return ""


def _shape(one: KnownKey) -> Shape:
    return {
        "key": str(one.key),
        "since": to_text(one.event.recorded_at),
        "until": to_text(one.until.recorded_at) if one.until else None,
        "event": one.event.position,
        "by": one.event.actor,
        "lost": bool(one.event.data.get("lost")),
    }
