"""What is measured of several daemons at one rung: each a process, all at it from one moment on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import sleep

from engine.population import Population
from engine.ports import Reader
from tests.benchmarks import stages
from tests.benchmarks.callers import Moves, together
from tests.benchmarks.figures import Figure
from tests.benchmarks.sites import Site
from workflows import target
from workflows.running.tick import tick

DAEMONS = (1, 2, 4)
READY, GO = 0, 1
BREATH_SECONDS = 0.002
"""Before a daemon looks again; a real one is woken by whoever leaves it something to do."""
LIT = Population(cycle=stages.KEY, workflow=target.NAME, lit=True)


def sharing(site: Site, count: int) -> list[Figure]:
    """Let 1, 2 and 4 daemons fire the rung that records lateness of all targets."""
    before = site.copy("published", "before_late")
    with stages.application(before, stages.BEFORE_LATE) as app:
        stages.until(app, stages.BEFORE_LATE)
    figures = []
    for daemons in DAEMONS:
        with site.copied("before_late") as shared:
            taken = together([[READY, GO]] * daemons, partial(_daemon, shared))
            with stages.application(shared, stages.LATE) as app, app.store.reading() as reader:
                assert not _is_left(reader)
                assert reader.count(LIT) == count
        figures.append(
            Figure(
                what=f"a rung on all by {daemons} daemon{'s'[: daemons - 1]}",
                value=2 * count / taken,
                unit="events/s",
            )
        )
    site.drop("before_late")
    return figures


@contextmanager
def _daemon(database: str) -> Iterator[Moves]:
    with stages.application(database, stages.BEFORE_LATE) as app:

        def work(asked: object) -> None:
            if asked == [READY]:  # reads the plan, builds statements
                tick(app)
                stages.at(app, stages.LATE)
                return
            while True:
                assert tick(app).failed == []
                with app.store.reading() as reader:
                    if not _is_left(reader):
                        return
                sleep(BREATH_SECONDS)

        yield work


def _is_left(reader: Reader) -> bool:
    return any(timer.fires_at <= stages.LATE for timer in reader.timers(stages.KEY))
