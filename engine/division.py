"""Chunks: what a timer brings about for very many, divided so that several may do it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.population import Population


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A part of what a timer brings about that is still to do: a range of keys."""

    timer: str
    number: int
    """Its place among the chunks of its timer, 1 for the first."""
    after: str = ""
    """Those past this key; empty for the first chunk."""
    until: str = ""
    """Up to this key, itself included; empty for the last chunk."""
    begun_at: datetime
    """When the timer began: as of then it is asked whom it concerns."""
    cause: int | None = None
    """The event of the cycle with which it began."""


class ChunkReader(Protocol):
    """Questions about chunks: a part of `engine.ports.Reader`."""

    def cut(self, population: Population, size: int) -> Sequence[str]:
        """Return the keys at which the population is cut into pieces of ``size``.

        Those are the last keys of all pieces but the last, which may be smaller.
        """
        ...

    def chunks(self, timer: str) -> Sequence[Chunk]:
        """Return what is still to do of a timer that has begun, in order."""
        ...


class ChunkWriter(Protocol):
    """Doing chunks: a part of `engine.ports.UnitOfWork`."""

    def divide(self, chunks: Iterable[Chunk]) -> None:
        """Keep what is to do of a timer that begins, for whoever comes."""
        ...

    def claim_chunk(self, timer: str) -> Chunk | None:
        """Return the first chunk of the timer that nobody else is at, locked until the unit ends.

        Nobody else gets it, unless this unit fails.
        """
        ...

    def settle_chunk(self, chunk: Chunk) -> None:
        """Note that a chunk is done: it is not to do any more."""
        ...
