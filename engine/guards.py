"""Guards: the conditions of moves, as small data trees with one meaning.

`holds` is the meaning in Python; `adapters.sql.guards` compiles the same tree
to SQL, and property tests hold the two equal.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias, assert_never

from engine.facts import NO_FACTS, Facts, Value, to_text

Operator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]

COMPARE: Mapping[str, Callable[[Value, Value], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Known:
    """The fact has a value."""

    fact: str


@dataclass(frozen=True, slots=True)
class Compare:
    """``fact <operator> value``; false when the fact is missing."""

    fact: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Reached:
    """The moment stored in ``fact`` is now or past."""

    fact: str


@dataclass(frozen=True, slots=True)
class StateIn:
    """The instance stands in one of ``states``."""

    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParentIn:
    """The parent stands in one of ``states``; false without a parent."""

    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParentKnows:
    """The parent has a value for ``fact``; false without a parent."""

    fact: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Every child that the join counts has arrived, and there is at least one."""

    join: str


@dataclass(frozen=True, slots=True)
class Not:
    """The inner guard does not hold."""

    guard: Guard


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; an empty `All` always holds."""

    parts: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; an empty `AnyOf` never does."""

    parts: tuple[Guard, ...] = ()


Guard: TypeAlias = (
    Known | Compare | Reached | StateIn | ParentIn | ParentKnows | Joined | Not | All | AnyOf
)

ALWAYS = All()
NEVER = AnyOf()


@dataclass(frozen=True, slots=True)
class View:
    """All that a guard may read: the instance, the moment, and declared facts of its kin.

    ``joins`` tells of each join whether it holds; it is filled by whoever
    counted the children in the same unit of work.
    """

    state: str
    facts: Facts
    now: datetime
    parent_state: str | None = None
    parent_facts: Facts = field(default_factory=lambda: NO_FACTS)
    joins: Mapping[str, bool] | None = None


def holds(guard: Guard, view: View) -> bool:  # noqa: PLR0911 - one case, one line
    """Decide ``guard`` for one instance.

    >>> from datetime import UTC
    >>> view = View("open", {"score": 75}, datetime(2026, 1, 1, tzinfo=UTC))
    >>> holds(Compare("score", ">=", 60), view), holds(Known("grade"), view)
    (True, False)
    """
    match guard:
        case Known(fact):
            return fact in view.facts
        case Compare(fact, op, value):
            known = view.facts.get(fact)
            return known is not None and type(known) is type(value) and COMPARE[op](known, value)
        case Reached(fact):
            moment = view.facts.get(fact)
            return isinstance(moment, str) and moment <= to_text(view.now)
        case StateIn(states):
            return view.state in states
        case ParentIn(states):
            return view.parent_state in states
        case ParentKnows(fact):
            return fact in view.parent_facts
        case Joined(join):
            return bool(view.joins and view.joins.get(join))
        case Not(inner):
            return not holds(inner, view)
        case All(parts):
            return all(holds(part, view) for part in parts)
        case AnyOf(parts):
            return any(holds(part, view) for part in parts)
        case _:
            assert_never(guard)


def unmet(guard: Guard, view: View) -> Iterator[Guard]:
    """Yield the parts of ``guard`` that stop it from holding."""
    parts = guard.parts if isinstance(guard, All) else (guard,)
    return (part for part in parts if not holds(part, view))


def with_parent(guard: Guard, state: str, facts: Facts) -> Guard:
    """Return ``guard`` with what it reads of the parent already decided."""
    match guard:
        case ParentIn(states):
            return ALWAYS if state in states else NEVER
        case ParentKnows(fact):
            return ALWAYS if fact in facts else NEVER
        case Not(inner):
            return Not(with_parent(inner, state, facts))
        case All(parts):
            return All(tuple(with_parent(part, state, facts) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(with_parent(part, state, facts) for part in parts))
        case _:
            return guard


def reads_parent(guard: Guard) -> bool:
    """Return whether ``guard`` reads anything of the parent."""
    return any(isinstance(leaf, ParentIn | ParentKnows) for leaf in leaves(guard))


def leaves(guard: Guard) -> Iterator[Guard]:
    """Yield every leaf of the tree, left to right."""
    match guard:
        case Not(inner):
            yield from leaves(inner)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield guard
