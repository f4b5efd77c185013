"""Back-filling: saying when a step was done before the plan was loaded (R-20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from engine.errors import N_, NotFound, Refused
from engine.events import Data, Event
from engine.ports import UnitOfWork
from workflows.plan.model import Done, Scope, Step
from workflows.running.asking import NO_GROUNDS, Asked
from workflows.running.desk import Application, Desk
from workflows.running.proposals import Doing, carry_out, nobody, parted
from workflows.running.requests import (
    Grounds,
    Who,
    is_reopening,
    move_at,
    personal_fields,
    record_at,
)

BACKFILL = "backfill"


class NotBackfillable(Refused):
    """The step cannot be entered in this way."""

    code = "not-backfillable"
    template = N_("Step {step} cannot be back-filled like this: {problem}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a back-fill: which step, when it was done, on what paper."""

    step: str
    on: datetime | date
    document: str = ""
    record: str = ""
    """Which of the step's records, or the answer that it waits for; empty for its first."""
    instance: str = ""
    """Key of the instance, for a step on targets or sections; empty for the cycle."""
    values: Mapping[str, Any] = field(default_factory=dict)


def backfill(
    app: Application,
    cycle: str,
    entries: Sequence[Entry],
    who: Who,
    grounds: Grounds = NO_GROUNDS,
) -> Sequence[Event]:
    """Record when steps were really done; all entries, or none.

    Where one of them was late, and would be so no more, it is proposed if the plan says so.

    Raises:
        NotFound: the plan has no such step.
        EngineError: the machine or the roles refuse an entry.

    """
    said = {"entries": [_said(entry) for entry in entries]}
    asked = Asked(act=BACKFILL, key=cycle, values=said, who=who, grounds=grounds)
    return carry_out(app, asked, _backfill, nobody, _part)


def _backfill(at: Desk[UnitOfWork], asked: Asked) -> Sequence[Event]:
    entries = [_read(n, e, asked.private) for n, e in enumerate(asked.values["entries"], start=1)]
    return backfill_at(at, entries, asked.who, asked.grounds)


ACTS: Mapping[str, Doing] = MappingProxyType({BACKFILL: _backfill})
"""What can be proposed, by name."""


def _said(entry: Entry) -> dict[str, Any]:
    """Return an entry as data; its values as they are, until they are parted."""
    return {
        "step": entry.step,
        "on": entry.on.isoformat(),
        "document": entry.document,
        "record": entry.record,
        "instance": entry.instance,
        "values": dict(entry.values),
    }


def _read(number: int, said: Data, private: Mapping[str, str]) -> Entry:
    on = str(said["on"])
    mark = f"{number}."
    mine = {n.removeprefix(mark): text for n, text in private.items() if n.startswith(mark)}
    return Entry(
        step=said["step"],
        on=date.fromisoformat(on) if len(on) == len("2024-07-10") else datetime.fromisoformat(on),
        document=said["document"],
        record=said["record"],
        instance=said["instance"],
        values={**said["values"], **mine},
    )


def _part(at: Desk[UnitOfWork], asked: Asked) -> Asked:
    entries: list[Data] = []
    private: dict[str, str] = {}
    for number, said in enumerate(asked.values["entries"], start=1):
        step = at.plan.step(said["step"])
        kind = said["record"] or (step.records[0] if step and step.records else "handed_in")
        personal = personal_fields(at, said["instance"] or at.key, kind.partition(":")[0])
        values, texts = parted(said["values"], personal)
        entries.append({**said, "values": values})
        private |= {f"{number}.{name}": text for name, text in texts.items()}
    return replace(asked, values={"entries": entries}, private=private)


def backfill_at(
    at: Desk[UnitOfWork], entries: Sequence[Entry], who: Who, grounds: Grounds = NO_GROUNDS
) -> Sequence[Event]:
    """Back-fill at an open desk; `backfill` says the rest."""
    events: list[Event] = []
    for entry in entries:
        step = at.plan.step(entry.step)
        if step is None:
            raise NotFound(what="step", key=entry.step, hint=f"duban backfill {at.key}")
        events += _enter(at, step, entry, who, grounds)
    return events


def entries_of_plan(step: Step) -> Sequence[Entry]:
    """Return the ``done`` entries that a plan gives for a step of the cycle."""
    return [_entry(step, done) for done in step.done]


def _entry(step: Step, done: Done) -> Entry:
    return Entry(
        step=step.id,
        on=done.on,
        document=done.document,
        record=done.record,
        values=dict(done.values),
    )


def _enter(
    at: Desk[UnitOfWork], step: Step, entry: Entry, who: Who, of: Grounds
) -> Sequence[Event]:
    key = entry.instance or at.key
    if step.scope is not Scope.CYCLE and not entry.instance:
        raise NotBackfillable(step=step.id, problem=N_("name the instance that did it"))
    grounds = replace(of, occurred_at=entry.on, authority=entry.document or of.authority)
    if step.brings:
        return move_at(at, key, _trigger(at, key, step), who, grounds)
    kind = entry.record or (step.records[0] if step.records else "handed_in")
    if step.attend:
        raise NotBackfillable(step=step.id, problem=N_("nothing is to be handed in for it"))
    kind, _, per = kind.partition(":")
    return record_at(at, key, kind, _values(at, key, kind, per, entry), who, grounds)


def _trigger(at: Desk[UnitOfWork], key: str, step: Step) -> str:
    instance = at.unit.load(key)
    machine = at.unit.machine(instance.edition)
    for edge in machine.leaving(instance.state):
        if is_reopening(edge, machine.workflow):
            continue  # what brings it back has not been done before the plan was loaded
        if edge.target == step.brings and not edge.forced and edge.by:
            return edge.trigger
    raise NotBackfillable(
        step=step.id, problem=N_("the steps before it come first"), state=instance.state
    )


def _values(at: Desk[UnitOfWork], key: str, kind: str, per: str, entry: Entry) -> Mapping[str, Any]:
    """Return the record's fields: those given, the document, and which of several it is."""
    workflow = at.unit.machine(at.unit.load(key).edition).workflow
    declared = workflow.record(kind)
    values = dict(entry.values)
    if declared is None:
        return values
    names = {f.name for f in declared.fields}
    if entry.document and "document" in names:
        values.setdefault("document", entry.document)
    if per and declared.per:
        values.setdefault(declared.per, per)
    return values
