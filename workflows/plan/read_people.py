"""Reading who there is: sections, posts with their holders, bodies outside."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import N_
from workflows.plan.element import Element, Reading
from workflows.plan.model import Holder, Outside, Post, Section
from workflows.plan.source import Node
from workflows.roles import DAEMON, ROLES

SECTION = N_("section")
POST = N_("post")
ROLE = N_("role")
OUTSIDE = N_("outside body")


def read_sections(plan: Element) -> tuple[Section, ...]:
    """Return the sections of the body."""
    return tuple(_sections(plan.reading, plan.nodes("sections")))


def _sections(reading: Reading, nodes: tuple[Node, ...]) -> Iterator[Section]:
    for node in nodes:
        with reading.element(node, "sections") as e:
            if e is not None:
                yield Section(id=_own_id(e, SECTION), name=e.name(required=True))


def read_outside(plan: Element) -> tuple[Outside, ...]:
    """Return the bodies outside."""
    return tuple(_outside(plan.reading, plan.nodes("outside")))


def _outside(reading: Reading, nodes: tuple[Node, ...]) -> Iterator[Outside]:
    for node in nodes:
        with reading.element(node, "outside") as e:
            if e is not None:
                yield Outside(
                    id=e.declared(OUTSIDE), name=e.name(required=True), duty=e.name("duty")
                )


def read_posts(plan: Element) -> tuple[Post, ...]:
    """Return the posts; the sections must have been read."""
    return tuple(_posts(plan.reading, plan.nodes("posts")))


def _posts(reading: Reading, nodes: tuple[Node, ...]) -> Iterator[Post]:
    for node in nodes:
        with reading.element(node, "posts") as e:
            if e is None:
                continue
            post_id = _own_id(e, POST)
            yield Post(
                id=post_id,
                name=e.name(required=True),
                roles=_known(e, "roles", "P212", ROLE),
                section=next(iter(_known(e, "section", "P210", SECTION)), ""),
                in_charge_of=_known(e, "in_charge_of", "P210", SECTION),
                holders=tuple(_holders(reading, e.nodes("holders"), post_id)),
            )


def _holders(reading: Reading, nodes: tuple[Node, ...], post: str) -> Iterator[Holder]:
    for node in nodes:
        with reading.element(node, "holders") as e:
            if e is None:
                continue
            holder = Holder(
                person=e.text("person", required=True), since=e.day("since"), until=e.day("until")
            )
            if holder.since and holder.until and holder.until < holder.since:
                e.note(
                    "P236",
                    e.at("until"),
                    person=holder.person,
                    post=post,
                    since=holder.since.isoformat(),
                    until=holder.until.isoformat(),
                )
            yield holder


def _known(element: Element, key: str, code: str, noun: str) -> tuple[str, ...]:
    names = element.reading.names
    placed = element.placed(key)
    return tuple(name for name, place in placed if names.refer(code, (noun,), name, place))


def roles_named(e: Element, key: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Return the roles that ``key`` names; the usual ones where there is no such key."""
    if e.get(key) is None:
        return usual
    names = e.reading.names
    return tuple(n for n, place in e.placed(key) if names.refer("P211", (ROLE,), n, place))


def _own_id(element: Element, noun: str) -> str:
    """Return an id that an owner or a recipient can be named by, so it must mean one thing."""
    text = element.id()
    if text in ROLES or text == DAEMON:
        element.note("P234", element.at("id"), id=text)
        return ""
    names = element.reading.names
    other = POST if noun == SECTION else SECTION
    if names.has(other, text):
        first = names.place(other, text).line
        element.note("P132", element.at("id"), id=text, noun=other, first=first)
        return ""
    names.declare(noun, text, element.at("id"))
    return text
