"""Sight: what a person may read of a cycle, as its plan says.

Decided in one place, from the posts that the person holds on the day. What
may not be read is not there: no refusal tells it from what never was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.events import Event, Instance, Kind
from engine.ports import Reader
from workflows.plan.oversight import Sight
from workflows.roles import AUDITOR, OWNER, ROLES, VICE_LEADER
from workflows.running.asking import ABOVE
from workflows.running.desk import Application, desk
from workflows.running.people import (
    OFFICES,
    holds_office,
    posts_of,
    roles_of_post,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What of one cycle may be read."""

    everything: bool = False
    owners: frozenset[str] = frozenset()
    """Sections, posts and roles of which the affairs may be read."""

    @property
    def nothing(self) -> bool:
        """Return whether not even the cycle itself may be read."""
        return not self.everything and not self.owners

    def sees(self, instance: Instance) -> bool:
        """Return whether the instance may be read; a cycle by whoever has a post in it."""
        if self.everything:
            return True
        return bool(self.owners) and (not instance.parent or instance.owner in self.owners)


WHOLE = Scope(everything=True)


def is_restricted(reader: Reader, cycle: str) -> bool:
    """Return whether the plan of a cycle lets sections read only their own."""
    _, content = reader.plan(cycle)
    return bool(content.get("reading", {}).get("sections") == Sight.OWN)


def scope_of(app: Application, reader: Reader, cycle: str, person: str) -> Scope:
    """Return what ``person`` may read of a cycle today."""
    if not is_restricted(reader, cycle):
        return WHOLE
    at = desk(app, reader, cycle)
    if any(holds_office(reader, person, office, at.today) for office in OFFICES):
        return WHOLE
    posts = [post for post, _ in posts_of(at, person, at.today)]
    wide = {*at.plan.reading.everything, AUDITOR}
    if any(wide.intersection(post.roles) for post in posts):
        return WHOLE
    known = [*(s.id for s in at.plan.sections), *(p.id for p in at.plan.posts), *ROLES]
    mine = {OWNER, VICE_LEADER}
    owners = {o for o in known for post in posts if mine & roles_of_post(post, o)}
    return Scope(owners=frozenset({*owners, *(post.id for post in posts)}))


def pared(scope: Scope, event: Event) -> Event:
    """Return an event of a cycle without what it says of others."""
    if scope.everything:
        return event
    data = dict(event.data)
    if "owed" in data:
        data["owed"] = [line for line in data["owed"] if line["owner"] in scope.owners]
    if event.kind is Kind.GLASS_BROKEN:
        data |= {"key": "", "with": {}}
    if event.kind is Kind.ACT_PROPOSED:
        data |= {"effects": {}, "with": {}}
    if event.kind in OF_OTHERS or data.get("act") in ABOVE:
        return replace(event, data=data, authority="", texts={})
    return replace(event, data=data)


OF_OTHERS = (Kind.GLASS_BROKEN, Kind.NOTED)
"""Events of a cycle whose words are about whatever was done alone, wherever that was."""


def pared_register(events: Sequence[Event], *, names: bool) -> list[Event]:
    """Return the office's events without their words, and without who holds what."""
    nobody = {} if names else {"body": "", "post": "", "person": ""}
    return [
        event
        if event.kind is Kind.KEY
        else replace(
            event,
            authority="",
            texts={},
            data={**event.data, **nobody} if event.kind is Kind.TENURE else event.data,
        )
        for event in events
    ]


def pared_all(scope: Scope, events: Sequence[Event]) -> list[Event]:
    """Return a cycle's events without what they say of others."""
    return [pared(scope, event) for event in events]
