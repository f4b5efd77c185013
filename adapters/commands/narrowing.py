"""`duban announce`, `rung`: a date that the plan left open, and a ladder entered by hand."""

from __future__ import annotations

import click

from adapters.commands.moments import Said, writing_options
from adapters.commands.moving import require_instance
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command
from adapters.terminal.acts import show_acts
from adapters.terminal.times import Times
from engine.errors import N_
from workflows.running import announcing as services
from workflows.running.schedule import last_day_of


@command(
    "announce",
    N_(
        "Say on which DATE a step of CYCLE falls that the plan left to be announced, or gave as a "
        "window.\n\nDATE is a day or a window as in a plan: 2024-12-20, 12-01..12-10, 12月20日."
    ),
)
@click.argument("cycle")
@click.argument("step")
@click.argument("date")
@writing_options(occurred_at=False)
@pass_session
def announce(session: Session, cycle: str, step: str, date: str, *, said: Said) -> None:
    """Announce a date."""
    key = session.the_cycle(cycle)
    event = services.announce(
        session.app, key, step, date, session.who(said.acting_for), session.grounds(key, said)
    )
    with session.reading(key) as at:
        show_acts(session.screen, [event], at.zone)
        t, times = session.words, Times(session.words, at.zone)
        for deadline in at.unit.deadlines(key, step, instance=""):
            shown = times.due(deadline)
            if deadline.due_at is not None and deadline.opens_at is not None:
                first = times.opening(deadline.opens_at)
                shown = f"{first} – {last_day_of(at, deadline.due_at).isoformat()}"
            session.screen.line(t.text("{step} is now due: {date}", step=step, date=shown))


@command(
    "rung",
    N_(
        "Put INSTANCE on rung NUMBER of the ladder of STEP by hand, with a reason; the rungs "
        "after it follow from there. The first rung is 0."
    ),
)
@click.argument("instance")
@click.argument("step")
@click.argument("number", type=click.IntRange(min=0))
@writing_options(occurred_at=False)
@pass_session
def rung(session: Session, instance: str, step: str, number: int, *, said: Said) -> None:
    """Enter a ladder."""
    require_instance(session, instance)
    grounds = session.grounds(instance, said)
    event = services.enter_rung(
        session.app, instance, step, number, session.who(said.acting_for), grounds
    )
    show_acts(session.screen, [event], session.zone(instance))
