"""`duban target`: targets that join, change or leave a running cycle."""

from __future__ import annotations

from datetime import date

import click

from adapters.commands.moments import DAY, Said, writing_options
from adapters.commands.moving import require_instance
from adapters.commands.session import Session, pass_session
from adapters.commands.words import group, option
from adapters.terminal.acts import show_acts
from engine.errors import N_
from workflows.plan.model import Target, Text
from workflows.running.additions import add_target, amend_target
from workflows.running.requests import move


@group("target", N_("Add, amend or withdraw a target of a running cycle."))
def target() -> None:
    """Targets."""


@target.part("add", N_("Admit a target: CYCLE ID, with its title, section and category."))
@click.argument("cycle")
@click.argument("ident", metavar="ID")
@option("--title", required=True, metavar="TEXT", help=N_("What is to be achieved."))
@option("--title-en", default="", metavar="TEXT", help=N_("The same in English."))
@option("--section", required=True, metavar="SECTION", help=N_("Who is responsible."))
@option("--category", required=True, metavar="CATEGORY", help=N_("A leaf of the content tree."))
@option(
    "--source",
    "sources",
    multiple=True,
    metavar="SOURCE",
    help=N_("A source; repeat it."),
)
@option("--basis", default="", metavar="DOC", help=N_("The document behind a dynamic target."))
@option("--pace", default="", metavar="TEXT", help=N_("Of the work plan: the pace."))
@option("--quality", default="", metavar="TEXT", help=N_("Of the work plan: the quality."))
@option("--finish-by", type=DAY, metavar="DAY", help=N_("Of the work plan: the day."))
@option(
    "--no-overlap",
    default="",
    metavar="TEXT",
    help=N_("Of a dynamic target that reads like another: why it is another matter."),
)
@writing_options()
@pass_session
def add(  # noqa: PLR0913, PLR0917 - click hands over what was typed
    session: Session,
    cycle: str,
    ident: str,
    title: str,
    title_en: str,
    section: str,
    category: str,
    sources: tuple[str, ...],
    basis: str,
    pace: str,
    quality: str,
    finish_by: date | None,
    no_overlap: str,
    *,
    said: Said,
) -> None:
    """Admit a target."""
    if not ident.strip() or "/" in ident or not ident.isprintable() or len(ident) > LONGEST_ID:
        message = session.words.text(
            "'{ident}' cannot be the id of a target; use letters, digits and - such as T-017.",
            ident=repr(ident[:40])[1:-1],
        )
        raise click.UsageError(message)
    require_instance(session, cycle)
    goal = Target(
        id=ident.strip(),
        name=Text(title, title_en),
        category=category,
        section=section,
        sources=sources,
        basis=basis,
        pace=pace,
        quality=quality,
        finish_by=finish_by,
    )
    grounds = session.grounds(cycle, said)
    who = session.who(said.acting_for)
    events = add_target(session.app, cycle, goal, who, grounds, no_overlap=no_overlap.strip())
    show_acts(session.screen, events, session.zone(cycle))


LONGEST_ID = 40


@target.part("amend", N_("Change what a target says of itself; its history keeps both."))
@click.argument("instance")
@option("--title", metavar="TEXT", help=N_("What is to be achieved."))
@option("--section", metavar="SECTION", help=N_("Who is responsible."))
@option("--category", metavar="CATEGORY", help=N_("A leaf of the content tree."))
@option(
    "--source",
    "sources",
    multiple=True,
    metavar="SOURCE",
    help=N_("A source; repeat it."),
)
@option("--pace", metavar="TEXT", help=N_("Of the work plan: the pace."))
@option("--quality", metavar="TEXT", help=N_("Of the work plan: the quality."))
@option("--finish-by", type=DAY, metavar="DAY", help=N_("Of the work plan: the day."))
@option(
    "--no-overlap",
    default="",
    metavar="TEXT",
    help=N_("Of a dynamic target that reads like another: why it is another matter."),
)
@writing_options()
@pass_session
def amend(  # noqa: PLR0913, PLR0917 - click hands over what was typed
    session: Session,
    instance: str,
    title: str | None,
    section: str | None,
    category: str | None,
    sources: tuple[str, ...],
    pace: str | None,
    quality: str | None,
    finish_by: date | None,
    no_overlap: str,
    *,
    said: Said,
) -> None:
    """Amend a target."""
    given = {
        "title": title,
        "section": section,
        "category": category,
        "sources": " ".join(sources),
        "pace": pace,
        "quality": quality,
        "finish_by": finish_by.isoformat() if finish_by else None,
    }
    changes = {name: value for name, value in given.items() if value}
    if not changes:
        message = session.words.text("Say what changes: --title, --section, --pace, …")
        raise click.UsageError(message)
    require_instance(session, instance)
    grounds = session.grounds(instance, said)
    who = session.who(said.acting_for)
    because = no_overlap.strip()
    events = amend_target(session.app, instance, changes, who, grounds, no_overlap=because)
    show_acts(session.screen, events, session.zone(instance))


@target.part("withdraw", N_("Withdraw a target, with a reason."))
@click.argument("instance")
@writing_options()
@pass_session
def withdraw(
    session: Session,
    instance: str,
    *,
    said: Said,
) -> None:
    """Withdraw a target."""
    require_instance(session, instance)
    grounds = session.grounds(instance, said)
    events = move(session.app, instance, "withdraw", session.who(said.acting_for), grounds)
    show_acts(session.screen, events, session.zone(instance))
