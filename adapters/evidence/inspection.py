"""What histories say of evidence, against what lies in the folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from adapters.evidence.folder import EvidenceFolder, Found
from engine.errors import N_
from engine.events import Event
from engine.ports import Reader
from engine.replay import Break
from workflows.evidence import Piece, kept, removals


class Standing(StrEnum):
    """How a piece of evidence stands."""

    SOUND = "sound"
    MISSING = "missing"
    ALTERED = "altered"
    REMOVED = "removed"
    """By law, and it is gone."""
    LEFT = "left"
    """Removed by law, and still there."""
    UNRECORDED = "unrecorded"
    """In the folder, and no event speaks of it."""


BROKEN: Mapping[Standing, str] = {
    Standing.MISSING: N_("its file of evidence is missing"),
    Standing.ALTERED: N_("its file of evidence is not what was handed in"),
    Standing.LEFT: N_("its file of evidence was removed by law, and is still there"),
}
"""What is a break, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One file of evidence, where histories speak of it, and how it stands."""

    sha256: str
    standing: Standing
    size: int
    pieces: tuple[Piece, ...]
    removal: Event | None = None


def inspect(reader: Reader, folder: EvidenceFolder, cycle: str = "") -> Iterator[Inspected]:
    """Yield every file that histories of a cycle, or of all, speak of, read and compared.

    Of all cycles, also what lies in the folder and nobody speaks of.
    """
    said, gone = kept(reader, cycle), removals(reader)
    for sha256, found in said.items():
        removal = gone.get(sha256)
        standing = Standing(folder.examine(sha256))
        if removal is not None:
            standing = Standing.REMOVED if standing is Standing.MISSING else Standing.LEFT
        yield Inspected(
            sha256=sha256,
            standing=standing,
            size=folder.size(sha256),
            pieces=tuple(found),
            removal=removal,
        )
    if not cycle:
        for sha256 in folder.names():
            if sha256 not in said:
                yield Inspected(
                    sha256=sha256,
                    standing=Standing.ALTERED
                    if folder.examine(sha256) is Found.ALTERED
                    else Standing.UNRECORDED,
                    size=folder.size(sha256),
                    pieces=(),
                )


def evidence_breaks(reader: Reader, folder: EvidenceFolder, cycle: str = "") -> Iterator[Break]:
    """Yield a break for every event whose file is missing, altered, or should be gone."""
    for found in inspect(reader, folder, cycle):
        problem = BROKEN.get(found.standing)
        if problem is None:
            continue
        for piece in found.pieces:
            yield Break(
                instance=piece.event.instance,
                sequence=piece.event.sequence,
                code=f"evidence-{found.standing}",
                problem=problem,
                found=found.sha256,
            )
