"""Sealing, on every store: leaves in order, checkpoints in a chain, and no vouching for breaks."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

import pytest

from adapters.sql.database import file_of, writing
from adapters.sql.store import SqlStore
from engine import merkle
from engine.clock import Clock
from engine.errors import EngineError
from engine.merkle import Hashing, Tree
from engine.note import Checkpoint, Note
from engine.ports import Reader, Store
from tests.contract.signing import Pen, verifies
from tests.contract.test_log import PUBLISHED, unsealed
from tests.contract.world import CYCLE, NOW, filled, instance
from tests.postgres.databases import guards_set_aside
from workflows.running import sealing
from workflows.running.desk import Application
from workflows.running.sealing import HASH, UNSIGNED, LogBroken, seal

PEN = Pen()


def application(store: Store, clock: Clock) -> Application:
    return Application(store=store, clock=clock, calendar_of=lambda *_: pytest.fail("no dates"))


def signed(_reader: Reader) -> Sequence[Pen]:
    return [PEN]


def test_all_is_sealed_and_signed(store: Store, clock: Clock) -> None:
    app = application(store, clock)
    filled(store, instance(f"{CYCLE}/T-1"))
    done = seal(app, signed)
    assert (done.leaves, unsealed(store, editions=True)) == (PUBLISHED + 2, [])
    assert done.checkpoint is not None
    note = Note.parse(done.checkpoint.note)
    assert note.checked([PEN.key], verifies) == ([PEN.key], [])
    assert Checkpoint.parse(note.text) == Checkpoint(
        origin="duban/test", size=7, root=done.checkpoint.root, sealed_at=NOW, after=0
    )
    assert seal(app, signed).checkpoint is None
    with store.reading() as reader:
        assert len(reader.checkpoints()) == 1


def test_checkpoints_are_a_chain(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 4)
    app = application(store, clock)
    filled(store, *(instance(f"{CYCLE}/T-{n}") for n in range(9)))
    assert seal(app, signed).leaves == 10 + PUBLISHED
    filled(store, instance(f"{CYCLE}/T-9"))
    seal(app, signed)
    with store.reading() as reader:
        found = reader.checkpoints()
        whole = Tree(Hashing(), [bytes.fromhex(leaf.hash) for leaf in reader.leaves()])
        assert [(c.previous, c.size) for c in found] == [
            (0, 4),
            (4, 8),
            (8, 12),
            (12, 15),
            (15, 16),
        ]
        for one in found:
            assert one.root == whole.root(one.size)
            assert one.last_event == max(one.size - PUBLISHED, 0)
            assert one.key == PEN.key.id.hex()
            if one.previous:
                proof = merkle.consistency_proof(Hashing(), reader.node, one.previous, one.size)
                assert proof == whole.consistency(one.previous, one.size)


def test_a_log_without_a_key_says_so(store: Store, clock: Clock) -> None:
    done = seal(application(store, clock))
    assert done.checkpoint is not None
    assert done.checkpoint.key == ""
    assert done.checkpoint.note.startswith(f"{UNSIGNED}\n6\n")
    assert Note.parse(done.checkpoint.note).signatures == ()


def test_a_log_keeps_the_hash_with_which_it_began(store: Store, clock: Clock) -> None:
    app = application(store, clock)
    with store.unit_of_work(NOW) as unit:
        unit.set_setting(HASH, "sm3")
    first = seal(app, signed).checkpoint
    with store.unit_of_work(NOW) as unit:
        unit.set_setting(HASH, "sha256")
    filled(store, *(instance(f"{CYCLE}/T-{n}") for n in range(300)))
    second = seal(app, signed).checkpoint
    assert first is not None
    assert second is not None
    assert (first.hashing, second.hashing) == ("sm3", "sm3")
    assert "\nhash sm3\n" in second.note
    sm3 = Hashing("sm3")
    with store.reading() as reader:
        assert merkle.root(sm3, reader.node, 301 + PUBLISHED) == second.root
        for leaf in reader.leaves():
            assert leaf.hash == sm3.leaf(leaf.entry or b"").hex()


@pytest.mark.parametrize(
    "statement",
    [
        'DELETE FROM leaf WHERE "index" = 400',
        'DELETE FROM leaf WHERE "index" = 399',
        "DELETE FROM checkpoint",
        "DELETE FROM log_node",
        'UPDATE leaf SET hash = substr(hash, 2) || substr(hash, 1, 1) WHERE "index" = 404',
        "UPDATE leaf SET hash = 'x' WHERE \"index\" = 404",
        "UPDATE log_node SET hash = substr(hash, 2) || substr(hash, 1, 1)",
        "UPDATE checkpoint SET root = substr(root, 2) || substr(root, 1, 1)",
        "INSERT INTO leaf VALUES (406, 'event', 999, 'x')",
    ],
)
def test_nobody_signs_a_log_that_was_tampered_with(
    statement: str, database: SqlStore, clock: Clock
) -> None:
    app = application(database, clock)
    filled(database, *(instance(f"{CYCLE}/T-{n}") for n in range(400)))
    seal(app, signed)
    tamper(database, statement)
    filled(database, instance(f"{CYCLE}/T-400"))
    with pytest.raises(LogBroken):
        seal(app, signed)
    with database.reading() as reader:
        assert max((c.size for c in reader.checkpoints()), default=406) == 406


def test_what_cannot_be_read_is_left_unsealed(database: SqlStore, clock: Clock) -> None:
    app = application(database, clock)
    filled(database, *(instance(f"{CYCLE}/T-{n}") for n in range(3)))
    tamper(database, "UPDATE event SET data = '{\"n\": 12345678901234567890}' WHERE position = 2")
    done = seal(app, signed)
    assert [one.position for one in done.unreadable] == [2]
    assert done.leaves == 3 + PUBLISHED
    assert seal(app, signed, thorough=True).unreadable == done.unreadable


def test_a_key_that_cannot_sign_leaves_the_log_as_it_was(store: Store, clock: Clock) -> None:
    def lost(_reader: Reader) -> Sequence[Pen]:
        raise EngineError(message="lost")

    with pytest.raises(EngineError, match="lost"):
        seal(application(store, clock), lost)
    with store.reading() as reader:
        assert reader.log_size() == 0


def tamper(store: Store, *statements: str) -> None:
    """Change the database with full rights, its triggers set aside and put back."""
    assert isinstance(store, SqlStore)
    file = file_of(store._database)
    if file is None:
        with writing(store._database) as server, guards_set_aside(server):
            for statement in statements:
                server.exec_driver_sql(statement)
        return
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        triggers = connection.execute(query).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in (*statements, *(sql for _, sql in triggers)):
            connection.execute(statement)
        connection.commit()
