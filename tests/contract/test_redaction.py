"""What the law wants gone: texts are removed, events stay, and both can be asked for."""

from __future__ import annotations

import pytest

from engine.events import Kind
from engine.ports import Store
from tests.contract.world import CYCLE, NOW, filled, following, instance
from workflows.running.quiet_removals import quiet_removals

ONE = instance(f"{CYCLE}/T-1")


def test_a_text_is_removed_and_the_others_stay(store: Store) -> None:
    filled(store, ONE)
    with store.unit_of_work(NOW) as unit:
        kept = unit.append(following(ONE, texts={"reason": "private", "note": "stays"}))
        assert unit.redact(kept.position, ["reason"]) == ["reason"]
        assert unit.redact(kept.position, ["reason", "none"]) == []
    with store.reading() as reader:
        found = reader.event(kept.position)
        assert found is not None
        assert found.texts == {"note": "stays"}
        assert reader.history(ONE.key)[-1].texts == {"note": "stays"}


def test_without_names_all_texts_are_removed(store: Store) -> None:
    filled(store, ONE)
    with store.unit_of_work(NOW) as unit:
        kept = unit.append(following(ONE, texts={"reason": "a", "note": "b"}))
        other = unit.append(following(ONE, sequence=3, texts={"reason": "c"}))
        assert unit.redact(kept.position) == ["note", "reason"]
        assert unit.redact(other.position, ["note"]) == []
    with store.reading() as reader:
        assert [e.texts for e in reader.history(ONE.key)[-2:]] == [{}, {"reason": "c"}]


def test_the_log_covers_a_removed_text_as_before(store: Store) -> None:
    filled(store, ONE)
    with store.unit_of_work(NOW) as unit:
        kept = unit.append(following(ONE, texts={"reason": "private", "note": "stays"}))
    with store.reading() as reader:
        before = reader.sealed_texts(kept.position)
        sealed = [one.entry for one in reader.unsealed(10)]
    with store.unit_of_work(NOW) as unit:
        unit.redact(kept.position, ["reason"])
    with store.reading() as reader:
        after = reader.sealed_texts(kept.position)
        assert [one.entry for one in reader.unsealed(10)] == sealed
        assert list(reader.false_texts()) == []
        gone = [(kept.position, "reason")]
        assert list(reader.removed_texts()) == list(reader.removed_texts(CYCLE)) == gone
    assert after["note"] == before["note"]
    assert after["reason"] == before["reason"]._replace(salt="", text=None)


def test_a_text_that_is_gone_without_a_word_is_named(store: Store) -> None:
    filled(store, ONE)
    with store.unit_of_work(NOW) as unit:
        kept = unit.append(following(ONE, texts={"reason": "a", "note": "b"}))
        said = {"event": kept.position, "texts": ["note"]}
        unit.append(following(ONE, sequence=3, kind=Kind.REDACTED, data=said))
        unit.redact(kept.position)
    with store.reading() as reader:
        (broken,) = quiet_removals(reader)
        assert list(quiet_removals(reader, CYCLE)) == [broken]
    assert (broken.instance, broken.sequence) == (ONE.key, 2)
    assert (broken.code, broken.found) == ("text-gone", "reason")


def test_a_removal_that_is_rolled_back_removes_nothing(store: Store) -> None:
    filled(store, ONE)
    with store.unit_of_work(NOW) as unit:
        kept = unit.append(following(ONE, texts={"reason": "a"}))
    with pytest.raises(ZeroDivisionError), store.unit_of_work(NOW) as unit:
        assert 1 // len(unit.redact(kept.position, [])[1:])
    with store.reading() as reader:
        assert reader.history(ONE.key)[-1].texts == {"reason": "a"}


def test_events_are_asked_for_by_kind_in_order_of_recording(store: Store) -> None:
    two = instance(f"{CYCLE}/T-2")
    filled(store, ONE, two)
    with store.unit_of_work(NOW) as unit:
        said = [
            unit.append(following(two, kind=Kind.RECORDED, texts={"note": "n"})),
            unit.append(following(ONE, kind=Kind.REDACTED, data={"file": "x"})),
            unit.append(following(ONE, sequence=3, kind=Kind.RECORDED)),
        ]
    with store.reading() as reader:
        assert list(reader.recorded([Kind.RECORDED, Kind.REDACTED])) == said
        assert list(reader.recorded([Kind.REDACTED], CYCLE)) == [said[1]]
        assert list(reader.recorded([Kind.SUSPENDED])) == []
        assert list(reader.recorded([])) == []
