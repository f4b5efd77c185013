"""`duban force`: into a state, around guards and roles; for administrators, with reason."""

from __future__ import annotations

from collections.abc import Sequence

import click

from adapters.commands.moments import Said, writing_options
from adapters.commands.moving import require_instance, show_moves
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.terminal.preview import show_preview
from engine.errors import N_
from engine.events import Event
from engine.ports import UnitOfWork
from workflows.plan.oversight import Guarded
from workflows.running.desk import Desk
from workflows.running.preview import preview
from workflows.running.requests import force as make
from workflows.running.requests import force_at


@command(
    "force",
    N_(
        "Force INSTANCE into STATE, around conditions and roles; for administrators only.\n\n"
        "Reason and authority are both required and stay on record, with what was gone around. "
        "It shows what would change and asks first; --dry-run only shows."
    ),
)
@click.argument("instance")
@click.argument("state")
@option("--cascade", is_flag=True, help=N_("Force its targets along with it."))
@option("--yes", is_flag=True, help=N_("Do not ask."))
@option("--dry-run", is_flag=True, help=N_("Show what would change; change nothing."))
@writing_options(alone=True)
@pass_session
def force(
    session: Session,
    instance: str,
    state: str,
    cascade: bool,
    yes: bool,
    dry_run: bool,
    *,
    said: Said,
) -> None:
    """Force a state."""
    t = session.words
    require_instance(session, instance)
    who = session.who(said.acting_for)
    grounds = session.grounds(instance, said)
    question = ""
    if not yes:

        def act(at: Desk[UnitOfWork]) -> Sequence[Event]:
            return force_at(at, instance, state, who, grounds, cascade=cascade)

        found = preview(session.app, instance, act)
        with session.reading(instance) as at:
            show_preview(session.screen, found, at.plan, at.zone)
            two = Guarded.FORCE in at.plan.four_eyes.acts and not said.alone
            question = t.text("Put it to a second person?") if two else t.text("Force it?")
    if dry_run:
        session.screen.line(t.text("Nothing was changed."))
        return
    if not yes and not session.confirmed(question):
        session.screen.line(t.text("Nothing was changed."))
        raise click.exceptions.Exit(1)
    events = make(session.app, instance, state, who, grounds, cascade=cascade)
    show_moves(session, instance, events)
