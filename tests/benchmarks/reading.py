"""What is measured while nothing changes: idle ticks, the screens, replay, start-up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from os import cpu_count

from adapters.memory.past import PastStore
from adapters.verifying import Verified, Work, verify_all
from engine.past import Horizon
from engine.ports import Reader
from engine.verification import verify
from tests.benchmarks import stages
from tests.benchmarks.figures import Figure, seconds, typical
from tests.benchmarks.sites import Site
from workflows.running.desk import Application, desk
from workflows.running.ledger import Filters, ledger
from workflows.running.overview import overview
from workflows.running.tick import tick

ROUNDS = 5
TICKS = 20
REPLAYS = 3
IDLE_MILLISECONDS = 20.0
STATUS_MILLISECONDS = 1000.0
PAST_MILLISECONDS = 5000.0
EVENTS_A_SECOND = 100_000.0
DEEP_EVENTS_A_SECOND = 20_000.0
HELP_MILLISECONDS = 300.0


def idle(site: Site, _count: int) -> list[Figure]:
    """Let the daemon pass when every target is on time and nothing is due."""
    with stages.application(site.database("published"), stages.PUBLISHED) as app:
        stages.until(app, stages.PUBLISHED)
        times = [seconds(lambda: tick(app)) for _ in range(TICKS)]
    return [_milliseconds("idle tick", times, IDLE_MILLISECONDS)]


def screens(site: Site, count: int) -> list[Figure]:
    """Look at the year, when all are on time and when all are late, and list everything."""
    figures = []
    for name, words in (("published", "all on time"), ("late", "all late")):
        moment = stages.PUBLISHED if name == "published" else stages.LATE
        with stages.application(site.database(name), moment) as app:
            times = [seconds(lambda a=app: _status(a)) for _ in range(ROUNDS)]  # type: ignore[misc]
            figures.append(_milliseconds(f"status, {words}", times, STATUS_MILLISECONDS))
            if name == "late":
                listed = seconds(lambda a=app: _list(a, count))  # type: ignore[misc]
                figures.append(Figure(what="list", value=count / listed, unit="rows/s"))
                taken = [seconds(lambda a=app: _then(a)) for _ in range(REPLAYS)]  # type: ignore[misc]
                figures.append(_milliseconds("status of the past", taken, PAST_MILLISECONDS))
    return figures


def _status(app: Application) -> None:
    with app.store.reading() as reader:
        overview(desk(app, reader, stages.KEY))


def _then(app: Application) -> None:
    """Look at the year as it was when all had been published, as it was known a day later."""
    with app.store.reading() as reader:
        horizon = Horizon(stages.PUBLISHED, stages.PUBLISHED + timedelta(days=1))
        with PastStore(reader, stages.KEY, horizon).reading() as past:
            assert not overview(desk(app, past, stages.KEY)).late


def _list(app: Application, count: int) -> None:
    with app.store.reading() as reader:
        rows = sum(1 for _ in ledger(desk(app, reader, stages.KEY), Filters()))
        assert rows >= count


def replay(site: Site, count: int) -> list[Figure]:
    """Replay every history through its machine and compare it with the projection."""
    checked = 0

    def note(events: int) -> None:
        nonlocal checked
        checked = events

    database = site.database("late")
    with stages.application(database, stages.LATE) as app, app.store.reading() as reader:
        taken = typical([seconds(lambda: _verify(reader, note)) for _ in range(REPLAYS)])
    assert checked >= 7 * count
    return [
        Figure(
            what=f"replay and verify, {checked / count:.0f} events a target",
            value=checked / taken,
            unit="events/s",
            aim=EVENTS_A_SECOND,
        )
    ]


def deep(site: Site, count: int) -> list[Figure]:
    """Verify histories, guards, joins and dates, as `duban verify` does, on one core and on all."""
    database, figures = site.database("late"), []
    with stages.application(database, stages.LATE) as app, app.store.reading() as reader:
        for jobs in (1, max(2, cpu_count() or 1)):
            verified = Verified()
            work = Work(database, "", jobs)
            taken = seconds(lambda w=work, v=verified: _deep(app, reader, w, v))  # type: ignore[misc]
            assert verified.events >= 7 * count
            figures.append(
                Figure(
                    what=f"verify guards, joins and dates, {jobs} processes",
                    value=verified.events / taken,
                    unit="events/s",
                    aim=DEEP_EVENTS_A_SECOND,
                )
            )
    return figures


def _deep(app: Application, reader: Reader, work: Work, verified: Verified) -> None:
    assert list(verify_all(app, reader, work, verified, lambda _n, _what: lambda _done: None)) == []


def _verify(reader: Reader, progress: Callable[[int], None]) -> None:
    assert list(verify(reader, progress=progress)) == []


def start_up(site: Site, _count: int) -> list[Figure]:
    """Start the command line, as a person does."""
    database = site.database("late")
    helped = [seconds(lambda: _duban("--help")) for _ in range(ROUNDS)]
    status = ("--database", database, "status", "--now", "2026-01-01 00:01")
    stands = [seconds(lambda: _duban(*status)) for _ in range(ROUNDS)]
    return [
        _milliseconds("duban --help", helped, HELP_MILLISECONDS),
        _milliseconds("duban status, all late, start-up included", stands, None),
    ]


def _duban(*arguments: str) -> None:
    command = [sys.executable, "-m", "cli", *arguments]
    environment = {**os.environ, "DUBAN_LANG": "en"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # whoever installed it has bytecode
    subprocess.run(command, check=True, capture_output=True, env=environment)


def _milliseconds(what: str, times: list[float], aim: float | None) -> Figure:
    return Figure(what=what, value=1000 * typical(times), unit="ms", aim=aim, more_is_better=False)
