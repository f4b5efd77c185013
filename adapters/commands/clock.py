"""`duban clock`: the clock that all processes of a trial database share."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import click

from adapters.commands.moments import MOMENT, json_option, localised
from adapters.commands.session import Session, pass_session
from adapters.commands.words import group, option
from adapters.json_shapes import dump, moment
from adapters.messages import CLOCK_OF_THE_OFFICE
from adapters.terminal.screen import WARN
from adapters.terminal.times import Times
from adapters.trial_clock import NotATrial, TrialClock
from engine.errors import N_


@group("clock", N_("Show or set the clock of a trial database; a real one has no such switch."))
def clock() -> None:
    """The clock of a trial."""


@clock.part("show", N_("Show what time it is for this database."))
@json_option
@pass_session
def show(session: Session, as_json: bool) -> None:
    """Show the time."""
    now, zone = session.app.clock.now(), _zone(session)
    if as_json:
        click.echo(dump({"now": moment(now, zone), "trial": session.trial}))
        return
    _say(session, now)


@clock.part(
    "set",
    N_(
        "Set the clock; it stands there until it is set anew. It never goes back once a cycle is "
        "open. A daemon that runs then does what has become due; else: duban daemon --once"
    ),
)
@click.argument("moment", metavar="WHEN", type=MOMENT)
@option("--run", "runs", is_flag=True, help=N_("Let it run on from there."))
@pass_session
def set_(session: Session, moment: date | datetime, runs: bool) -> None:
    """Set the clock."""
    _trial(session).set(localised(moment, _zone(session)), runs=runs)
    _say(session, session.app.clock.now())


@clock.part("run", N_("Let the clock run on from where it stands."))
@pass_session
def run(session: Session) -> None:
    """Let the clock run."""
    trial = _trial(session)
    trial.set(trial.now(), runs=True)
    _say(session, trial.now())


def _trial(session: Session) -> TrialClock:
    found = session.app.clock
    if not isinstance(found, TrialClock):
        raise NotATrial
    return found


def _zone(session: Session) -> ZoneInfo:
    cycles = session.cycles()
    return session.zone(cycles[0]) if cycles else ZoneInfo(CLOCK_OF_THE_OFFICE)


def _say(session: Session, now: datetime) -> None:
    t = session.words
    shown = Times(t, _zone(session)).full(now)
    mark = f"{t.text('TRIAL')}  " if session.trial else ""
    session.screen.line((mark, WARN), shown)
