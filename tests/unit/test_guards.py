"""Guards: one meaning for each kind, at its boundary, and what is known of the tree."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.facts import Value, to_text
from engine.guards import (
    ALWAYS,
    NEVER,
    All,
    AnyOf,
    Compare,
    Guard,
    Joined,
    Known,
    Not,
    Operator,
    ParentIn,
    ParentKnows,
    Reached,
    StateIn,
    View,
    holds,
    leaves,
    unmet,
    with_parent,
)

NOW = datetime(2024, 7, 10, 16, tzinfo=UTC)
VIEW = View(
    state="open",
    facts={"score": 60, "agreed": False, "grade": "b", "zero": 0, "empty": ""},
    now=NOW,
    parent_state="published",
    parent_facts={"circular": ""},
    joins={"all_in": True, "none_open": False},
)
ORPHAN = View(state="open", facts={}, now=NOW)
NONSENSE: Any = "no guard"


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        (Known("score"), True),
        (Known("zero"), True),
        (Known("empty"), True),
        (Known("agreed"), True),
        (Known("missing"), False),
        (StateIn(("open", "closed")), True),
        (StateIn(("closed",)), False),
        (StateIn(()), False),
        (ParentIn(("published",)), True),
        (ParentIn(("open",)), False),
        (ParentKnows("circular"), True),
        (ParentKnows("score"), False),
        (Joined("all_in"), True),
        (Joined("none_open"), False),
        (Joined("never_counted"), False),
        (Not(Known("missing")), True),
        (Not(Known("score")), False),
        (ALWAYS, True),
        (NEVER, False),
        (All((Known("score"), Known("missing"))), False),
        (All((Known("score"), Known("grade"))), True),
        (AnyOf((Known("missing"), Known("score"))), True),
        (AnyOf((Known("missing"), Joined("none_open"))), False),
    ],
)
def test_a_guard_holds_or_not(guard: Guard, expected: bool) -> None:
    assert holds(guard, VIEW) is expected


@pytest.mark.parametrize("guard", [ParentIn(("published", "")), ParentKnows("a"), Joined("all_in")])
def test_without_kin_nothing_is_true_of_them(guard: Guard) -> None:
    assert not holds(guard, ORPHAN)
    assert holds(Not(guard), ORPHAN)


@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [
        ("==", False, True, False),
        ("!=", True, False, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
    ],
)
def test_a_comparison_at_its_boundary(
    operator: Operator, below: bool, at: bool, above: bool
) -> None:
    guard = Compare("score", operator, 60)
    answers = [holds(guard, replace(VIEW, facts={"score": score})) for score in (59, 60, 61)]
    assert answers == [below, at, above]
    assert not holds(guard, ORPHAN)


@pytest.mark.parametrize(
    ("known", "asked"), [(1, True), (True, 1), (0, False), ("1", 1), (1, "1"), ("", False)]
)
@pytest.mark.parametrize("operator", ["==", "!=", "<", ">="])
def test_values_of_different_types_never_compare(
    known: Value, asked: Value, operator: Operator
) -> None:
    assert not holds(Compare("f", operator, asked), replace(VIEW, facts={"f": known}))


@pytest.mark.parametrize(("late_by", "expected"), [(-1, False), (0, True), (1, True)])
def test_a_moment_is_reached_exactly_when_it_comes(late_by: int, expected: bool) -> None:
    facts = {"due_on": to_text(NOW)}
    now = NOW + timedelta(microseconds=late_by)
    assert holds(Reached("due_on"), View("open", facts, now)) is expected


@pytest.mark.parametrize("facts", [{}, {"due_on": 0}, {"due_on": True}])
def test_what_is_no_moment_is_never_reached(facts: dict[str, Value]) -> None:
    assert not holds(Reached("due_on"), View("open", facts, NOW))


def test_what_is_no_guard_is_no_answer() -> None:
    with pytest.raises(AssertionError):
        holds(NONSENSE, VIEW)


def test_the_unmet_parts_are_named_and_only_those() -> None:
    parts = (Known("score"), Known("missing"), AnyOf((Joined("none_open"), NEVER)))
    assert [*unmet(All(parts), VIEW)] == [*parts[1:]]
    assert [*unmet(Known("missing"), VIEW)] == [Known("missing")]
    assert [*unmet(Known("score"), VIEW)] == []
    assert [*unmet(AnyOf(parts[1:]), VIEW)] == [AnyOf(parts[1:])]


def test_leaves_come_from_left_to_right() -> None:
    tree = All((Known("a"), Not(AnyOf((Reached("b"), Joined("c")))), ALWAYS, StateIn(("d",))))
    assert [*leaves(tree)] == [Known("a"), Reached("b"), Joined("c"), StateIn(("d",))]


def test_what_the_parent_decides_is_decided() -> None:
    tree = AnyOf((Not(ParentIn(("p",))), All((ParentKnows("f"), Known("own")))))
    assert with_parent(tree, "p", {}) == AnyOf((Not(ALWAYS), All((NEVER, Known("own")))))
    assert with_parent(tree, "q", {"f": 0}) == AnyOf((Not(NEVER), All((ALWAYS, Known("own")))))
