# ruff: noqa: S608 - statements of our own, in tests of tampering
"""Tampering with the log, tried for real: full rights, triggers dropped, each found and named."""

from __future__ import annotations

import atexit
import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from engine.act import Act
from engine.checkpoint_chain import Audit
from engine.clock import Clock, StandingClock
from engine.events import Kind
from engine.note import Note
from engine.ports import NoticeItem, Reader, Store
from engine.replay import Break
from tests.contract.signing import Pen, verifies
from tests.contract.stores import sqlite, sqlite_file
from tests.contract.test_sealing import application, tamper
from tests.contract.world import CYCLE, NOW, create, following, instance, open_cycle
from workflows import office
from workflows.running.log_audit import audit_log
from workflows.running.sealing import seal
from workflows.running.tenures import establish

OLD, NEW = Pen(seed="old"), Pen(seed="new")
TARGETS = 130


def begin_key(store: Store, pen: Pen, *, lost: bool = False) -> None:
    with store.unit_of_work(NOW) as unit:
        act = Act(actor="root", occurred_at=NOW)
        event = act.on(unit, unit.load(office.KEY), Kind.KEY)
        data = {"key": str(pen.key)} | ({"lost": True} if lost else {})
        unit.append(replace(event, data=data))


def signing(*pens: Pen) -> Callable[[Reader], Sequence[Pen]]:
    return lambda _reader: pens


def audited(store: Store, *outside: str) -> list[Break]:
    with store.reading() as reader:
        return list(audit_log(reader, verifies, [Note.parse(text) for text in outside]))


def codes(found: Sequence[Break]) -> set[str]:
    return {one.code for one in found}


@dataclass(frozen=True, slots=True)
class World:
    """A store with a year in it, sealed in three checkpoints, and where its file is."""

    store: Store
    clock: Clock
    place: Path

    def last(self) -> str:
        with self.store.reading() as reader:
            found = reader.checkpoint()
        assert found is not None
        return found.note

    def seal(self, *pens: Pen) -> str:
        seal(application(self.store, self.clock), signing(*pens))
        return self.last()

    def live(self) -> None:
        """Let something happen: targets, a reason, a notice that is sent, a calendar."""
        with self.store.unit_of_work(NOW) as unit:
            number = unit.log_size()
            one = instance(f"{CYCLE}/G-{number}")
            create(unit, one, *(instance(f"{CYCLE}/T-{number}-{n:03}") for n in range(TARGETS)))
            told = unit.append(following(one, texts={"reason": "因故"}))
            unit.tell([NoticeItem(event=told.position, recipient="li", about=("section-1",))])
            unit.publish_calendar(f"days-{number}", {"days": {"2024-10-01": [False, "通知"]}})
        with self.store.unit_of_work(NOW) as unit:
            for notice in unit.gather():
                unit.settle_notice(notice, "", None)


@pytest.fixture
def sealed(store: Store, clock: Clock, tmp_path: Path) -> World:
    """On every store; a key, then a second one."""
    world = World(store, clock, tmp_path)
    establish(application(store, clock), "root")
    begin_key(store, OLD)
    world.live()
    world.seal(OLD)
    world.live()
    world.seal(OLD)
    begin_key(store, NEW)
    world.live()
    world.seal(NEW, OLD)
    return world


@pytest.fixture
def open_to_all(clock: Clock, tmp_path: Path) -> Iterator[World]:
    """The same on SQLite, where anybody with the file can do anything."""
    shutil.copy(_lived(), tmp_path / "duban.db")
    with sqlite(tmp_path, clock) as store:
        yield World(store, clock, tmp_path)


@cache
def _lived() -> Path:
    """A database that lived and was sealed twice, made once."""
    folder = Path(mkdtemp(prefix="duban-sealed-"))
    atexit.register(shutil.rmtree, folder)
    clock = StandingClock(NOW)
    with sqlite(folder, clock) as store:
        with store.unit_of_work(NOW) as unit:
            open_cycle(unit)
        world = World(store, clock, folder)
        establish(application(store, clock), "root")
        begin_key(store, OLD)
        for _ in range(2):
            world.live()
            world.seal(OLD)
    return sqlite_file(folder)


