"""`duban list`: the ledger of one cycle, or of all."""

from __future__ import annotations

from typing import Any

import click

from adapters.commands.looking_back import past_options
from adapters.commands.moments import json_option
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.json_shapes import dump, row_shape
from adapters.terminal.ledger import show_ledger
from engine.errors import N_
from workflows.running.ledger import Filters, ledger

MACHINES = ("cycle", "target", "assignment", "finding", "appeal")


@command(
    "list",
    N_(
        "The ledger: every instance with its state, owner, lamp and the date that presses.\n\n"
        "Without CYCLE, of all cycles."
    ),
)
@click.argument("cycle", required=False)
@option("--kind", type=click.Choice(MACHINES), help=N_("Only instances of this machine."))
@option("--state", default="", metavar="STATE", help=N_("Only those in this state."))
@option("--owner", default="", metavar="SECTION", help=N_("Only those of this section or post."))
@option("--lamp", default="", metavar="LAMP", help=N_("Only those that show this lamp."))
@option("--late", is_flag=True, help=N_("Only what is late now."))
@json_option
@pass_session
@past_options
def list_(  # noqa: PLR0917 - click hands over what was typed
    session: Session,
    cycle: str | None,
    kind: str | None,
    state: str,
    owner: str,
    lamp: str,
    late: bool,
    as_json: bool,
) -> None:
    """List instances."""
    filters = Filters(workflow=kind or "", state=state, owner=owner, lamp=lamp, late=late)
    shapes: list[dict[str, Any]] = []
    for key in session.chosen(cycle):
        with session.foreseeing(key) as at:
            _check(session, at.plan.machines, state)
            rows = list(ledger(at, filters))
            if as_json:
                shapes += [row_shape(row, at.zone) | session.moments(key) for row in rows]
            else:
                screen = session.marked_screen
                session.say_past(at)
                show_ledger(screen, at.plan, rows, at.zone)
    if as_json:
        click.echo(dump(shapes))


def _check(session: Session, machines: Any, state: str) -> None:
    """Refuse a state that no machine has: an empty list would hide the misspelling."""
    known = list(dict.fromkeys(s for m in machines for s in m.states))
    if state and state not in known:
        t = session.words
        message = t.text(
            "There is no state {state}; there are: {known}", state=state[:40], known=known
        )
        raise click.UsageError(message)
