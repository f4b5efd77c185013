"""Promise 3 where several daemons do one rung at once: real connections, one PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Event as Signal
from typing import Any

import pytest

from adapters.sql.database import connect
from adapters.sql.store import SqlStore
from engine.deadline import Timer
from engine.events import Event, Kind
from engine.ports import Store
from tests.integration.test_desk_waits import waits_for_a_lock
from tests.postgres.databases import lent_database
from tests.unit.year import OFFICE, Year, begin, publish, small
from workflows.running import chunks, requests, tick
from workflows.running.desk import Application, Desk

PATIENCE = 60
TARGETS = 4
IN_TIME, LATE = "2025-12-31 23:00", "2026-01-01 00:00"
STEP = "s4"
DEADLINE = f":{STEP}#"


@pytest.fixture
def year(monkeypatch: pytest.MonkeyPatch) -> Iterator[Year]:
    """Targets whose self-assessment has just become late; a chunk has one of them."""
    with lent_database() as url:
        engine = connect(url)
        year = begin(small(TARGETS, 2025), "2025-06-10 09:00", partial(SqlStore, engine))
        publish(year)
        year.tick(IN_TIME)
        monkeypatch.setattr(chunks, "SIZE", 1)
        yield year.at(LATE)
        engine.dispose()


@pytest.fixture
def another(year: Year) -> Iterator[Callable[[], Application]]:
    """Make applications with connections of their own, as other daemons and people have."""
    assert isinstance(year.store, SqlStore)
    url = year.store._database.url.render_as_string(hide_password=False)
    engines = []

    def made() -> Application:
        engines.append(connect(url))
        return replace(year.app, store=SqlStore(engines[-1], year.clock))

    yield made
    for engine in engines:
        engine.dispose()


class Pausing:
    """Lets one daemon stand still within a chunk that it has done and not committed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, daemon: Application) -> None:
        self.at_it, self.go_on = Signal(), Signal()
        self.dies = False
        self._store: Store = daemon.store
        do_chunk = chunks.do_chunk

        def pausing(desk: Desk[Any], timer: Timer) -> bool:
            done = do_chunk(desk, timer)
            mine = desk.unit._connection.engine is self._store._database  # type: ignore[attr-defined]
            if mine and DEADLINE in timer.deadline and not self.go_on.is_set():
                self.at_it.set()
                assert self.go_on.wait(PATIENCE)
                if self.dies:
                    raise KeyboardInterrupt
            return done

        monkeypatch.setattr(tick, "do_chunk", pausing)


def late(year: Year) -> list[str]:
    """Return which targets are marked late, in the order in which that became so."""
    marks = [
        event
        for number in range(1, TARGETS + 1)
        for event in year.history(f"T-{number}", Kind.LATE)
        if event.data["step"] == STEP
    ]
    return [event.instance.rpartition("/")[2] for event in sorted(marks, key=position)]


def position(event: Event) -> int:
    return event.position


@pytest.mark.slow
def test_daemons_do_chunks_of_one_rung_at_the_same_time(
    year: Year, another: Callable[[], Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = another(), another()
    pause = Pausing(monkeypatch, slow)
    with ThreadPoolExecutor(max_workers=1) as threads:
        first = threads.submit(tick.tick, slow)
        assert pause.at_it.wait(PATIENCE)
        assert tick.tick(quick).failed == []  # while the other has one in its hands
        assert late(year) == ["T-2", "T-3", "T-4"]
        assert pending(year), "settled before its last chunk was done"
        pause.go_on.set()
        assert first.result(PATIENCE).failed == []
    assert sorted(late(year)) == ["T-1", "T-2", "T-3", "T-4"]
    assert not pending(year)
    year.assert_sound()


@pytest.mark.slow
def test_a_daemon_that_dies_loses_its_chunk_and_no_other(
    year: Year, another: Callable[[], Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    dying, other = another(), another()
    pause = Pausing(monkeypatch, dying)
    pause.dies = True
    with ThreadPoolExecutor(max_workers=1) as threads:
        first = threads.submit(tick.tick, dying)
        assert pause.at_it.wait(PATIENCE)
        assert tick.tick(other).failed == []
        pause.go_on.set()
        assert isinstance(first.exception(PATIENCE), KeyboardInterrupt)
        assert late(year) == ["T-2", "T-3", "T-4"]
        assert tick.tick(other).failed == []
    assert late(year) == ["T-2", "T-3", "T-4", "T-1"]
    assert not pending(year)
    year.assert_sound()


@pytest.mark.slow
def test_a_person_waits_for_chunks_and_does_the_others_first(
    year: Year, another: Callable[[], Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon, person = another(), another()
    pause = Pausing(monkeypatch, daemon)
    with ThreadPoolExecutor(max_workers=2) as threads:
        first = threads.submit(tick.tick, daemon)
        assert pause.at_it.wait(PATIENCE)
        report = {"completion": 100}
        key = year.name(f"T-{TARGETS}")
        act = threads.submit(requests.record, person, key, "self_report", report, OFFICE)
        assert isinstance(year.store, SqlStore)
        waits_for_a_lock(year.store._database.url.render_as_string(hide_password=False))
        assert late(year) == []
        pause.go_on.set()
        assert first.result(PATIENCE).failed == []
        acted = act.result(PATIENCE)[0]
    assert sorted(late(year)) == ["T-1", "T-2", "T-3", "T-4"]
    marks = year.history(f"T-{TARGETS}", Kind.LATE)
    assert max(event.position for event in marks) < acted.position
    year.assert_sound()


def pending(year: Year) -> list[str]:
    """Return the timers of the step that are due and not settled."""
    return [
        t.id for t in year.timers() if t.fires_at <= year.clock.now() and DEADLINE in t.deadline
    ]
