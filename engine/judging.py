"""Judging anew: whether the guard of each move held on the facts of its moment.

Own facts are those that the events before gave. What a guard read of the
parent is found by the parent's sequence, which the event keeps; whether a join
held is counted again from the histories of the children. An event that does
not say what it read, from before that was kept, is left undecided.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from engine.definition import Counted, Join, Move
from engine.errors import N_
from engine.events import Event, Instance, Kind, apply
from engine.facts import NO_FACTS, Facts, to_moment
from engine.footprint import Footprint, changes_of, footprint
from engine.guards import ALWAYS, Joined, Reached, View, holds, leaves, reads_parent
from engine.ports import Reader
from engine.replay import Break, opened

AT_ONCE = timedelta(minutes=1)
"""Units so close together may have been recorded in another order than they were decided."""

_NO_TIME = datetime(1, 1, 1, tzinfo=UTC)


class _Reads(NamedTuple):
    """What a guard reads besides the instance's own state and facts."""

    parent: bool
    moment: bool
    joins: tuple[str, ...]


@lru_cache(maxsize=1000)
def _reads(move: Move) -> _Reads:
    found = list(leaves(move.guard))
    return _Reads(
        parent=reads_parent(move.guard),
        moment=any(isinstance(leaf, Reached) for leaf in found),
        joins=tuple(leaf.join for leaf in found if isinstance(leaf, Joined)),
    )


@dataclass(frozen=True, slots=True)
class Stood:
    """A parent after one of its events."""

    position: int
    state: str
    facts: Facts


@dataclass(slots=True)
class Judge:
    """Decides guards again; remembers which joins are to be counted again."""

    reader: Reader
    joins: list[tuple[str, int, str, str]] = field(default_factory=list)
    """Each move that a join let through, as `recount` asks for them."""
    _parents: dict[str, Sequence[Stood]] = field(default_factory=dict)

    def allows(self, key: str, move: Move, state: str, facts: Facts, step: Footprint) -> bool:
        """Return whether the guard of ``move`` held, or cannot be decided any more."""
        if move.guard == ALWAYS or move.forced:
            return True
        reads = _reads(move)
        said: Mapping[str, Any] = {}
        if reads.parent or reads.joins:
            said = changes_of(step.data).get("read", {})
        parent: Stood | None = None
        if reads.parent:
            if "parent" not in said:
                return True
            parent = self._parent(key, int(said["parent"]), step.position)
            if parent is None:
                return False
        if reads.joins:
            if "joined" not in said:
                return True
            self.joins += [(key, step.sequence, step.edition or "", j) for j in reads.joins]
        view = View(
            state=state,
            facts=facts,
            now=to_moment(step.recorded_at) if reads.moment else _NO_TIME,
            parent_state=parent.state if parent else None,
            parent_facts=parent.facts if parent else NO_FACTS,
            joins=dict.fromkeys(said.get("joined", ()), True),
        )
        return holds(move.guard, view)

    def _parent(self, key: str, sequence: int, position: int) -> Stood | None:
        """Return the parent after its event of that number, which came before ``position``."""
        parent = key.rpartition("/")[0]
        if parent not in self._parents:
            self._parents[parent] = list(stands(self.reader.history(parent)))
        known = self._parents[parent]
        if not 1 <= sequence <= len(known):
            return None
        found = known[sequence - 1]
        return found if found.position < position else None


def stands(events: Sequence[Event]) -> Iterator[Stood]:
    """Yield how an instance stood after each of its events."""
    instance: Instance | None = None
    for event in events:
        instance = opened(event) if instance is None else apply(instance, event)
        if instance is None:
            return
        yield Stood(event.position, instance.state, instance.facts)


def unlawful(judge: Judge, before: Instance | None, event: Event) -> Break | None:
    """Return what is wrong with a move whose guard did not hold on the facts of its moment."""
    if event.kind is not Kind.MOVED or before is None:
        return None
    move = judge.reader.machine(event.edition).edge(event.trigger, event.source)
    if move is None or judge.allows(before.key, move, before.state, before.facts, footprint(event)):
        return None
    return Break(
        instance=event.instance,
        sequence=event.sequence,
        code="guard",
        problem=N_("its guard did not hold on the facts of that moment"),
        found=f"{event.source} -{event.trigger}-> {event.target}",
    )


