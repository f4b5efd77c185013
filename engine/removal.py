"""Removal by law: what a store answers and does so that a text can go and its event stays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from engine.events import Event, Kind


class RecordReader(Protocol):
    """Asks a store for events of some kinds, wherever they are."""

    def recorded(self, kinds: Collection[Kind], cycle: str = "") -> Iterator[Event]:
        """Yield the events of ``kinds``, texts included, in order of position; of one cycle or all.

        Raises:
            NotFound: there is no such cycle.

        """
        ...

    def timers_told(self, cycle: str) -> Mapping[str, tuple[str, int]]:
        """Return timer → instance and sequence of the first event that it brought about."""
        ...

    def removed_texts(self, cycle: str = "") -> Sequence[tuple[int, str]]:
        """Return event and name of every text that is gone, in order; of one cycle or all.

        Raises:
            NotFound: there is no such cycle.

        """
        ...


class TextRemover(Protocol):
    """Removes texts from a store."""

    def redact(self, event: int, names: Collection[str] = ()) -> Sequence[str]:
        """Remove texts of the event at that position, all where none is named.

        Returns the names of those that were there. The event itself stays,
        and so does the hash by which the log covers what was removed.
        """
        ...
