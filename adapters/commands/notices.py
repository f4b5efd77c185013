"""`duban notices`: notices that wait, fail, or are held; and another try for those given up."""

from __future__ import annotations

import click

from adapters.commands.moments import json_option
from adapters.commands.session import Session, pass_session
from adapters.commands.words import group, option
from adapters.json_shapes import dump, moment
from adapters.sql.notice_list import unsent
from adapters.terminal.notices import show_notices
from engine.errors import N_, NotFound


@group(
    "notices",
    N_(
        "Notices that are not delivered: pending, held, failing, given up.\n\n"
        "Without a command it lists them."
    ),
    invoke_without_command=True,
)
@json_option
@click.pass_context
def notices(context: click.Context, as_json: bool) -> None:
    """List notices, or try again."""
    if context.invoked_subcommand is None:
        context.invoke(list_, as_json=as_json)


@notices.command("list", help=N_("List notices that are not delivered."))
@json_option
@pass_session
def list_(session: Session, as_json: bool = False) -> None:
    """List notices."""
    with session.app.store.reading() as reader:
        counts = dict(reader.waiting_notices())
    found = unsent(session.database)
    cycles = session.cycles()
    zone = session.zone(cycles[0] if cycles else "")
    if as_json:
        rows = [
            {
                "key": n.key,
                "recipient": n.recipient,
                "channel": n.channel,
                "state": n.state,
                "items": n.items,
                "attempts": n.attempts,
                "next_attempt_at": moment(n.next_attempt_at, zone),
                "error": n.error,
            }
            for n in found
        ]
        click.echo(dump({"counts": counts, "notices": rows}))
        return
    show_notices(session.marked_screen, found, zone)


@notices.command("retry", help=N_("Try again what was given up: one notice, or all of them."))
@click.argument("key", required=False)
@option("--all-dead", is_flag=True, help=N_("All that were given up."))
@pass_session
def retry(session: Session, key: str | None, all_dead: bool) -> None:
    """Let notices that were given up be due again; the next pass of a daemon sends them."""
    t, app = session.words, session.app
    if (key is None) != all_dead:
        raise click.UsageError(t.text("Name one notice, or say --all-dead."))
    with app.store.unit_of_work(app.clock.now()) as unit:
        revived = unit.revive_notices(key or "")
    if key and not revived:
        raise NotFound(what="notice", key=key[:80], hint="duban notices")
    session.screen.line(
        t.text("Will be tried again at the next pass of a daemon: {count}.", count=revived)
    )
