"""Footprints: the least of an event that replay needs, for checking very many of them.

`fold` accepts a history only if `engine.replay.walk` would find nothing wrong
with it, and then gives the same instance; a property test holds the two
together. What it does not accept is read again, whole, to name the break.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from engine.definition import Move
from engine.events import Event, Instance, Kind
from engine.facts import Facts, to_moment, to_text
from engine.machine import Machine


class Footprint(NamedTuple):
    """One event as it is stored: kinds and moments as text, data as JSON text."""

    sequence: int
    kind: str
    edition: str | None
    trigger: str | None
    source: str | None
    target: str | None
    occurred_at: str
    data: str
    position: int
    recorded_at: str
    cause: int | None
    timer: str | None
    actor: str
    acting_for: str
    authority: str


Share: TypeAlias = tuple[int, int]
"""Which part of how many: ``(0, 4)`` and the three after it make the whole."""

WHOLE: Share = (0, 1)

Allows: TypeAlias = Callable[[str, Move, str, Facts, Footprint], bool]
"""Key, move, state, facts, and the footprint of the move → whether its guard held."""


def footprint(event: Event) -> Footprint:
    """Return what replay needs of ``event``."""
    return Footprint(
        event.sequence,
        str(event.kind),
        event.edition or None,
        event.trigger or None,
        event.source or None,
        event.target or None,
        to_text(event.occurred_at),
        json.dumps(dict(event.data)),
        event.position,
        to_text(event.recorded_at),
        event.cause,
        event.timer or None,
        event.actor,
        event.acting_for,
        event.authority,
    )


def fold(
    key: str,
    footprints: Iterable[Footprint],
    machine_of: Callable[[str], Machine],
    allows: Allows | None = None,
) -> Instance | None:
    """Return the instance that the footprints lead to, or None if anything is wrong with them.

    ``allows`` decides the guard of each move on the state and the facts of its moment.
    """
    steps = iter(footprints)
    first = next(steps, None)
    if first is None or first.sequence != 1 or first.kind != Kind.OPENED:
        return None
    born: dict[str, Any] = json.loads(first.data)
    if "machine" not in born:
        return None
    edition, state, owner = born["machine"], born["state"], born["owner"]
    facts: dict[str, Any] = dict(born["set"])
    lamp, moved_at, sequence = "", "", 1
    edge = machine_of(edition).edge
    moved, amended = str(Kind.MOVED), str(Kind.AMENDED)
    for step in steps:
        number, kind, of, trigger, source, target, occurred_at, data, *_ = step
        sequence += 1
        if number != sequence or (kind != moved and target is not None):
            return None
        if kind == moved:
            if source != state or of != edition or occurred_at < moved_at or trigger is None:
                return None
            move = edge(trigger, state)
            if move is None or move.target != target:
                return None
            if allows is not None and not allows(key, move, state, facts, step):
                return None
            state, moved_at = move.target, occurred_at
        if len(data) > len("{}"):
            changes = changes_of(data)
            if kind == amended and "machine" in changes:
                workflow = machine_of(changes["machine"]).workflow
                left, entered = changes["from"], changes["state"]
                known = workflow.name == born["workflow"] and entered in workflow.states
                if left != edition or not known:
                    return None
                edition, state = changes["machine"], entered
                edge = machine_of(edition).edge
            for fact in changes.get("unset", ()):
                facts.pop(fact, None)
            facts.update(changes.get("set", ()))
            lamp = changes.get("lamp", lamp)
            owner = changes.get("owner", owner)
    return Instance(
        key=key,
        workflow=born["workflow"],
        edition=edition,
        state=state,
        sequence=sequence,
        owner=owner,
        origin=born["origin"],
        lamp=lamp,
        facts=facts,
        moved_at=to_moment(moved_at) if moved_at else None,
    )


@lru_cache(maxsize=1000)
def changes_of(data: str) -> Mapping[str, Any]:
    """Return what an event says; a set-based act writes the same for all that it concerns."""
    changes: Mapping[str, Any] = json.loads(data)
    return changes
