"""Guards and joins are decided again from the histories, and older events are left undecided."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapters.memory.store import MemoryStore
from engine.events import Event, Kind
from engine.verification import verify
from tests.unit.year import Year, begin, hand_in, publish, self_assess, small


def forged(year: Year, name: str, trigger: str, target: str, data: dict[str, Any]) -> None:
    """Record a move that no request would have made."""
    with year.store.unit_of_work(year.clock.now()) as unit:
        instance = unit.load(year.name(name))
        unit.append(
            Event(
                instance=instance.key,
                sequence=instance.sequence + 1,
                kind=Kind.MOVED,
                actor="somebody",
                occurred_at=unit.now,
                recorded_at=unit.now,
                edition=instance.edition,
                trigger=trigger,
                source=instance.state,
                target=target,
                data=data,
            )
        )


def broken(year: Year) -> list[tuple[str, str]]:
    with year.store.reading() as reader:
        return [(b.instance.partition("/")[2], b.code) for b in verify(reader)]


def in_december() -> Year:
    year = begin(small(), "2024-07-02 09:00")
    publish(year)
    year.at("2024-12-20 09:00")
    self_assess(year, ["T-1", "T-2"])
    return year.at("2024-12-21 09:00")


def test_a_join_that_did_not_hold_is_named_with_who_was_missing() -> None:
    year = in_december()
    hand_in(year, [section.id for section in year.plan.sections])
    year.at("2024-12-22 09:00")
    held = {"read": {"joined": ["all_self_assessed"]}}
    forged(year, "", "self_assess", "self_assessed", held)
    year.at("2024-12-23 09:00")
    with year.store.reading() as reader:
        (found,) = verify(reader)
    assert (found.code, found.found) == ("join", year.name("T-3"))
    assert broken(year) == [("", "join")]


def test_a_join_that_held_is_not() -> None:
    year = in_december()
    self_assess(year, ["T-3"])
    hand_in(year, [section.id for section in year.plan.sections])
    assert year.state() == "self_assessed"
    year.at("2024-12-24 09:00")
    assert broken(year) == []


def test_a_move_that_does_not_say_what_it_read_is_left_undecided() -> None:
    year = in_december()
    forged(year, "", "self_assess", "self_assessed", {})
    assert broken(year) == []


def test_a_parent_that_came_later_was_not_read() -> None:
    year = begin(small(), "2024-07-02 09:00")
    year.move("", "draft")
    forged(year, "T-1", "peer_review", "peer_reviewed", {"read": {"parent": 99}})
    assert broken(year) == [("T-1", "guard")]


def test_a_join_that_counted_other_children_than_there_were_is_named() -> None:
    year = in_december()
    self_assess(year, ["T-3"])
    hand_in(year, [section.id for section in year.plan.sections])
    year.at("2024-12-22 09:00").tick()
    (moved,) = [e for e in year.history("", Kind.MOVED) if e.target == "self_assessed"]
    ((join, (short, counted)),) = moved.data["read"]["joined"].items()
    assert (short, counted) == (0, 3 + len(year.plan.sections))
    assert broken(year) == []
    assert isinstance(year.store, MemoryStore)
    forged_data = {"read": {"joined": {join: [0, 1]}}}
    year.store._tables.events.rows[moved.position] = replace(moved, data=forged_data)
    assert broken(year) == [("", "join")]
