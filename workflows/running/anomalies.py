"""Anomalies: acts that are lawful but unusual, found for whoever audits; nothing is judged.

What was forged is found by `verify`. What stands here was done as the rules
allow, and each act has its reason and its authority beside it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from engine.act import people_of
from engine.content import content, moment_of
from engine.deadline import Deadline
from engine.definition import Move
from engine.events import DAEMON, Event, Instance, Kind
from engine.machine import Machine
from engine.ports import Reader
from workflows.plan.model import Step
from workflows.plan.oversight import AnomalyLimits
from workflows.roles import OWNER
from workflows.running.desk import Desk
from workflows.running.people import DEPUTY
from workflows.running.requests import is_reopening
from workflows.running.steps import machine_of, steps_binding


class Unusual(StrEnum):
    """Why an act is listed."""

    FORCED = "forced"
    ALONE = "alone"
    """One person did what the plan gives to two."""
    BACK_DATED = "back_dated"
    NEAR_DATE = "near_date"
    SAME_PERSON = "same_person"
    """The same person, or the same post, on both sides of a matter."""
    RELEASED_LATE = "released_late"
    """Excused, paused or extended after the date had passed."""
    REOPENED = "reopened"
    BURST = "burst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From where on something is unusual."""

    back_dated: timedelta = timedelta(days=1)
    """Recorded so much later than it took effect."""
    near: timedelta = timedelta(minutes=30)
    """So close to a date, before or after."""
    burst: int = 20
    """So many acts of one person …"""
    within: timedelta = timedelta(minutes=10)
    """… within that time."""

    @classmethod
    def of(cls, said: AnomalyLimits) -> Limits:
        """Return the limits that a plan names."""
        return cls(
            back_dated=timedelta(days=said.back_dated_days),
            near=timedelta(minutes=said.near_minutes),
            burst=said.burst,
            within=timedelta(minutes=said.burst_minutes),
        )

    def of_kind(self, kind: Unusual) -> str:
        """Return the limit of one kind of anomaly, for programs: ``3d``, ``30m``, ``20/10m``."""
        if kind is Unusual.BACK_DATED:
            return f"{self.back_dated.days}d"
        if kind is Unusual.NEAR_DATE:
            return f"{minutes(self.near)}m"
        return f"{self.burst}/{minutes(self.within)}m" if kind is Unusual.BURST else ""