def test_a_log_that_nobody_touched_holds(sealed: World) -> None:
    audit = Audit()
    with sealed.store.reading() as reader:
        assert list(audit_log(reader, verifies, audit=audit)) == []
        assert audit.leaves == reader.log_size()
    assert (audit.checkpoints, audit.signed) == (3, 3)
    assert audited(sealed.store, sealed.last()) == []


def test_what_happens_after_sealing_breaks_nothing(sealed: World) -> None:
    kept = sealed.last()
    sealed.live()
    assert audited(sealed.store, kept) == []
    sealed.seal(NEW)
    assert audited(sealed.store, kept) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE event SET actor = 'wang' WHERE position = 20", {"sealed-changed"}),
        ("UPDATE event SET data = '{\"a\":1}' WHERE position = 20", {"sealed-changed"}),
        ("UPDATE event SET occurred_at = '2024-01-01T00:00:00.000000Z' WHERE position = 20",
         {"sealed-changed"}),
        ("UPDATE event SET recorded_at = '2024-01-01T00:00:00.000000Z' WHERE position = 20",
         {"sealed-changed"}),
        ("UPDATE event SET sequence = 9 WHERE position = 20", {"sealed-changed"}),
        ("UPDATE event SET cause = 1 WHERE position = 20", {"sealed-changed"}),
        ("UPDATE event SET data = '{' WHERE position = 20", {"sealed-gone"}),
        ("UPDATE event SET instance_id = 3, sequence = 9 WHERE position = 20", {"sealed-changed"}),
        ("UPDATE instance SET key = 'x' WHERE id = 20", {"sealed-changed"}),
        ("UPDATE event SET position = 99999 WHERE position = 20",
         {"sealed-gone", "position-gap"}),
        ("DELETE FROM event WHERE position = 20", {"sealed-gone", "position-gap"}),
        (("INSERT INTO event SELECT 99999, instance_id, 99, 'recorded', NULL, NULL, NULL, NULL, "
         "actor, '', '', occurred_at, recorded_at, NULL, NULL, '', '{}' FROM event "
         "WHERE position = 20"), {"position-gap"}),
        ("UPDATE instance SET cycle_id = id WHERE id = 20", {"misplaced"}),
        ("UPDATE notice SET recipient = 'wang' WHERE id = 1", {"misplaced", "sealed-changed"}),
        ("CREATE VIEW late AS SELECT * FROM event", {"schema"}),
        ("UPDATE tenure SET person = 'wang'", {"tenure"}),
        ("DELETE FROM tenure", {"tenure"}),
        ("UPDATE event_text SET text = 'other'", {"text"}),
        ("UPDATE event_text SET text = 'other', salt = ''", {"text"}),
        ("UPDATE event_text SET hash = 'other', text = NULL", {"sealed-changed"}),
        ("DELETE FROM event_text", {"sealed-changed"}),
        ("UPDATE notice_item SET recipient = 'wang' WHERE id = 1", {"sealed-changed"}),
        ("UPDATE notice_item SET about = '[]' WHERE id = 1", {"sealed-changed"}),
        ("UPDATE notice_item SET notice = NULL WHERE id = 1", {"sealed-changed"}),
        ("DELETE FROM notice_item WHERE id = 1", {"sealed-gone", "sealed-changed"}),
        ("UPDATE notice SET sent_at = '2024-01-01T00:00:00.000000Z' WHERE id = 1",
         {"sealed-changed"}),
        ("UPDATE notice SET state = 'pending' WHERE id = 1", {"sealed-gone"}),
        ("UPDATE plan_edition SET content = '{\"title\":\"other\"}'", {"sealed-changed"}),
        ("UPDATE calendar_edition SET content = replace(content, 'false', 'true')",
         {"sealed-changed"}),
        ("UPDATE calendar_edition SET published_at = '2020-01-01T00:00:00.000000Z'",
         {"sealed-changed"}),
        ("UPDATE workflow_edition SET content = replace(content, 'climb', 'crawl')",
         {"sealed-changed", "legal-moves"}),
        (("INSERT INTO legal_move SELECT edition, 'jump', 'low', 'high', 0 FROM workflow_edition "
         "WHERE name = 'goal'"), {"legal-moves"}),
        ("DELETE FROM legal_move WHERE trigger = 'climb'", {"legal-moves"}),
        ('UPDATE leaf SET hash = substr(hash, 2) || substr(hash, 1, 1) WHERE "index" = 20',
         {"sealed-changed", "root"}),
        ("UPDATE leaf SET hash = 'x' WHERE \"index\" = 20", {"sealed-changed"}),
        ('UPDATE leaf SET position = 99999 WHERE "index" = 20',
         {"sealed-gone", "never-sealed"}),
        ("UPDATE leaf SET kind = 'other' WHERE \"index\" = 20",
         {"sealed-gone", "never-sealed"}),
        ('DELETE FROM leaf WHERE "index" = 20', {"leaf-gap", "never-sealed", "root"}),
        ('DELETE FROM leaf WHERE "index" > 200', {"never-sealed", "log-short"}),
        ("INSERT INTO leaf VALUES (99999, 'event', 99999, 'x')",
         {"leaf-gap", "sealed-gone", "no-checkpoint"}),
        ("UPDATE log_node SET hash = substr(hash, 2) || substr(hash, 1, 1)", {"log-node"}),
        ('DELETE FROM log_node WHERE "index" = 0', {"log-node"}),
        ("UPDATE log_edition SET name = 'plan:other' WHERE number = 1", {"sealed-gone"}),
        ("DELETE FROM checkpoint WHERE previous > 0", {"no-checkpoint"}),
        ("DELETE FROM checkpoint WHERE previous = 0", {"checkpoint-gap"}),
        ("UPDATE checkpoint SET root = substr(root, 2) || substr(root, 1, 1)",
         {"checkpoint-note", "root"}),
        ("UPDATE checkpoint SET note = replace(note, 'after 0', 'after 1')",
         {"checkpoint-note", "signature"}),
        ("UPDATE checkpoint SET note = 'x'", {"checkpoint-note"}),
        ("UPDATE checkpoint SET sealed_at = '2020-01-01T00:00:00.000000Z'", {"checkpoint-note"}),
        ("UPDATE checkpoint SET key = ''", {"checkpoint-note"}),
        ("UPDATE checkpoint SET hashing = 'sm3'", {"checkpoint-note", "root"}),
        ("UPDATE checkpoint SET hashing = 'sha25&'", {"checkpoint-note"}),
        ("UPDATE checkpoint SET last_event = 1 WHERE previous > 0", {"checkpoint-note"}),
        ("UPDATE checkpoint SET note = substr(note, 1, instr(note, '— ') - 1)", {"signature"}),
        ("UPDATE event SET data = '{\"key\":\"x\"}' WHERE kind = 'key'",
         {"keys", "sealed-changed"}),
        ("DELETE FROM event WHERE kind = 'key'", {"sealed-gone", "signature"}),
    ],
)  # fmt: skip
def test_what_was_done_to_the_database_is_found(
    open_to_all: World, statement: str, expected: set[str]
) -> None:
    tamper(open_to_all.store, "PRAGMA foreign_keys = OFF", statement)
    found = codes(audited(open_to_all.store))
    assert expected <= found
    assert "unreadable" not in found


