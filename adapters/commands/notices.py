"""`duban notices`: notices that wait, fail, or are held."""

from __future__ import annotations

import click

from adapters.commands.moments import json_option
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command
from adapters.json_shapes import dump, moment
from adapters.sql.notice_list import unsent
from adapters.terminal.notices import show_notices
from engine.errors import N_
from workflows.running.desk import Application


@command("notices", N_("Notices that are not delivered: pending, held, failing, given up."))
@json_option
@pass_session
def notices(session: Session, as_json: bool) -> None:
    """List notices."""
    app: Application = session.app
    with app.store.reading() as reader:
        counts = dict(reader.waiting_notices())
    found = unsent(session.database)
    cycles = session.cycles()
    zone = session.zone(cycles[0] if cycles else "")
    if as_json:
        rows = [
            {
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
    show_notices(session.screen, found, zone)
