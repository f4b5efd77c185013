"""The past: what had taken effect by one moment, of what was recorded by another.

A correction that was known puts right what it corrects: the moment at which it
took effect, and what it says. One that was not known yet changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from engine.events import Event, Instance, Kind
from engine.facts import to_moment, to_text
from engine.footprint import Footprint, changes_of, footprint

_CORRECTED = str(Kind.CORRECTED)
_MOVED = str(Kind.MOVED)
_OPENED = str(Kind.OPENED)
_AMENDED = str(Kind.AMENDED)


@dataclass(frozen=True, slots=True)
class Horizon:
    """Two moments between which the past is looked at."""

    as_of: datetime
    """What had taken effect by then …"""
    known_at: datetime
    """… of what was recorded by then."""


class Happened(NamedTuple):
    """A footprint as it was known: when it took effect, and what it said."""

    footprint: Footprint
    moment: str
    data: str
    """Empty where a correction voided it, and for a correction: it acts through what it rights."""
    righted: bool = False
    """Whether ``data`` is that of the correction of a record."""


def known(footprints: Iterable[Footprint], known_at: str) -> Iterator[Happened]:
    """Yield what was recorded by ``known_at``, put right as far as was known then."""
    seen = [step for step in footprints if step.recorded_at <= known_at]
    if not any(step.kind == _CORRECTED for step in seen):
        for step in seen:
            yield Happened(step, step.occurred_at, step.data)
        return
    origin: dict[int, int] = {}
    right: dict[int, str] = {}
    for step in seen:
        if step.kind == _CORRECTED:
            corrected = int(changes_of(step.data)["corrects"])
            first = origin[step.position] = origin.get(corrected, corrected)
            right[first] = step.data
    moments: dict[int, str] = {}
    for step in seen:
        if step.position in origin:
            moment = moments.get(origin[step.position], step.occurred_at)
            yield Happened(step, moment, "")
            continue
        correction = right.get(step.position, "")
        said = changes_of(correction) if correction else {}
        void = bool(said.get("void"))
        moment = str(said["moment"]) if said and not void else step.occurred_at
        moments[step.position] = moment
        if not correction or step.kind == _MOVED:  # of a move only the date is put right
            yield Happened(step, moment, step.data)
        else:
            yield Happened(step, moment, "" if void else correction, righted=True)


def fold(key: str, steps: Sequence[Happened]) -> Instance | None:
    """Return the instance that ``steps`` lead to, which need not join: some may be missing.

    None if they do not begin with its opening.
    """
    if not steps or steps[0].footprint.kind != _OPENED:
        return None
    born = changes_of(steps[0].data)
    if "machine" not in born:
        return None
    state, owner, lamp, moved_at = born["state"], born["owner"], "", ""
    edition = born["machine"]
    facts: dict[str, Any] = dict(born["set"])
    for step, _, data, righted in steps[1:]:
        if step.kind == _MOVED and step.target:
            state, moved_at = step.target, step.occurred_at
        if righted and data:
            changes = changes_of(data)
            facts.update(changes.get("says", changes.get("set", ())))
        elif len(data) > len("{}"):
            changes = changes_of(data)
            if step.kind == _AMENDED and "machine" in changes:
                edition, state = changes["machine"], changes["state"]
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
        sequence=len(steps),
        owner=owner,
        origin=born["origin"],
        lamp=lamp,
        facts=facts,
        moved_at=to_moment(moved_at) if moved_at else None,
    )


def as_of(key: str, events: Iterable[Event], horizon: Horizon) -> Instance | None:
    """Return the instance of one history as it was; None if its opening was not known."""
    as_of, known_at = to_text(horizon.as_of), to_text(horizon.known_at)
    steps = list(known((footprint(event) for event in events), known_at))
    return fold(key, [h for n, h in enumerate(steps) if not n or h.moment <= as_of])


def visible(events: Sequence[Event], horizon: Horizon) -> list[Event]:
    """Return the events that had taken effect and were known, with the corrections of each."""
    as_of, known_at = to_text(horizon.as_of), to_text(horizon.known_at)
    steps = known((footprint(event) for event in events), known_at)
    there = {happened.footprint.position for happened in steps if happened.moment <= as_of}
    return [event for event in events if event.position in there]