def test_the_break_has_the_address_of_the_event(open_to_all: World) -> None:
    with open_to_all.store.reading() as reader:
        event = reader.event(20)
    assert event is not None
    tamper(open_to_all.store, "UPDATE event SET actor = 'wang' WHERE position = 20")
    (broken,) = audited(open_to_all.store)
    assert (broken.instance, broken.sequence) == (event.instance, event.sequence)
    assert broken.found.endswith("event 20")


def test_two_that_changed_places_are_found(open_to_all: World) -> None:
    tamper(
        open_to_all.store,
        "UPDATE event SET position = -1 WHERE position = 20",
        "UPDATE event SET position = 20 WHERE position = 21",
        "UPDATE event SET position = 21 WHERE position = -1",
    )
    assert [one.code for one in audited(open_to_all.store)] == ["sealed-changed"] * 2


def test_whoever_hashes_anew_is_found_by_the_roots(open_to_all: World) -> None:
    """Event and leaf are changed together; the address is then that of the checkpoint."""
    tamper(open_to_all.store, "UPDATE event SET actor = 'wang' WHERE position = 20")
    with open_to_all.store.reading() as reader:
        leaf = next(x for x in reader.leaves() if (x.kind, x.position) == ("event", 20))

    forged = hashlib.sha256(b"\0" + (leaf.entry or b"")).hexdigest()
    tamper(open_to_all.store, f"UPDATE leaf SET hash = '{forged}' WHERE \"index\" = {leaf.number}")
    found = audited(open_to_all.store)
    assert [one.code for one in found] == ["log-node", "root", "root"]
    assert "#1 – #" in found[1].found