Waited: TypeAlias = tuple[str, int, str, str]
"""Key, sequence, edition and join of a move that a join let through."""


def recount(reader: Reader, joins: Sequence[Waited]) -> Iterator[Break]:
    """Yield each move that a join let through although some child had not arrived."""
    asked: dict[str, dict[tuple[int, str, str], None]] = {}
    for key, sequence, edition, name in joins:
        asked.setdefault(key, {})[sequence, edition, name] = None
    for cycle in dict.fromkeys(key.partition("/")[0] for key in asked):
        children, made = _read(reader, cycle, asked)
        for key, moves in asked.items():
            for sequence, edition, name in moves:
                join = reader.machine(edition).workflow.join(name)
                event = made.get((key, sequence))
                if join is None or event is None:
                    continue
                short, least, most = _short(join, children.get(key, ()), event)
                said = _counted(event, name)
                if said is not None and not least <= said <= most:
                    yield Break(
                        instance=key,
                        sequence=sequence,
                        code="join",
                        problem=N_("it counted other children than there were"),
                        found=f"{name}: {said}",
                        expected=str(most),
                    )
                elif short or not (most or join.may_be_empty):
                    yield Break(
                        instance=key,
                        sequence=sequence,
                        code="join",
                        problem=N_("not all that it waited for had arrived"),
                        found=", ".join(short[:5]) or "0",
                        expected=name,
                    )


class _Child(NamedTuple):
    key: str
    workflow: str
    events: Sequence[Event]


def _read(
    reader: Reader, cycle: str, asked: Mapping[str, Mapping[tuple[int, str, str], None]]
) -> tuple[Mapping[str, list[_Child]], Mapping[tuple[str, int], Event]]:
    """Return the children of those that waited for a join, and the moves that were let through.

    For a cycle, all that is in it are its children.
    """
    children: dict[str, list[_Child]] = {}
    made: dict[tuple[str, int], Event] = {}
    for instance, events in reader.histories(cycle):
        for sequence, _, _ in asked.get(instance.key, ()):
            if sequence <= len(events):  # else made since, while all this is read
                made[instance.key, sequence] = events[sequence - 1]
        for parent in {instance.parent, instance.cycle} & asked.keys():
            if parent != instance.key:
                child = _Child(instance.key, instance.workflow, events)
                children.setdefault(parent, []).append(child)
    return children, made


def _counted(event: Event, join: str) -> int | None:
    """Return how many children an event says that a join counted; older ones do not say it."""
    said = event.data.get("read", {}).get("joined", ())
    return int(said[join][1]) if isinstance(said, Mapping) and join in said else None


def _short(join: Join, children: Sequence[_Child], event: Event) -> tuple[list[str], int, int]:
    """Return who had not arrived when ``event`` was decided; how many had at least, and at most."""
    kinds = {kind.workflow: kind for kind in join.counted}
    short, least, most = [], 0, 0
    for child in children:
        kind = kinds.get(child.workflow)
        if kind is None:
            continue
        seen = set(_may_have_been(kind, child, event))
        least += seen == {True}
        most += True in seen
        if seen == {False}:
            short.append(child.key)
    return short, least, most


def _may_have_been(kind: Counted, child: _Child, event: Event) -> Iterator[bool | None]:
    """Yield how the child may have been seen: arrived, not arrived, or not counted at all.

    What was recorded within a minute of it may have been seen or not.
    """
    known = list(stands(child.events))
    last = bisect_right([e.position for e in child.events], event.position)
    near = [
        number
        for number, e in enumerate(child.events, start=1)
        if abs(e.recorded_at - event.recorded_at) <= AT_ONCE
    ]
    for number in {last, *near, *(n - 1 for n in near)}:
        if not 0 < number <= len(known):
            yield None
            continue
        stood = known[number - 1]
        view = View(stood.state, stood.facts, event.recorded_at)
        counts = stood.state not in kind.left_out and holds(kind.when, view)
        yield stood.state in kind.arrived if counts else None
