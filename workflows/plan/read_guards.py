"""Reading guards: the conditions of a plan's own machines, as small trees of data."""

from __future__ import annotations

from typing import get_args

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
)
from workflows.plan.diagnostics import brief
from workflows.plan.element import Element, Reading
from workflows.plan.source import Mapping, Node, Scalar, Sequence

KEYS = (
    "known",
    "compare",
    "reached",
    "state_in",
    "parent_in",
    "parent_knows",
    "joined",
    "not",
    "all",
    "any",
)
"""What a condition can be; each is a map with exactly one of these."""


def read_guard(reading: Reading, node: Node | None) -> Guard:
    """Return the guard that ``node`` writes down; none at all always holds."""
    if node is None:
        return ALWAYS
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        found = tuple(node.entries) if isinstance(node, Mapping) else ()
        shown = tuple(map(brief, found[:3])) or ("—",)
        reading.notes.add("P136", node.place, known=KEYS, found=shown)
        return NEVER
    with reading.element(node, "condition") as e:
        return NEVER if e is None else _guard(e, next(iter(node.entries)))


def _guard(e: Element, key: str) -> Guard:  # noqa: PLR0911 - one case, one line
    match key:
        case "known":
            return Known(e.text("known"))
        case "reached":
            return Reached(e.text("reached"))
        case "parent_knows":
            return ParentKnows(e.text("parent_knows"))
        case "joined":
            return Joined(e.text("joined"))
        case "state_in":
            return StateIn(e.texts("state_in"))
        case "parent_in":
            return ParentIn(e.texts("parent_in"))
        case "compare":
            return _compare(e)
        case "not":
            return Not(read_guard(e.reading, e.get("not", required=True)))
        case "all":
            return All(tuple(read_guard(e.reading, node) for node in e.nodes("all")))
        case "any":
            return AnyOf(tuple(read_guard(e.reading, node) for node in e.nodes("any")))
        case _:
            e.get(key)
            e.note("P136", e.place, known=KEYS, found=(brief(key),))
            return NEVER


def _compare(e: Element) -> Guard:
    parts = e.nodes("compare")
    operators: tuple[Operator, ...] = get_args(Operator)
    match parts:
        case (
            Scalar(value=str(fact)),
            Scalar(text=text),
            Scalar(value=str() | int() | bool() as value),
        ) if text in operators:
            operator = next(op for op in operators if op == text)
            return Compare(fact, operator, value)
        case _:
            if isinstance(e.get("compare"), Sequence):
                e.note("P137", e.at("compare"))
            return NEVER
