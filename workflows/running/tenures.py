"""Who holds which post: events of the office, with dates and documents (R-04)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, timedelta

from engine.act import Act
from engine.definition import ADMINISTRATOR
from engine.errors import N_, NotFound, NotPermitted, Refused
from engine.events import Event, Instance, Kind
from engine.facts import clean_text
from engine.ports import Tenure, UnitOfWork
from workflows import office
from workflows.plan.model import Plan
from workflows.roles import AUDITOR
from workflows.running.desk import Application
from workflows.running.people import holds_on, is_administrator

DATABASE_POSTS = (ADMINISTRATOR, AUDITOR)
"""Posts of the database itself, not of a body."""


class BadTenure(Refused):
    """A tenure that cannot be."""

    code = "bad-tenure"
    template = N_("{person} cannot be given the post {post}: {problem}.")


def establish(app: Application, administrator: str) -> bool:
    """Make ``administrator`` the first one, as an event; return whether there was none yet."""
    with app.store.unit_of_work(app.clock.now()) as unit:
        if unit.find(office.KEY) is not None:
            return False
        unit.publish_workflow(office.OFFICE)
        instance = Instance(
            key=office.KEY,
            workflow=office.NAME,
            edition=office.OFFICE.edition,
            state=office.OPEN,
            sequence=1,
        )
        opened = Event(
            instance=office.KEY,
            sequence=1,
            kind=Kind.OPENED,
            actor=administrator,
            occurred_at=unit.now,
            recorded_at=unit.now,
            data={
                "workflow": office.NAME,
                "machine": office.OFFICE.edition,
                "state": office.OPEN,
                "owner": "",
                "origin": "",
                "set": {},
            },
        )
        unit.create([(instance, opened)])
        tenure = Tenure(body="", post=ADMINISTRATOR, person=administrator, since="")
        _keep(unit, tenure, Act(actor=administrator, occurred_at=unit.now))
        return True


def assign(  # noqa: PLR0913 - one entry in the register of posts, named in full
    app: Application,
    *,
    body: str,
    post: str,
    person: str,
    actor: str,
    since: date | None = None,
    until: date | None = None,
    deputy: bool = False,
    document: str = "",
    reason: str = "",
    replaces: bool = True,
) -> Event:
    """Give ``person`` a post from a day on, or let them deputise in it for a period.

    A new holder ends the tenure of the one before on the day before, so that
    every act keeps the name of who held the post on its day.

    Raises:
        NotPermitted: the actor is no administrator.
        NotFound: no plan of that body has such a post.
        BadTenure: the dates contradict each other.

    """
    with app.store.unit_of_work(app.clock.now()) as unit:
        day = unit.now.astimezone(UTC).date()
        if not is_administrator(unit, actor, day):
            raise NotPermitted(person=actor, act="post assign", key=post, allowed=[ADMINISTRATOR])
        if since and until and until < since:
            raise BadTenure(person=person, post=post, problem=N_("it ends before it begins"))
        tenure = Tenure(
            body="" if post in DATABASE_POSTS else body,
            post=post,
            person=clean_text("person", person, 100),
            since=since.isoformat() if since else "",
            until=until.isoformat() if until else "",
            deputy=deputy,
        )
        act = Act(
            actor=actor,
            occurred_at=unit.now,
            authority=clean_text("document", document, 400),
            reason=clean_text("reason", reason),
        )
        ended = []
        if replaces and not deputy and tenure.post not in DATABASE_POSTS:
            ended = _predecessors(unit, tenure, since or day)
        return _keep(unit, tenure, act, ended)


def appoint_holders(unit: UnitOfWork, plan: Plan, actor: str) -> int:
    """Give the posts of ``plan`` to the holders that it names; return how many were new.

    What stands already, from a plan before or from a person's word, is left as it is.
    """
    known = {(t.body, t.post, t.person) for t in unit.tenures(plan.body)}
    act = Act(actor=actor, occurred_at=unit.now, authority=plan.document.number)
    appointed = 0
    for post in plan.posts:
        for holder in post.holders:
            if (plan.body, post.id, holder.person) in known:
                continue
            tenure = Tenure(
                body=plan.body,
                post=post.id,
                person=clean_text("person", holder.person, 100),
                since=holder.since.isoformat() if holder.since else "",
                until=holder.until.isoformat() if holder.until else "",
            )
            _keep(unit, tenure, act)
            appointed += 1
    return appointed


def end(app: Application, event: int, until: date, actor: str, reason: str = "") -> Event:
    """Let a tenure end on a day.

    Raises:
        NotFound: no tenure began with that event.
        NotPermitted: the actor is no administrator.

    """
    with app.store.unit_of_work(app.clock.now()) as unit:
        if not is_administrator(unit, actor, unit.now.date()):
            raise NotPermitted(person=actor, act="post end", key=event, allowed=[ADMINISTRATOR])
        found = next((t for t in unit.tenures() if t.event == event), None)
        if found is None:
            raise NotFound(what="tenure", key=event, hint="duban post list")
        act = Act(actor=actor, occurred_at=unit.now, reason=clean_text("reason", reason))
        instance = unit.load(office.KEY)
        ending = replace(
            act.on(unit, instance, Kind.TENURE),
            data={"ends": [event], "until": until.isoformat()},
        )
        unit.end_tenure(event, until.isoformat())
        return unit.append(ending)


def _predecessors(unit: UnitOfWork, tenure: Tenure, since: date) -> list[int]:
    return [
        t.event
        for t in unit.tenures()
        if (t.body, t.post) == (tenure.body, tenure.post)
        and not t.deputy
        and t.person != tenure.person
        and holds_on(t, since)
    ]


def _keep(unit: UnitOfWork, tenure: Tenure, act: Act, ended: list[int] | None = None) -> Event:
    instance = unit.load(office.KEY)
    data: dict[str, object] = {
        "body": tenure.body,
        "post": tenure.post,
        "person": tenure.person,
        "since": tenure.since,
        "until": tenure.until,
        "deputy": tenure.deputy,
    }
    if ended:
        day = date.fromisoformat(tenure.since) if tenure.since else unit.now.date()
        last = (day - timedelta(days=1)).isoformat()
        data |= {"ends": ended, "until_before": last}
        for earlier in ended:
            unit.end_tenure(earlier, last)
    event = unit.append(replace(act.on(unit, instance, Kind.TENURE), data=data))
    unit.set_tenure(replace(tenure, event=event.position))
    return event
