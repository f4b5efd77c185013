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


def _except(name: str, text: str, service: Service, *, alone: bool = True) -> click.Command:
    @command(name, text)
    @click.argument("instance")
    @click.argument("step")
    @writing_options(occurred_at=False, alone=alone)
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
resume = _except("resume", N_("End a pause of STEP for INSTANCE."), services.resume, alone=False)


@command(
    "extend",
    N_(
        "Give INSTANCE a later date of its own for STEP; the last DAY itself is in time.\n\n"
        "With --ask, ask for it, before the present date has passed; with --refuse, refuse what "
        "was asked: the old date stays."
    ),
)
@click.argument("instance")
@click.argument("step")
@click.argument("day", type=DAY, required=False)
@option("--until", type=DAY, metavar="DAY", help=N_("The last day in time; the same as DAY."))
@option("--ask", "decision", flag_value="ask", help=N_("Ask for it; somebody else grants it."))
@option("--refuse", "decision", flag_value="refuse", help=N_("Refuse what was asked."))
@writing_options(occurred_at=False, alone=True)
@pass_session
def extend(
    session: Session,
    instance: str,
    step: str,
    day: date | None,
    until: date | None,
    decision: str | None,
    *,
    said: Said,
) -> None:
    """Extend a date, ask for it, or refuse it."""
    last = day or until
    if (last is None) != (decision == "refuse") or (day and until):
        message = session.words.text(
            "Say the last day in time once, and none with --refuse: "
            "duban extend INSTANCE STEP 2024-12-20"
        )
        raise click.UsageError(message)
    require_instance(session, instance)
    grounds, who = session.grounds(instance, said), session.who(said.acting_for)
    if last is None:
        event = services.refuse_extension(session.app, instance, step, who, grounds)
    elif decision == "ask":
        event = services.ask_extension(session.app, instance, step, last, who, grounds)
    else:
        event = services.extend(session.app, instance, step, last, who, grounds)
    show_acts(session.screen, [event], session.zone(instance))
