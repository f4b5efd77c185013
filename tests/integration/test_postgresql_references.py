"""What an event refers to, on PostgreSQL: one trigger for all events of a statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, IntegrityError

from adapters.sql.database import connect, writing
from adapters.sql.store import SqlStore
from engine.clock import StandingClock
from tests.contract.world import CYCLE, GOAL, NOW, create, instance, open_cycle
from tests.postgres.databases import fresh_database

MANY = (
    "INSERT INTO event (instance_id, sequence, kind, edition, trigger, source, target, actor, "
    "acting_for, authority, occurred_at, recorded_at, cause, part, data) "
    "SELECT {instance}, n, 'moved', {edition}, 'climb', 'low', {target}, "
    "'x', '', '', 't', 't', {cause}, '', '{{}}' FROM instance, generate_series(2, 9) AS n "
    "WHERE workflow = 'goal'"
)
RIGHT = {"instance": "id", "edition": f"'{GOAL.edition}'", "target": "'middle'", "cause": "1"}


@pytest.fixture
def raw() -> Iterator[Connection]:
    with fresh_database() as url:
        engine = connect(url)
        with SqlStore(engine, StandingClock(NOW)).unit_of_work(NOW) as unit:
            open_cycle(unit)
            create(unit, instance(f"{CYCLE}/T-1"))
        with writing(engine) as connection:
            yield connection
        engine.dispose()


@contextmanager
def refused(raw: Connection, kind: type[Exception] = DatabaseError) -> Iterator[None]:
    with pytest.raises(kind), raw.begin_nested():
        yield


def test_one_wrong_event_among_many_is_refused_with_all(raw: Connection) -> None:
    for wrong in (
        {"instance": "CASE n WHEN 7 THEN 4711 ELSE id END"},
        {"target": "CASE n WHEN 7 THEN 'high' ELSE 'middle' END"},
        {"cause": "CASE n WHEN 7 THEN 4711 ELSE 1 END"},
    ):
        with refused(raw, IntegrityError):
            raw.exec_driver_sql(MANY.format(**{**RIGHT, **wrong}))
    raw.exec_driver_sql(MANY.format(**RIGHT))


def test_a_table_of_somebodys_own_does_not_stand_before_the_legal_moves(raw: Connection) -> None:
    raw.exec_driver_sql("CREATE TEMPORARY TABLE legal_move AS SELECT * FROM legal_move")
    raw.exec_driver_sql("UPDATE pg_temp.legal_move SET target = 'high'")
    with refused(raw, IntegrityError):
        raw.exec_driver_sql(MANY.format(**{**RIGHT, "target": "'high'"}))


def test_what_events_refer_to_is_kept(raw: Connection) -> None:
    for statement in (
        "DELETE FROM instance",
        "UPDATE instance SET id = id + 100",
        "TRUNCATE instance CASCADE",
    ):
        with refused(raw):
            raw.exec_driver_sql(statement)
    raw.exec_driver_sql("UPDATE instance SET lamp = ''")
