"""What records tell, each as its last correction says."""

from __future__ import annotations

from collections.abc import Sequence
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
