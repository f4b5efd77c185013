"""`duban daemon`: watch the dates; do one pass; or see what a start would catch up on."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial

import click

from adapters.commands.moments import json_option
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.daemon import NET, TRIAL_NET, Daemon
from adapters.json_shapes import dump, planned_shape
from adapters.logs import configure
from adapters.monitoring.listener import listening
from adapters.monitoring.systemd import Systemd
from adapters.monitoring.watch import Watch
from adapters.sql.database import connect
from adapters.sql.gauges import Gauges
from adapters.sql.schema import ensure_fit
from adapters.terminal.catching_up import show_planned
from engine.errors import N_
from workflows.running.catch_up import Planned, planned

ONCE = "once"
"""In the place of a process's number: passes of a host under cron are one daemon to who looks."""


@command(
    "daemon",
    N_(
        "Watch the dates until SIGTERM or Ctrl-C; what is under way is finished first.\n\n"
        "With --once, one pass, for cron. With --plan, only what a start would catch up on, "
        "oldest first. After a long silence notices wait; --apply lets them go."
    ),
)
@option("--once", is_flag=True, help=N_("Do one pass and end."))
@option("--plan", is_flag=True, help=N_("List what a start would catch up on; do nothing."))
@option(
    "--listen",
    metavar="[HOST:]PORT",
    help=N_("Answer /healthz, /readyz and /metrics there; on this machine only, unless named."),
)
@option("--apply", is_flag=True, help=N_("Let notices go that wait after a long silence."))
@json_option
@pass_session
def daemon(
    session: Session, once: bool, plan: bool, listen: str | None, apply: bool, as_json: bool
) -> None:
    """Run the daemon."""
    t, app = session.words, session.whole
    if plan:
        _plan(session, as_json=as_json)
        return
    if apply:
        with app.store.unit_of_work(app.clock.now()) as unit:
            released = unit.release_notices()
        session.screen.line(t.text("Notices let go: {count}.", count=released))
        return
    configure()
    channels, places = session.channels.open(t), session.channels.outside(t)
    if once:
        worker = Daemon(
            app,
            channels,
            words=t,
            name=f"{socket.gethostname()}:{ONCE}",
            signers=session.keys.signers,
            places=places,
        )
        done = worker.once()
        session.screen.line(t.text("One pass done; {count} effects.", count=done))
        return
    watch = Watch(app.version, app.clock, Gauges(session.database), Systemd(), app.wall)
    worker = Daemon(
        app,
        channels=watch.counted(channels),
        words=t,
        listen=session.listen,
        observer=watch,
        ensure_fit=partial(ensure_fit, connect(session.database)),
        signers=session.keys.signers,
        places=places,
    )
    with listening(listen, watch.answer) if listen else nullcontext():
        worker.serve(net=TRIAL_NET if session.trial else NET)


def _foreseen(one: Planned, later: Mapping[str, Planned]) -> Planned:
    """Return the effect as it will be once what falls due before it has been carried out."""
    opens_at = one.deadline.opens_at
    if opens_at is not None and one.timer.fires_at < opens_at:
        return one
    return later.get(one.timer.id, one)


def _plan(session: Session, *, as_json: bool) -> None:
    shapes = []
    for key in session.cycles():
        with session.foreseeing(key) as at:
            later = {p.timer.id: p for p in planned(at)}
        with session.reading(key) as at:
            found = [_foreseen(p, later) for p in planned(at)]
            if as_json:
                shapes += [planned_shape(p, at.zone) for p in found]
            else:
                show_planned(session.screen, at, found)
    if as_json:
        click.echo(dump(shapes))