def minutes(span: timedelta) -> int:
    """Return how many minutes a time is."""
    return int(span.total_seconds() // 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """One act that is worth a look."""

    kind: Unusual
    event: Event
    details: Mapping[str, Any] = field(default_factory=dict)
    """What makes it so: codes and values."""
    other: Event | None = None
    """The act on the other side, or the last of a burst."""


RELEASES = (Kind.EXCUSED, Kind.SUSPENDED, Kind.EXTENDED)
SECOND = (Kind.ACT_CONFIRMED, Kind.GLASS_BROKEN)
"""What stands between a request and the act that it becomes."""


def anomalies(desk: Desk[Reader], limits: Limits) -> Sequence[Anomaly]:
    """Return what is unusual in the cycle, in order of recording; texts of the acts included."""
    looking = _Looking(desk, limits)
    for instance, events in desk.unit.histories(desk.key):
        looking.look_at(instance, events)
    found = sorted((*looking.found, *looking.bursts()), key=lambda a: a.event.position)
    return [_with_texts(desk.unit, anomaly) for anomaly in found]


def _with_texts(reader: Reader, found: Anomaly) -> Anomaly:
    whole = reader.event(found.event.position) or found.event
    return Anomaly(kind=found.kind, event=whole, details=found.details, other=found.other)


class _Looking:
    """Looks through the histories of one cycle, one after the other."""

    def __init__(self, desk: Desk[Reader], limits: Limits) -> None:
        self._desk, self._limits = desk, limits
        self.found: list[Anomaly] = []
        self._second: set[int] = set()
        self._acts: dict[str, list[Event]] = {}
        self._dates: dict[tuple[str, str, str], list[Deadline]] = {}
        for deadline in desk.unit.deadlines(desk.key, all_versions=True):
            place = (deadline.instance, deadline.step, deadline.occurrence)
            self._dates.setdefault(place, []).append(deadline)

    def look_at(self, instance: Instance, events: Sequence[Event]) -> None:
        """Note what is unusual in one history; the cycle's comes first."""
        machine = self._desk.unit.machine(instance.edition)
        steps = list(steps_binding(self._desk.plan, instance))
        acts: dict[int, Event] = {}
        made: dict[str, Event] = {}
        last: Event | None = None
        for event in events:
            if event.kind in SECOND:
                self._second.add(event.position)
            if event.kind is Kind.GLASS_BROKEN:
                self._note(Unusual.ALONE, event)
            if event.actor != DAEMON and (event.cause is None or event.cause in self._second):
                acts[event.position] = event
                self._one(instance, steps, event)
            act = acts.get(event.position) or acts.get(event.cause or 0)
            if act is not None:
                self._dated(instance, steps, event, act)
            if event.kind is Kind.MOVED:
                by = event if act is None else replace(act, **_edge_of(event))
                if event is act:
                    self._moved(machine, event, made, last)
                made[event.trigger] = last = by
        for act in acts.values():
            if act.kind is not Kind.OPENED:
                self._acts.setdefault(act.actor, []).append(act)

    def bursts(self) -> Iterator[Anomaly]:
        """Yield where one person did very much in a short time: once for each such time."""
        for acts in self._acts.values():
            recent: deque[Event] = deque()
            burst: list[Event] = []
            for event in sorted(acts, key=lambda e: (e.recorded_at, e.position)):
                recent.append(event)
                while event.recorded_at - recent[0].recorded_at > self._limits.within:
                    recent.popleft()
                if len(recent) >= self._limits.burst:
                    burst = burst or list(recent)
                    if burst[-1] is not event:
                        burst.append(event)
                elif burst:
                    yield _burst(burst)
                    burst = []
            if burst:
                yield _burst(burst)

    def _note(
        self, kind: Unusual, event: Event, other: Event | None = None, **details: Any
    ) -> None:
        self.found.append(Anomaly(kind=kind, event=event, details=details, other=other))

    def _one(self, instance: Instance, steps: Sequence[Step], event: Event) -> None:
        """Note what one act is by itself."""
        if event.forced:
            self._note(Unusual.FORCED, event, around=list(event.data.get("around", ())))
        effect = moment_of(event) if event.kind is Kind.CORRECTED else event.occurred_at
        if event.recorded_at - effect >= self._limits.back_dated and event.kind is not Kind.TENURE:
            days = (event.recorded_at - effect).days
            self._note(Unusual.BACK_DATED, event, days=days)
        step = next((s for s in steps if s.id == event.data.get("step")), None)
        if event.kind in RELEASES and step is not None:
            due = self._due(instance, step, event)
            if due is not None and due <= event.occurred_at:
                self._note(Unusual.RELEASED_LATE, event, step=step.id, due=due)

    def _dated(self, instance: Instance, steps: Sequence[Step], event: Event, act: Event) -> None:
        """Note an act within minutes of the date that asked for it, or for what follows of it."""
        if event.kind not in (Kind.MOVED, Kind.RECORDED):
            return
        for step in steps:
            if not self._does(step, event):
                continue
            due = self._due(instance, step, event)
            if due is None:
                continue
            near = min((event.occurred_at - due, event.recorded_at - due), key=abs)
            if abs(near) <= self._limits.near:
                minutes = int(near.total_seconds() // 60)
                self._note(Unusual.NEAR_DATE, act, step=step.id, due=due, minutes=minutes)

    def _does(self, step: Step, event: Event) -> bool:
        if event.kind is Kind.RECORDED:
            told = content(event)
            return any(name in told for name in step.records)
        if not step.brings:
            return False
        reached = machine_of(self._desk.plan, step).done(step.brings)
        return event.target in reached and event.source not in reached

    def _due(self, instance: Instance, step: Step, event: Event) -> datetime | None:
        """Return the date of ``step`` that bound the instance when ``event`` was recorded."""
        occurrence = instance.origin.partition("@")[2]
        for bearer in (instance.key, ""):
            versions = self._dates.get((bearer, step.id, occurrence), ())
            before = [d for d in versions if d.event < event.position]
            if before:
                return max(before, key=lambda d: d.version).due_at
        return None

    def _moved(
        self, machine: Machine, event: Event, made: Mapping[str, Event], last: Event | None
    ) -> None:
        """Note a move that re-opens, or that confirms what the same person or post had done."""
        edge = machine.edge(event.trigger, event.source)
        if edge is None or event.forced:
            return
        if is_reopening(edge, machine.workflow):
            self._note(Unusual.REOPENED, event)
        done = made.get(edge.not_by_maker_of) if edge.not_by_maker_of else None
        if done is None and last is not None and _confirms(machine, edge, last):
            done = last
        if done is not None and (how := _same(done, event)):
            self._note(Unusual.SAME_PERSON, event, done, how=how, did=done.trigger)


def _edge_of(event: Event) -> dict[str, Any]:
    """Return what a move is; whoever set it off stands for who made it."""
    return {
        "kind": event.kind,
        "trigger": event.trigger,
        "source": event.source,
        "target": event.target,
    }


def _confirms(machine: Machine, edge: Move, last: Event) -> bool:
    """Return whether ``edge`` is the office's answer to what the owner's side did last."""
    before = machine.edge(last.trigger, last.source)
    return (
        before is not None
        and not before.forced
        and OWNER in before.by
        and bool(edge.by)
        and OWNER not in edge.by
        and last.actor != DAEMON
    )


def _same(one: Event, other: Event) -> str:
    """Return what two acts have in common: ``person``, ``post``, or nothing."""
    if people_of(one) & people_of(other):
        return "person"
    posts = {e.acting_for.rpartition("/")[2].removesuffix(DEPUTY) for e in (one, other)}
    return "post" if len(posts) == 1 and "" not in posts else ""


def _burst(acts: Sequence[Event]) -> Anomaly:
    details = {"count": len(acts), "until": acts[-1].recorded_at}
    return Anomaly(kind=Unusual.BURST, event=acts[0], details=details, other=acts[-1])
