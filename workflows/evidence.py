"""Evidence in histories: which files events speak of, and which were removed by law."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.events import Event, Kind
from engine.ports import Reader

_PROOF = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.ASCII)

SPEAKING = (Kind.RECORDED, Kind.CORRECTED)
"""Kinds of events that may name a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A file that an event speaks of."""

    sha256: str
    name: str
    """As it was called when it was handed in; empty where nobody said."""
    event: Event


def pieces(events: Iterable[Event]) -> Iterator[Piece]:
    """Yield every file that ``events`` speak of, in their order."""
    for event in events:
        facts = event.data.get("set", {}) if event.kind in SPEAKING else {}
        for fact, value in facts.items():
            head, _, field = fact.rpartition(".")
            found = _PROOF.fullmatch(str(value)) if field in ("sha256", "proof") else None
            if found is not None:
                name = str(facts.get(f"{head}.name", ""))
                yield Piece(sha256=found[1], name=name, event=event)


def removals(reader: Reader, cycle: str = "") -> Mapping[str, Event]:
    """Return the hash of every file that was removed by law → the first event that says so."""
    found: dict[str, Event] = {}
    for event in reader.recorded([Kind.REDACTED], cycle):
        if "file" in event.data:
            found.setdefault(str(event.data["file"]), event)
    return found


def kept(reader: Reader, cycle: str = "") -> Mapping[str, list[Piece]]:
    """Return the hash of every file that events speak of → where they do."""
    found: dict[str, list[Piece]] = {}
    for piece in pieces(reader.recorded(SPEAKING, cycle)):
        found.setdefault(piece.sha256, []).append(piece)
    return found
