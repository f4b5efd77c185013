"""Differences: what changed in a cycle between two moments, by whom and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

from engine.content import content
from engine.deadline import Deadline, Exempt
from engine.events import DAEMON, Event, Instance, Kind
from engine.past import Horizon, visible
from engine.ports import Reader, Tenure
from workflows import office
from workflows.running.past import Past, past_of
from workflows.running.people import holds_on
from workflows.running.provenance import root

FEW = 200
"""Instances up to which each history is read on its own."""

DECISIONS = (Kind.EXCUSED, Kind.SUSPENDED, Kind.RESUMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that was otherwise at the second moment."""

    instance: str
    """Its key; the cycle's for a post."""
    workflow: str = ""
    what: str
    """``there``, ``state``, ``owner``, ``lamp``, ``fact``, ``date``, ``exempt`` or ``holder``."""
    name: str = ""
    """Of a fact, a step (with its occurrence), or a post."""
    before: object = None
    after: object = None
    event: Event | None = None
    """What brought it about."""
    act: Event | None = None
    """The act of a person behind that, or as far back as is known."""


def differences(
    reader: Reader, cycle: str, first: Horizon, second: Horizon, body: str, zone: ZoneInfo
) -> Iterator[Difference]:
    """Yield what differs between two moments of ``cycle``, instance by instance, then the posts."""
    one, two = past_of(reader, cycle, first), past_of(reader, cycle, second)
    before = {i.key: i for i in one.instances}
    after = {i.key: i for i in two.instances}
    dates, exempt = _dates(one, two), _exempt(one, two)
    touched = [
        key
        for key in dict.fromkeys((*after, *before))
        if before.get(key) != after.get(key) or key in dates or key in exempt
    ]
    acts = _Acts(reader, cycle, first, second, touched)
    for key in touched:
        yield from _of_instance(acts, key, before.get(key), after.get(key))
        for name, was, now in dates.get(key, ()):
            event = reader.event(now.event) if now and now.event else None
            yield Difference(
                instance=key,
                what="date",
                name=name,
                before=was,
                after=now,
                event=event,
                act=root(reader, event) if event else None,
            )
        for step, was_so, is_so in exempt.get(key, ()):
            event = acts.last(key, partial(_decides, step=step))
            yield Difference(
                instance=key,
                what="exempt",
                name=step,
                before=was_so,
                after=is_so,
                event=event,
                act=event,
            )
    yield from _posts(reader, cycle, body, (one, first, zone), (two, second, zone))


class _Acts:
    """The events that stand between the two moments, by instance."""

    def __init__(
        self, reader: Reader, cycle: str, first: Horizon, second: Horizon, keys: Sequence[str]
    ) -> None:
        self._reader = reader
        self._horizons = first, second
        self._between: dict[str, list[Event]] = {}
        self._roots: dict[int, Event] = {}
        if len(keys) <= FEW:
            for key in keys:
                self._between[key] = self._new(reader.history(key))
        else:
            wanted = set(keys)
            for instance, events in reader.histories(cycle):
                if instance.key in wanted:
                    self._between[instance.key] = self._new(events)

    def _new(self, events: Sequence[Event]) -> list[Event]:
        """Return what the second moment sees and the first does not, or the other way round."""
        one, two = ({e.position for e in visible(events, horizon)} for horizon in self._horizons)
        return [e for e in events if e.position in one ^ two]

    def last(self, key: str, does: Callable[[Event], bool]) -> Event | None:
        """Return the last of them that does it."""
        return next((e for e in reversed(self._between.get(key, ())) if does(e)), None)

    def behind(self, event: Event | None) -> Event | None:
        """Return the act behind ``event``; asked for once for all that one act brought about."""
        if event is None or event.actor != DAEMON or event.cause is None:
            return event
        if event.cause not in self._roots:
            self._roots[event.cause] = root(self._reader, event)
        found = self._roots[event.cause]
        return event if found.actor == DAEMON else found


