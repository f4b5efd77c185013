"""The shapes that `--json` prints of the past and of what is worth a look in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.json_shapes import Shape, deadline_shape, moment
from engine.deadline import Deadline
from engine.events import Event
from workflows.running.anomalies import Anomaly, Limits
from workflows.running.differences import Difference


def difference_shape(found: Difference, zone: ZoneInfo) -> Shape:
    """Return one thing that was otherwise."""
    return {
        "instance": found.instance,
        "what": found.what,
        "name": found.name,
        "before": _value(found.before, zone),
        "after": _value(found.after, zone),
        "event": brief_shape(found.event, zone),
        "act": brief_shape(found.act, zone),
    }


def anomaly_shape(found: Anomaly, zone: ZoneInfo, limits: Limits) -> Shape:
    """Return one act that is worth a look."""
    details = {
        name: moment(value, zone) if isinstance(value, datetime) else value
        for name, value in found.details.items()
    }
    return {
        "kind": str(found.kind),
        "details": details,
        "limit": limits.of_kind(found.kind),
        "event": brief_shape(found.event, zone),
        "other": brief_shape(found.other, zone),
    }


def brief_shape(event: Event | None, zone: ZoneInfo) -> Shape | None:
    """Return the address of an event, and who did what, when and why."""
    if event is None:
        return None
    return {
        "position": event.position,
        "instance": event.instance,
        "sequence": event.sequence,
        "kind": str(event.kind),
        "trigger": event.trigger,
        "actor": event.actor,
        "acting_for": event.acting_for,
        "authority": event.authority,
        "reason": event.texts.get("reason", ""),
        "occurred_at": moment(event.occurred_at, zone),
        "recorded_at": moment(event.recorded_at, zone),
    }


def _value(value: object, zone: ZoneInfo) -> Any:
    if isinstance(value, Deadline):
        return deadline_shape(value, zone)
    if isinstance(value, str | int | bool | None):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, Mapping):
        return {str(k): _value(v, zone) for k, v in value.items()}
    return list(value) if isinstance(value, Sequence) else str(value)
