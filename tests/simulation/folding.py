"""Folding a history, independently of how the engine does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.evidence import Happened


@dataclass
class Folded:
    """An instance, as its events make it, with all that it was before."""

    state: str = ""
    owner: str = ""
    lamp: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    moved_at: str | None = None
    sequence: int = 0
    past: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    """State, facts and moment of recording after each event."""


def fold(events: Sequence[Happened]) -> Folded:
    """Return what the events make of their instance."""
    made = Folded()
    for event in events:
        data = event.data
        if event.kind == "opened":
            made.state = str(data.get("state", ""))
        made.state = event.target or made.state
        made.owner = data.get("owner", made.owner)
        made.lamp = data.get("lamp", made.lamp)
        made.facts = {n: v for n, v in made.facts.items() if n not in data.get("unset", ())}
        made.facts |= data.get("set", {})
        made.sequence = event.sequence
        if event.kind == "moved":
            made.moved_at = event.occurred_at
        made.past.append((made.state, made.facts, event.recorded_at))
    return made
