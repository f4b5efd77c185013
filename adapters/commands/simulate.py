"""`duban simulate`: a whole year of a plan in seconds, before anybody signs it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import click

from adapters.commands.files import read_input
from adapters.commands.moments import MOMENT, json_option, localised
from adapters.commands.plans import YEAR
from adapters.commands.session import Session, pass_session, path_of
from adapters.commands.words import command, option
from adapters.json_shapes import dump
from adapters.logs import configure
from adapters.simulation import simulate as play
from adapters.simulation import with_targets
from adapters.terminal.diagnostics import show_reading
from adapters.terminal.progress import moment_bar
from adapters.terminal.simulation import show_simulation, simulation_shape
from engine.errors import N_
from workflows.plan.read import read_plan
from workflows.running.behaviour import Habits, People

MOST_TARGETS = 1_000_000


@command(
    "simulate",
    N_(
        "Play a whole year of a plan on the same engine, with a jumping clock and invented people: "
        "what would happen when, and who would be told.\n\n"
        "Nothing is kept: it runs in memory. Ends with 3 if the replay check fails."
    ),
)
@click.argument("plan", type=click.Path(), metavar="PLAN")
@YEAR
@option(
    "--people",
    type=click.Choice([str(kind) for kind in People]),
    default=str(People.PUNCTUAL),
    show_default=True,
    help=N_("How the invented people behave."),
)
@option("--seed", type=int, default=1, show_default=True, help=N_("The same seed, the same year."))
@option(
    "--targets",
    type=click.IntRange(0, MOST_TARGETS),
    help=N_("So many invented targets instead of the plan's own."),
)
@option("--until", type=MOMENT, metavar="DATE", help=N_("Stop on that day."))
@json_option
@pass_session
def simulate(  # noqa: PLR0917 - click hands over what was typed
    session: Session,
    plan: str,
    year: int | None,
    people: str,
    seed: int,
    targets: int | None,
    until: date | datetime | None,
    as_json: bool,
) -> None:
    """Play a year."""
    reading = read_plan(read_input(path_of(plan)), year, path_of(plan).name)
    if reading.plan is None:
        show_reading(session.screen, reading, errors_only=True)
        raise click.exceptions.Exit(1)
    played = reading.plan if targets is None else with_targets(reading.plan, targets)
    zone = ZoneInfo(played.zone)
    end = None if until is None else localised(until, zone, end=True)
    configure(quiet=True)
    with moment_bar(session.screen, played.year, quiet=as_json) as progress:
        result = play(
            played, Habits(People(people), seed), session.words, until=end, progress=progress
        )
    if as_json:
        click.echo(dump(simulation_shape(result)))
    else:
        show_simulation(session.screen, result, zone)
    if result.breaks:
        raise click.exceptions.Exit(3)
