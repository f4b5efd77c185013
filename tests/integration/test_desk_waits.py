"""Promise 10 where units overlap: an act never comes before what a daemon is just firing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Event as Signal
from typing import Any

import pytest
from sqlalchemy import text

from adapters.sql.database import connect, reading
from adapters.sql.store import SqlStore
from tests.postgres.databases import lent_database
from tests.unit.year import OFFICE, begin, small
from workflows.running import requests, tick
from workflows.running.firing import fire

PATIENCE = 60


@pytest.fixture
def url() -> Iterator[str]:
    with lent_database() as found:
        yield found


def waits_for_a_lock(url: str) -> None:
    """Return when somebody waits for a row that another holds."""
    engine = connect(url)
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    found = 0
    while not found:
        with reading(engine) as connection:
            found = connection.scalar(waiting) or 0
    engine.dispose()


@pytest.mark.slow
def test_an_act_waits_for_the_timer_that_a_daemon_is_at(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, other = connect(url), connect(url)
    year = begin(small(2), "2024-07-01 09:00", partial(SqlStore, engine))
    year.at("2024-07-05 09:00")  # a reminder was due at midnight
    person = replace(year.app, store=SqlStore(other, year.clock))
    halfway, go_on = Signal(), Signal()

    def slowly(*values: Any) -> bool:
        done = fire(*values)
        halfway.set()
        assert go_on.wait(PATIENCE)
        return done

    monkeypatch.setattr(tick, "fire", slowly)
    with ThreadPoolExecutor(max_workers=2) as threads:
        daemon = threads.submit(tick.tick, year.app)
        assert halfway.wait(PATIENCE)
        key = year.name("T-1")
        act = threads.submit(requests.record, person, key, "progress", {"percent": 40}, OFFICE)
        waits_for_a_lock(url)
        assert not act.done()
        go_on.set()
        assert daemon.result(PATIENCE).failed == []
        recorded = act.result(PATIENCE)[0]
    fired = [event.position for event in year.history() if event.timer]
    assert fired
    assert max(fired) < recorded.position
    year.assert_sound()
    engine.dispose()
    other.dispose()
