"""Verification: every history replayed through its machine and compared with the projections."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.events import Instance
from engine.ports import Reader
from engine.replay import Break, compare, walk


def verify(
    reader: Reader, cycle: str = "", progress: Callable[[int], None] | None = None
) -> Iterator[Break]:
    """Yield every break in the histories of a cycle, or of all; nothing when all hold.

    ``progress`` is told how many events have been checked.
    """
    checked = 0
    for stored, events in reader.histories(cycle):
        instance: Instance | None = None
        whole = True
        for broken, after in walk(events, reader.machine):
            instance = after
            checked += 1
            if broken is not None:
                whole = False
                yield broken
                break
        if whole and instance is not None:
            yield from compare(stored, instance)
        elif instance is None:
            yield Break(
                instance=stored.key, sequence=0, code="no-history", problem="it has no events"
            )
        if progress:
            progress(checked)
