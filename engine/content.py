"""What records tell, each as its last correction says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.events import NOTHING, Data, Event, Kind
from engine.facts import to_moment


def content(event: Event) -> Data:
    """Return the facts that a record, or its correction, tells.

    What a correction *sets* can be less: a newer record of the kind stands.
    """
    told: Data = event.data.get("says", event.data.get("set", NOTHING))
    return told


def moment_of(event: Event) -> datetime:
    """Return when what ``event`` tells was done, a correction's own moment counting."""
    corrected = event.data.get("moment")
    return to_moment(corrected) if corrected else event.occurred_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record as its last correction tells it."""

    position: int
    """The event that tells it: the record, or the last correction."""
    moment: datetime
    facts: Data
    texts: Mapping[str, str]

    def field(self, name: str) -> Any:
        """Return one field of the record; nothing if it was not filled in."""
        text = self.texts.get(name)
        told = (v for fact, v in self.facts.items() if fact.rpartition(".")[2] == name)
        return next(told, text) if text is None else text


def entries(history: Sequence[Event], kind: str) -> Sequence[Entry]:
    """Return the records of ``kind`` in the order of their making; those that are void left out."""
    found: dict[int, Entry] = {}
    origin: dict[int, int] = {}
    for event in history:
        if event.data.get("record") != kind:
            continue
        first = event.position
        texts = {name: text for name, text in event.texts.items() if name != "reason"}
        if event.kind is Kind.CORRECTED:
            corrected = int(event.data["corrects"])
            first = origin[event.position] = origin.get(corrected, corrected)
            before = found.pop(first, None)
            if event.data.get("void") or before is None:
                continue
            texts = {**before.texts, **texts}
        found[first] = Entry(
            position=event.position,
            moment=moment_of(event),
            facts=content(event),
            texts=texts,
        )
    return [found[first] for first in sorted(found)]


def standing(history: Sequence[Event], kind: str) -> dict[str, Any]:
    """Return the facts of the records of ``kind`` as if each had been made right at once."""
    origin: dict[int, int] = {}
    right: dict[int, Data] = {}
    for event in history:
        if event.kind is Kind.CORRECTED and "record" in event.data:
            corrected = int(event.data["corrects"])
            origin[event.position] = origin.get(corrected, corrected)
            right[origin[event.position]] = NOTHING if event.data.get("void") else content(event)
    facts: dict[str, Any] = {}
    for event in history:
        if event.kind is not Kind.CORRECTED:
            gone = event.data.get("unset", ())
            told: Data = event.data.get("set", NOTHING)
            told = right.get(event.position, told)
            facts = {k: v for k, v in facts.items() if k not in gone} | dict(told)
    return {fact: value for fact, value in facts.items() if belongs(fact, kind)}


def belongs(fact: str, kind: str) -> bool:
    """Return whether a fact was set by a record of ``kind``."""
    return fact == kind or fact.startswith((f"{kind}.", f"{kind}:"))
