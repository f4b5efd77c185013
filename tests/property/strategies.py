"""Strategies that draw facts, guards, views and machines, for every property test.

What is drawn stays within small alphabets, so that guards meet the facts they
read and transitions meet the states they leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

from hypothesis import strategies as st

from engine.definition import Counted, Field, Join, RecordKind, Transition, Workflow
from engine.facts import Facts, FactType, Value, to_text
from engine.guards import (
    COMPARE,
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
)
from engine.machine import Machine

NOW = datetime(2024, 7, 10, 16, tzinfo=UTC)

FACTS: Mapping[str, FactType] = {
    "score": FactType.INTEGER,
    "agreed": FactType.BOOLEAN,
    "day": FactType.DAY,
    "due_on": FactType.MOMENT,
    "grade": FactType.TEXT,
}
STATES = ("drafting", "drafted", "approved", "published", "returned", "withdrawn")
TRIGGERS = ("draft", "approve", "publish", "send_back", "withdraw")
JOINS = ("all_in", "none_open")
ROLES = ("owner", "group_office", "administrator")
PARENT_STATES = ("early", "late")
PARENT_FACTS = ("circular", "reply")
OPERATORS: Sequence[Operator] = ("==", "!=", "<", "<=", ">", ">=")
assert set(OPERATORS) == COMPARE.keys()

# Few values close together, the moments around NOW: so that boundaries are hit.
VALUES: Mapping[FactType, st.SearchStrategy[Value]] = {
    FactType.INTEGER: st.integers(58, 62),
    FactType.BOOLEAN: st.booleans(),
    FactType.DAY: st.integers(-2, 2).map(
        lambda days: (date(2024, 7, 10) + timedelta(days)).isoformat()
    ),
    FactType.MOMENT: st.sampled_from((-86400, -1, 0, 1, 86400)).map(
        lambda seconds: to_text(NOW + timedelta(seconds=seconds))
    ),
    FactType.TEXT: st.sampled_from(("", "a", "b", "Ä", "优秀", "😀", "a'b", "%")),
}


def facts(declared: Mapping[str, FactType] = FACTS) -> st.SearchStrategy[dict[str, Value]]:
    """Draw values for some of the declared facts."""
    return st.fixed_dictionaries(
        {}, optional={fact: VALUES[kind] for fact, kind in declared.items()}
    )


def guards(
    declared: Mapping[str, FactType] = FACTS,
    *,
    states: Sequence[str] = STATES,
    joins: Sequence[str] = JOINS,
    parents: bool = True,
    mistyped: bool = False,
) -> st.SearchStrategy[Guard]:
    """Draw guards.

    Args:
        declared: the facts that they read.
        states: those of the instance.
        joins: those that they ask for; empty for none.
        parents: whether they read of the parent.
        mistyped: whether they may compare a fact with a value of another type.

    """
    return _guards(tuple(declared.items()), tuple(states), tuple(joins), parents, mistyped)


@cache  # making a strategy takes longer than drawing from it
def _guards(
    declared: tuple[tuple[str, FactType], ...],
    states: tuple[str, ...],
    joins: tuple[str, ...],
    parents: bool,
    mistyped: bool,
) -> st.SearchStrategy[Guard]:
    some_states = st.lists(st.sampled_from(states), max_size=3, unique=True).map(tuple)
    leaves: list[st.SearchStrategy[Guard]] = [st.builds(StateIn, some_states)]
    for fact, kind in declared:
        leaves.append(st.builds(Known, st.just(fact)))
        if kind is FactType.MOMENT:
            leaves.append(st.builds(Reached, st.just(fact)))
        values = st.one_of(*VALUES.values()) if mistyped else VALUES[kind]
        leaves.append(st.builds(Compare, st.just(fact), st.sampled_from(OPERATORS), values))
    if joins:
        leaves.append(st.builds(Joined, st.sampled_from(joins)))
    if parents:
        some_parents = st.lists(st.sampled_from(PARENT_STATES), max_size=2, unique=True)
        leaves.append(st.builds(ParentIn, some_parents.map(tuple)))
        leaves.append(st.builds(ParentKnows, st.sampled_from(PARENT_FACTS)))

    def larger(inner: st.SearchStrategy[Guard]) -> st.SearchStrategy[Guard]:
        parts = st.lists(inner, max_size=3).map(tuple)
        return st.one_of(st.builds(Not, inner), st.builds(All, parts), st.builds(AnyOf, parts))

    return st.recursive(st.one_of(leaves), larger, max_leaves=6)


@st.composite
def views(
    draw: st.DrawFn,
    states: Sequence[str] = STATES,
    declared: Mapping[str, FactType] = FACTS,
    *,
    mistyped: bool = False,
) -> View:
    """Draw all that a guard may read, with a parent or without, joins counted or not."""
    known: Facts = draw(facts(declared))
    if mistyped:
        wrong = st.dictionaries(st.sampled_from([*declared]), st.one_of(*VALUES.values()))
        known = {**known, **draw(wrong)}
    parent = draw(st.none() | st.sampled_from(PARENT_STATES))
    parent_facts = st.dictionaries(st.sampled_from(PARENT_FACTS), st.just("recorded"))
    joins = st.none() | st.dictionaries(st.sampled_from(JOINS), st.booleans())
    return View(
        state=draw(st.sampled_from(states)),
        facts=known,
        now=NOW,
        parent_state=parent,
        parent_facts=draw(parent_facts) if parent else {},
        joins=draw(joins),
    )


@st.composite
def transitions(draw: st.DrawFn, states: Sequence[str], joins: Sequence[str]) -> list[Transition]:
    """Draw transitions among ``states`` of which no two leave one state on one trigger."""
    taken: set[tuple[str, str]] = set()
    found = []
    some_states = st.lists(st.sampled_from(states), min_size=1, max_size=3, unique=True)
    for trigger in draw(st.lists(st.sampled_from(TRIGGERS), max_size=8)):
        sources = tuple(s for s in draw(some_states) if (trigger, s) not in taken)
        taken |= {(trigger, source) for source in sources}
        if sources:
            found.append(
                Transition(
                    trigger=trigger,
                    sources=sources,
                    target=draw(st.sampled_from(states)),
                    guard=draw(guards(states=states, joins=joins)),
                    by=tuple(draw(st.lists(st.sampled_from(ROLES), max_size=2, unique=True))),
                    automatic=draw(st.booleans()),
                    needs_reason=draw(st.booleans()),
                    not_by_maker_of=draw(st.sampled_from(("", trigger))),
                    clears=tuple(draw(st.lists(st.sampled_from([*FACTS]), max_size=2))),
                )
            )
    return found


@st.composite
def workflows(draw: st.DrawFn, name: str = "drawn") -> Workflow:
    """Draw a machine that loads; whether it makes sense is another matter."""
    states = STATES[: draw(st.integers(1, len(STATES)))]
    some_states = st.lists(st.sampled_from(states), max_size=3, unique=True).map(tuple)
    joins = JOINS[: draw(st.integers(0, len(JOINS)))]
    counted = st.builds(
        Counted,
        workflow=st.just("child"),
        arrived=st.just(("closed",)),
        left_out=st.sampled_from(((), ("withdrawn",))),
        when=guards(joins=(), parents=False),
    )
    report = RecordKind(kind="report", by=ROLES[:1], fields=(Field("document"),))
    return Workflow(
        name=name,
        states=states,
        initial=draw(st.sampled_from(states)),
        line=states[: draw(st.integers(1, len(states)))],
        final=draw(some_states),
        void=draw(some_states),
        transitions=tuple(draw(transitions(states, joins))),
        forcible=draw(some_states),
        records=draw(st.sampled_from(((), (report,)))),
        facts=tuple(FACTS.items()),
        joins=tuple(
            Join(
                name=join,
                counted=tuple(draw(st.lists(counted, min_size=1, max_size=2))),
                may_be_empty=draw(st.booleans()),
            )
            for join in joins
        ),
    )


def machines() -> st.SearchStrategy[Machine]:
    """Draw machines, loaded."""
    return workflows().map(Machine)
