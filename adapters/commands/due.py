"""`duban due`: what is late and what is coming, by person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from adapters.commands.explaining import explain_step
from adapters.commands.looking_back import past_options
from adapters.commands.moments import SPAN, json_option
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.json_shapes import dump, moment
from adapters.terminal.due import DueLine, show_due
from engine.errors import N_, NotFound
from engine.ports import Reader
from workflows.roles import OWNER
from workflows.running.desk import Desk
from workflows.running.obligations import SOON, Standing
from workflows.running.overview import all_owed
from workflows.running.people import recipients


@command(
    "due", N_("What is late and what is coming, by person; whose post is vacant stands by post.")
)
@click.argument("cycle", required=False)
@option(
    "--within",
    type=SPAN,
    default=SOON,
    show_default="14d",
    metavar="SPAN",
    help=N_("How far ahead to look: 14d, 2w."),
)
@option("--person", default="", metavar="PERSON", help=N_("Only what this person answers for."))
@option(
    "--explain",
    metavar="STEP",
    help=N_("How the date of this step came about, in one paragraph; CYCLE may be an instance."),
)
@json_option
@pass_session
@past_options
def due(
    session: Session,
    cycle: str | None,
    within: timedelta,
    person: str,
    explain: str | None,
    as_json: bool,
) -> None:
    """List what is owed, by person."""
    if explain is not None:
        explain_step(session, cycle, explain, as_json=as_json)
        return
    shapes: list[dict[str, Any]] = []
    for key in session.chosen(cycle):
        with session.foreseeing(key) as at:
            lines = [line for line in _lines(at, within) if not person or line.recipient == person]
            if person and not lines:
                _require_known(at, person)
            if as_json:
                shapes += [_shape(line, at) | session.moments(key) for line in lines]
            else:
                screen = session.marked_screen
                session.say_past(at)
                show_due(screen, at, lines)
    if as_json:
        click.echo(dump(shapes))


def _require_known(at: Desk[Reader], person: str) -> None:
    """Let nobody take a name that was mistyped for somebody who owes nothing."""
    if not person.startswith("post:") and not at.unit.tenures(person=person):
        raise NotFound(what="person", key=person, hint="duban post list")


def _lines(at: Desk[Reader], within: timedelta) -> Iterator[DueLine]:
    for owed in all_owed(at, within=within):
        if owed.standing is Standing.UNRECORDED:
            continue
        for tally in owed.tallies:
            for recipient in recipients(at, (OWNER,), [tally.owner]) or [f"post:{tally.owner}"]:
                yield DueLine(recipient=recipient, owed=owed, tally=tally)


def _shape(line: DueLine, at: Desk[Reader]) -> dict[str, Any]:
    vacant = line.recipient.startswith("post:")
    return {
        "person": None if vacant else line.recipient,
        "post": line.recipient.removeprefix("post:") if vacant else None,
        "cycle": at.key,
        "owner": line.tally.owner,
        "step": line.owed.step.id,
        "name": line.owed.step.name.zh,
        "occurrence": line.owed.deadline.occurrence,
        "standing": str(line.owed.standing),
        "due_at": moment(line.owed.deadline.due_at, at.zone),
        "days_late": line.owed.days_late,
        "count": line.tally.count,
        "instances": list(line.tally.first),
    }
