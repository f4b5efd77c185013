"""Verifying a whole database: histories in shares, on as many processes as pay, then dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
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

PAYS = 50_000
"""Instances from which on further processes are worth their start."""

A_SHARE = 5_000
"""Instances of one share: between two steps of the progress bar."""

Done = Callable[[int], None]
Begin = Callable[[int, str], Done]


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
    done = begin(shares, N_("Replaying histories"))
    joins: list[Waited] = []
    if jobs == 1:
        for number in range(shares):
            found = _share(reader, work.cycle, (number, shares))
            yield from _taken(found, verified, joins, done)
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            waiting = [
                pool.submit(verify_part, work.database, work.cycle, (number, shares))
                for number in range(shares)
            ]
            try:
                for future in as_completed(waiting):
                    yield from _taken(future.result(), verified, joins, done)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    yield from _guarded(work.cycle or "*", recount(reader, joins))
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


Part = tuple[int, Sequence[Break], Sequence[Waited]]
"""How many events were verified, the breaks in them, and the joins to be counted again."""


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
