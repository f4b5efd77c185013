"""`duban status`: the year on one screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import click

from adapters.commands.looking_back import past_options
from adapters.commands.moments import MOMENT, json_option
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.json_shapes import dump, status_shape
from adapters.liveness import living
from adapters.terminal.status import Surroundings, show_status
from engine.errors import N_
from engine.ports import Reader
from workflows.roles import OWNER
from workflows.running.desk import Desk
from workflows.running.overview import Overview, overview
from workflows.running.people import recipients


@command(
    "status",
    N_(
        "The year on one screen: where it stands, what is late, what comes next.\n\n"
        "Computed from dates, events and the calendar; right also when no daemon is alive. "
        "Without CYCLE, all cycles of the database."
    ),
)
@click.argument("cycle", required=False)
@option(
    "--now",
    "moment",
    type=MOMENT,
    metavar="WHEN",
    help=N_("As it would look then, if nothing were done until then. For the past: --as-of."),
)
@option("--assert-alive", is_flag=True, help=N_("End with 1 when no daemon is alive; for cron."))
@json_option
@pass_session
@past_options
def status(
    session: Session,
    cycle: str | None,
    moment: date | datetime | None,
    assert_alive: bool,
    as_json: bool,
) -> None:
    """Show where each cycle stands."""
    if session.past is not None and (moment is not None or assert_alive):
        raise click.UsageError(session.words.text(PRESENT_ONLY))
    keys = session.chosen(cycle)
    shapes: list[dict[str, Any]] = []
    for number, key in enumerate(keys):
        now = session.instant(moment, key)
        with session.reading(key, now) as at:
            undone = len(at.unit.due(at.now, key))
        with session.foreseeing(key, now) as at:
            found = replace(overview(at), undone=undone)
            around = _around(session, at, found, asked=moment is not None)
            if as_json:
                shape = status_shape(
                    found,
                    trial=around.trial,
                    daemons=around.alive,
                    notices=around.notices,
                    people=around.people,
                )
                shapes.append(shape | session.moments(key))
                continue
            if number:
                session.screen.gap()
            session.say_past(at)
            machines = {w.name: w for w in at.plan.machines}
            show_status(session.screen, found, machines, around)
    if as_json:
        click.echo(dump(shapes[0] if len(shapes) == 1 else {"cycles": shapes}))
    elif not keys:
        session.screen.line(session.words.text("There is no cycle yet; open one: duban open PLAN"))
    if assert_alive:
        _assert_alive(session)


def _around(session: Session, at: Desk[Reader], found: Overview, *, asked: bool) -> Surroundings:
    owners = {t.owner for o in (*found.late, *found.soon) for t in o.tallies}
    beats = at.unit.heartbeats()
    return Surroundings(
        trial=session.trial,
        moment_asked=asked,
        past=session.past is not None,
        alive=living(at.unit, session.app.wall),
        last=beats[0] if beats else None,
        wall=session.app.wall.now(),
        notices=at.unit.waiting_notices(),
        people=answering(at, owners),
        sealed=at.unit.checkpoint(),
    )


PRESENT_ONLY = N_("--as-of and --known-at look back; --now and --assert-alive do not.")


def answering(at: Desk[Reader], owners: set[str]) -> dict[str, list[str]]:
    """Return who answers for each owner: the persons who hold its posts."""
    people: dict[str, list[str]] = {}
    for recipient, about in recipients(at, (OWNER,), owners).items():
        for owner in about:
            if not recipient.startswith("post:"):
                people.setdefault(owner, []).append(recipient)
    return people


def _assert_alive(session: Session) -> None:
    with session.app.store.reading() as reader:
        if not living(reader, session.app.wall):
            raise click.exceptions.Exit(1)
