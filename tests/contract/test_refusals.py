"""What the database itself refuses, whoever asks, in plain SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import Connection, Table
from sqlalchemy.exc import DatabaseError, IntegrityError

from adapters.sql.database import writing
from adapters.sql.store import SqlStore
from adapters.sql.tables import EVENT_TEXT, HISTORY
from tests.contract.world import CYCLE, GOAL, NOW, born, filled, following, instance

ONE = instance(f"{CYCLE}/T-1")

EVENT = (
    "INSERT INTO event (instance_id, sequence, kind, edition, trigger, source, target, actor, "
    "acting_for, authority, occurred_at, recorded_at, cause, timer, part, data) "
    "SELECT {instance}, {sequence}, 'moved', {edition}, {trigger}, {source}, {target}, "
    "'x', '', '', 't', 't', {cause}, {timer}, '', "
    "(SELECT facts FROM instance WHERE key = 'qz-2024/T-1') "
    "FROM instance WHERE key = 'qz-2024/T-1'"
)

CHECKPOINT = (
    "(size, root, note, key, hashing, previous, sealed_at, last_event, last_told) "
    "VALUES (1, 'r', 'n', 'k', 'sha256', 0, 't', 1, 0)"
)

LEGAL = {
    "instance": "id",
    "cause": "1",
    "sequence": "2",
    "edition": f"'{GOAL.edition}'",
    "trigger": "'climb'",
    "source": "'low'",
    "target": "'middle'",
    "timer": "NULL",
}


@pytest.fixture
def raw(database: SqlStore) -> Iterator[Connection]:
    """A connection of our own to a database with one row, at least, in every table of history."""
    with database.unit_of_work(NOW) as unit:
        unit.create([born(ONE, timer="t-1", texts={"reason": "private"})])
    with taken_back(database) as connection:
        connection.exec_driver_sql(
            "INSERT INTO calendar_edition (edition, content, published_at) VALUES ('c', '{}', 't')"
        )
        connection.exec_driver_sql(
            "INSERT INTO leaf (\"index\", kind, position, hash) VALUES (0, 'event', 1, 'h')"
        )
        connection.exec_driver_sql("INSERT INTO log_edition VALUES (1, 'plan:p')")
        connection.exec_driver_sql("INSERT INTO log_node VALUES (8, 0, 'h')")
        connection.exec_driver_sql(f"INSERT INTO checkpoint {CHECKPOINT}")
        connection.exec_driver_sql("INSERT INTO checkpoint_stamp VALUES (1, 'tsa', 'token', 't')")
        yield connection


@contextmanager
def taken_back(store: SqlStore) -> Iterator[Connection]:
    """A transaction that leaves nothing behind."""
    with suppress(TakenBack), writing(store._database) as connection:
        yield connection
        raise TakenBack


class TakenBack(Exception):
    """Ends the test, so that nobody has to clean up what it wrote."""


@contextmanager
def refused(raw: Connection, kind: type[Exception], match: str = ".") -> Iterator[None]:
    """What is done here is refused; on PostgreSQL a transaction goes on only from a savepoint."""
    with pytest.raises(kind, match=match), raw.begin_nested():
        yield


@pytest.mark.parametrize("table", HISTORY, ids=str)
def test_history_is_never_changed_or_deleted(raw: Connection, table: Table) -> None:
    name = table.name
    count = f"SELECT count(*) FROM {name}"  # noqa: S608 - the name is our own table's
    before = raw.exec_driver_sql(count).scalar_one()
    assert before > 0
    column = table.columns.keys()[-1]
    for statement in (
        f"DELETE FROM {name}",  # noqa: S608 - the name is our own table's
        f'UPDATE {name} SET "{column}" = "{column}"',  # noqa: S608 - the names are our own
    ):
        with refused(raw, DatabaseError, "append-only"):
            raw.exec_driver_sql(statement)
    assert raw.exec_driver_sql(count).scalar_one() == before


def test_replacing_is_deleting(raw: Connection) -> None:
    """SQLite's REPLACE deletes without firing a trigger, unless `recursive_triggers` is on."""
    forged = "INTO checkpoint " + CHECKPOINT.replace("'r'", "'forged'")
    replacing = {
        "sqlite": f"INSERT OR REPLACE {forged}",
        "postgresql": f"INSERT {forged} ON CONFLICT (size) DO UPDATE SET root = excluded.root",
    }
    with refused(raw, DatabaseError):
        raw.exec_driver_sql(replacing[raw.dialect.name])
    assert raw.exec_driver_sql("SELECT root FROM checkpoint").scalar_one() == "r"


def test_a_legal_move_is_accepted(raw: Connection) -> None:
    raw.exec_driver_sql(EVENT.format(**LEGAL))


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": "'high'"},
        {"source": "'high'"},
        {"trigger": "'jump'"},
        {"edition": "'goal@0'"},
        {"target": "NULL"},
        {"edition": "NULL"},
        {"trigger": "NULL"},
        {"sequence": "1"},
        {"timer": "'t-1'"},
        {"instance": "99"},
        {"cause": "99"},
    ],
    ids=str,
)
def test_an_event_that_is_no_legal_move_is_refused(raw: Connection, wrong: dict[str, str]) -> None:
    with refused(raw, IntegrityError):
        raw.exec_driver_sql(EVENT.format(**{**LEGAL, **wrong}))


def test_a_text_may_only_be_redacted(raw: Connection) -> None:
    for statement in (
        "UPDATE event_text SET text = 'other'",
        "UPDATE event_text SET hash = 'other', text = NULL",
        "UPDATE event_text SET name = 'other', text = NULL",
        "UPDATE event_text SET event = 1, text = NULL",
        "DELETE FROM event_text",
    ):
        with refused(raw, DatabaseError, "may only be redacted"):
            raw.exec_driver_sql(statement)
    raw.exec_driver_sql("UPDATE event_text SET text = NULL")


def test_history_is_not_emptied_at_once(raw: Connection) -> None:
    if raw.dialect.name == "sqlite":
        return  # it knows no TRUNCATE
    for table in (*HISTORY, EVENT_TEXT):
        with refused(raw, DatabaseError, "append-only"):
            raw.exec_driver_sql(f"TRUNCATE {table.name} CASCADE")


def test_a_redacted_text_is_read_no_more(database: SqlStore) -> None:
    filled(database, ONE)
    with database.unit_of_work(NOW) as unit:
        unit.append(following(ONE, texts={"reason": "private", "note": "stays"}))
    with writing(database._database) as connection:
        connection.exec_driver_sql("UPDATE event_text SET text = NULL WHERE name = 'reason'")
    with database.reading() as reader:
        assert reader.history(ONE.key)[-1].texts == {"note": "stays"}
