"""Units that last for hours on PostgreSQL: what they wrote is sealed as soon as they end."""

from __future__ import annotations

from datetime import datetime, timedelta

from adapters.sql.database import connect
from adapters.sql.store import SqlStore
from engine.clock import StandingClock
from engine.ports import UnitOfWork
from tests.contract.signing import verifies
from tests.contract.test_sealing import application
from tests.contract.world import CYCLE, NOW, create, instance, open_cycle
from tests.postgres.databases import lent_database
from workflows.running.log_audit import audit_log
from workflows.running.sealing import seal

LATE = f"{CYCLE}/late"


def test_what_a_unit_of_hours_wrote_is_sealed_when_it_ends() -> None:
    with lent_database() as url:
        engine = connect(url)
        clock = StandingClock(NOW)
        store = SqlStore(engine, clock)
        with store.unit_of_work(NOW) as unit:
            open_cycle(unit)
        with store.unit_of_work(NOW) as slow:
            create(slow, instance(LATE))
            for hours in range(6):
                _others_go_on(store, clock, NOW + timedelta(hours=hours))
                with store.reading() as reader:
                    assert list(audit_log(reader, verifies)) == []
        with store.reading() as reader:
            assert list(audit_log(reader, verifies)) == []  # the next pass will seal it
            assert reader.count_unsealed()[0] == 1
        for hours in range(6, 9):
            _others_go_on(store, clock, NOW + timedelta(hours=hours))
        with store.reading() as reader:
            assert reader.count_unsealed()[0] == 0
            assert list(audit_log(reader, verifies)) == []
        _looks_no_further_back_than_it_must(store)
        engine.dispose()


def _others_go_on(store: SqlStore, clock: StandingClock, now: datetime) -> None:
    clock.moment = now
    with store.unit_of_work(now) as unit:
        number = unit.log_size()
        _opened(unit, f"{CYCLE}/T-{number}")
    seal(application(store, clock))


def _opened(unit: UnitOfWork, key: str) -> None:
    create(unit, instance(key))


def _looks_no_further_back_than_it_must(store: SqlStore) -> None:
    with store.reading() as reader:
        settled, last = reader._settled(), reader.checkpoint()
    assert settled is not None
    assert last is not None
    assert last.sealed_at - settled.sealed_at <= timedelta(hours=2)
