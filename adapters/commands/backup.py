"""`duban backup`: a copy of the database, taken while everybody works, and checked."""

from __future__ import annotations

from pathlib import Path

import click

from adapters.commands.files import FILE, evidence_folder, require_database
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command
from adapters.sql.backup import back_up
from engine.errors import N_


@command(
    "backup",
    N_(
        "Copy the database to FILE as it stands at this moment, while everybody works, and "
        "check that the copy is whole.\n\n"
        "It overwrites nothing. A database on a server is backed up with the server's own tools."
    ),
)
@click.argument("file", type=FILE)
@pass_session
def backup(session: Session, file: str) -> None:
    """Back the database up."""
    require_database(session.database)
    made = back_up(session.database, Path(file))
    t, screen = session.words, session.screen
    screen.line(
        t.text("{file} holds all {count} events, and is whole.", file=made.file, count=made.events)
    )
    evidence = evidence_folder(session.database)
    if evidence.is_dir():
        screen.line(t.text("Copy the evidence after it: {folder}", folder=evidence))
