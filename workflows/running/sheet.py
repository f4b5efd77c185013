"""The working ledger (台账): one row per target, each cell with the event that set it (R-38)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.content import Entry, entries
from engine.errors import N_
from engine.events import Event, Instance, Kind
from engine.ports import Reader
from workflows import target
from workflows.roles import OWNER, VICE_LEADER
from workflows.running.conduct import conduct
from workflows.running.desk import Desk
from workflows.running.ledger import Filters, Row, ledger
from workflows.running.people import recipients
from workflows.running.schedule import last_day_of

COLUMNS: Mapping[str, str] = {
    "number": N_("No."),
    "key": N_("key"),
    "category": N_("category"),
    "title": N_("target"),
    "sources": N_("source (document)"),
    "section": N_("section responsible"),
    "people": N_("person responsible"),
    "vice_leaders": N_("leader in charge"),
    "pace": N_("pace"),
    "quality": N_("quality standard"),
    "finish_by": N_("to be finished by"),
    "next_step": N_("next step"),
    "due": N_("due"),
    "q1": N_("progress Q1"),
    "q2": N_("progress Q2"),
    "q3": N_("progress Q3"),
    "q4": N_("progress Q4"),
    "completion": N_("completion"),
    "state": N_("state"),
    "lamp": N_("lamp"),
    "standing": N_("stands"),
    "late": N_("times late"),
    "returned": N_("times returned"),
    "shortfall": N_("shortfall"),
    "improvement": N_("next measures"),
    "evidence": N_("evidence"),
    "results": N_("results"),
    "note": N_("note"),
}
"""Columns by the name that programs use, and as their headings are said."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell; a code of ``kind`` where it is to be put into words."""

    value: str | int | tuple[str, ...] = ""
    event: int | None = None
    """The event that set it; nothing for what is computed or stands in the plan."""
    kind: str = ""


Line = Mapping[str, Cell]


def sheet(at: Desk[Reader]) -> Iterator[Line]:
    """Yield the row of each target of the cycle, in order of key."""
    categories = {c.id: c.name.zh for c in at.plan.categories}
    sources = {
        s.id: f"{s.name.zh}（{s.document}）" if s.document else s.name.zh for s in at.plan.sources
    }
    people: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for number, row in enumerate(ledger(at, Filters(workflow=target.NAME)), start=1):
        instance = row.instance
        history = at.unit.history(instance.key)
        if instance.owner not in people:
            people[instance.owner] = (
                _people(at, OWNER, instance.owner),
                _people(at, VICE_LEADER, instance.owner),
            )
        owners, vice_leaders = people[instance.owner]
        facts = _Facts(instance, history)
        named = str(instance.facts.get("sources", "")).split()
        yield {
            "number": Cell(number),
            "key": Cell(instance.key),
            "category": facts.cell("category", categories),
            "title": facts.cell("title"),
            "sources": Cell(
                tuple(sources.get(s, s) for s in named) or str(instance.facts.get("basis", "")),
                facts.by("sources") or facts.by("basis"),
            ),
            "section": Cell(instance.owner, _owner_set(history), "owner"),
            "people": Cell(owners),
            "vice_leaders": Cell(vice_leaders),
            "pace": facts.cell(f"{target.WORK_PLAN}.pace"),
            "quality": facts.cell(f"{target.WORK_PLAN}.quality"),
            "finish_by": facts.cell(f"{target.WORK_PLAN}.finish_by"),
            **_next(at, row),
            **_progress(at, history),
            "state": Cell(instance.state, _last(history, Kind.MOVED), "state"),
            "lamp": Cell(instance.lamp, _last(history, Kind.LAMP) if instance.lamp else None),
            **_conduct(at, row),
            **_reported(history),
            "note": Cell(_notes(history), _last(history, Kind.EXCUSED), "event"),
        }


class _Facts:
    """The facts of one target, and which event set each last."""

    def __init__(self, instance: Instance, history: Sequence[Event]) -> None:
        self._instance = instance
        self._by = {fact: event.position for event in history for fact in event.data.get("set", ())}

    def by(self, fact: str) -> int | None:
        return self._by.get(fact) if self._instance.facts.get(fact) else None

    def cell(self, fact: str, names: Mapping[str, str] | None = None) -> Cell:
        value = str(self._instance.facts.get(fact, ""))
        return Cell((names or {}).get(value, value), self.by(fact))


def _people(at: Desk[Reader], role: str, owner: str) -> tuple[str, ...]:
    found = recipients(at, (role,), (owner,))
    return tuple(who for who in found if not who.startswith("post:"))


def _owner_set(history: Sequence[Event]) -> int | None:
    return next((e.position for e in reversed(history) if "owner" in e.data), None)


def _last(history: Sequence[Event], kind: Kind) -> int | None:
    return next((e.position for e in reversed(history) if e.kind is kind), None)


def _next(at: Desk[Reader], row: Row) -> Line:
    if row.step is None:
        return {"next_step": Cell(), "due": Cell()}
    due = row.due_at
    last = None
    if due is not None:
        last = last_day_of(at, due)
    return {"next_step": Cell(row.step.name.zh), "due": Cell(last.isoformat() if last else "")}


def _progress(at: Desk[Reader], history: Sequence[Event]) -> Line:
    """Return the last progress of each quarter of the plan's year, and how far it is in all."""
    cells = {f"q{number}": Cell() for number in (1, 2, 3, 4)}
    completion = Cell()
    for entry in sorted(entries(history, "progress"), key=lambda e: e.moment):
        day = entry.moment.astimezone(at.zone).date()
        percent = Cell(f"{entry.field('percent')}%", entry.position)
        completion = percent
        if day.year == at.plan.year:
            cells[f"q{(day.month + 2) // 3}"] = percent
    for report in entries(history, "self_report")[-1:]:
        if report.field("completion") is not None:
            completion = Cell(f"{report.field('completion')}%", report.position)
    return {**cells, "completion": completion}


def _conduct(at: Desk[Reader], row: Row) -> Line:
    counts = conduct(at, row.instance)
    return {
        "standing": Cell(str(row.standing or ""), None, "standing"),
        "late": Cell(counts.late),
        "returned": Cell(counts.returned),
    }


def _reported(history: Sequence[Event]) -> Line:
    reports = entries(history, "self_report")[-1:]
    evidence = entries(history, "evidence")
    results = entries(history, "evaluation_result")
    return {
        "shortfall": _field(reports, "shortfall"),
        "improvement": _field(reports, "improvement"),
        "evidence": Cell(
            tuple(str(e.field("name") or e.field("sha256")) for e in evidence),
            evidence[-1].position if evidence else None,
        ),
        "results": Cell(
            tuple(str(r) for e in results if (r := e.field("result"))),
            results[-1].position if results else None,
        ),
    }


def _field(records: Sequence[Entry], name: str) -> Cell:
    for record in records:
        if record.field(name):
            return Cell(str(record.field(name)), record.position)
    return Cell()


def _notes(history: Sequence[Event]) -> str:
    kinds = (Kind.EXCUSED, Kind.EXTENDED, Kind.SUSPENDED)
    return next((str(e.kind) for e in reversed(history) if e.kind in kinds), "")
