"""The page docs/machines.md, generated: ``python -m workflows.machines_page`` writes it anew."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.definition import Join, Move, RecordKind, Workflow
from engine.diagram import condition, conditions, mermaid
from engine.guards import ALWAYS
from engine.machine import Machine
from workflows import appeal, assignment, cycle, finding, target

PAGE = Path(__file__).parents[1] / "docs" / "machines.md"
COMMAND = "python -m workflows.machines_page"

MACHINES = (
    cycle.cycle(),
    target.TARGET,
    assignment.ASSIGNMENT,
    finding.FINDING,
    appeal.APPEAL,
)
"""What a plan gets that brings no machines of its own."""

_PURPOSES = {module.NAME: module for module in (cycle, target, assignment, finding, appeal)}

_OPENING = f"""\
# The machines

<!-- Generated from workflows/ by `{COMMAND}`; change those, not this page. -->

Everything that duban follows through a year is an instance of one of these state machines.
The diagrams and tables are read from the same edges that the machine executes,
so they cannot show a move that would be refused, or hide one that is possible.

A move marked *by itself* is made as soon as its condition holds, without anybody asking.
A forced move leads from any state to one that can be forced.
It is for the administrator alone, goes around conditions and roles, and needs a reason.
Forced moves are left out of the diagrams and of the tables of moves.

An asterisk marks a field that must be given.
What is *kept apart* is free text or personal data, which a redaction can remove.
"""


def document(workflows: Iterable[Workflow]) -> str:
    """Return the page that describes ``workflows``, in Markdown."""
    return "\n".join([_OPENING, *(_chapter(workflow) for workflow in workflows)])


def _chapter(workflow: Workflow) -> str:
    machine = Machine(workflow)
    purpose = inspect.getdoc(_PURPOSES[workflow.name]) if workflow.name in _PURPOSES else None
    parts = [f"## {workflow.name}\n"]
    parts += [f"{purpose.splitlines()[0]}\n"] if purpose else []
    parts += [f"```mermaid\n{mermaid(machine)}```\n"]
    parts += _table(
        ("state", "what it is"), ((_code([s]), _kind(workflow, s)) for s in workflow.states)
    )
    parts += _table(("move", "from", "to", "who", "when"), _moves(machine))
    parts += _table(("record", "fields", "who", "in"), map(_record, workflow.records))
    parts += _table(("it makes", "then its children make", "stragglers"), _cascades(workflow))
    parts += _table(("join", "holds when all of these", "have come to"), _joins(workflow.joins))
    return "\n".join(parts)


def _kind(workflow: Workflow, state: str) -> str:
    words = {
        "beside the main line": state not in workflow.line,
        "where it begins": state == workflow.initial,
        "where it ends": state in workflow.final,
        "nothing is owed any more": state in workflow.void,
        "can be forced": state in workflow.forcible,
    }
    return "; ".join(word for word, so in words.items() if so)


def _moves(machine: Machine) -> Iterator[Sequence[str]]:
    grouped: dict[Move, list[str]] = {}
    for move in machine.moves():
        if not move.forced:
            grouped.setdefault(replace(move, source=""), []).append(move.source)
    for move, sources in grouped.items():
        when = "; ".join(conditions(move))
        who = ", ".join(move.by)
        yield (_code([move.trigger]), _code(sources), _code([move.target]), who, when)


def _record(record: RecordKind) -> Sequence[str]:
    fields = (
        _code([field.name]) + "*" * field.required + " (kept apart)" * field.personal
        for field in record.fields
    )
    per = f", one per {record.per}" if record.per else ""
    answers = f", answers {_code([record.answers])}" if record.answers else ""
    where = _code(record.states) or "all states that are not final"
    return (
        _code([record.kind]) + per + answers,
        ", ".join(fields),
        ", ".join(record.by),
        where,
    )


def _cascades(workflow: Workflow) -> Iterator[Sequence[str]]:
    for cascade in workflow.cascades:
        refused = "refused unless left behind on purpose" if cascade.refuses_stragglers else "stay"
        yield (
            _code([cascade.trigger]),
            f"{cascade.child}: {_code([cascade.child_trigger])}",
            refused,
        )


def _joins(joins: Iterable[Join]) -> Iterator[Sequence[str]]:
    for join in joins:
        for counted in join.counted:
            which = "" if counted.when == ALWAYS else f" where {condition(counted.when)}"
            without = f", without {_code(counted.left_out)}" if counted.left_out else ""
            empty = " (there may be none)" if join.may_be_empty else ""
            yield (
                _code([join.name]) + empty,
                f"every {counted.workflow}{which}{without}",
                _code(counted.arrived),
            )


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table as Markdown; nothing when it has no rows."""
    body = ["| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in rows]
    if not body:
        return []
    head = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return ["\n".join([*head, *body]) + "\n"]


if __name__ == "__main__":
    PAGE.write_text(document(MACHINES), encoding="utf-8")
