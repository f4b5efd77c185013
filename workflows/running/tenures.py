"""Who holds which post: events of the office, with dates and documents (R-04)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from types import MappingProxyType

from engine.act import Act
from engine.definition import ADMINISTRATOR
from engine.errors import N_, NotFound, NotPermitted, Refused
from engine.events import Event, Instance, Kind
from engine.facts import clean_text
from engine.ports import Reader, Tenure, UnitOfWork
from workflows import office
from workflows.plan.model import Holder, Plan, Post
from workflows.plan.oversight import Guarded
from workflows.running.asking import ASSIGN, END, Asked, Grounds, Who
from workflows.running.desk import Application, take
from workflows.running.people import OFFICES, holds_on, is_administrator
from workflows.running.proposals import Doing, NoGlassToBreak, carry_out, watching


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
                office.TRIAL: bool(unit.setting(office.TRIAL)),
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
    alone: bool = False,
) -> Event:
    """Give ``person`` a post from a day on, or let them deputise in it for a period.

    A new holder ends the tenure of the one before on the day before, so that
    every act keeps the name of who held the post on its day. Where a running
    plan of the body asks for a second person, it is proposed.

    Raises:
        NotPermitted: the actor is no administrator.
        NotFound: no plan of that body has such a post.
        BadTenure: the dates contradict each other.

    """
    values = {
        "body": "" if post in OFFICES else body,
        "post": post,
        "person": person,
        "since": since.isoformat() if since else "",
        "until": until.isoformat() if until else "",
        "deputy": deputy,
        "replaces": replaces,
    }
    grounds = Grounds(reason=reason, authority=document, alone=alone)
    who = Who(person=actor)
    return _register(app, Asked(act=ASSIGN, key="", values=values, who=who, grounds=grounds))


def _assign(unit: UnitOfWork, asked: Asked) -> Event:
    values, actor = asked.values, asked.who.person
    post, person, since = values["post"], values["person"], _day(values["since"])
    day = unit.now.astimezone(UTC).date()
    if not is_administrator(unit, actor, day):
        raise NotPermitted(person=actor, act=ASSIGN, key=post, allowed=[ADMINISTRATOR])
    until = _day(values["until"])
    if since and until and until < since:
        raise BadTenure(person=person, post=post, problem=N_("it ends before it begins"))
    tenure = Tenure(
        body=values["body"],
        post=post,
        person=clean_text("person", person, 100),
        since=values["since"],
        until=values["until"],
        deputy=values["deputy"],
    )
    ended = []
    if values["replaces"] and not tenure.deputy and tenure.post not in OFFICES:
        ended = _predecessors(unit, tenure, since or day)
    return _keep(unit, tenure, _act(unit, asked.who, asked.grounds), ended)


def appoint_holders(unit: UnitOfWork, plan: Plan, actor: str) -> int:
    """Give the posts of ``plan`` to the holders that it names; return how many were new.

    What stands already, from a plan before or from a person's word, is left as it is.
    """
    act = Act(actor=actor, occurred_at=unit.now, authority=plan.document.number)
    appointed = new_holders(unit, plan)
    for post, holder in appointed:
        tenure = Tenure(
            body=plan.body,
            post=post.id,
            person=clean_text("person", holder.person, 100),
            since=holder.since.isoformat() if holder.since else "",
            until=holder.until.isoformat() if holder.until else "",
        )
        _keep(unit, tenure, act)
    return len(appointed)


def new_holders(reader: Reader, plan: Plan) -> Sequence[tuple[Post, Holder]]:
    """Return the holders of posts that ``plan`` names and the register does not know."""
    known = {(t.body, t.post, t.person) for t in reader.tenures(plan.body)}
    return [
        (post, holder)
        for post in plan.posts
        for holder in post.holders
        if (plan.body, post.id, holder.person) not in known
    ]


def end(
    app: Application,
    event: int,
    until: date,
    actor: str,
    reason: str = "",
    *,
    alone: bool = False,
) -> Event:
    """Let a tenure end on a day; proposed, where a running plan of its body asks for two.

    Raises:
        NotFound: no tenure began with that event.
        NotPermitted: the actor is no administrator.

    """
    with app.store.reading() as reader:
        known = next((t.body for t in reader.tenures() if t.event == event), "")
    values = {"body": known, "tenure": event, "until": until.isoformat()}
    grounds = Grounds(reason=reason, alone=alone)
    who = Who(person=actor)
    return _register(app, Asked(act=END, key="", values=values, who=who, grounds=grounds))


def _end(unit: UnitOfWork, asked: Asked) -> Event:
    values, actor = asked.values, asked.who.person
    event, until = values["tenure"], values["until"]
    if not is_administrator(unit, actor, unit.now.date()):
        raise NotPermitted(person=actor, act=END, key=event, allowed=[ADMINISTRATOR])
    if all(t.event != event for t in unit.tenures()):
        raise NotFound(what="tenure", key=event, hint="duban post list")
    act = _act(unit, asked.who, asked.grounds)
    unit.end_tenure(event, until)
    data = {"ends": [event], "until": until}
    return unit.append(act.on(unit, unit.load(office.KEY), Kind.TENURE, data))


_REGISTER: Mapping[str, Callable[[UnitOfWork, Asked], Event]] = {ASSIGN: _assign, END: _end}

ACTS: Mapping[str, Doing] = MappingProxyType(
    {
        ASSIGN: lambda at, asked: [_assign(at.unit, asked)],
        END: lambda at, asked: [_end(at.unit, asked)],
    }
)
"""What can be proposed, by name."""


def _register(app: Application, asked: Asked) -> Event:
    """Make an entry in the register, by two persons where a running plan of the body says so."""
    cycle = watching(app, asked.values["body"], Guarded.POSTS)
    if cycle:
        watched = replace(asked, key=cycle)
        return carry_out(app, watched, ACTS[asked.act], lambda _at: Guarded.POSTS)[-1]
    if asked.grounds.alone:
        raise NoGlassToBreak(act=asked.act, key=asked.values.get("post", asked.values["body"]))
    with app.store.unit_of_work(app.clock.now()) as unit:
        take(app, unit, office.KEY)
        return _REGISTER[asked.act](unit, asked)


def _act(unit: UnitOfWork, who: Who, grounds: Grounds) -> Act:
    return Act(
        actor=who.person,
        occurred_at=unit.now,
        authority=clean_text("document", grounds.authority, 400),
        reason=clean_text("reason", grounds.reason),
        cause=grounds.cause,
        chain=grounds.chain,
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


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
    event = unit.append(act.on(unit, instance, Kind.TENURE, data))
    unit.set_tenure(replace(tenure, event=event.position))
    return event
