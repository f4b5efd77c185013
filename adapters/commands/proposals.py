"""`duban proposals`, `confirm` and `refuse`: what one person asks for and another decides on."""

from __future__ import annotations

from typing import Any

import click

from adapters.commands.looking_back import past_options
from adapters.commands.moments import Said, json_option, writing_options
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.json_proposals import proposal_shape
from adapters.json_shapes import dump
from adapters.terminal.acts import show_acts
from adapters.terminal.proposals import show_proposal
from engine.errors import N_, NotFound
from workflows.running.confirming import confirm as decide
from workflows.running.confirming import decline
from workflows.running.proposals import all_proposals, may_decide, open_proposals


@command(
    "proposals",
    N_(
        "What waits for a second person: asked for by whom and why, until when, and what it "
        "would change. Which acts need two is said in the plan, under four_eyes."
    ),
)
@click.argument("cycle", required=False)
@option("--all", "everything", is_flag=True, help=N_("Also what was decided on, or lapsed."))
@json_option
@pass_session
@past_options
def proposals(session: Session, cycle: str | None, everything: bool, as_json: bool) -> None:
    """List proposals."""
    shapes: list[dict[str, Any]] = []
    shown = 0
    for key in session.chosen(cycle):
        with session.reading(key) as at:
            if not as_json:
                session.say_past(at)
            for found in all_proposals(at) if everything else open_proposals(at):
                people = may_decide(at, found.event)
                if as_json:
                    shapes.append(proposal_shape(found, at.zone, people) | session.moments(key))
                    continue
                if shown:
                    session.screen.gap()
                show_proposal(session.marked_screen, found, at.plan, at.zone, people)
                shown += 1
    if as_json:
        click.echo(dump(shapes))
    elif not shown:
        session.marked_screen.line(session.words.text("Nothing waits for a second person."))


PROPOSAL = click.argument("proposal", type=click.IntRange(min=1))


@command(
    "confirm",
    N_(
        "Confirm PROPOSAL, which somebody else has made; it is done at once.\n\n"
        "It is rehearsed again: where it would now do something else than what was shown, "
        "it is refused, and has to be proposed anew."
    ),
)
@PROPOSAL
@writing_options(occurred_at=False)
@pass_session
def confirm(session: Session, proposal: int, *, said: Said) -> None:
    """Confirm a proposal."""
    key = _key(session, proposal)
    grounds = session.grounds(key, said)
    events = decide(session.app, proposal, session.who(said.acting_for), grounds)
    show_acts(session.screen, events, session.zone(key))


@command("refuse", N_("Refuse PROPOSAL, which somebody else has made, with a reason."))
@PROPOSAL
@writing_options(occurred_at=False)
@pass_session
def refuse(session: Session, proposal: int, *, said: Said) -> None:
    """Refuse a proposal."""
    key = _key(session, proposal)
    grounds = session.grounds(key, said)
    event = decline(session.app, proposal, session.who(said.acting_for), grounds)
    show_acts(session.screen, [event], session.zone(key))


def _key(session: Session, position: int) -> str:
    with session.app.store.reading() as reader:
        event = reader.event(position)
    if event is None:
        raise NotFound(what="proposal", key=position, hint="duban proposals")
    return event.instance
