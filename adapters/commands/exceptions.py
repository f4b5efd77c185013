"""`duban excuse`, `extend`, `suspend`, `resume`: exceptions to a step, each with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import click

from adapters.commands.moments import DAY, Said, writing_options
from adapters.commands.moving import require_instance
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.terminal.acts import show_acts
from engine.errors import N_
from engine.events import Event
from workflows.running import exceptions as services
from workflows.running.desk import Application
from workflows.running.requests import Grounds, Who

Service = Callable[[Application, str, str, Who, Grounds], Event]


def _except(name: str, text: str, service: Service) -> click.Command:
    @command(name, text)
    @click.argument("instance")
    @click.argument("step")
    @writing_options(occurred_at=False)
    @pass_session
    def act(session: Session, instance: str, step: str, *, said: Said) -> None:
        require_instance(session, instance)
        grounds = session.grounds(instance, said)
        event = service(session.app, instance, step, session.who(said.acting_for), grounds)
        show_acts(session.screen, [event], session.zone(instance))

    made: click.Command = act
    return made


excuse = _except(
    "excuse",
    N_("Excuse INSTANCE from STEP for good: a justified excuse, with its reason."),
    services.excuse,
)
suspend = _except(
    "suspend",
    N_("Pause STEP for INSTANCE; while it is paused it is not late."),
    services.suspend,
)
resume = _except("resume", N_("End a pause of STEP for INSTANCE."), services.resume)


@command("extend", N_("Give INSTANCE a later date of its own for STEP; the day itself is in time."))
@click.argument("instance")
@click.argument("step")
@option("--until", type=DAY, required=True, metavar="DAY", help=N_("The last day in time."))
@writing_options(occurred_at=False)
@pass_session
def extend(
    session: Session,
    instance: str,
    step: str,
    until: date,
    *,
    said: Said,
) -> None:
    """Extend a date."""
    require_instance(session, instance)
    grounds = session.grounds(instance, said)
    event = services.extend(
        session.app, instance, step, until, session.who(said.acting_for), grounds
    )
    show_acts(session.screen, [event], session.zone(instance))
