"""Machines: loading a definition, what it derives, and firing one move."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.definition import (
    ADMINISTRATOR,
    FORCE,
    Counted,
    Field,
    Join,
    Move,
    RecordKind,
    Transition,
    Workflow,
)
from engine.errors import (
    DefinitionError,
    GuardRejected,
    IllegalTransition,
    NotForcible,
    UnknownTrigger,
)
from engine.facts import FactType
from engine.guards import ALWAYS, All, Compare, Joined, Known, View
from engine.machine import Machine

OPEN = Transition(trigger="open", sources=("draft", "closed"), target="open", by=("owner",))
CLOSE = Transition(
    trigger="close",
    sources=("open",),
    target="closed",
    guard=All((Known("report"), Compare("score", ">=", 60), Joined("all_in"))),
    by=("office",),
    automatic=True,
    needs_reason=True,
    not_by_maker_of="open",
    clears=("score",),
)
ALL_IN = Join(name="all_in", counted=(Counted(workflow="child", arrived=("done",)),))
REPORT = RecordKind(kind="report", by=("owner",), fields=(Field("document"),))
CHANNEL = RecordKind(kind="publication", by=("owner",), fields=(Field("at"),), per="at")
SMALL = Workflow(
    name="small",
    states=("draft", "open", "closed", "withdrawn"),
    initial="draft",
    line=("draft", "open", "closed"),
    final=("closed",),
    void=("withdrawn",),
    transitions=(OPEN, CLOSE),
    forcible=("closed",),
    records=(REPORT, CHANNEL),
    facts=(("score", FactType.INTEGER),),
    joins=(ALL_IN,),
)
MACHINE = Machine(SMALL)
READY: dict[str, int | str] = {"report": "2024-07-10", "score": 60}


def at(state: str, joins: dict[str, bool] | None = None, **facts: int | str) -> View:
    return View(state=state, facts=facts, now=datetime(2024, 7, 10, tzinfo=UTC), joins=joins)


def test_a_move_carries_all_that_its_transition_says() -> None:
    move = MACHINE.fire("k", "close", at("open", {"all_in": True}, **READY))
    assert move == Move(
        trigger="close",
        source="open",
        target="closed",
        guard=CLOSE.guard,
        by=("office",),
        automatic=True,
        needs_reason=True,
        not_by_maker_of="open",
        clears=("score",),
    )


def test_a_forced_move_is_for_the_administrator_with_a_reason() -> None:
    assert MACHINE.force("k", "closed", at("draft")) == Move(
        trigger=f"{FORCE}:closed",
        source="draft",
        target="closed",
        guard=ALWAYS,
        by=(ADMINISTRATOR,),
        forced=True,
        needs_reason=True,
    )


def test_the_parts_of_a_guard_that_fail_are_named() -> None:
    with pytest.raises(GuardRejected) as refusal:
        MACHINE.fire("k", "close", at("open", score=59, report="x"))
    assert refusal.value.values == {
        "key": "k",
        "trigger": "close",
        "state": "open",
        "unmet": [Compare("score", ">=", 60), Joined("all_in")],
    }


def test_a_move_from_elsewhere_says_what_can_be_done_instead() -> None:
    with pytest.raises(IllegalTransition) as refusal:
        MACHINE.fire("k", "close", at("draft", {"all_in": True}, **READY))
    assert refusal.value.values == {
        "key": "k",
        "trigger": "close",
        "state": "draft",
        "allowed": ["open"],
    }


def test_a_state_of_another_machine_is_refused_like_any_other() -> None:
    with pytest.raises(IllegalTransition) as refusal:
        MACHINE.fire("k", "close", at("nowhere"))
    assert refusal.value.values["allowed"] == []


@pytest.mark.parametrize("trigger", ["to_closed", "force", "force:open", "", "initial"])
def test_a_trigger_that_is_not_declared_is_unknown(trigger: str) -> None:
    with pytest.raises(UnknownTrigger) as refusal:
        MACHINE.fire("k", trigger, at("draft"))
    assert refusal.value.values["known"] == ["close", "open"]


@pytest.mark.parametrize(
    ("state", "target", "allowed"), [("draft", "open", ["closed"]), ("closed", "closed", [])]
)
def test_nothing_else_can_be_forced(state: str, target: str, allowed: list[str]) -> None:
    with pytest.raises(NotForcible) as refusal:
        MACHINE.force("k", target, at(state))
    assert refusal.value.values == {
        "key": "k",
        "state": state,
        "target": target,
        "allowed": allowed,
    }


def test_edges_are_found_by_trigger_and_source() -> None:
    assert [m.source for m in MACHINE.moves("open")] == ["draft", "closed"]
    assert [m.trigger for m in MACHINE.leaving("closed")] == ["open"]
    assert [m.source for m in MACHINE.moves() if m.forced] == ["draft", "open", "withdrawn"]
    edge = MACHINE.edge("open", "closed")
    assert edge is not None
    assert edge.target == "open"
    assert MACHINE.edge("open", "open") is None


@pytest.mark.parametrize(
    ("broken", "values"),
    [
        (replace(SMALL, transitions=(OPEN, replace(OPEN, target="closed"))), {"trigger": "open"}),
        (replace(SMALL, transitions=(replace(OPEN, target="gone"),)), {"states": ["gone"]}),
        (replace(SMALL, transitions=(replace(OPEN, sources=("*",)),)), {"states": ["*"]}),
        (replace(SMALL, forcible=("lost",)), {"states": ["lost"]}),
        (replace(SMALL, initial="gone"), {"states": []}),
    ],
)
def test_a_definition_that_contradicts_itself_is_not_loaded(
    broken: Workflow, values: dict[str, object]
) -> None:
    with pytest.raises(DefinitionError) as refusal:
        Machine(broken)
    assert refusal.value.values.items() >= {"workflow": "small", **values}.items()


def test_an_edition_is_named_for_its_content() -> None:
    again = replace(SMALL)
    assert SMALL.edition == again.edition
    assert again == SMALL
    assert SMALL.edition.startswith("small@")
    assert len(SMALL.edition) == len("small@") + 16
    changes = [
        replace(SMALL, forcible=()),
        replace(SMALL, transitions=(OPEN, replace(CLOSE, guard=Known("report")))),
        replace(SMALL, facts=(("score", FactType.TEXT),)),
    ]
    assert len({SMALL.edition, *(changed.edition for changed in changes)}) == 4


def test_guards_of_one_shape_but_another_kind_make_another_edition() -> None:
    empty = [replace(SMALL, transitions=(replace(CLOSE, guard=g),)) for g in (ALWAYS, Known("a"))]
    parts = empty[0].as_data()["transitions"][0]
    assert parts["guard"] == {"is": "All", "parts": []}
    assert empty[1].as_data()["transitions"][0]["guard"] == {"is": "Known", "fact": "a"}


def test_a_state_is_done_in_all_that_follow_on_the_line() -> None:
    assert SMALL.done("open") == ("open", "closed")
    assert SMALL.done("withdrawn") == ("withdrawn",)


def test_records_and_joins_are_found_by_name() -> None:
    assert SMALL.record("report") is REPORT
    assert SMALL.record("reply") is None
    assert SMALL.join("all_in") is ALL_IN
    assert SMALL.join("none_open") is None


def test_a_record_names_the_fact_that_it_sets() -> None:
    assert REPORT.fact({"document": "x"}) == "report"
    assert CHANNEL.fact({"at": "website"}) == "publication:website"
