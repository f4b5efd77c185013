"""Where a date comes from: every version of it, and the event and the person behind each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.deadline import Deadline
from engine.events import DAEMON, Event, Kind
from engine.facts import to_moment
from engine.ports import Reader
from workflows.deadlines.rule import events_of
from workflows.plan.model import Step
from workflows.running.desk import Desk
from workflows.running.schedule import names_of, narrowed_rules

DECISIONS = (
    Kind.EXTENSION_ASKED,
    Kind.EXTENDED,
    Kind.EXTENSION_REFUSED,
    Kind.EXCUSED,
    Kind.SUSPENDED,
    Kind.RESUMED,
    Kind.ENTERED,
)
"""What people decide on a step for one instance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that was done to a date."""

    what: str
    """``opened``, ``set``, or the kind of a decision."""
    due_at: datetime | None
    """The date from then on; of a request, the one that was asked for."""
    opens_at: datetime | None = None
    version: int = 0
    occurrence: str = ""
    instance: str = ""
    event: Event | None = None
    """What brought it about: of a set date its cause, else the decision itself."""


def changes(at: Desk[Reader], step: Step, key: str = "") -> Iterator[Change]:
    """Yield the shared versions of the dates of ``step``, then what each instance has of its own.

    A date that stands as the plan set it is left out. With ``key``, of that
    instance only, also what was asked for in vain.
    """
    every = at.unit.deadlines(at.key, step.id, all_versions=True)
    shared = [d for d in every if not d.instance]
    moved = {d.occurrence for d in shared if d.version > 1}
    for first in shared:
        if first.version == 1 and first.occurrence in moved:
            yield Change(
                what="opened",
                due_at=first.due_at,
                opens_at=first.opens_at,
                version=1,
                occurrence=first.occurrence,
            )
    yield from _set(at, at.key, step, shared)
    own = sorted({d.instance for d in every if d.instance})
    for instance in [key] if key else own:
        yield from _of_instance(at, instance, step, [d for d in every if d.instance == instance])


def behind(at: Desk[Reader], step: Step) -> Sequence[Event]:
    """Return the events of the cycle on which the date of ``step`` rests, the last of each name."""
    rule = narrowed_rules(at).get(step.id) or step.due
    wanted = events_of(rule) if rule else frozenset()
    found: dict[str, Event] = {}
    for event in at.unit.history(at.key) if wanted else ():
        for name in names_of(event):
            if name in wanted:
                found[name] = event
    return list(found.values())


def current(at: Desk[Reader], step: Step) -> Sequence[Deadline]:
    """Return the shared dates of ``step`` as they are kept now, one for each occurrence."""
    return sorted(at.unit.deadlines(at.key, step.id, instance=""), key=lambda d: d.occurrence)


def _set(at: Desk[Reader], key: str, step: Step, versions: Sequence[Deadline]) -> Iterator[Change]:
    opens = {(d.occurrence, d.version): d.opens_at for d in versions}
    for event in at.unit.history(key):
        if event.kind is Kind.DEADLINE_SET and event.data.get("step") == step.id:
            due = str(event.data.get("due") or "")
            version, occurrence = int(event.data["version"]), str(event.data.get("occurrence", ""))
            yield Change(
                what="set",
                due_at=to_moment(due) if due else None,
                opens_at=opens.get((occurrence, version)),
                version=version,
                occurrence=occurrence,
                instance=key if key != at.key else "",
                event=root(at.unit, event),
            )


def root(reader: Reader, event: Event) -> Event:
    """Return the act of a person that brought ``event`` about, or as far back as is known."""
    while event.actor == DAEMON and event.cause is not None:
        before = reader.event(event.cause)
        if before is None:
            return event
        event = before
    return event


def _of_instance(
    at: Desk[Reader], key: str, step: Step, versions: Sequence[Deadline]
) -> Iterator[Change]:
    found = list(_set(at, key, step, versions)) if key != at.key else []
    for event in at.unit.history(key):
        if event.kind in DECISIONS and event.data.get("step") == step.id:
            to = event.data.get("to")
            due_at = to_moment(str(to)) if to else None
            found.append(Change(what=str(event.kind), due_at=due_at, instance=key, event=event))
    yield from sorted(found, key=lambda change: change.event.position if change.event else 0)
