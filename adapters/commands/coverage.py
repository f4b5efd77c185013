"""`duban coverage`: which source led to which target, and what has no counterpart."""

from __future__ import annotations

from typing import Any

import click

from adapters.commands.files import read_input
from adapters.commands.looking_back import PRESENT, past_options
from adapters.commands.moments import json_option
from adapters.commands.plans import YEAR
from adapters.commands.session import Session, pass_session, path_of
from adapters.commands.words import command
from adapters.json_shapes import dump
from adapters.terminal.coverage import show_coverage
from adapters.terminal.diagnostics import show_reading
from engine.errors import N_
from workflows.plan.model import Source
from workflows.plan.read import read_plan
from workflows.running.coverage import Coverage, Covered, coverage, planned, running

PLAN_ENDINGS = (".yaml", ".yml")


@command(
    "coverage",
    N_(
        "Which source document led to which target; sources without a target, and targets "
        "without a source.\n\n"
        "Of a running CYCLE as it is now, or of a PLAN file before it is opened. "
        "Without either, of the only cycle there is."
    ),
)
@click.argument("name", required=False, metavar="[CYCLE or PLAN]")
@YEAR
@json_option
@pass_session
@past_options
def coverage_(session: Session, name: str | None, year: int | None, as_json: bool) -> None:
    """Show the matrix."""
    moments = PRESENT
    if name is not None and name.lower().endswith(PLAN_ENDINGS):
        reading = read_plan(read_input(path_of(name)), year, path_of(name).name)
        if reading.plan is None:
            show_reading(session.screen, reading, errors_only=True)
            raise click.exceptions.Exit(1)
        found = coverage(reading.plan.sources, planned(reading.plan))
        key, screen = reading.plan.key, session.screen
    else:
        key = session.the_cycle(name)
        with session.reading(key) as at:
            found = coverage(at.plan.sources, running(at))
        moments = session.moments(key)
        screen = session.screen if as_json else session.marked_screen
        if not as_json:
            session.say_past_of(key, session.zone(key))
    if as_json:
        click.echo(dump(coverage_shape(key, found) | moments))
    else:
        show_coverage(screen, key, found)


def coverage_shape(key: str, found: Coverage) -> dict[str, Any]:
    """Return the matrix as JSON."""
    return {
        "cycle": key,
        "sources": [
            {**_source(line.source), "targets": [_target(one) for one in line.targets]}
            for line in found.lines
        ],
        "uncovered": [source.id for source in found.uncovered],
        "without_source": [_target(one) for one in found.without_source],
        "unknown": [{"target": one, "source": source} for one, source in found.unknown],
    }


def _source(source: Source) -> dict[str, str]:
    return {
        "source": source.id,
        "name": source.name.zh,
        "name_en": source.name.en,
        "document": source.document,
    }


def _target(one: Covered) -> dict[str, str]:
    return {"target": one.id, "title": one.title}
