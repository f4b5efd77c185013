"""Diagrams: exact texts of a small machine, for a page and for a terminal."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Any

import pytest

from engine.definition import Transition, Workflow
from engine.diagram import condition, mermaid, text
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
    ParentIn,
    ParentKnows,
    Reached,
    StateIn,
)
from engine.machine import Machine

SMALL = Workflow(
    name="small",
    states=("draft", "open", "closed", "withdrawn"),
    initial="draft",
    line=("draft", "open", "closed"),
    final=("closed", "withdrawn"),
    transitions=(
        Transition(trigger="begin", sources=("draft",), target="open", by=("owner", "office")),
        Transition(
            trigger="close",
            sources=("open",),
            target="closed",
            guard=Known("report"),
            by=("office",),
            automatic=True,
            not_by_maker_of="begin",
        ),
        Transition(trigger="return", sources=("open",), target="draft", needs_reason=True),
        Transition(trigger="drop", sources=("draft", "open"), target="withdrawn", by=("office",)),
    ),
    forcible=("closed",),
)
MACHINE = Machine(SMALL)
LONE = Machine(
    Workflow(name="lone", states=("a",), initial="a", line=("a",), final=(), transitions=())
)
CHINESE = {
    "draft": "起草",
    "open": "办理中",
    "begin": "开始",
    "{fact} is known": "已有{fact}",
    "report": "报告",
    "from": "自",
    "by itself": "自动",
}


def chinese(name: str) -> str:
    return CHINESE.get(name, name)


# --- Mermaid ---


def test_mermaid_of_a_small_machine() -> None:
    assert mermaid(MACHINE) == (
        "stateDiagram-v2\n"
        '    state "draft" as draft\n'
        '    state "open" as open\n'
        '    state "closed" as closed\n'
        '    state "withdrawn" as withdrawn\n'
        "    [*] --> draft\n"
        "    draft --> open: begin\n"
        "    open --> closed: close\n"
        "    open --> draft: return\n"
        "    draft --> withdrawn: drop\n"
        "    open --> withdrawn: drop\n"
        "    closed --> [*]\n"
        "    withdrawn --> [*]\n"
    )


def test_mermaid_draws_forced_moves_when_asked() -> None:
    more = {*mermaid(MACHINE, forced=True).splitlines()} - {*mermaid(MACHINE).splitlines()}
    assert more == {
        f"    {state} --> closed: force#58;closed" for state in ("draft", "open", "withdrawn")
    }


def test_mermaid_speaks_the_readers_language() -> None:
    drawn = mermaid(MACHINE, label=chinese)
    assert '    state "办理中" as open\n' in drawn
    assert "    draft --> open: 开始\n" in drawn


def test_names_that_mean_something_to_mermaid_mean_nothing() -> None:
    odd = Workflow(
        name="odd",
        states=("end", "state_0", '说 "x"; #1'),
        initial="end",
        line=("end",),
        final=(),
        transitions=(
            Transition(trigger="go: %%{on}\n", sources=("end", '说 "x"; #1'), target="state_0"),
        ),
    )
    assert mermaid(Machine(odd)) == (
        "stateDiagram-v2\n"
        '    state "end" as state_0\n'
        '    state "state_0" as state_1\n'
        '    state "说 #34;x#34;#59; #35;1" as state_2\n'
        "    [*] --> state_0\n"
        "    state_0 --> state_1: go#58; #37;#37;#123;on#125;#10;\n"
        "    state_2 --> state_1: go#58; #37;#37;#123;on#125;#10;\n"
    )


# --- Text ---


def test_text_of_a_small_machine() -> None:
    assert text(MACHINE, "open") == (
        "● draft → [open] → closed ■\n"
        "\n"
        "beside it: withdrawn ■\n"
        "\n"
        "● where it begins · ■ where it ends · [ ] where it stands\n"
        "\n"
        "from    trigger  to         who            when\n"
        "draft   begin    open       owner, office\n"
        "draft   drop     withdrawn  office\n"
        "> open  close    closed     office         report is known; by itself; "
        "not by who made begin\n"
        "> open  return   draft                     with a reason\n"
        "> open  drop     withdrawn  office\n"
    )


def test_without_a_current_state_nothing_is_marked() -> None:
    drawn = text(MACHINE)
    assert "[" not in drawn
    assert ">" not in drawn


def test_text_of_a_machine_that_never_moves() -> None:
    assert text(LONE) == "● a\n\n● where it begins · ■ where it ends\n"


def test_text_lists_forced_moves_when_asked() -> None:
    assert "force:" not in text(MACHINE)
    rows = [line.split()[:4] for line in text(MACHINE, forced=True).splitlines() if "force" in line]
    assert rows == [
        [state, "force:closed", "closed", "administrator"]
        for state in ("draft", "open", "withdrawn")
    ]


def test_columns_stand_straight_in_chinese() -> None:
    lines = text(MACHINE, label=chinese).splitlines()
    table = lines[lines.index("") + 5 :]
    assert "已有报告; 自动" in "".join(table)
    assert table[0].startswith("自      trigger  to         who")
    for line, word in zip(table[1:], ["open", "drop", "close", "return", "drop"], strict=True):
        before = line[: line.index("开始" if word == "open" else word)]
        assert sum(2 if unicodedata.east_asian_width(c) == "W" else 1 for c in before) == 8


def test_a_long_line_is_broken_between_states() -> None:
    states = tuple(f"a_state_with_a_long_name_{n}" for n in range(6))
    long = replace(SMALL, states=states, initial=states[0], line=states, final=(), transitions=())
    drawn = text(Machine(replace(long, forcible=())))
    lines = drawn.split("\n\n")[0].splitlines()
    assert len(lines) == 3
    assert all(len(line) <= 80 for line in lines)
    assert [line.endswith(" →") for line in lines] == [True, True, False]
    assert [word for word in " ".join(lines).split() if word not in "●→"] == [*states]


def test_one_name_longer_than_a_line_stands_alone() -> None:
    states = ("a", "b" * 200, "c")
    long = replace(SMALL, states=states, initial="a", line=states, final=(), transitions=())
    drawn = text(Machine(replace(long, forcible=())))
    assert drawn.startswith(f"● a →\n  {'b' * 200} →\n  c\n")


# --- Conditions ---


@pytest.mark.parametrize(
    ("guard", "words"),
    [
        (Known("reply"), "reply is known"),
        (Compare("score", ">=", 60), "score >= 60"),
        (Compare("result", "==", "approved"), "result == approved"),
        (Compare("agreed", "!=", False), "agreed != False"),
        (Reached("due_on"), "due_on has come"),
        (StateIn(("a", "b")), "it is a / b"),
        (ParentIn(("a",)), "its parent is a"),
        (ParentKnows("circular"), "its parent knows circular"),
        (Joined("all_in"), "all_in"),
        (Not(Known("reply")), "not (reply is known)"),
        (ALWAYS, "always"),
        (NEVER, "never"),
        (All((Known("a"), Joined("b"))), "a is known and b"),
        (AnyOf((Joined("a"), All((Joined("b"), Joined("c"))))), "a or (b and c)"),
        (All((AnyOf((Joined("a"),)), Joined("b"))), "a and b"),
    ],
)
def test_a_guard_in_words(guard: Guard, words: str) -> None:
    assert condition(guard) == words


def test_what_is_no_guard_has_no_words() -> None:
    nonsense: Any = "no guard"
    with pytest.raises(AssertionError):
        condition(nonsense)
