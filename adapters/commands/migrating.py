"""`duban migrate-to`: from a SQLite file into a PostgreSQL database, whole and checked."""

from __future__ import annotations

import click

from adapters.commands.files import evidence_folder, require_database
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option, words
from adapters.sql.database import connect
from adapters.sql.moving import thaw
from adapters.sql.transfer import move
from adapters.terminal.progress import count_bars
from engine.errors import N_


@command(
    "migrate-to",
    N_(
        "Move the database from its SQLite file into the empty PostgreSQL database at URL.\n\n"
        "From the beginning on, nothing can be written to the file; every row is copied, then "
        "compared, and every history replayed in the copy. Interrupted, it goes on where it was "
        "when it is called again. With --give-up, the file can be used again as before."
    ),
)
@click.argument("url", required=False)
@option("--give-up", is_flag=True, help=N_("Give up a move that was begun and not completed."))
@pass_session
def migrate_to(session: Session, url: str | None, give_up: bool) -> None:
    """Move the database."""
    require_database(session.database)
    t, screen = session.words, session.screen
    if give_up:
        source = connect(session.database)
        done = thaw(source)
        source.dispose()
        screen.line(
            t.text("The move is given up; drop what was copied.")
            if done
            else t.text("No move is under way.")
        )
        return
    if url is None:
        raise click.UsageError(words().text("Name the database to move to: duban migrate-to URL"))
    with count_bars(screen) as progress:
        moved = move(session.database, url, progress)
    screen.line(
        t.text(
            "All {rows} rows with {events} events are in {target}; every history leads to the "
            "state that is shown. The file stays as it was, to be read.",
            rows=moved.rows,
            events=moved.events,
            target=moved.target,
        )
    )
    screen.line(
        t.text("Now: export DUBAN_DATABASE={target}, and start the daemons.", target=moved.target)
    )
    evidence = evidence_folder(session.database)
    if evidence.is_dir():
        screen.line(t.text("Evidence stays where it is: {folder}", folder=evidence))
