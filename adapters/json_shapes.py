"""The shapes that `--json` prints: part of the interface, described in docs/json.md.

Names and codes as the machines have them, never in the reader's language;
moments as ISO 8601 with the offset of the plan's zone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from engine.deadline import Deadline
from engine.events import Event, Instance
from engine.facts import to_moment
from engine.heartbeat import Heartbeat
from engine.ports import Tenure
from engine.replay import Break
from workflows.evidence import Piece
from workflows.plan.diagnostics import Diagnostic
from workflows.plan.model import Plan
from workflows.running.catch_up import Planned
from workflows.running.ledger import Row
from workflows.running.obligations import Obligation
from workflows.running.overview import Coming, LiesOutside, Overview, Owed

Shape: TypeAlias = dict[str, Any]


def dump(shape: Any) -> str:
    """Return a shape as text."""
    return json.dumps(shape, ensure_ascii=False, indent=2)


def moment(value: datetime | None, zone: ZoneInfo) -> str | None:
    """Return a moment in ``zone``."""
    return None if value is None else value.astimezone(zone).isoformat()


def seconds(value: timedelta | None) -> float | None:
    """Return a length of time in seconds."""
    return None if value is None else value.total_seconds()


def status_shape(
    found: Overview,
    *,
    trial: bool = False,
    daemons: Sequence[Heartbeat] = (),
    notices: Mapping[str, int] | None = None,
    people: Mapping[str, Sequence[str]] | None = None,
) -> Shape:
    """Return where a cycle stands. ``people`` tells who answers for an owner."""
    zone = ZoneInfo(found.plan.zone)
    return {
        "cycle": cycle_shape(found.cycle, found.plan),
        "moment": moment(found.moment, zone),
        "trial": trial,
        "targets": dict(found.targets),
        "assignments": dict(found.assignments),
        "findings": dict(found.findings),
        "lamps": dict(found.lamps),
        "late": [owed_shape(o, zone, people) for o in found.late],
        "due_soon": [owed_shape(o, zone, people) for o in found.soon],
        "unrecorded": [owed_shape(o, zone, people) for o in found.unrecorded],
        "outside": [outside_shape(o, zone) for o in found.outside],
        "held_up": {"count": found.held_up_count, "first": list(found.held_up)},
        "next": [coming_shape(c, zone) for c in found.coming],
        "failing": [
            {"timer": t.id, "attempts": t.attempts, "error": t.last_error} for t in found.failing
        ],
        "undone": found.undone,
        "proposals": [p.event.position for p in found.proposals],
        "alone": [e.position for e in found.alone],
        "notices": dict(notices or {}),
        "daemons": [daemon_shape(d, zone) for d in daemons],
    }


def cycle_shape(cycle: Instance, plan: Plan) -> Shape:
    """Return what a cycle is."""
    return {
        "key": cycle.key,
        "state": cycle.state,
        "name": plan.name.zh,
        "name_en": plan.name.en,
        "year": plan.year,
        "zone": plan.zone,
        "document": plan.document.number,
        "edition": cycle.edition,
        "lamp": cycle.lamp,
    }


def owed_shape(
    owed: Owed, zone: ZoneInfo, people: Mapping[str, Sequence[str]] | None = None
) -> Shape:
    """Return a deadline with those who owe what it asks."""
    return {
        "step": owed.step.id,
        "name": owed.step.name.zh,
        "name_en": owed.step.name.en,
        "clause": owed.step.clause,
        "occurrence": owed.deadline.occurrence,
        "instance": owed.deadline.instance,
        "standing": str(owed.standing),
        "due_at": moment(owed.deadline.due_at, zone),
        "last_day": owed.deadline.last_day,
        "days_late": owed.days_late,
        "count": owed.count,
        "owners": [
            {
                "owner": t.owner,
                "people": list((people or {}).get(t.owner, ())),
                "count": t.count,
                "instances": list(t.first),
            }
            for t in owed.tallies
        ],
    }


def outside_shape(matter: LiesOutside, zone: ZoneInfo) -> Shape:
    """Return a matter that an outside body has to answer."""
    return {
        "instance": matter.instance,
        "step": matter.step.id,
        "body": matter.body,
        "since": moment(matter.since, zone),
    }


def coming_shape(coming: Coming, zone: ZoneInfo) -> Shape:
    """Return something that will happen on a date."""
    return {
        "moment": moment(coming.moment, zone),
        "what": coming.what,
        "step": coming.step.id,
        "name": coming.step.name.zh,
        "name_en": coming.step.name.en,
        "occurrence": coming.occurrence,
    }


def daemon_shape(beat: Heartbeat, zone: ZoneInfo) -> Shape:
    """Return a daemon that gives signs of life."""
    return {
        "daemon": beat.daemon,
        "version": beat.version,
        "started_at": moment(beat.started_at, zone),
        "last_tick": moment(beat.last_tick, zone),
        "last_fired": moment(beat.fired_at, zone),
        "lag_seconds": seconds(beat.lag),
        "clock_ahead_seconds": seconds(beat.skew),
    }


def row_shape(row: Row, zone: ZoneInfo) -> Shape:
    """Return one row of the ledger."""
    instance = row.instance
    return {
        "key": instance.key,
        "workflow": instance.workflow,
        "state": instance.state,
        "owner": instance.owner,
        "lamp": instance.lamp,
        "title": instance.facts.get("title", ""),
        "step": row.step.id if row.step else None,
        "standing": str(row.standing) if row.standing else None,
        "due_at": moment(row.due_at, zone),
        "days_late": row.days_late,
    }


def instance_shape(instance: Instance, zone: ZoneInfo) -> Shape:
    """Return an instance as its events have made it."""
    return {
        "key": instance.key,
        "workflow": instance.workflow,
        "edition": instance.edition,
        "state": instance.state,
        "owner": instance.owner,
        "origin": instance.origin,
        "lamp": instance.lamp,
        "sequence": instance.sequence,
        "moved_at": moment(instance.moved_at, zone),
        "facts": dict(instance.facts),
    }


def obligation_shape(obligation: Obligation, zone: ZoneInfo) -> Shape:
    """Return what an instance owes for one step."""
    return {
        "step": obligation.step.id,
        "name": obligation.step.name.zh,
        "name_en": obligation.step.name.en,
        "owner": obligation.owner,
        "standing": str(obligation.standing),
        "days_late": obligation.days_late,
        **deadline_shape(obligation.deadline, zone),
    }


def deadline_shape(deadline: Deadline | None, zone: ZoneInfo) -> Shape:
    """Return a date, or that there is none."""
    if deadline is None:
        return {"due_at": None, "opens_at": None, "certainty": "undated", "own": False}
    return {
        "due_at": moment(deadline.due_at, zone),
        "opens_at": moment(deadline.opens_at, zone),
        "certainty": str(deadline.certainty),
        "own": bool(deadline.instance),
    }


def event_shape(event: Event, zone: ZoneInfo) -> Shape:
    """Return an event, texts included."""
    return {
        "position": event.position,
        "instance": event.instance,
        "sequence": event.sequence,
        "kind": str(event.kind),
        "occurred_at": moment(event.occurred_at, zone),
        "recorded_at": moment(event.recorded_at, zone),
        "actor": event.actor,
        "acting_for": event.acting_for,
        "authority": event.authority,
        "edition": event.edition,
        "trigger": event.trigger,
        "source": event.source,
        "target": event.target,
        "forced": event.forced,
        "cause": event.cause,
        "timer": event.timer,
        "part": event.part,
        "data": _plain(event.data),
        "texts": dict(event.texts),
    }


def acts_shape(events: Iterable[Event], zone: ZoneInfo) -> Shape:
    """Return what a writing command recorded."""
    return {"events": [event_shape(event, zone) for event in events]}


def evidence_shape(piece: Piece, removal: Event | None, zone: ZoneInfo) -> Shape:
    """Return a file that an event speaks of."""
    return {
        "sha256": piece.sha256,
        "name": piece.name,
        "instance": piece.event.instance,
        "event": piece.event.position,
        "occurred_at": moment(piece.event.occurred_at, zone),
        "actor": piece.event.actor,
        "removed_by": removal.position if removal else None,
    }


def break_shape(broken: Break) -> Shape:
    """Return one place where a history or a projection is not what it must be."""
    return {
        "instance": broken.instance,
        "sequence": broken.sequence,
        "code": broken.code,
        "problem": broken.problem,
        "found": broken.found,
        "expected": broken.expected,
    }


def diagnostic_shape(found: Diagnostic, message: str) -> Shape:
    """Return one thing that is wrong with a plan."""
    return {
        "code": found.code,
        "severity": str(found.severity),
        "line": found.line,
        "column": found.column,
        "message": message,
    }


def tenure_shape(tenure: Tenure) -> Shape:
    """Return who holds a post, or deputises in it."""
    return {
        "event": tenure.event,
        "body": tenure.body,
        "post": tenure.post,
        "person": tenure.person,
        "since": tenure.since,
        "until": tenure.until,
        "deputy": tenure.deputy,
    }


def planned_shape(planned: Planned, zone: ZoneInfo) -> Shape:
    """Return one thing that a start of the daemon would catch up on."""
    return {
        "timer": planned.timer.id,
        "fires_at": moment(planned.timer.fires_at, zone),
        "rung": planned.timer.rung,
        "step": planned.step.id,
        "concerned": planned.concerned,
        "recipients": list(planned.recipients),
    }


def fact_moment(value: object) -> datetime | None:
    """Return the moment that a fact holds, if it holds one."""
    try:
        return to_moment(str(value))
    except ValueError:
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value
