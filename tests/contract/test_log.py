"""The log: what is not sealed yet, what leaves stand for, and proofs from what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine import merkle
from engine.entries import Entry, sent_entry, told_entry
from engine.errors import ConcurrentChange
from engine.events import canonical
from engine.facts import to_text
from engine.log import Leaf, Node, Posted, Sealed, Stamp, Unsealed
from engine.merkle import Frontier, Hashing, frontier
from engine.persons import Persons
from engine.ports import NoticeItem, Store
from tests.contract.world import CYCLE, GAP, NOW, born, filled, following, instance

SHA256 = Hashing()
ONE = instance(f"{CYCLE}/T-1")


PUBLISHED = 5
"""Four machines and a plan, which opening the cycle publishes."""


def unsealed(store: Store, *, editions: bool = False) -> list[Unsealed]:
    """What is not sealed; as a rule without what was published."""
    with store.reading() as reader:
        found = reader.unsealed(2000)
    return [one for one in found if editions or one.kind is not Entry.EDITION]


def sealing(store: Store, found: list[Unsealed]) -> tuple[list[Leaf], list[Node], Sealed]:
    """What a sealer would keep for what it found."""
    with store.reading() as reader:
        size = reader.log_size()
        start = frontier(reader.node, size)
    hashes = [SHA256.leaf(one.entry or b"") for one in found]
    nodes: list[Node] = []
    end = start.extended(SHA256, hashes, lambda *node: nodes.append(Node(*node)))
    leaves = [
        Leaf(size + n, one.kind, one.position, leaf, one.name)
        for n, (one, leaf) in enumerate(zip(found, hashes, strict=True))
    ]
    sealed = Sealed(
        size=end.size,
        root=end.root(SHA256),
        note="note",
        key="k",
        hashing="sha256",
        previous=size,
        sealed_at=NOW,
        last_event=max((one.position for one in leaves if one.kind is Entry.EVENT), default=1),
    )
    return leaves, nodes, sealed


def seal(store: Store) -> Sealed:
    made = sealing(store, unsealed(store, editions=True))
    with store.unit_of_work(NOW) as unit:
        unit.seal(*made)
    return made[-1]


def test_an_entry_is_the_canonical_form_of_its_event(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        unit.create([born(ONE, data={"set": {"β": True, "a": [1, 2]}})])
        unit.append(following(ONE, texts={"reason": "因故", "note": "n"}, authority='泉"1"号'))
    found = unsealed(store)
    with store.reading() as reader:
        for one in found:
            event = reader.event(one.position)
            assert event is not None
            salts = {n: t.salt for n, t in reader.sealed_texts(one.position).items()}
            assert one.entry == canonical(event, salts, reader.persons())
        assert not reader.false_texts()
        assert reader.sealed_texts(found[-1].position)["reason"].holds
    assert [one.position for one in found] == sorted(one.position for one in found)
    assert {one.kind for one in found} == {Entry.EVENT}


def test_the_secret_of_persons_is_chosen_once_and_no_entry_holds_an_account(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        unit.choose_secret()
        unit.create([born(ONE)])
        event = unit.append(following(ONE, actor="li", acting_for="wu/bureau")).position
        unit.tell([NoticeItem(event=event, recipient="li", channel="mail")])
        (notice,) = unit.gather()
        unit.settle_notice(notice, "", None)
    with store.reading() as reader:
        first = reader.persons().of("li")
    with store.unit_of_work(NOW) as unit:
        unit.choose_secret()
    entries = [one.entry or b"" for one in unsealed(store)]
    with store.reading() as reader:
        assert reader.persons().of("li") == first != Persons().of("li")
    assert sum(first.encode() in entry for entry in entries) == 3
    assert not any(b'"li' in entry or b'"wu' in entry for entry in entries)


def test_who_is_told_and_what_was_sent_have_entries_of_their_own(store: Store) -> None:
    filled(store, ONE)
    with store.unit_of_work(NOW) as unit:
        event = unit.append(following(ONE)).position
        unit.tell([NoticeItem(event=event, recipient="li", channel="mail", about=("a", "b"))])
    with store.reading() as reader:
        persons = reader.persons()
    entry = told_entry(event, "li", "mail", ["a", "b"], persons)
    assert unsealed(store)[-1] == Unsealed(Entry.TOLD, 1, entry)
    with store.unit_of_work(NOW) as unit:
        (notice,) = unit.gather()
    assert unsealed(store)[-1].kind is Entry.TOLD
    later = NOW + timedelta(minutes=1)
    with store.unit_of_work(later) as unit:
        unit.settle_notice(notice, "", None)
    assert unsealed(store)[-1] == Unsealed(
        Entry.SENT,
        notice.id,
        sent_entry(
            key=notice.key,
            recipient="li",
            channel="mail",
            created_at=to_text(NOW),
            sent_at=to_text(later),
            events=[event],
            persons=persons,
        ),
    )


def test_notices_of_an_event_are_found_once_they_are_sealed(store: Store) -> None:
    filled(store, ONE)
    with store.unit_of_work(NOW) as unit:
        first, second = (unit.append(following(ONE, sequence=n)).position for n in (2, 3))
        unit.tell(NoticeItem(event=e, recipient=r) for e in (first, second) for r in ("li", "wu"))
    with store.reading() as reader:
        assert reader.sealed_notices([first, second]) == []
    seal(store)
    with store.unit_of_work(NOW) as unit:
        for notice in unit.gather():
            if notice.recipient == "li":
                unit.settle_notice(notice, "", None)
    seal(store)
    with store.reading() as reader:
        stored = {leaf.number: leaf for leaf in reader.leaves()}
        for events, told, sent in (([first], 2, 1), ([first, second], 4, 1), ([], 0, 0)):
            found = reader.sealed_notices(events)
            kinds = [one.leaf.kind for one in found]
            assert (kinds.count(Entry.TOLD), kinds.count(Entry.SENT)) == (told, sent)
            assert [one.leaf.index for one in found] == sorted(one.leaf.index for one in found)
            assert all(stored[one.leaf.index].entry == one.entry for one in found)
            assert {one.recipient for one in found} == ({"li", "wu"} if told else set())


def test_what_is_sealed_is_unsealed_no_more(store: Store) -> None:
    filled(store, ONE)
    with store.reading() as reader:
        assert (reader.log_size(), reader.checkpoint()) == (0, None)
        assert reader.count_unsealed() == (2, NOW)
    sealed = seal(store)
    assert unsealed(store) == []
    with store.reading() as reader:
        assert reader.log_size() == PUBLISHED + 2
        assert reader.checkpoint() == reader.checkpoint(PUBLISHED + 2) == sealed
        assert reader.checkpoint(1) is None
        assert reader.checkpoints() == [sealed]
        assert reader.count_unsealed() == (0, None)
        assert [leaf.position for leaf in reader.leaves()] == [1, 2, 3, 4, 5, 1, 2]
        leaf = reader.leaf_of(Entry.EVENT, 2)
        assert leaf is not None
        assert leaf.index == PUBLISHED + 1
        assert reader.leaf_of(Entry.TOLD, 2) is None
    with store.unit_of_work(NOW) as unit:
        unit.append(following(ONE))
    assert [one.position for one in unsealed(store)] == [3]
    with store.reading() as reader:
        assert [one.position for one in reader.unsealed(10, thorough=True)] == [3]
        assert reader.unsealed(0) == []


def test_a_leaf_shows_what_it_stands_for(store: Store) -> None:
    filled(store, ONE)
    with store.unit_of_work(NOW) as unit:
        event = unit.append(following(ONE)).position
        unit.tell([NoticeItem(event=event, recipient="li")])
        (notice,) = unit.gather()
        unit.settle_notice(notice, "", None)
    before = unsealed(store, editions=True)
    assert [one.name for one in before[:2]] == [f"plan:plan@{CYCLE}", f"workflow:{GAP.edition}"]
    assert b'"content":{"title":"qz-2024"}' in (before[0].entry or b"")
    seal(store)
    with store.reading() as reader:
        found = list(reader.leaves())
    assert [(leaf.kind, leaf.position, leaf.entry) for leaf in found] == [
        (str(one.kind), one.position, one.entry) for one in before
    ]
    for leaf in found:
        assert leaf.hash == SHA256.leaf(leaf.entry or b"").hex()


def test_proofs_come_from_what_is_kept(store: Store) -> None:
    """More than one kept node, and leaves behind the last one."""
    filled(store, *(instance(f"{CYCLE}/T-{n:04}") for n in range(299)))
    first = seal(store)
    filled(store, *(instance(f"{CYCLE}/T-{n:04}") for n in range(299, 1100)))
    second = seal(store)
    with store.reading() as reader:
        whole = merkle.Tree(SHA256, [bytes.fromhex(leaf.hash) for leaf in reader.leaves()])
        assert frontier(reader.node, second.size) == Frontier().extended(
            SHA256, [bytes.fromhex(leaf.hash) for leaf in reader.leaves()]
        )
        for index in (0, 255, 256, 777, 1105):
            proof = merkle.inclusion_proof(SHA256, reader.node, index, second.size)
            assert proof == whole.inclusion(index)
            leaf = whole(0, index)
            assert merkle.verify_inclusion(SHA256, leaf, index, second.size, proof, second.root)
        proof = merkle.consistency_proof(SHA256, reader.node, first.size, second.size)
        assert merkle.verify_consistency(
            SHA256, first.size, second.size, proof, first.root, second.root
        )
        with pytest.raises(LookupError):
            reader.node(0, second.size)
        with pytest.raises(LookupError):
            reader.node(8, second.size >> 8)


def test_of_two_that_seal_one_is_faster(store: Store) -> None:
    filled(store, ONE)
    found = unsealed(store)
    mine, theirs = sealing(store, found), sealing(store, found[:1])
    with store.unit_of_work(NOW) as unit:
        unit.seal(*theirs)
    for late in (mine, theirs, ([], [], theirs[-1])):
        with pytest.raises(ConcurrentChange), store.unit_of_work(NOW) as unit:
            unit.seal(*late)
    again = [replace(mine[0][0], index=7)]
    with pytest.raises(ConcurrentChange), store.unit_of_work(NOW) as unit:
        unit.seal(again, [], replace(mine[-1], size=8))
    with store.reading() as reader:
        assert reader.log_size() == 1
        assert reader.checkpoints() == [theirs[-1]]
    seal(store)
    assert unsealed(store) == []


def test_sealing_that_fails_leaves_nothing(store: Store) -> None:
    made = sealing(store, unsealed(store))

    def failing() -> None:
        with store.unit_of_work(NOW) as unit:
            unit.seal(*made)
            assert unit.log_size() == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    with store.reading() as reader:
        assert (reader.log_size(), reader.checkpoints()) == (0, [])


def test_what_is_published_is_sealed_once(store: Store) -> None:
    seal(store)
    with store.unit_of_work(NOW) as unit:
        unit.publish_calendar("days@1", {"days": {"2024-10-01": [False, "通知"]}})
    (edition,) = unsealed(store, editions=True)
    assert (edition.position, edition.name) == (PUBLISHED + 1, "calendar:days@1")
    assert '"2024-10-01":[false,"通知"]' in (edition.entry or b"").decode()
    made = sealing(store, [edition])
    with store.unit_of_work(NOW) as unit:
        unit.seal(*made)
    assert unsealed(store, editions=True) == []
    with store.reading() as reader:
        assert list(reader.leaves())[-1].entry == edition.entry


def test_nothing_is_wrong_with_a_log_that_nobody_touched(store: Store) -> None:
    filled(store, *(instance(f"{CYCLE}/T-{n:04}") for n in range(600)))
    sealed = seal(store)
    with store.reading() as reader:
        assert not reader.left_behind()
        assert not reader.missing_positions()
        assert not reader.false_moves()
        assert not reader.false_texts()
        assert [(level, index) for level, index, _ in reader.nodes()] == [(8, 0), (8, 1)]
        for level, index, kept in reader.nodes():
            assert reader.node(level, index).hex() == kept
    assert sealed.size == 601 + PUBLISHED


def test_it_is_known_to_whom_a_checkpoint_went(store: Store) -> None:
    waits = Posted(
        destination="audit", attempts=2, next_attempt_at=NOW + timedelta(minutes=4), last_error="x"
    )
    with store.unit_of_work(NOW) as unit:
        unit.set_post(Posted(destination="usb", size=7, sent_at=NOW))
        unit.set_post(Posted(destination="audit", size=3, sent_at=NOW))
        unit.set_post(waits)
    with store.reading() as reader:
        assert reader.posts() == {
            "usb": Posted(destination="usb", size=7, sent_at=NOW),
            "audit": waits,
        }


def test_a_time_stamp_is_kept_once(store: Store) -> None:
    size = seal(store).size
    stamp = Stamp(size=size, authority="tsa", token=b"\0token", received_at=NOW)
    with store.unit_of_work(NOW) as unit:
        unit.keep_stamp(stamp)
        unit.keep_stamp(replace(stamp, token=b"other"))
        unit.keep_stamp(replace(stamp, authority="second"))
    with store.reading() as reader:
        assert reader.stamps() == [replace(stamp, authority="second"), stamp]
