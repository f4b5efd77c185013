"""What people ask of a running cycle: move, force, record.

Every request is one unit of work. It first fires what is due in its cycle,
by the tick's own code, so that what happens does not depend on when a daemon
ran (promise 10); then it checks who asks; then it acts; then deadlines, lamps
and lateness follow.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from engine import forcing, moves, records
from engine.act import Act
from engine.definition import ADMINISTRATOR, Move, Workflow
from engine.errors import (
    AuthorityRequired,
    ReasonRequired,
    UnknownRecord,
    UnknownTrigger,
)
from engine.events import Event
from engine.facts import Value, to_moment
from engine.ports import UnitOfWork
from workflows.plan.oversight import Guarded
from workflows.running.asking import (
    NO_GROUNDS,
    Asked,
    Grounds,
    Who,
    act_of,
    at_desk,
)
from workflows.running.consequences import follow
from workflows.running.desk import Application, Desk
from workflows.running.exceptions import EXCUSE, excused_late
from workflows.running.people import chain_of, permit
from workflows.running.proposals import Doing, carry_out, nobody, parted

__all__ = [
    "NO_GROUNDS",
    "Grounds",
    "Who",
    "act_of",
    "at_desk",
    "force",
    "force_at",
    "move",
    "move_at",
    "record",
    "record_at",
]

MOVE = "move"
FORCE = "force"
RECORD = "record"
REOPEN = "reopen"
"""The trigger by which machines re-open what was settled."""


def move(
    app: Application,
    key: str,
    trigger: str,
    who: Who,
    grounds: Grounds = NO_GROUNDS,
    *,
    leave_behind: bool = False,
) -> Sequence[Event]:
    """Make one move, with its cascade and what follows of itself.

    One that re-opens something is proposed instead where the plan says so.

    Raises:
        EngineError: the machine or the roles refuse; nothing was recorded.

    """
    values = {"trigger": trigger, "leave_behind": leave_behind}
    asked = Asked(act=MOVE, key=key, values=values, who=who, grounds=grounds)

    def guard(at: Desk[UnitOfWork]) -> Guarded | None:
        if trigger == EXCUSE:
            return excused_late(at, key)
        return Guarded.REOPEN if reopens(at, key, trigger) else None

    return carry_out(app, asked, _move, guard)


def _move(at: Desk[UnitOfWork], asked: Asked) -> Sequence[Event]:
    values = asked.values
    return move_at(
        at,
        asked.key,
        values["trigger"],
        asked.who,
        asked.grounds,
        leave_behind=values["leave_behind"],
    )


def reopens(at: Desk[UnitOfWork], key: str, trigger: str) -> bool:
    """Return whether ``trigger`` would re-open what was settled: it says so, or leaves an end."""
    instance = at.unit.load(key)
    machine = at.unit.machine(instance.edition)
    edge = machine.edge(trigger, instance.state)
    return edge is not None and is_reopening(edge, machine.workflow)


def is_reopening(edge: Move, workflow: Workflow) -> bool:
    """Return whether a move re-opens what was settled."""
    return edge.trigger == REOPEN or edge.source in workflow.final


def move_at(
    at: Desk[UnitOfWork],
    key: str,
    trigger: str,
    who: Who,
    grounds: Grounds,
    *,
    leave_behind: bool = False,
) -> Sequence[Event]:
    """Make one move at an open desk; `move` says the rest."""
    instance = at.unit.load(key)
    machine = at.unit.machine(instance.edition)
    edge = machine.edge(trigger, instance.state)
    acting_for = ""
    if edge is not None and edge.forced:  # `force` alone asks for what such a move rests on
        known = sorted({m.trigger for m in machine.moves() if not m.forced})
        raise UnknownTrigger(workflow=machine.workflow.name, trigger=trigger, known=known)
    if edge is not None:
        acting_for = permit(at, who.person, who.acting_for, instance.owner, edge.by, trigger, key)
    act = act_of(at, instance, who, grounds, acting_for)
    events = moves.move(at.unit, instance, trigger, act, leave_behind=leave_behind)
    follow(at, instance, events, who.person)
    return events


def force(
    app: Application, key: str, target: str, who: Who, grounds: Grounds, *, cascade: bool = False
) -> Sequence[Event]:
    """Force an instance into a state; administrators only, with reason and authority.

    Where the plan asks for a second person it is proposed, and that event returned.

    Raises:
        ReasonRequired, AuthorityRequired: one of the two texts is missing.
        NotPermitted: the person is no administrator.
        NotForcible: the machine declares no such forced move.

    """
    values = {"to": target, "cascade": cascade}
    asked = Asked(act=FORCE, key=key, values=values, who=who, grounds=grounds)
    return carry_out(app, asked, _force, lambda _at: Guarded.FORCE)


def _force(at: Desk[UnitOfWork], asked: Asked) -> Sequence[Event]:
    to, cascade = asked.values["to"], asked.values["cascade"]
    return force_at(at, asked.key, to, asked.who, asked.grounds, cascade=cascade)


def force_at(
    at: Desk[UnitOfWork],
    key: str,
    target: str,
    who: Who,
    grounds: Grounds,
    *,
    cascade: bool = False,
) -> Sequence[Event]:
    """Force at an open desk; `force` says the rest."""
    instance = at.unit.load(key)
    acting_for = permit(at, who.person, "", "", (ADMINISTRATOR,), "force", key)
    if not grounds.reason.strip():
        raise ReasonRequired(act="force", key=key)
    if not grounds.authority.strip():
        raise AuthorityRequired(act="force", key=key)
    behind = chain_of(at, who.acting_for) if who.acting_for else acting_for
    act = act_of(at, instance, who, grounds, behind)
    events = forcing.force(at.unit, instance, target, act, cascade=cascade)
    follow(at, instance, events, who.person)
    return events


def record(
    app: Application,
    key: str,
    kind: str,
    values: Mapping[str, Any],
    who: Who,
    grounds: Grounds = NO_GROUNDS,
) -> Sequence[Event]:
    """Hand in or note down a record, with what follows of itself.

    One that is dated back over a date is proposed instead where the plan says so.

    Raises:
        EngineError: the machine or the roles refuse; nothing was recorded.

    """
    asked = Asked(
        act=RECORD, key=key, values={"kind": kind, "fields": values}, who=who, grounds=grounds
    )
    return carry_out(app, asked, _record, nobody, _part)


def _record(at: Desk[UnitOfWork], asked: Asked) -> Sequence[Event]:
    fields = {**asked.values["fields"], **asked.private}
    return record_at(at, asked.key, asked.values["kind"], fields, asked.who, asked.grounds)


def _part(at: Desk[UnitOfWork], asked: Asked) -> Asked:
    kind = asked.values["kind"]
    personal = personal_fields(at, asked.key, kind)
    fields, private = parted(asked.values["fields"], personal)
    return replace(asked, values={"kind": kind, "fields": fields}, private=private)


def personal_fields(at: Desk[UnitOfWork], key: str, kind: str) -> Collection[str]:
    """Return the fields of a kind of record that are kept where a redaction can remove them."""
    declared = at.unit.machine(at.unit.load(key).edition).workflow.record(kind)
    return [f.name for f in declared.fields if f.personal] if declared else []


ACTS: Mapping[str, Doing] = MappingProxyType({MOVE: _move, FORCE: _force, RECORD: _record})
"""What can be proposed, by name."""


def record_at(
    at: Desk[UnitOfWork],
    key: str,
    kind: str,
    values: Mapping[str, Any],
    who: Who,
    grounds: Grounds,
) -> Sequence[Event]:
    """Record at an open desk; `record` says the rest."""
    instance = at.unit.load(key)
    workflow = at.unit.machine(instance.edition).workflow
    declared = workflow.record(kind)
    if declared is None:
        raise UnknownRecord(key=key, kind=kind, known=[r.kind for r in workflow.records])
    acting_for = permit(
        at, who.person, who.acting_for, instance.owner, declared.by, f"record {kind}", key
    )
    act = act_of(at, instance, who, grounds, acting_for)
    act = _answering(at, instance.facts.get(declared.answers), grounds, act)
    events = records.record(at.unit, instance, kind, values, act)
    follow(at, instance, events, who.person)
    return events


def _answering(at: Desk[UnitOfWork], asked: Value | None, grounds: Grounds, act: Act) -> Act:
    """Return the act of a record; one of a mere day comes after what it answers on that day."""
    if asked is None or isinstance(grounds.occurred_at, datetime):
        return act
    moment = to_moment(str(asked))
    same_day = moment.astimezone(at.zone).date() == act.occurred_at.astimezone(at.zone).date()
    return replace(act, occurred_at=max(moment, act.occurred_at)) if same_day else act
