"""Verifying a whole database: histories in shares, on as many processes as pay, then dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from os import cpu_count

from adapters.application import application
from engine.errors import N_
from engine.footprint import Share
from engine.judging import Judge, Waited, recount
from engine.ports import Reader
from engine.replay import Break
from engine.verification import UNREADABLE, unreadable, verify_share
from workflows import office
from workflows.running.desk import Application, desk
from workflows.running.verifying import Dated, verify_dates

PAYS = 30_000
"""Instances from which on further processes are worth their start: one and a half seconds each."""

A_SHARE = 5_000
"""Instances of one share: between two steps of the progress bar."""

Done = Callable[[int], None]
Begin = Callable[[int, str], Done]


Part = tuple[int, Sequence[Break], Sequence[Waited]]
"""How many events were verified, the breaks in them, and the joins to be counted again."""


@dataclass(slots=True)
class Verified:
    """What was verified."""

    events: int = 0
    dates: Dated = field(default_factory=Dated)


@dataclass(frozen=True, slots=True)
class Work:
    """Where to verify what: all that a further process needs to know."""

    database: str
    cycle: str
    jobs: int = 0
    """Processes; 0 for as many as pay."""


def verify_all(
    app: Application, reader: Reader, work: Work, verified: Verified, begin: Begin
) -> Iterator[Break]:
    """Yield every break of histories, guards, joins, dates and projections."""
    try:
        count = _instances(app, reader, work.cycle)
    except UNREADABLE:
        count = 1  # the shares say what cannot be read
    jobs = work.jobs or (cpu_count() or 1 if count >= PAYS else 1)
    shares = max(jobs, -(-count // A_SHARE))
    parts = [(number, shares) for number in range(shares)]
    dates: list[Break] | None = None
    with ExitStack() as stack:
        found: Iterator[Part]
        if jobs == 1:
            found = (_share(reader, work.cycle, part) for part in parts)
        else:
            found = stack.enter_context(_elsewhere(work, parts, jobs - 1))
            dates = list(_dates(app, reader, work, verified, begin))
        done = begin(shares, N_("Replaying histories"))
        joins: list[Waited] = []
        for part in found:
            yield from _taken(part, verified, joins, done)
    yield from _guarded(work.cycle or "*", recount(reader, joins))
    yield from _dates(app, reader, work, verified, begin) if dates is None else dates


@contextmanager
def _elsewhere(work: Work, parts: Sequence[Share], processes: int) -> Iterator[Iterator[Part]]:
    """Let other processes replay the histories, while this one computes dates."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            waiting = [pool.submit(verify_part, work.database, work.cycle, p) for p in parts]
            yield (future.result() for future in waiting)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _dates(
    app: Application, reader: Reader, work: Work, verified: Verified, begin: Begin
) -> Iterator[Break]:
    cycles = _cycles(reader, work.cycle)
    done = begin(len(cycles), N_("Computing dates anew"))
    for key in cycles:
        yield from _guarded(key, verify_dates(app, reader, key, verified.dates))
        done(1)


def _guarded(key: str, breaks: Iterator[Break]) -> Iterator[Break]:
    """Yield ``breaks``; what cannot be read is one of them, and ends them."""
    try:
        yield from breaks
    except UNREADABLE as error:
        yield unreadable(key, 0, error)


def verify_part(database: str, cycle: str, share: Share) -> Part:
    """Verify one share of the histories in a process of its own."""
    with application(database).store.reading() as reader:
        return _share(reader, cycle, share)


def _share(reader: Reader, cycle: str, share: Share) -> Part:
    judge, checked = Judge(reader), 0

    def note(events: int) -> None:
        nonlocal checked
        checked = events

    breaks = list(verify_share(reader, judge, cycle, share, note))
    return checked, breaks, judge.joins


def _taken(part: Part, verified: Verified, joins: list[Waited], done: Done) -> Sequence[Break]:
    events, breaks, waited = part
    verified.events += events
    joins += waited
    done(1)
    return breaks


def _cycles(reader: Reader, cycle: str) -> list[str]:
    if cycle == office.KEY:
        return []
    return [cycle] if cycle else [c.key for c in reader.cycles()]


def _instances(app: Application, reader: Reader, cycle: str) -> int:
    """Return about how many instances there are, for the shares."""
    count = 1
    for key in _cycles(reader, cycle):
        for machine in desk(app, reader, key).plan.machines:
            count += sum(reader.by_state(key, machine.name).values())
    return count
