"""`duban run`: a trial year to look at, and its daemon, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from pathlib import Path

import click

from adapters.application import application
from adapters.commands.initialise import begin_log
from adapters.commands.session import Session, pass_session
from adapters.commands.status import status
from adapters.commands.table import DEFAULT_DATABASE
from adapters.commands.words import command
from adapters.daemon import TRIAL_NET, Daemon
from adapters.demonstration import build
from adapters.logs import configure
from adapters.terminal.progress import moment_bar
from adapters.trial_clock import is_trial
from engine.clock import SystemClock
from engine.errors import N_, Refused
from workflows.running.desk import Application

TRIAL_DATABASE = "duban-trial.db"
"""Where `duban run` keeps its year, when no other database is named."""


class NotForTrying(Refused):
    """A real database is not for trying things out."""

    code = "not-for-trying"
    template = N_("{database} is a real database; run its daemon with: duban daemon")


@command(
    "run",
    N_(
        "Open the municipal plan of this year in a trial database, with invented acts up to "
        "today; show where everything stands; run the daemon until Ctrl-C.\n\n"
        "Started again, it goes on where it was."
    ),
)
@pass_session
@click.pass_context
def run(context: click.Context, session: Session) -> None:
    """Run a trial year."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # make runs us with it ignored
    if session.database == DEFAULT_DATABASE:
        session.database = TRIAL_DATABASE
    database = Path(session.database)
    words, screen = session.words, session.screen
    try:
        if not database.exists():
            configure(quiet=True)
            screen.line(words.text("Building a trial year in {file} …", file=database.name))
            with moment_bar(screen, SystemClock().now().year) as progress:
                build(database, session.account, words, progress)
            begin_log(session)
        app = application(str(database))
        if not is_trial(app.store):
            raise NotForTrying(database=str(database))
        daemon = _daemon(app, session)
        daemon.run_pass()  # so that the screen shows what the daemon finds, and that it is alive
        context.invoke(status)
        screen.gap()
        screen.line(
            words.text(
                "Everything here is invented (sample). In another terminal: "
                "export DUBAN_DATABASE={file}; {duban} status; {duban} due; {duban} --help",
                file=database.name,
                duban=_how_to_call(),
            )
        )
        screen.line(words.text("The daemon runs; Ctrl-C stops it."))
        daemon.serve(net=TRIAL_NET)
    except KeyboardInterrupt:
        pass
    screen.line(words.text("Stopped. Started again, it goes on from here."))


def _daemon(app: Application, session: Session) -> Daemon:
    configure()
    told = session.channels
    return Daemon(
        app=replace(app, channels_of=told.channels_of),
        channels=told.open(session.words),
        words=session.words,
        signers=session.keys.signers,
        places=told.outside(session.words),
    )


def _how_to_call() -> str:
    """Return how this very program is called from here: it need not be on the path."""
    called = Path(sys.argv[0])
    try:
        return str(called.absolute().relative_to(Path.cwd()))
    except ValueError:
        return called.name
