"""`duban seal` and `duban checkpoint`: the log closed up to now, and what to keep of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import click

from adapters.commands.moments import MOMENT, json_option
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.json_shapes import Shape, dump
from adapters.terminal.progress import count_bars
from adapters.terminal.sealing import show_checkpoints, show_sealed
from engine.errors import N_, NotFound
from engine.facts import to_text
from engine.log import Sealed
from engine.note import Note
from workflows.running.sealing import seal as carry_out


@command(
    "seal",
    N_(
        "Seal what happened into the log, at once; the daemon does it within a minute.\n\n"
        "What is sealed cannot be changed without duban verify naming it."
    ),
)
@json_option
@pass_session
def seal(session: Session, as_json: bool) -> None:
    """Seal the log."""
    with session.app.store.reading() as reader:
        waiting, _ = reader.count_unsealed()
    with count_bars(session.screen) as begin:
        told = begin(waiting, N_("Sealing"))
        done = carry_out(session.app, session.keys.signers, thorough=True, progress=told)
    with session.app.store.reading() as reader:
        last = reader.checkpoint()
    if as_json:
        click.echo(
            dump(
                {
                    "sealed": done.leaves,
                    "unreadable": [
                        {"kind": str(one.kind), "position": one.position} for one in done.unreadable
                    ],
                    "checkpoint": checkpoint_shape(last) if last else None,
                }
            )
        )
    else:
        show_sealed(session.marked_screen, done, last)
    if done.unreadable:
        raise click.exceptions.Exit(1)


@command(
    "checkpoint",
    N_(
        "Print a checkpoint of the log, the last one or that of SIZE, byte for byte.\n\n"
        "Keep it where the administrators of this database cannot change it; "
        "duban verify --checkpoint FILE compares it with the log."
    ),
)
@click.argument("size", required=False, type=click.IntRange(min=1))
@option("--list", "every", is_flag=True, help=N_("List all of them."))
@option("--as-of", type=MOMENT, metavar="WHEN", help=N_("The last one that had been made then."))
@json_option
@pass_session
def checkpoint(
    session: Session, size: int | None, every: bool, as_of: date | datetime | None, as_json: bool
) -> None:
    """Print a checkpoint."""
    if as_of is not None and (every or size is not None):
        raise click.UsageError(session.words.text("Say a size, --list or --as-of, one of them."))
    with session.app.store.reading() as reader:
        if as_of is not None:
            moment = session.instant(as_of, (session.cycles() or [""])[0], end=True)
            made = [one for one in reader.checkpoints() if moment and one.sealed_at <= moment]
            found: Sequence[Sealed] = made[-1:]
            if not found:
                raise NotFound(what="checkpoint", key=as_of, hint="duban checkpoint --list")
        elif every:
            found = reader.checkpoints()
        else:
            one = reader.checkpoint(size)
            if one is None:
                raise NotFound(what="checkpoint", key=size or "", hint="duban checkpoint --list")
            found = [one]
    if as_json:
        shapes = [checkpoint_shape(one) for one in found]
        click.echo(dump(shapes if every else shapes[0]))
    elif every:
        show_checkpoints(session.marked_screen, found)
    else:
        click.echo(found[0].note, nl=False)


def checkpoint_shape(one: Sealed) -> Shape:
    """Return a checkpoint as JSON data."""
    return {
        "size": one.size,
        "root": one.root.hex(),
        "hash": one.hashing,
        "sealed_at": to_text(one.sealed_at),
        "signed_by": [line.key_id.hex() for line in Note.parse(one.note).signatures],
        "note": one.note,
    }
