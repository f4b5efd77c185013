"""Verification: every history replayed through its machine and compared with the projections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from engine.errors import N_, EngineError
from engine.events import Instance
from engine.footprint import WHOLE, Footprint, Share, fold
from engine.judging import Judge, recount, unlawful
from engine.ports import Reader
from engine.replay import Break, compare, walk

UNREADABLE = (EngineError, ValueError, LookupError, TypeError, AttributeError)
"""What reading a history that was tampered with may raise."""


def verify(
    reader: Reader, cycle: str = "", progress: Callable[[int], None] | None = None
) -> Iterator[Break]:
    """Yield every break in the histories of a cycle, or of all; nothing when all hold.

    ``progress`` is told how many events have been checked.
    """
    judge = Judge(reader)
    yield from verify_share(reader, judge, cycle, progress=progress)
    yield from recount(reader, judge.joins)


def verify_share(
    reader: Reader,
    judge: Judge,
    cycle: str = "",
    share: Share = WHOLE,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Break]:
    """Yield every break in one share of the histories, joins left to `recount`."""
    checked = 0
    doubtful = []
    try:
        for stored, footprints in reader.footprints(cycle, share):
            if _folded(reader, judge, stored, footprints) != stored:
                doubtful.append(stored)
            checked += len(footprints)
            if progress:
                progress(checked)
    except UNREADABLE as error:
        yield unreadable(cycle or "*", 0, error)
    for stored in doubtful:
        yield from name_breaks(reader, stored)


def _folded(
    reader: Reader, judge: Judge, stored: Instance, footprints: Sequence[Footprint]
) -> Instance | None:
    try:
        return fold(stored.key, footprints, reader.machine, judge.allows)
    except UNREADABLE:
        return None


def name_breaks(reader: Reader, stored: Instance) -> Iterator[Break]:
    """Yield what is wrong with one instance, its history read whole."""
    instance: Instance | None = None
    judge = Judge(reader)
    try:
        events = reader.history(stored.key)
        for event, (torn, after) in zip(events, walk(events, reader.machine), strict=False):
            before, instance = instance, after
            broken = torn or unlawful(judge, before, event)
            if broken is not None:
                yield broken
                return
    except UNREADABLE as error:
        yield unreadable(stored.key, instance.sequence + 1 if instance else 1, error)
        return
    if instance is None:
        yield Break(
            instance=stored.key, sequence=0, code="no-history", problem=N_("it has no events")
        )
    else:
        yield from compare(stored, instance)


def unreadable(key: str, sequence: int, error: Exception) -> Break:
    """Return the break that what is stored cannot be read."""
    return Break(
        instance=key,
        sequence=sequence,
        code="unreadable",
        problem=N_("what is stored cannot be read"),
        found=f"{type(error).__name__}: {error}",
    )
