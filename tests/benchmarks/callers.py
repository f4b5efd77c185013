"""What is measured of several callers at once: each a process, each with its own connection."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

from tests.benchmarks import stages
from tests.benchmarks.figures import Figure, seconds
from tests.benchmarks.sites import Site
from tests.benchmarks.writing import SINGLE_AIM, draft_by_engine, draft_by_request, each
from workflows.running.desk import Application

CALLERS = 8
MOST_EACH = 200
"""Single moves of one caller, of each kind."""
PATIENCE_SECONDS = 600

Moves = Callable[[Sequence[int]], None]
Opened = Callable[[], AbstractContextManager[Moves]]


def callers(site: Site, count: int) -> list[Figure]:
    """Move targets one by one, as `single` does, several callers at once on different ones."""
    batch = max(min(MOST_EACH, count // (4 * CALLERS)), 1)
    numbers = random.Random(7).sample(range(1, count + 1), 2 * CALLERS * (batch + 1))
    shares = [numbers[start :: 2 * CALLERS] for start in range(2 * CALLERS)]
    with site.a_floor() as floor, site.copied("opened") as database:
        floor.fill(count)
        floor.close()  # no process may inherit a connection
        base = together(shares[:CALLERS], partial(_floor, site))
        engine = together(shares[:CALLERS], partial(_ours, database, draft_by_engine))
        request = together(shares[CALLERS:], partial(_ours, database, draft_by_request))
    moves = CALLERS * batch
    return [
        Figure(
            what=f"{CALLERS} callers, single moves, {what}",
            value=moves / taken,
            unit="moves/s",
            floor=moves / base,
            aim=SINGLE_AIM,
        )
        for what, taken in (("engine", engine), ("whole request", request))
    ]


def together(shares: Sequence[Sequence[int]], opened: Opened) -> float:
    """Return how long as many processes as there are shares take, once all are ready."""
    context = get_context("fork")
    gate = context.Barrier(len(shares) + 1, timeout=PATIENCE_SECONDS)
    processes = [context.Process(target=_call, args=(gate, opened, share)) for share in shares]
    for process in processes:
        process.start()
    gate.wait()
    taken = seconds(gate.wait)
    for process in processes:
        process.join()
    return taken


def _call(gate: Barrier, opened: Opened, share: Sequence[int]) -> None:
    try:
        with opened() as move:
            move(share[:1])  # builds statements, reads the plan
            gate.wait()
            move(share[1:])
            gate.wait()
    except BaseException:
        gate.abort()
        raise


@contextmanager
def _floor(site: Site) -> Iterator[Moves]:
    with closing(site.floor()) as floor:
        yield lambda numbers: floor.move_each(numbers, "draft", "drafted")


@contextmanager
def _ours(database: str, one: Callable[[Application, int], None]) -> Iterator[Moves]:
    with stages.application(database, stages.DRAFTED) as app:
        yield lambda numbers: each(app, numbers, one)