def test_what_only_a_checkpoint_kept_elsewhere_shows(
    open_to_all: World,
) -> None:
    """The tail cut off with its checkpoint, or yesterday's backup restored: the rest holds."""
    kept = open_to_all.last()
    with open_to_all.store.reading() as reader:
        first = reader.checkpoints()[0]
    assert audited(open_to_all.store, first.note, kept) == []
    tamper(
        open_to_all.store,
        "DELETE FROM checkpoint WHERE previous > 0",
        f'DELETE FROM leaf WHERE "index" >= {first.size}',
        f'DELETE FROM log_node WHERE ("index" + 1) << level > {first.size}',
        f"DELETE FROM event_text WHERE event > {first.last_event}",
        "DELETE FROM notice_item WHERE id > 1",
        "DELETE FROM notice WHERE id > 1",
        "DELETE FROM log_edition WHERE number > 7",
        f"DELETE FROM event WHERE position > {first.last_event}",
        f"UPDATE sqlite_sequence SET seq = {first.last_event} WHERE name = 'event'",
    )
    assert audited(open_to_all.store) == []
    assert audited(open_to_all.store, first.note) == []
    (short,) = audited(open_to_all.store, kept)
    assert short.code == "outside-short"


def test_a_log_built_anew_with_a_new_key_holds_but_for_a_checkpoint_kept_elsewhere(
    open_to_all: World,
) -> None:
    kept = open_to_all.last()
    tamper(
        open_to_all.store,
        "DELETE FROM checkpoint",
        "DELETE FROM leaf",
        "DELETE FROM log_node",
        "DELETE FROM log_edition",
        "UPDATE event SET actor = 'wang' WHERE position = 20",
        f"UPDATE event SET data = '{{\"key\":\"{NEW.key}\"}}' WHERE kind = 'key'",
    )
    open_to_all.seal(NEW)
    assert audited(open_to_all.store) == []
    assert codes(audited(open_to_all.store, kept)) == {"outside-key", "outside-root"}


def test_a_log_built_anew_without_its_key_is_not_signed_by_it(open_to_all: World) -> None:
    tamper(
        open_to_all.store,
        "DELETE FROM checkpoint",
        "DELETE FROM leaf",
        "DELETE FROM log_node",
        "DELETE FROM log_edition",
        "UPDATE event SET actor = 'wang' WHERE position = 20",
    )
    open_to_all.seal()
    assert codes(audited(open_to_all.store)) == {"signature"}
    tamper(open_to_all.store, "DELETE FROM checkpoint", "DELETE FROM leaf", "DELETE FROM log_node",
           "DELETE FROM log_edition")  # fmt: skip
    open_to_all.seal(NEW)
    assert codes(audited(open_to_all.store)) == {"signature"}


def test_a_key_that_took_a_place_is_signed_by_the_one_before(sealed: World) -> None:
    third = Pen(seed="third")
    begin_key(sealed.store, third)
    sealed.seal(third)
    (broken,) = audited(sealed.store)
    assert broken.code == "signature"
    assert broken.expected == NEW.key.id.hex()


def test_a_key_that_was_lost_need_not_sign(sealed: World) -> None:
    third = Pen(seed="third")
    begin_key(sealed.store, third, lost=True)
    sealed.seal(third)
    assert audited(sealed.store) == []


def test_an_old_key_signs_no_more(sealed: World) -> None:
    sealed.live()
    sealed.seal(OLD)
    (broken,) = audited(sealed.store)
    assert (broken.code, broken.expected) == ("signature", NEW.key.id.hex())


def test_a_checkpoint_of_another_log_or_with_a_false_signature_is_named(sealed: World) -> None:
    kept = sealed.last()
    other = str(Note(Note.parse(kept).text).signed_by([Pen("other/log")]))
    assert codes(audited(sealed.store, other)) == {"outside-key"}
    assert codes(audited(sealed.store, kept.replace("after ", "after 1"))) == {"signature"}
    assert codes(audited(sealed.store, kept.replace("\nafter ", "\nhash sm3\nafter "))) == {
        "signature", "outside-hash"
    }  # fmt: skip
