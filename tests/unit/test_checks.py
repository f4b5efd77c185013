"""Checks: a sample of each flaw is found by its code, and nothing sound is blamed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.checks import check, check_all, declares
from engine.definition import Cascade, Counted, Field, Join, RecordKind, Transition, Workflow
from engine.facts import FactType
from engine.guards import (
    All,
    AnyOf,
    Compare,
    Joined,
    Known,
    Not,
    ParentIn,
    ParentKnows,
    Reached,
    StateIn,
)
from workflows.appeal import APPEAL
from workflows.assignment import ASSIGNMENT
from workflows.cycle import cycle
from workflows.finding import FINDING
from workflows.office import OFFICE
from workflows.target import TARGET

BEGIN = Transition(trigger="begin", sources=("new",), target="open", by=("owner",))
CLOSE = Transition(
    trigger="close",
    sources=("open",),
    target="closed",
    guard=All(
        (Known("report"), Compare("report.grade", "==", "a"), Reached("due_on"), Joined("all_in"))
    ),
    automatic=True,
    not_by_maker_of="begin",
    clears=("proof:website", "report.grade"),
)
DROP = Transition(trigger="drop", sources=("new", "open"), target="dropped", by=("office",))
REPORT = RecordKind(
    kind="report",
    by=("owner",),
    fields=(Field("grade"), Field("note", personal=True)),
    states=("open",),
    answers="proof",
)
PROOF = RecordKind(kind="proof", by=("owner",), fields=(Field("channel"),), per="channel")
PARENT = Workflow(
    name="parent",
    states=("new", "open", "closed", "dropped"),
    initial="new",
    line=("new", "open", "closed"),
    final=("closed", "dropped"),
    void=("dropped",),
    transitions=(BEGIN, CLOSE, DROP),
    forcible=("closed", "new"),
    records=(REPORT, PROOF),
    facts=(("due_on", FactType.MOMENT),),
    cascades=(Cascade(trigger="begin", child="child", child_trigger="start"),),
    joins=(
        Join(
            name="all_in",
            counted=(
                Counted(
                    workflow="child",
                    arrived=("done",),
                    left_out=("excused",),
                    when=Known("gate"),
                ),
            ),
        ),
    ),
)
CHILD = Workflow(
    name="child",
    states=("idle", "done", "excused"),
    initial="idle",
    line=("idle", "done"),
    final=("done", "excused"),
    transitions=(
        Transition(
            trigger="start",
            sources=("idle",),
            target="done",
            guard=AnyOf((ParentIn(("open",)), ParentKnows("report.grade"))),
            by=("owner",),
        ),
        Transition(trigger="excuse", sources=("idle",), target="excused", by=("office",)),
    ),
    facts=(("gate", FactType.TEXT),),
)


def guarded(*guards: Any) -> tuple[Transition, ...]:
    return (BEGIN, replace(CLOSE, guard=All(guards)), DROP)


def told(workflow: Workflow) -> list[str]:
    return [f"{flaw.code} {flaw}" for flaw in check(workflow)]


def test_a_sound_family_has_no_flaw() -> None:
    assert check_all([PARENT, CHILD]) == ()
    assert check(PARENT) == check(CHILD) == ()


@pytest.mark.parametrize(
    ("changes", "flaws"),
    [
        (
            {"transitions": (BEGIN, CLOSE), "final": ("closed",)},
            [
                "W101 Machine parent: state dropped cannot be reached from new.",
                "W102 Machine parent: from state dropped no final state can be reached.",
            ],
        ),
        (
            {"transitions": (BEGIN, DROP)},
            ["W101 Machine parent: state closed cannot be reached from new."],
        ),
        (
            {"final": ("closed",)},
            ["W102 Machine parent: from state dropped no final state can be reached."],
        ),
        (
            {"final": ("open", "closed", "dropped")},
            [
                "W103 Machine parent: final state open is left by close.",
                "W103 Machine parent: final state open is left by drop.",
            ],
        ),
        (
            {
                "transitions": (
                    replace(BEGIN, automatic=True),
                    CLOSE,
                    DROP,
                    Transition(trigger="back", sources=("open",), target="new", automatic=True),
                )
            },
            ["W104 Machine parent: automatic moves run in a circle through new, open."],
        ),
        (
            {
                "transitions": (
                    *(BEGIN, CLOSE, DROP),
                    Transition(trigger="again", sources=("open",), target="open", automatic=True),
                )
            },
            ["W104 Machine parent: automatic moves run in a circle through open."],
        ),
        (
            {"transitions": guarded(Not(Known("reply")), Reached("reply"), Known("report.note"))},
            [
                "W105 Machine parent: the guard of close reads reply, never declared.",
                "W105 Machine parent: the guard of close reads report.note, never declared.",
            ],
        ),
        (
            {"transitions": guarded(Compare("report:website", "==", 1))},
            ["W105 Machine parent: the guard of close reads report:website, never declared."],
        ),
        (
            {"transitions": (BEGIN, replace(CLOSE, clears=("reply",)), DROP)},
            ["W105 Machine parent: close clears reply, which is never declared."],
        ),
        (
            {"transitions": guarded(Joined("none_open"))},
            ["W106 Machine parent: close names none_open, which it does not have."],
        ),
        (
            {"transitions": guarded(StateIn(("open", "gone")))},
            ["W106 Machine parent: close names gone, which it does not have."],
        ),
        (
            {"transitions": (BEGIN, replace(CLOSE, not_by_maker_of="start"), DROP)},
            ["W106 Machine parent: close names start, which it does not have."],
        ),
        (
            {"cascades": (replace(PARENT.cascades[0], trigger="start"),)},
            ["W106 Machine parent: start → child names start, which it does not have."],
        ),
        (
            {"records": (replace(REPORT, answers="question"), replace(PROOF, per="place"))},
            [
                "W106 Machine parent: report names question, which it does not have.",
                "W106 Machine parent: proof names place, which it does not have.",
            ],
        ),
        (
            {
                "transitions": (
                    *(BEGIN, CLOSE, DROP),
                    replace(BEGIN, trigger="force:open", by=("administrator",)),
                )
            },
            [
                (
                    "W107 Machine parent: force:open is declared by hand; only the administrator "
                    "forces, to states listed as forcible."
                )
            ],
        ),
        (
            {"transitions": (BEGIN, CLOSE, replace(DROP, sources=("new", "open", "limbo")))},
            ["W108 Machine parent: drop names state limbo, which is not declared."],
        ),
        (
            {"transitions": (BEGIN, CLOSE, DROP, replace(BEGIN, target="closed"))},
            ["W109 Machine parent: several transitions leave new on begin."],
        ),
        (
            {"transitions": (replace(BEGIN, sources=("new", "new")), CLOSE, DROP)},
            ["W109 Machine parent: several transitions leave new on begin."],
        ),
        (
            {"transitions": (replace(BEGIN, by=()), CLOSE, DROP)},
            ["W110 Machine parent: nobody may make begin, and it is not automatic."],
        ),
    ],
)
def test_a_flaw_is_found(changes: dict[str, Any], flaws: list[str]) -> None:
    assert told(replace(PARENT, **changes)) == flaws


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        ("line", {"line": ("new", "open", "closed", "limbo")}),
        ("final", {"final": ("closed", "dropped", "limbo")}),
        ("void", {"void": ("limbo",)}),
        ("forcible", {"forcible": ("limbo",)}),
        ("report", {"records": (replace(REPORT, states=("limbo",)), PROOF)}),
    ],
)
def test_an_unknown_state_is_found_wherever_it_is_named(
    place: str, changes: dict[str, Any]
) -> None:
    assert told(replace(PARENT, **changes)) == [
        f"W108 Machine parent: {place} names state limbo, which is not declared."
    ]


def test_an_unknown_beginning_is_found_with_what_follows_from_it() -> None:
    found = check(replace(PARENT, initial="limbo"))
    assert [flaw.code for flaw in found] == ["W101"] * 4 + ["W108"]
    assert found[-1].values == {"workflow": "parent", "place": "initial", "state": "limbo"}


def test_two_circles_are_two_flaws() -> None:
    circles = (("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "c"), ("d", "e"))
    workflow = Workflow(
        name="w",
        states=("a", "b", "c", "d", "e"),
        initial="a",
        line=("a",),
        final=(),
        transitions=tuple(
            Transition(trigger=s + t, sources=(s,), target=t, automatic=True) for s, t in circles
        ),
    )
    assert [flaw.values["states"] for flaw in check(workflow)] == ["a, b", "c, d"]


def test_where_nothing_ends_nothing_need_end() -> None:
    endless = replace(CHILD, final=())
    assert check(endless) == ()


def test_a_forced_move_reaches_nothing_and_leaves_what_is_final() -> None:
    lone = replace(CHILD, forcible=CHILD.states, transitions=CHILD.transitions[:1])
    assert [flaw.code for flaw in check(lone)] == ["W101"]


@pytest.mark.parametrize(
    ("fact", "declared"),
    [
        ("due_on", True),
        ("report", True),
        ("report.grade", True),
        ("report.note", False),
        ("report.missing", False),
        ("report:website", False),
        ("proof:website", True),
        ("proof", True),
        ("proofs", False),
        ("due", False),
    ],
)
def test_what_records_and_facts_declare(fact: str, declared: bool) -> None:
    assert declares(PARENT, fact) is declared


def counting(**changes: Any) -> Workflow:
    counted = replace(PARENT.joins[0].counted[0], **changes)
    return replace(PARENT, joins=(replace(PARENT.joins[0], counted=(counted,)),))


def cascading(**changes: Any) -> Workflow:
    return replace(PARENT, cascades=(replace(PARENT.cascades[0], **changes),))


@pytest.mark.parametrize(
    ("parent", "flaw"),
    [
        (cascading(child_trigger="begin"), "begin names begin, which machine child does not have"),
        (cascading(child="ghost"), "begin names start, which machine ghost does not have"),
        (counting(arrived=("closed",)), "all_in names closed, which machine child does not have"),
        (counting(left_out=("open",)), "all_in names open, which machine child does not have"),
        (counting(when=Known("step")), "all_in names step, which machine child does not have"),
    ],
)
def test_a_name_unknown_to_the_children_is_found(parent: Workflow, flaw: str) -> None:
    assert [f"{f.code} {f}" for f in check_all([CHILD, parent])] == [
        f"W111 Machine parent: {flaw}."
    ]


def test_children_of_no_machine_are_found() -> None:
    names = [flaw.values["name"] for flaw in check_all([PARENT])]
    assert names == ["start", "done", "excused"]


def test_a_name_unknown_to_every_parent_is_found() -> None:
    start = replace(
        CHILD.transitions[0], guard=All((ParentIn(("open", "gone")), ParentKnows("reply")))
    )
    child = replace(CHILD, transitions=(start, *CHILD.transitions[1:]))
    assert [f"{f.code} {f}" for f in check_all([PARENT, child])] == [
        "W111 Machine child: start asks a parent for gone, which no machine has.",
        "W111 Machine child: start asks a parent for reply, which no machine has.",
    ]


def test_what_is_wrong_with_each_is_wrong_with_all() -> None:
    quiet = replace(PARENT, transitions=(replace(BEGIN, by=()), CLOSE, DROP))
    child = replace(CHILD, transitions=CHILD.transitions[:1])
    assert [flaw.code for flaw in check_all([quiet, child])] == ["W101", "W110"]


def test_what_is_named_twice_is_one_flaw() -> None:
    doubled = replace(PARENT, transitions=guarded(Known("x"), Not(Known("x"))), void=("l", "l"))
    assert [flaw.code for flaw in check(doubled)] == ["W105", "W108"]


@pytest.mark.parametrize("silence_approves", [False, True])
@pytest.mark.parametrize("publishes_by_date", [False, True])
def test_the_machines_that_come_with_duban_are_sound(
    silence_approves: bool, publishes_by_date: bool
) -> None:
    year = cycle(silence_approves=silence_approves, publishes_by_date=publishes_by_date)
    family = [year, TARGET, ASSIGNMENT, FINDING, APPEAL, OFFICE]
    assert [str(flaw) for flaw in check_all(family)] == []
