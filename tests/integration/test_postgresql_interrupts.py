"""Who is interrupted in the middle of a question to a server leaves nothing half done behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
from psycopg import OperationalError
from sqlalchemy import func, select, text

from adapters.sql.database import connect, reading
from adapters.sql.prepared import Asked, Prepared, _hidden_by, _watched, together
from adapters.sql.store import SqlStore
from adapters.sql.trouble import DatabaseInterrupted
from engine.clock import StandingClock
from tests.contract.world import CYCLE, NOW, filled, instance, open_cycle
from tests.postgres.databases import lent_database

PATIENCE_SECONDS = 60
ONE = instance(f"{CYCLE}/T-1")


@pytest.fixture
def store() -> Iterator[SqlStore]:
    with lent_database() as url:
        made = SqlStore(connect(url), StandingClock(NOW))
        with made.unit_of_work(NOW) as unit:
            open_cycle(unit)
        filled(made, ONE)
        yield made
        made.close()


def test_who_is_interrupted_leaves_no_half_answer_behind(store: SqlStore) -> None:
    def interrupted() -> None:
        with store.unit_of_work(NOW) as unit:
            unit.load(ONE.key)
            with _watched(unit._connection, ""):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    for _ in range(3):
        with store.unit_of_work(NOW) as unit:
            assert unit.load(ONE.key) == ONE


def test_who_is_interrupted_while_several_questions_wait_stops_there(store: SqlStore) -> None:
    def ring(*_: object) -> None:
        raise KeyboardInterrupt

    def ring_while_it_sleeps() -> None:
        sleeps = text("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        with reading(store._database) as connection:
            while not left.is_set() and not connection.execute(sleeps).all():
                connection.rollback()  # within one transaction, activity never changes
        while not left.is_set():  # an interrupt that falls into a destructor is lost
            os.kill(os.getpid(), signal.SIGUSR1)
            left.wait(5)

    left = Event()
    slowly = Asked(Prepared(select(func.pg_sleep(PATIENCE_SECONDS))), {})
    before = signal.signal(signal.SIGUSR1, ring)
    ringing = Thread(target=ring_while_it_sleeps)
    try:
        with pytest.raises(KeyboardInterrupt), store.unit_of_work(NOW) as unit:  # noqa: PT012 - the interrupt comes from outside
            ringing.start()
            together(unit._connection, [slowly, slowly])
    finally:
        left.set()
        ringing.join()
        signal.signal(signal.SIGUSR1, before)
    with store.unit_of_work(NOW) as unit:
        assert unit.load(ONE.key) == ONE


def test_a_pipeline_that_cannot_be_left_hides_no_interrupt_and_is_given_up(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    def hidden_by(error: OperationalError) -> None:
        with store.unit_of_work(NOW) as unit:
            unit.load(ONE.key)
            driver: Any = unit._connection.connection.driver_connection
            driver.pgconn.enter_pipeline_mode()
            hidden.append(_hidden_by(error, driver))
            with _watched(unit._connection, ""):
                raise error

    hidden: list[BaseException] = []
    busy = OperationalError("cannot exit pipeline mode while busy")
    with pytest.raises(DatabaseInterrupted):
        hidden_by(busy)
    interrupted = OperationalError("cannot exit pipeline mode while busy")
    interrupted.__context__ = KeyboardInterrupt()
    with pytest.raises(DatabaseInterrupted):
        hidden_by(interrupted)
    assert hidden == [busy, interrupted.__context__]
    assert caplog.records == []
    with store.unit_of_work(NOW) as unit:
        assert unit.load(ONE.key) == ONE
