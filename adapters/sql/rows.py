"""Rows to values and back; nothing else in the package knows both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, String, Text, cast, select

from adapters.sql.tables import DEADLINE, EVENT, INSTANCE, NOTICE_ITEM, TENURE, TIMER
from engine.deadline import Certainty, Deadline, Timer, TimerState
from engine.events import Event, Instance, Kind
from engine.ports import NoticeItem, Tenure

INSTANCE_COLUMNS: tuple[Any, ...] = (
    INSTANCE.c.key,
    INSTANCE.c.workflow,
    INSTANCE.c.edition,
    INSTANCE.c.state,
    INSTANCE.c.sequence,
    INSTANCE.c.owner,
    INSTANCE.c.origin,
    INSTANCE.c.lamp,
    INSTANCE.c.facts,
    INSTANCE.c.moved_at,
    INSTANCE.c.id,
)


def to_instance(row: Sequence[Any]) -> Instance:
    """Return the instance of a row of `INSTANCE_COLUMNS`."""
    return Instance(
        key=row[0],
        workflow=row[1],
        edition=row[2],
        state=row[3],
        sequence=row[4],
        owner=row[5],
        origin=row[6],
        lamp=row[7],
        facts=row[8],
        moved_at=row[9],
    )


EVENT_COLUMNS = (
    EVENT.c.position,
    EVENT.c.sequence,
    EVENT.c.kind,
    EVENT.c.edition,
    EVENT.c.trigger,
    EVENT.c.source,
    EVENT.c.target,
    EVENT.c.actor,
    EVENT.c.acting_for,
    EVENT.c.authority,
    EVENT.c.occurred_at,
    EVENT.c.recorded_at,
    EVENT.c.cause,
    EVENT.c.timer,
    EVENT.c.part,
    EVENT.c.data,
)

EVENTS_WITH_KEY: Select[Any] = select(*EVENT_COLUMNS, INSTANCE.c.key).join(
    INSTANCE, INSTANCE.c.id == EVENT.c.instance_id
)


# Text as it is stored: reading 700,000 moments and JSON values costs more than checking them.
FOOTPRINTS: Select[Any] = select(
    EVENT.c.sequence,
    EVENT.c.kind,
    EVENT.c.edition,
    EVENT.c.trigger,
    EVENT.c.source,
    EVENT.c.target,
    cast(EVENT.c.occurred_at, String()),
    cast(EVENT.c.data, Text()),
    EVENT.c.position,
    cast(EVENT.c.recorded_at, String()),
    EVENT.c.cause,
    EVENT.c.timer,
    EVENT.c.actor,
    EVENT.c.acting_for,
    EVENT.c.authority,
    EVENT.c.instance_id,
).order_by(EVENT.c.instance_id, EVENT.c.sequence)


def to_event(row: Sequence[Any], key: str, texts: Mapping[str, str] | None = None) -> Event:
    """Return the event of a row of `EVENT_COLUMNS`."""
    return Event(
        instance=key,
        position=row[0],
        sequence=row[1],
        kind=Kind(row[2]),
        edition=row[3] or "",
        trigger=row[4] or "",
        source=row[5] or "",
        target=row[6] or "",
        actor=row[7],
        acting_for=row[8],
        authority=row[9],
        occurred_at=row[10],
        recorded_at=row[11],
        cause=row[12],
        timer=row[13] or "",
        part=row[14],
        data=row[15],
        texts=texts or {},
    )


def from_event(event: Event, instance_id: int) -> dict[str, Any]:
    """Return the column values of an event, its position left to the database."""
    return {
        "instance_id": instance_id,
        "sequence": event.sequence,
        "kind": str(event.kind),
        "edition": event.edition or None,
        "trigger": event.trigger or None,
        "source": event.source or None,
        "target": event.target or None,
        "actor": event.actor,
        "acting_for": event.acting_for,
        "authority": event.authority,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "cause": event.cause,
        "timer": event.timer or None,
        "part": event.part,
        "data": dict(event.data),
    }


DEADLINES: Select[Any] = select(DEADLINE, INSTANCE.c.key.label("own_key")).outerjoin(
    INSTANCE, INSTANCE.c.id == DEADLINE.c.instance_id
)


def to_deadline(row: Row[Any], cycle: str) -> Deadline:
    """Return the deadline of a row of `DEADLINES`."""
    return Deadline(
        id=row.id,
        cycle=cycle,
        step=row.step,
        occurrence=row.occurrence,
        instance=row.own_key or "",
        version=row.version,
        current=row.current,
        rule=row.rule,
        certainty=Certainty(row.resolution),
        soft=row.soft,
        opens_at=row.opens_at,
        due_at=row.due_at,
        last_day=row.last_day or "",
        calendar_edition=row.calendar_edition,
        waits_for=tuple(row.waits_for.split()),
        reasons=tuple(row.reasons),
        event=row.event or 0,
    )


def from_deadline(deadline: Deadline, cycle_id: int, instance_id: int | None) -> dict[str, Any]:
    """Return the column values of a deadline."""
    return {
        "id": deadline.id,
        "cycle_id": cycle_id,
        "step": deadline.step,
        "occurrence": deadline.occurrence,
        "instance_id": instance_id,
        "version": deadline.version,
        "current": deadline.current,
        "rule": deadline.rule,
        "resolution": str(deadline.certainty),
        "soft": deadline.soft,
        "opens_at": deadline.opens_at,
        "due_at": deadline.due_at,
        "last_day": deadline.last_day or None,
        "calendar_edition": deadline.calendar_edition,
        "waits_for": " ".join(deadline.waits_for),
        "reasons": list(deadline.reasons),
        "event": deadline.event or None,
    }


TIMERS: Select[Any] = select(TIMER, INSTANCE.c.key.label("cycle_key")).join(
    INSTANCE, INSTANCE.c.id == TIMER.c.cycle_id
)


def to_timer(row: Row[Any]) -> Timer:
    """Return the timer of a row of `TIMERS`."""
    return Timer(
        id=row.id,
        deadline=row.deadline,
        cycle=row.cycle_key,
        rung=row.rung,
        fires_at=row.fires_at,
        state=TimerState(row.state),
        cursor=row.cursor,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        last_error=row.last_error,
    )


def from_timer(timer: Timer, cycle_id: int) -> dict[str, Any]:
    """Return the column values of a timer."""
    return {
        "id": timer.id,
        "deadline": timer.deadline,
        "cycle_id": cycle_id,
        "rung": timer.rung,
        "fires_at": timer.fires_at,
        "state": str(timer.state),
        "cursor": timer.cursor,
        "attempts": timer.attempts,
        "next_attempt_at": timer.next_attempt_at,
        "last_error": timer.last_error,
    }


def to_tenure(row: Row[Any]) -> Tenure:
    """Return the tenure of a row of its table."""
    return Tenure(**{name: getattr(row, name) for name in TENURE.c.keys()})  # noqa: SIM118 - columns, not a dict


ITEM_COLUMNS = (
    NOTICE_ITEM.c.event,
    NOTICE_ITEM.c.recipient,
    NOTICE_ITEM.c.channel,
    NOTICE_ITEM.c.about,
    NOTICE_ITEM.c.held,
)


def to_item(row: Sequence[Any]) -> NoticeItem:
    """Return the notice item of a row of `ITEM_COLUMNS`."""
    return NoticeItem(
        event=row[0], recipient=row[1], channel=row[2], about=tuple(row[3]), held=row[4]
    )
