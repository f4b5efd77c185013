"""`duban amend`: a running cycle goes on under a new plan; shown first, and for whom."""

from __future__ import annotations

from collections.abc import Sequence

import click

from adapters.commands.files import FILE
from adapters.commands.moments import Said, json_option, writing_options
from adapters.commands.moving import require_instance
from adapters.commands.plans import YEAR, read_checked
from adapters.commands.session import Session, pass_session, path_of
from adapters.commands.words import command, option
from adapters.json_proposals import alteration_shape
from adapters.json_shapes import dump
from adapters.terminal.acts import show_acts
from adapters.terminal.amending import show_alterations
from adapters.terminal.diagnostics import show_reading
from engine.errors import N_
from workflows.plan.model import Plan
from workflows.plan.oversight import Guarded
from workflows.running.alterations import Alteration
from workflows.running.amending import amend as go_on
from workflows.running.amending import preview_amendment
from workflows.running.reverting import revert as take_back


@command(
    "amend",
    N_(
        "Let CYCLE go on under the plan of a file, from now on.\n\n"
        "It shows what changes and for whom, and asks first; --dry-run only shows. What is past "
        "keeps its edition and its dates. Instances move to a new edition of their machine only "
        "where --map says what their states become. --revert takes the last amendment back, "
        "until something has happened under it."
    ),
)
@click.argument("cycle")
@click.argument("plan", type=FILE, required=False, metavar="[PLAN]")
@YEAR
@option(
    "--map",
    "mapping",
    multiple=True,
    metavar="MACHINE[:OLD=NEW]",
    help=N_("Move the instances of a machine; states of another name, one by one."),
)
@option("--revert", is_flag=True, help=N_("Take the last amendment back."))
@option("--yes", is_flag=True, help=N_("Do not ask."))
@option("--dry-run", is_flag=True, help=N_("Show what would change; change nothing."))
@writing_options(occurred_at=False, alone=True)
@json_option
@pass_session
def amend(  # noqa: PLR0913, PLR0917 - click hands over what was typed
    session: Session,
    cycle: str,
    plan: str | None,
    year: int | None,
    mapping: tuple[str, ...],
    revert: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    *,
    said: Said,
) -> None:
    """Amend a plan."""
    t = session.words
    if (plan is None) != revert:
        raise click.UsageError(t.text("Name the file of the new plan, or say --revert."))
    require_instance(session, cycle)
    grounds, who = session.grounds(cycle, said), session.who(said.acting_for)
    if revert:
        events = take_back(session.app, cycle, who, grounds)
        show_acts(session.screen, events, session.zone(cycle))
        return
    new = _plan(session, plan or "", year)
    states = _mapping(session, mapping)
    if not yes or dry_run or as_json:
        found = preview_amendment(session.app, cycle, new, who, grounds, states)
        _show(session, found, as_json=as_json)
    if dry_run or as_json:
        if not as_json:
            session.screen.line(t.text("Nothing was changed."))
        return
    with session.reading(cycle) as at:
        two = Guarded.AMEND in at.plan.four_eyes.acts and not said.alone
    question = t.text("Put it to a second person?") if two else t.text("Amend the plan so?")
    if not yes and not session.confirmed(question):
        session.screen.line(t.text("Nothing was changed."))
        raise click.exceptions.Exit(1)
    events = go_on(session.app, cycle, new, who, grounds, states)
    show_acts(session.screen, events, session.zone(cycle))


def _show(session: Session, found: Sequence[Alteration], *, as_json: bool) -> None:
    if as_json:
        click.echo(dump([alteration_shape(a) for a in found]))
    else:
        show_alterations(session.marked_screen, found)


def _plan(session: Session, file: str, year: int | None) -> Plan:
    read = read_checked(path_of(file), year)
    if read.diagnostics and read.plan is None:
        show_reading(session.screen, read, errors_only=True)
    if read.plan is None:
        raise click.exceptions.Exit(1)
    return read.plan


def _mapping(session: Session, given: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return machine → old state → new state, as typed: ``target``, ``target:old=new``."""
    found: dict[str, dict[str, str]] = {}
    for text in given:
        machine, colon, states = text.partition(":")
        old, equals, new = states.partition("=")
        if not machine or (colon and not (old and equals and new)):
            message = session.words.text(
                "'{text}' is no mapping; write it as --map target:evaluated=scored",
                text=repr(text[:40])[1:-1],
            )
            raise click.UsageError(message)
        mine = found.setdefault(machine, {})
        if colon:
            mine[old] = new
    return found
