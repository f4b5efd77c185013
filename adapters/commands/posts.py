"""`duban post`: who holds which post, and who deputises."""

from __future__ import annotations

from datetime import date

import click

from adapters.commands.looking_back import PRESENT, past_options
from adapters.commands.moments import ALONE, DAY, json_option
from adapters.commands.session import Session, pass_session
from adapters.commands.words import group, option
from adapters.json_shapes import dump, tenure_shape
from adapters.terminal.acts import show_acts
from adapters.terminal.posts import show_posts
from engine.errors import N_, NotFound
from workflows.plan.model import Plan
from workflows.plan.names import nearest
from workflows.running.people import OFFICES
from workflows.running.tenures import assign as give
from workflows.running.tenures import end as finish

PERIOD = (
    option("--since", type=DAY, metavar="DAY", help=N_("From this day on; else from today.")),
    option("--until", type=DAY, metavar="DAY", help=N_("Its last day.")),
)


@group("post", N_("Say who holds which post, and who deputises; duties belong to posts."))
def post() -> None:
    """Posts."""


@post.part("assign", N_("Give POST to PERSON; the holder before ends the day before."))
@click.argument("name", metavar="POST")
@click.argument("person")
@PERIOD[0]
@PERIOD[1]
@option("--beside", is_flag=True, help=N_("Beside whoever holds it now."))
@option("--body", default="", metavar="BODY", help=N_("Of which body, if of several."))
@option("--document", default="", metavar="DOC", help=N_("The document that it rests on."))
@option("--reason", default="", metavar="TEXT", help=N_("Why."))
@ALONE
@pass_session
def assign(  # noqa: PLR0913, PLR0917 - click hands over what was typed
    session: Session,
    name: str,
    person: str,
    since: date | None,
    until: date | None,
    beside: bool,
    body: str,
    document: str,
    reason: str,
    alone: bool,
) -> None:
    """Give a post to a person."""
    plan, key = _plan(session, name, body)
    with session.app.store.reading() as reader:
        zone = session.zone(key) if key else session.zone("")
        today = reader.now.astimezone(zone).date()
    event = give(
        session.app,
        body=plan.body if plan else "",
        post=name,
        person=person,
        actor=session.account,
        since=since or today,
        until=until,
        document=document,
        reason=reason,
        replaces=not beside,
        alone=alone,
    )
    show_acts(session.screen, [event], zone)


@post.part("delegate", N_("Let PERSON deputise in POST for a period."))
@click.argument("name", metavar="POST")
@click.argument("person")
@PERIOD[0]
@option("--until", type=DAY, required=True, metavar="DAY", help=N_("Its last day."))
@option("--body", default="", metavar="BODY", help=N_("Of which body, if of several."))
@option("--document", default="", metavar="DOC", help=N_("The document that it rests on."))
@option("--reason", default="", metavar="TEXT", help=N_("Why."))
@ALONE
@pass_session
def delegate(  # noqa: PLR0913, PLR0917 - click hands over what was typed
    session: Session,
    name: str,
    person: str,
    since: date | None,
    until: date,
    body: str,
    document: str,
    reason: str,
    alone: bool,
) -> None:
    """Let a person deputise."""
    plan, key = _plan(session, name, body)
    with session.app.store.reading() as reader:
        zone = session.zone(key)
        today = reader.now.astimezone(zone).date()
    event = give(
        session.app,
        body=plan.body if plan else "",
        post=name,
        person=person,
        actor=session.account,
        since=since or today,
        until=until,
        deputy=True,
        document=document,
        reason=reason,
        alone=alone,
    )
    show_acts(session.screen, [event], zone)


@post.part("end", N_("Let a tenure end; TENURE is its event, see: duban post list"))
@click.argument("tenure", type=click.IntRange(min=1))
@option("--until", type=DAY, required=True, metavar="DAY", help=N_("Its last day."))
@option("--reason", default="", metavar="TEXT", help=N_("Why."))
@ALONE
@pass_session
def end(session: Session, tenure: int, until: date, reason: str, alone: bool) -> None:
    """End a tenure."""
    event = finish(session.app, tenure, until, session.account, reason, alone=alone)
    cycles = session.cycles()
    show_acts(session.screen, [event], session.zone(cycles[0] if cycles else ""))


@post.part("list", N_("The posts of a plan and who holds them."))
@click.argument("cycle", required=False)
@json_option
@pass_session
@past_options
def list_(session: Session, cycle: str | None, as_json: bool) -> None:
    """List posts and holders."""
    if as_json and session.past is not None:
        with session.reading(session.the_cycle(cycle)) as at:
            moments = session.moments(at.key)
            click.echo(dump([tenure_shape(t) | moments for t in at.unit.tenures()]))
        return
    if as_json:
        with session.app.store.reading() as reader:
            click.echo(dump([tenure_shape(t) | PRESENT for t in reader.tenures()]))
        return
    keys = session.chosen(cycle)
    if not keys:
        with session.app.store.reading() as reader:
            show_posts(session.screen, None, reader.tenures(), reader.now.date())
    for key in keys:
        with session.reading(key) as at:
            session.say_past(at)
            show_posts(session.screen, at.plan, at.unit.tenures(at.plan.body), at.today)


def _plan(session: Session, name: str, body: str) -> tuple[Plan | None, str]:
    """Return the latest plan that has the post, and its cycle; none for posts of the database.

    Raises:
        NotFound: no plan of that body has such a post.

    """
    if name in OFFICES:
        return None, ""
    known: list[str] = list(OFFICES)
    for key in reversed(session.cycles()):
        with session.reading(key) as at:
            if body and at.plan.body != body:
                continue
            posts = [p.id for p in at.plan.posts]
            if name in posts:
                return at.plan, key
            known += posts
    near = ", ".join(nearest(name, known))
    raise NotFound(what="post", key=name[:40], hint=f"duban post list ({near})")
