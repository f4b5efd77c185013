"""Who may act, on whose behalf, and who is told: posts, holders, deputies (R-04, R-35)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from engine.definition import ADMINISTRATOR
from engine.errors import NotFound, NotPermitted
from engine.ports import Reader, Tenure
from workflows.plan.model import Plan, Post
from workflows.roles import AUDITOR, GROUP_OFFICE, LEADING_GROUP, OWNER, VICE_LEADER
from workflows.running.desk import Desk


def holds_on(tenure: Tenure, day: date) -> bool:
    """Return whether the tenure covers ``day``; both ends included."""
    text = day.isoformat()
    return (not tenure.since or tenure.since <= text) and (not tenure.until or text <= tenure.until)


OFFICES = (ADMINISTRATOR, AUDITOR)
"""Posts of the database itself, not of a body."""

DEPUTY = " (deputy)"
"""After a post on whose behalf a deputy acts."""


def holds_office(reader: Reader, person: str, office: str, day: date) -> bool:
    """Return whether ``person`` holds a post of the database itself on ``day``."""
    return any(
        t.post == office and not t.body and holds_on(t, day) for t in reader.tenures(person=person)
    )


def is_administrator(reader: Reader, person: str, day: date) -> bool:
    """Return whether ``person`` administers this database on ``day``."""
    return holds_office(reader, person, ADMINISTRATOR, day)


def posts_of(desk: Desk[Reader], person: str, day: date) -> Sequence[tuple[Post, Tenure]]:
    """Return the posts that ``person`` holds or deputises in on ``day``, own posts first."""
    posts = {post.id: post for post in desk.plan.posts}
    held = [
        t
        for t in desk.unit.tenures(person=person)
        if t.body == desk.plan.body and t.post in posts and holds_on(t, day)
    ]
    return [(posts[t.post], t) for t in sorted(held, key=lambda t: t.deputy)]


def roles_of_post(post: Post, owner: str) -> frozenset[str]:
    """Return the roles that ``post`` has towards what ``owner`` owes."""
    roles = set(post.roles) - {VICE_LEADER}
    if owner and (owner in (post.section, post.id) or owner in post.roles):
        roles.add(OWNER)
    if owner and owner in post.in_charge_of:
        roles.add(VICE_LEADER)
    return frozenset(roles)


def permit(
    desk: Desk[Reader],
    person: str,
    acting_for: str,
    owner: str,
    allowed: Iterable[str],
    act: str,
    key: str,
) -> str:
    """Return on whose behalf ``person`` acts, or refuse.

    Args:
        desk: the cycle at hand.
        person: account of whoever asks.
        acting_for: a post or a person named with ``--as``; for administrators.
        owner: who owes what is owed on the instance.
        allowed: the roles that may do it.
        act: what is asked, for the refusal.
        key: on which instance, for the refusal.

    Raises:
        NotPermitted: nobody of that name may do it.
        NotFound: ``acting_for`` is neither a post of the plan nor a person.

    """
    roles = set(allowed)
    found = next(authorities(desk, person, acting_for, owner, roles, act, key), None)
    if found is None:
        raise NotPermitted(person=person, act=act, key=key, allowed=sorted(roles))
    return found


def authorities(
    desk: Desk[Reader],
    person: str,
    acting_for: str,
    owner: str,
    allowed: Iterable[str],
    act: str,
    key: str,
) -> Iterator[str]:
    """Yield on whose behalf ``person`` may act, own posts first; `permit` says the rest.

    Raises:
        NotPermitted: ``--as`` is not for this person, or the post named has none of the roles.
        NotFound: ``acting_for`` is neither a post of the plan nor a person.

    """
    roles = set(allowed)
    day = desk.today
    if acting_for:
        if not is_administrator(desk.unit, person, day):
            raise NotPermitted(person=person, act="--as", key=key, allowed=[ADMINISTRATOR])
        post = next((p for p in desk.plan.posts if p.id == acting_for), None)
        if post is not None:
            if not roles & roles_of_post(post, owner):
                raise NotPermitted(person=post.id, act=act, key=key, allowed=sorted(roles))
            yield post.id
            return
        if not desk.unit.tenures(person=acting_for):
            raise NotFound(what="person", key=acting_for, hint="duban post list")
        named = list(authorities(desk, acting_for, "", owner, roles, act, key))
        if not named:
            raise NotPermitted(person=acting_for, act=act, key=key, allowed=sorted(roles))
        yield from (f"{acting_for}/{chain}" if chain else acting_for for chain in named)
        return
    for post, tenure in posts_of(desk, person, day):
        if roles & roles_of_post(post, owner):
            yield f"{post.id}{DEPUTY}" if tenure.deputy else post.id
    for office in (ADMINISTRATOR, AUDITOR):
        if office in roles and holds_office(desk.unit, person, office, day):
            yield office


def chain_of(desk: Desk[Reader], acting_for: str) -> str:
    """Return what ``--as`` names as events write it: a post as it is, a person before a stroke.

    So that whoever reads an event without the plan knows which is a person.
    """
    posts = {post.id for post in desk.plan.posts} | {*OFFICES, ""}
    return acting_for if acting_for in posts else f"{acting_for}/"


def persons_behind(desk: Desk[Reader], person: str, chain: str) -> frozenset[str]:
    """Return everybody who acts when ``person`` acts on behalf of ``chain``.

    The account itself; the person named with ``--as``; and where the post is
    not its own, whoever holds it: a deputy and a clerk act for somebody.
    """
    named, stroke, rest = chain.partition("/")
    if stroke:
        return persons_behind(desk, named, rest) | {person}
    post = chain.removesuffix(DEPUTY)
    today = [t for t in desk.unit.tenures(desk.plan.body) if holds_on(t, desk.today)]
    holders = {t.person for t in today if t.post == post and not t.deputy}
    named_persons = {t.person for t in desk.unit.tenures(person=post)} if post else set()
    others = named_persons if person in holders else holders | named_persons
    return frozenset({person, *others}) if post not in OFFICES else frozenset({person})


def recipients(
    desk: Desk[Reader], roles: Iterable[str], owners: Iterable[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return whom ``roles`` mean for what ``owners`` owe: recipient → the owners concerned.

    A post that somebody holds means its holders and their deputies on the
    day; one that nobody holds is told as ``post:`` and its id.
    """
    found: dict[str, list[str]] = {}
    held = [t for t in desk.unit.tenures(desk.plan.body) if holds_on(t, desk.today)]
    for owner in sorted(set(owners)):
        for role in roles:
            for post in posts_for(desk.plan, role, owner):
                mine = [t.person for t in held if t.post == post.id and t.body == desk.plan.body]
                for recipient in sorted(mine) or [f"post:{post.id}"]:
                    about = found.setdefault(recipient, [])
                    if owner not in about:
                        about.append(owner)
            for tenure in held if role in OFFICES else ():
                if tenure.post == role and not tenure.body:
                    about = found.setdefault(tenure.person, [])
                    about += [owner] if owner not in about else []
    return {recipient: tuple(about) for recipient, about in sorted(found.items())}


def posts_for(plan: Plan, role: str, owner: str) -> Sequence[Post]:
    """Return the posts that ``role`` means for what ``owner`` owes."""
    if role in (OWNER, VICE_LEADER):
        return [p for p in plan.posts if role in roles_of_post(p, owner)]
    if role in (GROUP_OFFICE, LEADING_GROUP, AUDITOR):
        return [p for p in plan.posts if role in p.roles]
    return [p for p in plan.posts if p.id == role or role in p.roles]
