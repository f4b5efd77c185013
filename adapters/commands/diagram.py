"""`duban diagram`: a machine drawn from its definition."""

from __future__ import annotations

import sys
from typing import Any

import click

from adapters.commands.looking_back import past_options
from adapters.commands.session import Session, pass_session, unknown
from adapters.commands.words import command, option
from engine.diagram import mermaid, svg, text
from engine.errors import N_
from engine.machine import Machine
from workflows.machines_page import MACHINES

FORMATS = {"mermaid": mermaid, "svg": svg, "text": text}


@command(
    "diagram",
    N_(
        "Draw a machine from its definition: cycle, target, assignment, finding, appeal, "
        "or that of an INSTANCE, its state marked."
    ),
)
@click.argument("what", metavar="MACHINE|INSTANCE")
@option(
    "--format",
    "form",
    type=click.Choice(tuple(FORMATS)),
    default="text",
    show_default=True,
    help=N_("For a terminal, for Markdown, or a picture."),
)
@option("--forced", is_flag=True, help=N_("With the forced moves, too."))
@pass_session
@past_options
def diagram(session: Session, what: str, form: str, forced: bool) -> None:
    """Draw a machine."""
    workflows = {w.name: w for w in MACHINES}
    current = ""
    if what in workflows:
        machine = Machine(workflows[what])
    else:
        with session.reading(what) as at:
            found = at.unit.find(what)
            if found is None:
                raise unknown(at.unit, what)
            machine, current = at.unit.machine(found.edition), found.state
    options: dict[str, Any] = {"label": session.words.label, "forced": forced}
    if form != "mermaid":
        options["current"] = current
    sys.stdout.write(FORMATS[form](machine, **options))
