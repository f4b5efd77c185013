"""`duban finding`: what an evaluation or an inspection found."""

from __future__ import annotations

import click

from adapters.commands.moments import Said, writing_options
from adapters.commands.moving import require_instance
from adapters.commands.session import Session, pass_session
from adapters.commands.words import group, option
from adapters.terminal.acts import show_acts
from engine.errors import N_
from workflows.running.additions import raise_finding


@group("finding", N_("Raise a finding; then it is moved like everything else."))
def finding() -> None:
    """Findings."""


@finding.part(
    "raise",
    N_(
        "Raise a finding on a target or on the whole cycle, at any time of the year.\n\n"
        "Then: duban move FINDING submit, verify (by another person), close."
    ),
)
@click.argument("instance")
@click.argument("title")
@option("--method", default="", metavar="METHOD", help=N_("By which method it was found."))
@writing_options(reason=False)
@pass_session
def raise_(
    session: Session,
    instance: str,
    title: str,
    method: str,
    *,
    said: Said,
) -> None:
    """Raise a finding."""
    require_instance(session, instance)
    grounds = session.grounds(instance, said)
    event = raise_finding(
        session.app,
        instance,
        title,
        session.who(said.acting_for),
        grounds,
        method=method,
        document=said.authority,
    )
    show_acts(session.screen, [event], session.zone(instance))
