"""The SQL meaning of guards; `engine.guards.holds` is the other one, held equal by tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

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
            return _compare(setting, fact, op, value)
        case Reached(fact):
            stored = setting.facts[fact]
            is_text = func.coalesce(FactKind(setting.facts, stored).in_(TEXTS), false())
            moment = literal(to_text(setting.now), String())
            return and_(is_text, func.coalesce(Bytes(stored.as_string()) <= moment, false()))
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


def _compare(setting: Setting, fact: str, op: str, value: Value) -> ColumnElement[bool]:
    """Compare only with a value of the same type; NULL never leaks out."""
    stored = setting.facts[fact]
    typed: Any = Bytes(stored.as_string())
    kinds, wanted = TEXTS, value
    if isinstance(value, bool):
        # As numbers, for which both databases know an order.
        typed, kinds, wanted = cast(stored.as_boolean(), Integer()), BOOLEANS, int(value)
    elif isinstance(value, int):
        typed, kinds = stored.as_integer(), NUMBERS
    kind: ColumnElement[str] = FactKind(setting.facts, stored)
    same_type = func.coalesce(kind.in_(kinds), false())
    # CASE, because AND does not promise to look at the type before it casts.
    return case((same_type, func.coalesce(COMPARE[op](typed, wanted), false())), else_=false())


NUMBERS: tuple[str, ...] = ("integer", "number")
TEXTS: tuple[str, ...] = ("text", "string")
BOOLEANS: tuple[str, ...] = ("true", "false", "boolean")
"""What SQLite and PostgreSQL call the types of JSON values."""


class Bytes(FunctionElement[str]):
    """A text that is compared byte by byte, whatever the database's own collation is."""

    type = String()
    name = "bytes"
    inherit_cache = True


@compiles(Bytes, "sqlite")
def _bytes_in_sqlite(element: Bytes, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(Bytes, "postgresql")
def _bytes_in_postgresql(element: Bytes, compiler: SQLCompiler, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)} COLLATE "C")'


class FactKind(FunctionElement[str]):
    """The JSON type of a fact, in the database's own word."""

    type = String()
    name = "fact_kind"
    inherit_cache = True


@compiles(FactKind, "sqlite")
def _kind_in_sqlite(element: FactKind, compiler: SQLCompiler, **options: Any) -> str:
    _, stored = element.clauses
    facts = compiler.process(stored.left, **options)
    path = compiler.process(stored.right, **options)
    return f"json_type({facts}, {path})"


@compiles(FactKind, "postgresql")
def _kind_in_postgresql(element: FactKind, compiler: SQLCompiler, **options: Any) -> str:
    _, stored = element.clauses
    facts = compiler.process(stored.left, **options)
    name = compiler.process(stored.right, **options)
    return f"jsonb_typeof({facts} -> {name})"
