"""Back-filling: saying when a step was done before the plan was loaded (R-20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.errors import N_, NotFound, Refused
from engine.events import Event
from engine.ports import UnitOfWork
from workflows.plan.model import Done, Scope, Step
from workflows.running.desk import Application, Desk
from workflows.running.requests import (
    Grounds,
    Who,
    at_desk,
    is_reopening,
    move_at,
    record_at,
)


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


def backfill(app: Application, cycle: str, entries: Sequence[Entry], who: Who) -> Sequence[Event]:
    """Record when steps were really done; all entries, or none.

    Raises:
        NotFound: the plan has no such step.
        EngineError: the machine or the roles refuse an entry.

    """
    with at_desk(app, cycle) as at:
        return backfill_at(at, entries, who)


def backfill_at(at: Desk[UnitOfWork], entries: Sequence[Entry], who: Who) -> Sequence[Event]:
    """Back-fill at an open desk; `backfill` says the rest."""
    events: list[Event] = []
    for entry in entries:
        step = at.plan.step(entry.step)
        if step is None:
            raise NotFound(what="step", key=entry.step, hint=f"duban backfill {at.key}")
        events += _enter(at, step, entry, who)
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


def _enter(at: Desk[UnitOfWork], step: Step, entry: Entry, who: Who) -> Sequence[Event]:
    key = entry.instance or at.key
    if step.scope is not Scope.CYCLE and not entry.instance:
        raise NotBackfillable(step=step.id, problem=N_("name the instance that did it"))
    grounds = Grounds(occurred_at=entry.on, authority=entry.document)
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
