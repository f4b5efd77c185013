"""Diagrams: a machine for readers, as Mermaid, as text for a terminal, and as a picture.

All of them read `Machine.moves`, so none can show what the machine would not
do. ``label`` gives every name (states, triggers, roles, facts) and the few
words in between in the reader's language. Forced moves are left out unless
asked for: there is one from everywhere to almost everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias, assert_never

from engine.definition import Move
from engine.drawing import svg
from engine.errors import N_
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
from engine.machine import Machine

__all__ = ["Label", "condition", "conditions", "mermaid", "svg", "text"]

Label: TypeAlias = Callable[[str], str]
"""Gives a name, or one of the marked messages here, in the reader's language."""

WIDTH = 80
"""Columns of a terminal within which the main line is broken."""

HEADINGS = (N_("from"), N_("trigger"), N_("to"), N_("who"), N_("when"))

_PLAIN = re.compile(r"(?!(?:state_\d+|end|state|note|class|style|click|direction)$)[a-z][a-z0-9_]*")


def mermaid(machine: Machine, *, label: Label = str, forced: bool = False) -> str:
    """Return ``machine`` as a Mermaid state diagram, with a line end after the last line."""
    workflow = machine.workflow
    names = {
        state: state if _PLAIN.fullmatch(state) else f"state_{number}"
        for number, state in enumerate(workflow.states)
    }
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_escaped(label(s))}" as {name}' for s, name in names.items()]
    lines.append(f"    [*] --> {names[workflow.initial]}")
    lines += [
        f"    {names[move.source]} --> {names[move.target]}: {_escaped(label(move.trigger))}"
        for move in _moves(machine, forced=forced)
    ]
    lines += [f"    {names[state]} --> [*]" for state in workflow.final]
    return "\n".join(lines) + "\n"


def text(machine: Machine, current: str = "", *, label: Label = str, forced: bool = False) -> str:
    """Return ``machine`` for a terminal: its main line, what stands beside it, and its moves.

    The state ``current`` stands in brackets, and the moves that leave it are marked.
    """
    workflow = machine.workflow
    names = {state: _marked(machine, state, label, current) for state in workflow.states}
    lines = [*_broken([names[state] for state in workflow.line], " → ")]
    beside = [names[state] for state in workflow.states if state not in workflow.line]
    if beside:
        lines += ["", *_broken([f"{label(N_('beside it'))}: {beside[0]}", *beside[1:]], ", ")]
    legend = [label(N_("● where it begins")), label(N_("■ where it ends"))]
    legend += [label(N_("[ ] where it stands"))] if current else []
    lines += ["", " · ".join(legend)]
    order = workflow.states.index
    moves = sorted(_moves(machine, forced=forced), key=lambda move: order(move.source))
    rows = [_row(move, label, "> " if move.source == current else "") for move in moves]
    if rows:
        lines += ["", *_table([tuple(label(heading) for heading in HEADINGS), *rows])]
    return "\n".join(lines) + "\n"


def conditions(move: Move, label: Label = str) -> Iterator[str]:
    """Yield what has to be so for ``move``, one phrase each."""
    if move.guard != All():
        yield condition(move.guard, label)
    if move.automatic:
        yield label(N_("by itself"))
    if move.needs_reason:
        yield label(N_("with a reason"))
    if move.not_by_maker_of:
        trigger = label(move.not_by_maker_of)
        yield label(N_("not by who made {trigger}")).format(trigger=trigger)


def condition(guard: Guard, label: Label = str) -> str:  # noqa: PLR0911 - one case, one line
    """Return ``guard`` in words.

    >>> condition(All((Known("reply"), Not(Compare("score", "<", 60)))))
    'reply is known and not (score < 60)'
    """
    match guard:
        case Known(fact):
            return label(N_("{fact} is known")).format(fact=label(fact))
        case Compare(fact, operator, value):
            return f"{label(fact)} {operator} {label(value) if isinstance(value, str) else value}"
        case Reached(fact):
            return label(N_("{fact} has come")).format(fact=label(fact))
        case StateIn(states):
            return label(N_("it is {states}")).format(states=_either(states, label))
        case ParentIn(states):
            return label(N_("its parent is {states}")).format(states=_either(states, label))
        case ParentKnows(fact):
            return label(N_("its parent knows {fact}")).format(fact=label(fact))
        case Joined(join):
            return label(join)
        case Not(inner):
            return label(N_("not ({condition})")).format(condition=condition(inner, label))
        case All(parts):
            return _combined(parts, label, label(N_("and")), label(N_("always")))
        case AnyOf(parts):
            return _combined(parts, label, label(N_("or")), label(N_("never")))
        case _:
            assert_never(guard)


def _combined(parts: Sequence[Guard], label: Label, word: str, empty: str) -> str:
    phrases = [
        f"({condition(part, label)})"
        if isinstance(part, All | AnyOf) and len(part.parts) > 1
        else condition(part, label)
        for part in parts
    ]
    return f" {word} ".join(phrases) or empty


def _either(states: Sequence[str], label: Label) -> str:
    return " / ".join(label(state) for state in states)


def _moves(machine: Machine, *, forced: bool) -> Iterator[Move]:
    return (move for move in machine.moves() if forced or not move.forced)


def _escaped(words: str) -> str:
    """Return ``words`` with what has a meaning in Mermaid as numbered entities."""
    kept = (c if c.isprintable() and c not in '"#%&:;<>{}' else f"#{ord(c)};" for c in words)
    return "".join(kept)


def _marked(machine: Machine, state: str, label: Label, current: str) -> str:
    """Return the name of ``state`` with what makes it special."""
    begins = "● " if state == machine.workflow.initial else ""
    ends = " ■" if state in machine.workflow.final else ""
    name = f"[{label(state)}]" if state == current else label(state)
    return f"{begins}{name}{ends}"


def _row(move: Move, label: Label, mark: str) -> tuple[str, ...]:
    return (
        mark + label(move.source),
        label(move.trigger),
        label(move.target),
        ", ".join(label(role) for role in move.by),
        "; ".join(conditions(move, label)),
    )


def _broken(pieces: Iterable[str], joiner: str) -> Iterator[str]:
    """Yield ``pieces`` joined, in lines of at most `WIDTH` columns where that can be."""
    line = ""
    for piece in pieces:
        longer = f"{line}{joiner}{piece}" if line else piece
        if line and _columns(longer) > WIDTH - len(joiner):
            yield line + joiner.rstrip()
            longer = f"  {piece}"
        line = longer
    yield line


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(_columns(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (c + " " * (w - _columns(c)) for c, w in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _columns(words: str) -> int:
    """Return how many columns of a terminal ``words`` take; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in words)
