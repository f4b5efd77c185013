"""`duban check` and `duban open`: what is wrong with a plan, and opening its cycle."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from adapters.application import calendar_of
from adapters.commands.files import FILE, read_input
from adapters.commands.moments import ALONE, MOMENT, json_option
from adapters.commands.session import Session, pass_session, path_of
from adapters.commands.words import command, option
from adapters.json_shapes import diagnostic_shape, dump
from adapters.terminal.acts import show_acts
from adapters.terminal.diagnostics import show_reading
from adapters.terminal.opening import show_opening
from adapters.terminal.progress import count_bars
from engine.errors import N_
from workflows.plan.check import check_file
from workflows.plan.model import Plan
from workflows.plan.read import PlanReading, read_plan
from workflows.running.asking import Grounds
from workflows.running.launch import launch
from workflows.running.opening import how_many
from workflows.running.overview import overview

YEAR = option(
    "--year",
    type=click.IntRange(1900, 2200),
    metavar="YEAR",
    help=N_("The year of the cycle, for a plan that is for any year."),
)


@command(
    "check",
    N_(
        "Say all that is wrong with a plan file, with line, code and what to do.\n\n"
        "Ends with 1 where there is an error: such a plan cannot be opened."
    ),
)
@click.argument("plan", type=FILE, metavar="PLAN")
@YEAR
@json_option
@pass_session
def check(session: Session, plan: str, year: int | None, as_json: bool) -> None:
    """Check a plan."""
    read = read_checked(path_of(plan), year)
    if as_json:
        t = session.words
        found = [diagnostic_shape(d, t.diagnostic(d)) for d in read.diagnostics]
        click.echo(dump({"file": plan, "sound": read.plan is not None, "diagnostics": found}))
    else:
        show_reading(session.screen, read)
    if read.plan is None:
        raise click.exceptions.Exit(1)


@command(
    "open",
    N_(
        "Check a plan and open its cycle, with its targets, dates and what was done already.\n\n"
        "Dates that were past when it was loaded raise no alarm; they stand as unrecorded."
    ),
)
@click.argument("plan", type=FILE, metavar="PLAN")
@YEAR
@option(
    "--loaded-on",
    type=MOMENT,
    metavar="DATE",
    help=N_("From when on dates count: those before it stand as unrecorded. Else now."),
)
@option("--reason", default="", metavar="TEXT", help=N_("Why."))
@option(
    "--authority",
    "--document",
    default="",
    metavar="DOC",
    help=N_("The document that it rests on, with its number."),
)
@ALONE
@pass_session
def open_(
    session: Session,
    plan: str,
    year: int | None,
    loaded_on: date | datetime | None,
    reason: str,
    authority: str,
    alone: bool,
) -> None:
    """Open the cycle of a plan."""
    app = session.app
    read = read_checked(path_of(plan), year)
    if read.diagnostics:
        show_reading(session.screen, read, errors_only=True)
    if read.plan is None:
        raise click.exceptions.Exit(1)
    moment = _localised(read.plan, loaded_on)
    grounds = Grounds(reason=reason, authority=authority, alone=alone)
    with count_bars(session.screen) as begin:
        told = begin(how_many(read.plan), N_("Opening"))
        launched = launch(app, read.plan, session.account, moment, grounds, told)
    if launched.events:
        show_acts(session.screen, launched.events, ZoneInfo(read.plan.zone))
    if launched.proposed:
        return
    with session.reading(launched.key) as at:
        show_opening(session.screen, overview(at), launched)


def _localised(plan: Plan, given: date | datetime | None) -> date | datetime | None:
    if isinstance(given, datetime) and given.tzinfo is None:
        return given.replace(tzinfo=ZoneInfo(plan.zone))
    return given


def read_checked(path: Path, year: int | None) -> PlanReading:
    """Return what came of reading and checking a plan file, on the calendar that it names."""
    data = read_input(path)
    first = read_plan(data, year, path.name)
    calendar = calendar_of(first.plan.calendar) if first.plan else None
    if calendar is None:
        return check_file(data, year, path.name)
    return check_file(data, year, path.name, calendar)
