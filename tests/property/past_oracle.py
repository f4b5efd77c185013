"""The past by brute force: from plain lists of events, sharing no code with what is tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.events import Event

OPENED, MOVED, CORRECTED, TENURE = "opened", "moved", "corrected", "tenure"


@dataclass
class Was:
    """An instance as it was."""

    state: str
    owner: str
    lamp: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    exempt: dict[str, str] = field(default_factory=dict)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def last_correction(event: Event, known: Sequence[Event]) -> Event | None:
    """Return the correction that counts in the end, each being corrected by the next."""
    found, wrong = None, event
    while True:
        after = [e for e in known if e.kind == CORRECTED and e.data["corrects"] == wrong.position]
        if not after:
            return found
        found = wrong = after[0]


def took_effect(event: Event, known: Sequence[Event]) -> datetime:
    root = event
    while root.kind == CORRECTED:
        root = next(e for e in known if e.position == root.data["corrects"])
    right = last_correction(root, known)
    if right is None or right.data.get("void"):
        return root.occurred_at
    return moment(right.data["moment"])


def was(history: Sequence[Event], as_of: datetime, known_at: datetime) -> Was | None:
    """Return the instance of one history; None if nobody knew of it."""
    known = [e for e in history if e.recorded_at <= known_at]
    if not known or known[0].kind != OPENED:
        return None
    born = known[0].data
    found = Was(state=born["state"], owner=born["owner"], facts=dict(born["set"]))
    for event in known[1:]:
        if took_effect(event, known) > as_of or event.kind == CORRECTED:
            continue
        right = last_correction(event, known)
        if event.kind == MOVED:
            found.state = event.target
        if right is not None and event.kind != MOVED:
            if not right.data.get("void"):
                found.facts.update(right.data.get("says", right.data.get("set", {})))
            continue
        for fact in event.data.get("unset", []):
            found.facts.pop(fact, None)
        found.facts.update(event.data.get("set", {}))
        found.owner = event.data.get("owner", found.owner)
        found.lamp = event.data.get("lamp", found.lamp)
        if event.kind in ("excused", "suspended"):
            found.exempt[event.data["step"]] = str(event.kind)
        if event.kind == "resumed":
            found.exempt.pop(event.data["step"], None)
    return found


def everything(
    histories: dict[str, list[Event]], cycle: str, as_of: datetime, known_at: datetime
) -> dict[str, Was]:
    """Return the instances of a cycle that were there."""
    known = {
        key: [e for e in events if e.recorded_at <= known_at]
        for key, events in histories.items()
        if key.split("/")[0] == cycle
    }
    known = {key: events for key, events in known.items() if events}
    if cycle not in known:
        return {}
    loaded = known[cycle][0].recorded_at
    first = {k: min(took_effect(e, events) for e in events) for k, events in known.items()}
    begun = min(first[k] for k, events in known.items() if events[0].recorded_at == loaded)
    there: dict[str, Was] = {}
    for key in sorted(known, key=lambda k: known[k][0].position):
        since = begun if known[key][0].recorded_at == loaded else first[key]
        parent = key.rpartition("/")[0]
        found = was(histories[key], as_of, known_at)
        if since <= as_of and found is not None and (not parent or parent in there):
            there[key] = found
    return there


def due_dates(
    histories: dict[str, list[Event]], there: dict[str, Was], as_of: datetime, known_at: datetime
) -> dict[tuple[str, str, str], str]:
    """Return bearer, step and occurrence → the date last set by an event of its own."""
    dates: dict[tuple[str, str, str], str] = {}
    for key in there:
        for event in histories[key]:
            if event.recorded_at > known_at or event.occurred_at > as_of:
                continue
            if event.kind == "deadline_set":
                dates[key, event.data["step"], event.data["occurrence"]] = event.data["due"]
    return dates


def holders(office: Sequence[Event], known_at: datetime) -> list[tuple[str, str, str, str]]:
    """Return post, person, first and last day of every tenure, in order of its event."""
    rows: dict[int, list[str]] = {}
    for event in office:
        if event.kind != TENURE or event.recorded_at > known_at:
            continue
        for ended in event.data.get("ends", []):
            rows[ended][3] = event.data.get("until_before") or event.data["until"]
        if "person" in event.data:
            d = event.data
            rows[event.position] = [d["post"], d["person"], d["since"], d["until"]]
    return [(row[0], row[1], row[2], row[3]) for row in rows.values()]
