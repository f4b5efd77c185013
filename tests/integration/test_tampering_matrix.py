"""Every table and every column, changed by somebody with all rights: found, or it is said why not.

A new table or column without an answer fails here.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Table,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from adapters.sql.database import connect
from adapters.sql.schema_comparison import differences
from adapters.sql.tables import (
    CALENDAR_EDITION,
    DEADLINE,
    EVENT,
    EXEMPTION,
    INSTANCE,
    METADATA,
    NOTICE,
    NOTICE_ITEM,
    PLAN_EDITION,
    SETTING,
    TENURE,
    TIMER,
    WORKFLOW_EDITION,
)
from adapters.sql.transfer import move
from adapters.sql.types import Moment
from engine.facts import to_text
from tests.contract.stores import sqlite_file
from tests.integration.tampered import Lived, forging, found_in, live, touching
from tests.postgres.databases import fresh_database

CYCLE = "qz-2024"
HASHED = {"leaf", "log_node", "log_edition", "checkpoint", "checkpoint_stamp"}
"""What the log consists of: tests/contract/test_log_audit.py changes each column of it."""

WITHOUT_ANSWER: Mapping[str, str] = {
    "checkpoint_post": "where checkpoints went; an auditor who gets none any more asks why",
    "chunk": "what is left of a rung that has begun; see timer.cursor",
    "heartbeat": "daemons' signs of life; nothing hangs on them but what `doctor` says",
    "exemption.event": "which of the events it rests on; which steps bind whom is compared",
    "notice.attempts": "how often delivery failed; docs/auditing.md says what shows it",
    "notice.last_error": "likewise",
    "notice.next_attempt_at": "likewise: `duban notices` shows what waits",
    "notice_item.held": "likewise",
    "timer.attempts": "how often it failed; the moment, the state and whom it reached are compared",
    "timer.cursor": "how far it came; whom it passed over is found when it is marked as fired",
    "timer.last_error": "likewise",
}


@cache
def _template() -> tuple[Path, Lived]:
    file = sqlite_file(Path(mkdtemp(prefix="duban-tampered-")))
    return file, live(connect(str(file)))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lived]:
    file, one = _template()
    one.engine.dispose()
    copy = tmp_path_factory.mktemp("tampered") / "duban.db"
    shutil.copy(file, copy)
    if request.param == "sqlite":
        engine = connect(str(copy))
        yield Lived(one.year, engine, one.kept)
        engine.dispose()
        return
    with fresh_database() as url:
        move(str(copy), url, lambda _count, _text: lambda _done: None)
        engine = connect(url)
        yield Lived(one.year, engine, one.kept)
        engine.dispose()


@pytest.fixture(scope="module")
def in_file() -> Lived:
    return _template()[1]


def test_what_nobody_touched_is_whole(lived: Lived) -> None:
    with forging(lived) as connection:
        assert found_in(lived, connection, outside=True) == []


def other(column: Column[Any], value: Any) -> Any:
    """Another value that the column can hold."""
    if isinstance(column.type, Moment):
        return value + timedelta(days=40) if value else LONG_AGO
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        joins = bool(column.foreign_keys) and not column.primary_key
        return value - 1 if joins else value + 1_000_000
    if isinstance(value, dict):
        return {**value, "more": 1}
    if isinstance(value, list):
        return [*value, "more"]
    if isinstance(value, str):
        return f"{value}x"
    return 1 if isinstance(column.type, Integer) else "x"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(METADATA.tables) - HASHED))
def test_each_column_of_each_table_has_its_answer(name: str, in_file: Lived) -> None:
    table = METADATA.tables[name]
    excused = {c.name for c in table.columns if f"{name}.{c.name}" in WITHOUT_ANSWER}
    with forging(in_file) as connection:
        rows = connection.execute(select(table)).mappings().all()
    if name in WITHOUT_ANSWER:
        return
    assert rows, f"nothing stands in {name}"
    row = rows[0 if table is NOTICE else len(rows) // 2]  # the first was sent
    assert set(unfound(in_file, table, row)) == excused


def unfound(lived: Lived, table: Table, row: Mapping[Any, Any]) -> Iterator[str]:
    """Yield the columns that nobody sees changed;  the row that nobody misses."""
    this = [column == row[column.name] for column in table.primary_key]
    afresh = table in (PLAN_EDITION, WORKFLOW_EDITION)
    for column in table.columns:
        changed = {column.name: other(column, row[column.name])}
        with forging(lived) as connection:
            connection.execute(update(table).where(*this).values(changed))
            if not found_in(lived, connection, afresh=afresh):
                yield column.name
    with forging(lived) as connection:
        connection.execute(delete(table).where(*this))
        if not found_in(lived, connection, afresh=True):
            yield "(deleted)"


@pytest.mark.slow
@settings(max_examples=25)
@given(seed=st.integers(0, 10**9))
def test_whatever_cell_of_whatever_row_is_changed_is_found(seed: int) -> None:
    in_file = _template()[1]
    drawn = Random(seed)
    skipped = {*HASHED, *WITHOUT_ANSWER, "notice"}  # of notices only what was sent is sealed
    tables = [t for name, t in METADATA.tables.items() if name not in skipped]
    table = drawn.choice(tables)
    column = drawn.choice([c for c in table.columns if f"{table}.{c.name}" not in WITHOUT_ANSWER])
    with forging(in_file) as connection:
        row = drawn.choice(connection.execute(select(table)).mappings().all())
    this = [key == row[key.name] for key in table.primary_key]
    changed = {column.name: other(column, row[column.name])}
    with forging(in_file) as connection, suppress(IntegrityError):
        connection.execute(update(table).where(*this).values(changed))
        afresh = table in (PLAN_EDITION, WORKFLOW_EDITION)
        assert found_in(in_file, connection, afresh=afresh), f"{table}.{column.name} of {row}"


Forgery: TypeAlias = Callable[[Connection], Any]


def changing(table: Table, *where: Any, **values: Any) -> Forgery:
    return lambda connection: connection.execute(update(table).where(*where).values(**values))


def deleting(table: Table, *where: Any) -> Forgery:
    return lambda connection: connection.execute(delete(table).where(*where))


def copying(table: Table, *where: Any, **values: Any) -> Forgery:
    """Put in one more row like another."""

    def forge(connection: Connection) -> None:
        row = connection.execute(select(table).where(*where).limit(1)).mappings().one()
        connection.execute(insert(table).values({**row, **values}))

    return forge


def swapping(connection: Connection) -> None:
    """Let two events of one instance change places."""
    where = EVENT.c.instance_id == _id("qz-2024/T-1")
    first, second = connection.scalars(
        select(EVENT.c.position).where(where).order_by(EVENT.c.sequence.desc()).limit(2)
    ).all()
    for position, to in ((first, 10**6), (second, first), (10**6, second)):
        changing(EVENT, EVENT.c.position == position, position=to)(connection)


def _id(key: str) -> Any:
    return select(INSTANCE.c.id).where(INSTANCE.c.key == key).scalar_subquery()


LONG_AGO = datetime(2024, 3, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 1, tzinfo=UTC)
PENDING, FIRED = TIMER.c.state == "pending", TIMER.c.state == "fired"
LATE = TIMER.c.id == f"{CYCLE}:s4-incentive#1:r3"
LAPSE = TIMER.c.rung == "lapse"
OWN = DEADLINE.c.instance_id.is_not(None)


SIXTY = EVENT.c.position == 60
ONE = INSTANCE.c.key == f"{CYCLE}/T-1"
S4, S5 = DEADLINE.c.step == "s4", DEADLINE.c.step == "s5"
NEVER_WAS = ["amended", {"at": to_text(LATER), "due": ""}]

FORGERIES: Mapping[str, tuple[Forgery, str]] = {
    "an event changed": (changing(EVENT, SIXTY, actor="wang"), "sealed-changed"),
    "an event re-dated": (
        changing(EVENT, SIXTY, occurred_at=LONG_AGO),
        "sealed-changed",
    ),
    "an event re-numbered": (
        changing(EVENT, SIXTY, sequence=99),
        "sealed-changed",
    ),
    "an event deleted": (deleting(EVENT, SIXTY), "sealed-gone"),
    "an event put in": (
        copying(EVENT, SIXTY, position=10**6, sequence=99, timer=None),
        "gap",
    ),
    "two events swapped": (swapping, "sealed-changed"),
    "a state edited": (
        changing(INSTANCE, ONE, state="evaluated"),
        "projection",
    ),
    "a target hidden from its cycle": (
        changing(INSTANCE, ONE, cycle_id=None, parent_id=None),
        "misplaced",
    ),
    "a plan edited": (changing(PLAN_EDITION, content={"title": "x"}), "sealed-changed"),
    "another plan put in its place": (
        lambda connection: (
            copying(PLAN_EDITION, edition="other")(connection),
            changing(INSTANCE, INSTANCE.c.key == CYCLE, plan="other")(connection),
        ),
        "plan",
    ),
    "a calendar edited": (changing(CALENDAR_EDITION, content={"days": {}}), "sealed-changed"),
    "other working days in force": (deleting(SETTING, SETTING.c.name == "calendar"), "setting"),
    "made a trial": (copying(SETTING, name="trial", value="yes"), "setting"),
    "what is told held back": (
        copying(SETTING, name=f"holds/{CYCLE}", value=to_text(LATER)),
        "setting",
    ),
    "a sent notice re-addressed": (
        changing(NOTICE, NOTICE.c.state == "sent", recipient="wang"),
        "sealed-changed",
    ),
    "an unsent notice re-addressed": (
        changing(NOTICE, NOTICE.c.state == "pending", recipient="wang"),
        "misplaced",
    ),
    "something told to another": (changing(NOTICE_ITEM, channel="x"), "sealed-changed"),
    "something told taken away": (deleting(NOTICE_ITEM), "sealed-gone"),
    "a timer moved to another day": (changing(TIMER, PENDING, fires_at=LATER), "timer"),
    "a timer that waits deleted": (deleting(TIMER, TIMER.c.id == f"{CYCLE}:s5#1:r4"), "timer"),
    "a timer that fired deleted": (deleting(TIMER, LATE), "timer"),
    "a timer marked as fired": (changing(TIMER, PENDING, state="fired"), "timer"),
    "a timer cancelled": (
        changing(TIMER, TIMER.c.id == f"{CYCLE}:s5#1:r3", state="cancelled"),
        "timer",
    ),
    "a timer that fired waits again": (changing(TIMER, LATE, state="pending"), "timer"),
    "a timer put off for ever": (
        changing(TIMER, PENDING, attempts=9, next_attempt_at=LATER),
        "timer",
    ),
    "a timer put in": (copying(TIMER, LATE, id=f"{CYCLE}:s4#1:r9", rung="r9"), "timer"),
    "lateness that never was": (
        deleting(EVENT, EVENT.c.kind == "late"),
        "sealed-gone",
    ),
    "a date moved": (changing(DEADLINE, S5, due_at=LATER), "date"),
    "a date moved with its timers": (
        lambda connection: (
            changing(DEADLINE, S5, due_at=LATER, calendar_edition="")(connection),
            changing(TIMER, PENDING, fires_at=LATER)(connection),
        ),
        "date",
    ),
    "a date taken away": (
        lambda connection: (
            deleting(TIMER, TIMER.c.deadline == f"{CYCLE}:s5#1")(connection),
            deleting(DEADLINE, S5)(connection),
        ),
        "date",
    ),
    "a date that binds no more": (changing(DEADLINE, S5, soft=True), "date"),
    "an amendment that never was": (
        changing(
            DEADLINE,
            S4,
            reasons=[NEVER_WAS],
        ),
        "date",
    ),
    "an extension made longer": (changing(DEADLINE, OWN, due_at=LATER), "date"),
    "an excuse put in": (
        copying(EXEMPTION, instance_id=_id(f"{CYCLE}/T-1"), step="s5", kind="excused"),
        "projection",
    ),
    "an excuse taken away": (deleting(EXEMPTION, EXEMPTION.c.kind == "excused"), "projection"),
    "a role given": (changing(TENURE, TENURE.c.post == "administrator", person="wang"), "tenure"),
    "a delegation made longer": (changing(TENURE, TENURE.c.deputy, until="2030-01-01"), "tenure"),
    "a delegation put in": (
        copying(TENURE, TENURE.c.deputy, event=3, person="wang"),
        "tenure",
    ),
    "a proposal that lapses later": (changing(TIMER, LAPSE, PENDING, fires_at=LATER), "timer"),
    "a proposal that never lapses": (changing(TIMER, LAPSE, PENDING, state="cancelled"), "timer"),
    "a proposal out of sight": (
        lambda connection: (
            deleting(TIMER, LAPSE, PENDING)(connection),
            deleting(DEADLINE, DEADLINE.c.id.in_(_lapsing(connection)))(connection),
        ),
        "date",
    ),
}


def _lapsing(connection: Connection) -> list[str]:
    """Return the dates of proposals that have no timer."""
    timers = select(TIMER.c.deadline)
    query = select(DEADLINE.c.id).where(
        DEADLINE.c.step == "+proposal", DEADLINE.c.id.not_in(timers)
    )
    return list(connection.scalars(query))


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_and_named(name: str, lived: Lived) -> None:
    forge, code = FORGERIES[name]
    with forging(lived) as connection:
        forge(connection)
        found = found_in(lived, connection, afresh="plan" in name)
    assert code in {b.code for b in found}, found


SCHEMA = {
    "sqlite": {
        "DROP TRIGGER event_refuses_update": "- trigger event_refuses_update",
        "CREATE VIEW late AS SELECT * FROM event": "+ view late",
        "CREATE TRIGGER quiet AFTER INSERT ON timer BEGIN DELETE FROM timer WHERE id = NEW.id; END":
            "+ trigger quiet",
        "ALTER TABLE event ADD COLUMN more TEXT": "≠ table event",
        "DROP INDEX event_once_per_timer": "- index event_once_per_timer",
        "CREATE TABLE more (x TEXT)": "+ table more",
    },
    "postgresql": {
        "DROP TRIGGER event_append_only ON event": "- trigger event_append_only",
        "ALTER TABLE event DISABLE TRIGGER event_append_only": "≠ trigger event_append_only",
        "CREATE OR REPLACE FUNCTION duban_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NULL; END $$": "≠ function duban_append_only",
        "CREATE VIEW late AS SELECT * FROM event": "+ view late",
        "CREATE RULE quiet AS ON DELETE TO timer DO INSTEAD NOTHING": "+ rule quiet",
        "ALTER TABLE event ADD COLUMN more text": "≠ remove column event more",
        "ALTER TABLE event DROP CONSTRAINT event_move_is_whole": "- check event_move_is_whole",
        "DROP TRIGGER event_refers ON event": "- trigger event_refers",
        "ALTER TABLE timer DROP CONSTRAINT timer_deadline_fkey": "≠ add fk timer_deadline_fkey",
        "ALTER TABLE timer ALTER state SET DEFAULT 'fired'": "+ default timer.state",
        "ALTER TABLE timer ENABLE ROW LEVEL SECURITY": "+ row security timer",
        "DROP INDEX event_once_per_timer": "≠ add index event_once_per_timer",
        "CREATE TABLE more (x text)": "≠ remove table more",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("lived", "statement"),
    [(kind, s) for kind, statements in SCHEMA.items() for s in statements],
    indirect=["lived"],
)
def test_a_schema_that_is_not_ours_is_named(statement: str, lived: Lived) -> None:
    with touching(lived) as connection:
        assert differences(connection) == []
        connection.execute(text(statement))
        assert differences(connection) == [SCHEMA[lived.engine.dialect.name][statement]]
