"""The SQL meaning of guards; `engine.guards.holds` is the other one, held equal by tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import ColumnElement, String, and_, false, func, literal, not_, or_, true
from sqlalchemy.sql import operators

from adapters.sql.tables import INSTANCE
from engine.events import Instance
from engine.facts import Value, to_text
from engine.guards import (
    All,
    AnyOf,
    Compare,
    Guard,
    Joined,
    Known,
    Not,
    ParentIn,
    ParentKnows,
    Reached,
    StateIn,
)

COMPARE = {
    "==": operators.eq,
    "!=": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a condition is compiled for: the moment, the parent, and each join's condition."""

    now: datetime
    parent: Instance | None = None
    joins: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    facts: Any = INSTANCE.c.facts
    state: Any = INSTANCE.c.state


def compile_guard(guard: Guard, setting: Setting) -> ColumnElement[bool]:  # noqa: PLR0911 - one case, one line
    """Return ``guard`` as a two-valued SQL condition on an instance's row."""
    match guard:
        case Known(fact):
            known: ColumnElement[bool] = setting.facts[fact].as_string().is_not(None)
            return known
        case Compare(fact, op, value):
            return _compare(setting.facts[fact], op, value)
        case Reached(fact):
            stored = setting.facts[fact].as_string()
            return func.coalesce(stored <= literal(to_text(setting.now), String()), false())
        case StateIn(states):
            stands: ColumnElement[bool] = setting.state.in_(states)
            return stands
        case ParentIn(states):
            return _constant(setting.parent is not None and setting.parent.state in states)
        case ParentKnows(fact):
            return _constant(setting.parent is not None and fact in setting.parent.facts)
        case Joined(join):
            return setting.joins.get(join, false())
        case Not(inner):
            return not_(compile_guard(inner, setting))
        case All(parts):
            return and_(true(), *(compile_guard(part, setting) for part in parts))
        case AnyOf(parts):
            return or_(false(), *(compile_guard(part, setting) for part in parts))
        case _:
            assert_never(guard)


def _constant(value: bool) -> ColumnElement[bool]:
    return true() if value else false()


def _compare(fact: Any, op: str, value: Value) -> ColumnElement[bool]:
    """Compare only with a value of the same type; NULL never leaks out."""
    if isinstance(value, bool):
        typed = fact.as_boolean()
    elif isinstance(value, int):
        typed = fact.as_integer()
    else:
        typed = fact.as_string()
    return func.coalesce(COMPARE[op](typed, value), false())
