"""`duban init`: create the database, or bring it up to date."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import click

from adapters.application import create
from adapters.commands.moments import MOMENT, localised
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.key_changes import Change, begin
from adapters.keys import KeyTrouble
from adapters.messages import CLOCK_OF_THE_OFFICE
from adapters.sql.trouble import shown
from adapters.terminal.screen import GOOD, WARN
from adapters.terminal.times import Times
from engine.errors import N_
from engine.merkle import HASHINGS, Hashing
from workflows.running.people import is_administrator
from workflows.running.sealing import choose_hash, known_keys


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
@option(
    "--hash",
    "hashing",
    type=click.Choice(HASHINGS),
    help=N_("The hash of the log of events, chosen once: sha256, or sm3 (GB/T 32905)."),
)
@pass_session
def init(
    session: Session, trial: bool, moment: date | datetime | None, hashing: str | None
) -> None:
    """Create or upgrade the database."""
    if hashing is not None:
        Hashing(hashing)  # refuses what this Python lacks before anything is made
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
        t.text("The database {database} was already up to date.", database=shown(session.database))
        if not changed
        else t.text("The database {database} is ready.", database=shown(session.database))
    )
    screen.line((text, GOOD))
    if session.trial:
        now = Times(t, zone).full(session.app.clock.now())
        screen.line((t.text("TRIAL: its own clock shows {now}.", now=now), WARN))
    if hashing is not None:
        choose_hash(session.app, hashing)
    begin_log(session)
    if first:
        text = t.text("{person} is its first administrator.", person=session.account)
        screen.line(text)
        screen.line(t.text("Next: duban check PLAN, then duban open PLAN"))


def begin_log(session: Session) -> None:
    """Give the log a key of its own, where it has none; say where it lies, or why there is none."""
    t, screen, ring = session.words, session.screen, session.keys
    with session.app.store.reading() as reader:
        known = known_keys(reader)
        permitted = is_administrator(reader, session.account, reader.now.date())
    if known or not permitted:
        return
    if ring.file is None or ring.command:
        text = t.text("The log of events is not signed yet; make a key with: duban key new")
        screen.line((text, WARN))
        return
    try:
        begin(session.app, ring, Change(actor=session.account))
    except KeyTrouble as error:
        screen.line((t.error(error), WARN))
        return
    text = t.text(
        "The log of events is signed with a key in {file}; keep a copy elsewhere, "
        "and nobody else may read it.",
        file=ring.file.name,
    )
    screen.line(text)
