"""`duban diff`: what changed in a cycle between two moments, by whom and when."""

from __future__ import annotations

from datetime import date, datetime

import click

from adapters.commands.looking_back import LookingBack
from adapters.commands.moments import MOMENT, json_option
from adapters.commands.session import Session, pass_session, unknown
from adapters.commands.words import command, option
from adapters.json_past import difference_shape
from adapters.json_shapes import dump
from adapters.terminal.differences import show_differences
from engine.errors import N_
from workflows.running.desk import desk
from workflows.running.differences import differences


@command(
    "diff",
    N_(
        "What changed in CYCLE from one moment to the other: states, owners, lamps, facts, dates, "
        "excuses and holders of posts, each with who did it and when. A day means its end.\n\n"
        "Both moments are told by all that is recorded today, or up to --known-at; with --as-seen "
        "each as it was seen then, so that what was entered in between shows, too."
    ),
)
@click.argument("cycle")
@click.argument("first", metavar="WHEN", type=MOMENT)
@click.argument("second", metavar="WHEN", type=MOMENT)
@option("--known-at", type=MOMENT, metavar="WHEN", help=N_("Only what had been recorded by then."))
@option("--as-seen", is_flag=True, help=N_("Each moment by what had been recorded by that moment."))
@json_option
@pass_session
def diff(
    session: Session,
    cycle: str,
    first: date | datetime,
    second: date | datetime,
    known_at: date | datetime | None,
    as_seen: bool,
    as_json: bool,
) -> None:
    """Compare two moments."""
    t = session.words
    if as_seen and known_at is not None:
        raise click.UsageError(t.text("--as-seen says what was known; leave --known-at out."))
    with session.app.store.reading() as reader:
        if cycle not in {c.key for c in reader.cycles()}:
            raise unknown(reader, cycle)
        at = desk(session.app, reader, cycle)
        looking = [
            LookingBack(session.app, reader, when, when if as_seen else known_at)
            for when in (first, second)
        ]
        one, two = (back.horizon(cycle) for back in looking)
        if one.as_of > two.as_of:
            raise click.UsageError(t.text("The first moment lies after the second."))
        looking[1].application(cycle)  # which says so where there was nothing yet
        found = list(differences(reader, cycle, one, two, at.plan.body, at.zone))
        shape = {
            "cycle": cycle,
            "from": looking[0].shape(cycle),
            "to": looking[1].shape(cycle),
            "changes": [difference_shape(d, at.zone) for d in found] if as_json else [],
        }
    if as_json:
        click.echo(dump(shape))
    else:
        show_differences(session.marked_screen, at.plan, found, (one, two))