def _of_instance(
    acts: _Acts, key: str, was: Instance | None, now: Instance | None
) -> Iterator[Difference]:
    there = now or was
    workflow = there.workflow if there else ""

    def difference(
        what: str, does: Callable[[Event], bool], before: object, after: object, name: str = ""
    ) -> Difference:
        event = acts.last(key, does)
        return Difference(
            instance=key,
            workflow=workflow,
            what=what,
            name=name,
            before=before,
            after=after,
            event=event,
            act=acts.behind(event),
        )

    if was is None or now is None:
        yield difference(
            "there",
            lambda e: e.kind is Kind.OPENED,
            was.state if was else None,
            now.state if now else None,
        )
        return
    if was.state != now.state:
        yield difference("state", lambda e: e.kind is Kind.MOVED, was.state, now.state)
    if was.owner != now.owner:
        yield difference("owner", lambda e: "owner" in e.data, was.owner, now.owner)
    if was.lamp != now.lamp:
        yield difference("lamp", lambda e: "lamp" in e.data, was.lamp, now.lamp)
    for fact in sorted({*was.facts, *now.facts}):
        before, after = was.facts.get(fact), now.facts.get(fact)
        if before != after:
            yield difference("fact", partial(_tells, fact=fact), before, after, fact)


def _tells(event: Event, fact: str) -> bool:
    if event.kind is Kind.CORRECTED:
        return True
    return fact in content(event) or fact in event.data.get("unset", ())


def _decides(event: Event, step: str) -> bool:
    return event.kind in DECISIONS and event.data.get("step") == step


Dated: TypeAlias = tuple[str, Deadline | None, Deadline | None]


def _dates(one: Past, two: Past) -> Mapping[str, list[Dated]]:
    """Return instance → the dates that differ; shared ones stand with the cycle."""
    was, now = _in_force(one), _in_force(two)
    found: dict[str, list[Dated]] = {}
    for place in dict.fromkeys((*now, *was)):
        bearer, step, occurrence = place
        shared = (place[0].partition("/")[0], step, occurrence)
        before = was.get(place) or was.get(shared)
        after = now.get(place) or now.get(shared)
        if before is not None and _date(before) != _date(after):
            name = f"{step}@{occurrence}" if occurrence else step
            found.setdefault(bearer, []).append((name, before, after))
    return found


def _in_force(past: Past) -> dict[tuple[str, str, str], Deadline]:
    return {(d.instance or d.cycle, d.step, d.occurrence): d for d in past.deadlines if d.current}


def _date(deadline: Deadline | None) -> tuple[str, datetime | None, datetime | None] | None:
    if deadline is None:
        return None
    return str(deadline.certainty), deadline.opens_at, deadline.due_at


Released: TypeAlias = tuple[str, Exempt | None, Exempt | None]


def _exempt(one: Past, two: Past) -> Mapping[str, list[Released]]:
    found: dict[str, list[Released]] = {}
    for key in dict.fromkeys((*two.exemptions, *one.exemptions)):
        was, now = one.exemptions.get(key, {}), two.exemptions.get(key, {})
        for step in sorted({*was, *now}):
            before, after = _release(was.get(step)), _release(now.get(step))
            if before != after:
                found.setdefault(key, []).append((step, before, after))
    return found


def _release(kind: Exempt | None) -> Exempt | None:
    """Return why a step does not bind at all; a date of one's own is told as a date."""
    return None if kind is Exempt.OWN_DATE else kind


Asked: TypeAlias = tuple[Past, Horizon, ZoneInfo]


def _posts(reader: Reader, cycle: str, body: str, one: Asked, two: Asked) -> Iterator[Difference]:
    was, now = _holders(one, body), _holders(two, body)
    for post in dict.fromkeys((*was, *now)):
        before, after = was.get(post, []), now.get(post, [])
        people, persons = [t.person for t in before], [t.person for t in after]
        if people != persons:
            new = [t for t in (*after, *two[0].tenures) if t.post == post and t not in before]
            event = reader.event(new[0].event) if new else None
            yield Difference(
                instance=cycle,
                workflow=office.NAME,
                what="holder",
                name=post,
                before=people,
                after=persons,
                event=event,
                act=event,
            )


def _holders(asked: Asked, body: str) -> Mapping[str, list[Tenure]]:
    past, horizon, zone = asked
    day = horizon.as_of.astimezone(zone).date()
    held: dict[str, list[Tenure]] = {}
    for tenure in past.tenures:
        if tenure.body in ("", body) and holds_on(tenure, day):
            held.setdefault(tenure.post, []).append(tenure)
    return held
