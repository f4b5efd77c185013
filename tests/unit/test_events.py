"""Events: what each does to its instance, and the bytes that stand for it in the log."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import reduce
from typing import Any

import pytest

from engine.events import Event, Instance, Kind, apply, canonical, text_hash
from engine.persons import Persons

START = datetime(2024, 7, 10, 16, tzinfo=UTC)
RECORDED = Event(
    instance="qz-2024/T-017",
    sequence=3,
    kind=Kind.RECORDED,
    actor="lin",
    occurred_at=START,
    recorded_at=START + timedelta(hours=1),
)
MOVED = replace(
    RECORDED,
    kind=Kind.MOVED,
    edition="target@0",
    trigger="draft",
    source="drafting",
    target="drafted",
)
INSTANCE = Instance(
    key="qz-2024/T-017",
    workflow="target",
    edition="target@0",
    state="drafting",
    sequence=2,
    owner="section-1",
    lamp="green",
    facts={"score": 60, "grade": "b"},
)


def test_a_move_brings_the_instance_to_its_target() -> None:
    after = apply(INSTANCE, MOVED)
    assert after == replace(INSTANCE, state="drafted", sequence=3, moved_at=START)


def test_what_is_no_move_leaves_state_and_moment_alone() -> None:
    moved = apply(INSTANCE, MOVED)
    later = replace(RECORDED, sequence=4, occurred_at=START + timedelta(days=1))
    assert apply(moved, later) == replace(moved, sequence=4)


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        ({}, {"score": 60, "grade": "b"}),
        ({"set": {"reply": "x"}}, {"score": 60, "grade": "b", "reply": "x"}),
        ({"set": {"score": 0}}, {"score": 0, "grade": "b"}),
        ({"unset": ["score", "never"]}, {"grade": "b"}),
        ({"unset": ["score", "grade"], "set": {"grade": "a"}}, {"grade": "a"}),
    ],
)
def test_facts_are_taken_away_then_given(data: dict[str, Any], facts: dict[str, Any]) -> None:
    assert apply(INSTANCE, replace(RECORDED, data=data)).facts == facts
    assert INSTANCE.facts == {"score": 60, "grade": "b"}


def test_owner_and_lamp_change_only_when_told() -> None:
    assigned = replace(RECORDED, kind=Kind.ASSIGNED, data={"owner": "section-2"})
    assert apply(INSTANCE, assigned) == replace(INSTANCE, sequence=3, owner="section-2")
    dark = replace(RECORDED, kind=Kind.LAMP, data={"lamp": ""})
    assert apply(INSTANCE, dark) == replace(INSTANCE, sequence=3, lamp="")


def test_a_history_folds_into_the_instance() -> None:
    history = [
        MOVED,
        replace(RECORDED, sequence=4, data={"set": {"reply": "x"}}),
        replace(MOVED, sequence=5, source="drafted", target="drafting", data={"unset": ["reply"]}),
    ]
    end = reduce(apply, history, INSTANCE)
    assert end == replace(INSTANCE, sequence=5, moved_at=START)


@pytest.mark.parametrize(
    ("trigger", "forced"), [("force:drafted", True), ("enforce:x", False), ("force", False)]
)
def test_a_forced_move_shows_in_its_trigger(trigger: str, forced: bool) -> None:
    assert replace(MOVED, trigger=trigger).forced is forced


@pytest.mark.parametrize(
    ("key", "cycle", "parent"),
    [
        ("qz-2024", "qz-2024", ""),
        ("qz-2024/T-017", "qz-2024", "qz-2024"),
        ("qz-2024/T-017/F-2", "qz-2024", "qz-2024/T-017"),
    ],
)
def test_a_key_tells_the_kin(key: str, cycle: str, parent: str) -> None:
    instance = replace(INSTANCE, key=key)
    assert (instance.cycle, instance.parent) == (cycle, parent)


FULL = replace(
    MOVED,
    acting_for="办公室",
    authority="泉国资〔2024〕1号",
    cause=41,
    timer="t-1",
    part="move",
    data={"unset": ("b", "a"), "set": {"β": True, "a": [1, -2]}},
    texts={"reason": "因故"},
    position=99,
)
PERSONS = Persons("secret")
LIN = "#09caf3f9cb79aca4203cf77622331be1732d45f4abb956cdb8a2f2fac670bb4c"
GOLDEN = (
    '{"acting_for":"办公室","actor":"' + LIN + '","authority":"泉国资〔2024〕1号","cause":41,'
    '"data":{"set":{"a":[1,-2],"β":true},"unset":["b","a"]},"edition":"target@0",'
    '"instance":"qz-2024/T-017","kind":"moved","occurred_at":"2024-07-10T16:00:00.000000Z",'
    '"part":"move","recorded_at":"2024-07-10T17:00:00.000000Z","sequence":3,'
    '"source":"drafting","target":"drafted",'
    '"texts":{"reason":"6d93b1e0034e9cee89d4af510da5dea1b10356801754a1fe2a5406c8a30e1f2f"},'
    '"timer":"t-1","trigger":"draft"}'
)


def test_the_canonical_form_is_fixed_forever() -> None:
    """Never change the golden text: every log ever sealed was hashed over this form."""
    assert canonical(FULL, {"reason": "salt"}, PERSONS).decode() == GOLDEN


def test_the_plainest_event_has_every_name_too() -> None:
    assert canonical(RECORDED, {}, PERSONS).decode() == (
        '{"acting_for":"","actor":"' + LIN + '","authority":"","cause":null,"data":{},"edition":"",'
        '"instance":"qz-2024/T-017","kind":"recorded","occurred_at":"2024-07-10T16:00:00.000000Z",'
        '"part":"","recorded_at":"2024-07-10T17:00:00.000000Z","sequence":3,"source":"",'
        '"target":"","texts":{},"timer":"","trigger":""}'
    )


def test_the_same_moment_elsewhere_is_the_same_event() -> None:
    shanghai = timezone(timedelta(hours=8))
    abroad = replace(RECORDED, occurred_at=START.astimezone(shanghai))
    assert canonical(abroad, {}, PERSONS) == canonical(RECORDED, {}, PERSONS)


def test_a_text_needs_its_salt() -> None:
    with pytest.raises(KeyError):
        canonical(FULL, {}, PERSONS)
    assert canonical(FULL, {"reason": "a"}, PERSONS) != canonical(FULL, {"reason": "b"}, PERSONS)


def test_a_text_hash_keeps_salt_and_text_apart() -> None:
    assert text_hash("s", "因故") == hashlib.sha256(b"s\0" + "因故".encode()).hexdigest()
    assert text_hash("ab", "c") != text_hash("a", "bc")
