"""The effects of an act as data: kept with its proposal, compared when it is confirmed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.act import CHAIN
from engine.events import Data, Event, Instance, Kind
from engine.facts import to_text
from workflows.running.obligations import Standing
from workflows.running.preview import HOLDS, Change, Preview

MOST_KEPT = 500
"""Changes of one kind that are kept one by one; of the others it is kept how many they are."""

STILL_TO_COME = (Standing.WAITING, Standing.OPEN, Standing.DUE_SOON)
"""Between these a day goes by, and nothing else has happened."""

PARTS = ("states", "joins", "obligations", "timers", "notices")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that an act would now do otherwise than when it was proposed."""

    what: str
    then: str = ""
    now: str = ""

    def __str__(self) -> str:
        """Return it in the neutral words of codes and keys."""
        return f"{self.what}: {self.then or '-'} / {self.now or '-'}"


def to_data(found: Preview) -> Data:
    """Return what an act would bring about, as JSON data."""
    data: dict[str, Any] = {
        "events": [_event_data(event) for event in found.events[:MOST_KEPT]],
        "stands": _standing(found.stands),
    }
    more = {"events": len(found.events)}
    for part in PARTS:
        changes = getattr(found, part)
        data[part] = [[c.what, c.before, c.after] for c in changes[:MOST_KEPT]]
        more[part] = len(changes)
    return data | {"more": {part: n - MOST_KEPT for part, n in more.items() if n > MOST_KEPT}}


def from_data(data: Data) -> Preview:
    """Return what an act would bring about, as it was kept."""

    def changes(part: str) -> list[Change]:
        return [Change(*change) for change in data[part]]

    return Preview(
        events=[_event(e) for e in data["events"]],
        states=changes("states"),
        joins=changes("joins"),
        obligations=changes("obligations"),
        timers=changes("timers"),
        notices=changes("notices"),
    )


def differences(then: Data, now: Data, moment: datetime) -> list[Difference]:
    """Return what an act would now do otherwise; that days went by is no difference."""
    old, new = _compared(then, moment), _compared(now, moment)
    return [
        Difference(what=name, then=old.get(name, ""), now=new.get(name, ""))
        for name in sorted(old.keys() | new.keys())
        if old.get(name, "") != new.get(name, "")
    ]


def _compared(data: Data, moment: datetime) -> dict[str, str]:
    return dict(
        [
            *_of_events(data["events"]),
            *_of_standing(data["stands"]),
            *((f"more {part}", str(count)) for part, count in data["more"].items()),
            *((f"states {w}", f"{int(a or 0) - int(b or 0):+}") for w, b, a in data["states"]),
            *((f"notices {w}", f"{int(a or 0) - int(b or 0):+}") for w, b, a in data["notices"]),
            *_of_joins(data["joins"]),
            *_of_obligations(data["obligations"]),
            *_of_timers(data["timers"], moment),
        ]
    )


def _of_events(events: Sequence[Data]) -> Iterator[tuple[str, str]]:
    for number, event in enumerate(events, start=1):
        data = {k: v for k, v in event["data"].items() if k in TELLING}
        edge = " → ".join(part for part in (event["source"], event["target"]) if part)
        more = json.dumps(data, ensure_ascii=False, sort_keys=True) if data else ""
        name = event["trigger"] or event["kind"]
        yield f"{number}. {event['instance']}", " ".join(p for p in (name, edge, more) if p)


TELLING = ("step", "to", "around", "unset", "post", "person", "since", "until", "ends", "plan")
"""Of an event's data: what of it is compared. Counts of others may change meanwhile."""


def _of_standing(stands: Data) -> Iterator[tuple[str, str]]:
    for name, value in stands.items():
        if name == "facts":
            yield from ((f"{stands['key']} {fact}", digest) for fact, digest in value.items())
        elif name != "key":
            yield f"{stands['key']} {name}", str(value)


def _of_joins(joins: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    for what, before, after in joins:
        if (before == HOLDS) != (after == HOLDS):
            yield f"join {what}", f"{before == HOLDS} → {after == HOLDS}".lower()


def _of_obligations(owed: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    for what, before, after in owed:
        was, becomes = _timeless(before), _timeless(after)
        if was != becomes:
            yield what, f"{was or '-'} → {becomes or '-'}"


def _timeless(standing: str) -> str:
    return str(Standing.OPEN) if standing in STILL_TO_COME else standing


def _of_timers(timers: Sequence[Sequence[str]], moment: datetime) -> Iterator[tuple[str, str]]:
    """Yield what becomes of timers; of one that has fired of itself meanwhile, nothing."""
    for what, before, after in timers:
        if not before and datetime.fromisoformat(after) > moment:
            yield f"timer {what}", "new"
        elif not before:
            continue
        elif datetime.fromisoformat(before) > moment:
            yield f"timer {what}", f"{before} {'moved' if after else 'falls away'}"


def _standing(instance: Instance | None) -> Data:
    if instance is None:
        return {}
    return {
        "key": instance.key,
        "state": instance.state,
        "owner": instance.owner,
        "facts": {name: _digest(value) for name, value in sorted(instance.facts.items())},
    }


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:12]


def _event_data(event: Event) -> Mapping[str, Any]:
    return {
        "instance": event.instance,
        "kind": str(event.kind),
        "edition": event.edition,
        "trigger": event.trigger,
        "source": event.source,
        "target": event.target,
        "occurred_at": to_text(event.occurred_at),
        "data": {k: v for k, v in event.data.items() if k != CHAIN},
    }


def _event(data: Data) -> Event:
    moment = datetime.fromisoformat(data["occurred_at"])
    named = {n: data[n] for n in ("instance", "edition", "trigger", "source", "target", "data")}
    return Event(
        sequence=0,
        kind=Kind(data["kind"]),
        actor="",
        occurred_at=moment,
        recorded_at=moment,
        **named,
    )
