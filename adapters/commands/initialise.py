"""`duban init`: create the database, or bring it up to date."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import click

from adapters.application import create
from adapters.commands.moments import MOMENT, localised
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.messages import CLOCK_OF_THE_OFFICE
from adapters.terminal.screen import GOOD, WARN
from adapters.terminal.times import Times
from engine.errors import N_


@command(
    "init",
    N_(
        "Create the database, or bring it up to date; safe to repeat.\n\n"
        "Whoever runs it first becomes the first administrator."
    ),
)
@option(
    "--trial",
    is_flag=True,
    help=N_("For trying things out: a clock of its own, and TRIAL on every screen; for good."),
)
@option(
    "--clock",
    "moment",
    type=MOMENT,
    metavar="WHEN",
    help=N_("Where the clock of a new trial stands; else it runs with the real one."),
)
@pass_session
def init(session: Session, trial: bool, moment: date | datetime | None) -> None:
    """Create or upgrade the database."""
    t, screen = session.words, session.screen
    if moment is not None and not trial:
        raise click.UsageError(t.text("--clock goes with --trial: a real database has no clock."))
    zone = ZoneInfo(CLOCK_OF_THE_OFFICE)
    changed, first = create(
        session.database,
        session.account,
        trial=trial,
        moment=None if moment is None else localised(moment, zone),
    )
    text = (
        t.text("The database {database} was already up to date.", database=session.database)
        if not changed
        else t.text("The database {database} is ready.", database=session.database)
    )
    screen.line((text, GOOD))
    if session.trial:
        now = Times(t, zone).full(session.app.clock.now())
        screen.line((t.text("TRIAL: its own clock shows {now}.", now=now), WARN))
    if first:
        text = t.text("{person} is its first administrator.", person=session.account)
        screen.line(text)
        screen.line(t.text("Next: duban check PLAN, then duban open PLAN"))
