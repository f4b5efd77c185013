"""The outbox: items become notices, whose membership is fixed before they are first sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from adapters.sql.locks import OUTBOX, hold_number
from adapters.sql.prepared import Prepared
from adapters.sql.rows import EVENTS_WITH_KEY, ITEM_COLUMNS, to_event, to_item
from adapters.sql.tables import EVENT, INSTANCE, NOTICE, NOTICE_ITEM
from engine.events import Event
from engine.ports import Notice, NoticeItem

SENT = "sent"
PENDING = "pending"
FAILING = "failing"
DEAD = "dead"
VOID = "void"
"""Never sent: all that it would have said was done before it could be."""
SETTLED = (SENT, VOID)
"""The last word; nothing changes such a notice any more."""


# Run for every person who is told something, so built once.
_KNOWN = Prepared(
    select(NOTICE_ITEM.c.id).where(
        NOTICE_ITEM.c.event == bindparam("event"),
        NOTICE_ITEM.c.recipient == bindparam("recipient"),
        NOTICE_ITEM.c.channel == bindparam("channel"),
    )
)
_KEEP_ITEM = Prepared(insert(NOTICE_ITEM))
_MAKE = Prepared(insert(NOTICE))
_SETTLE = Prepared(
    update(NOTICE)
    .where(NOTICE.c.id == bindparam("notice"), *(NOTICE.c.state != state for state in SETTLED))
    .values(
        state=bindparam("new_state"),
        attempts=NOTICE.c.attempts + 1,
        next_attempt_at=bindparam("again_at"),
        sent_at=bindparam("sent"),
        last_error=bindparam("error"),
    )
)


def tell(connection: Connection, items: Iterable[NoticeItem]) -> bool:
    """Keep items; one that is there already is one. Return whether any may go at once."""
    urgent = False
    for item in items:
        named = {"event": item.event, "recipient": item.recipient, "channel": item.channel}
        if _KNOWN.first(connection, named) is None:
            row = {**named, "about": list(item.about), "held": item.held, "notice": None}
            _KEEP_ITEM.insert(connection, row)
            urgent |= not item.held
    return urgent


def release(connection: Connection) -> int:
    """Let held items go; return how many."""
    hold_number(connection, OUTBOX)
    held = update(NOTICE_ITEM).where(NOTICE_ITEM.c.held).values(held=False)
    return connection.execute(held).rowcount


def told(connection: Connection, event: int) -> Sequence[NoticeItem]:
    """Return the items of the event, by recipient and channel."""
    query = select(*ITEM_COLUMNS).where(NOTICE_ITEM.c.event == event)
    found = (to_item(row) for row in connection.execute(query))
    return sorted(found, key=lambda item: (item.recipient, item.channel))


def gather(
    connection: Connection,
    now: datetime,
    limit: int,
    hushed: Collection[str],
    lease: timedelta,
) -> Sequence[Notice]:
    """Group pending items per person and channel, and return the notices that are due."""
    hold_number(connection, OUTBOX)
    loose: list[Any] = [NOTICE_ITEM.c.notice.is_(None), ~NOTICE_ITEM.c.held]
    if hushed:
        loose.append(~_happened_in(hushed))
    groups = (
        select(NOTICE_ITEM.c.recipient, NOTICE_ITEM.c.channel, func.min(NOTICE_ITEM.c.event))
        .where(*loose)
        .group_by(NOTICE_ITEM.c.recipient, NOTICE_ITEM.c.channel)
        .order_by(NOTICE_ITEM.c.recipient, NOTICE_ITEM.c.channel)
    )
    for recipient, channel, first in connection.execute(groups).all():
        row = {
            "key": f"{recipient}/{channel}/{first}",
            "recipient": recipient,
            "channel": channel,
            "state": PENDING,
            "created_at": now,
            "attempts": 0,
            "next_attempt_at": None,
            "sent_at": None,
            "last_error": "",
        }
        made = _MAKE.insert(connection, row)
        connection.execute(
            update(NOTICE_ITEM)
            .where(*loose, NOTICE_ITEM.c.recipient == recipient, NOTICE_ITEM.c.channel == channel)
            .values(notice=made)
        )
    due = select(NOTICE).where(
        NOTICE.c.state.in_((PENDING, FAILING)),
        or_(NOTICE.c.next_attempt_at.is_(None), NOTICE.c.next_attempt_at <= now),
    )
    if hushed:
        quiet = select(NOTICE_ITEM.c.notice).where(
            NOTICE_ITEM.c.notice == NOTICE.c.id, _happened_in(hushed)
        )
        due = due.where(~quiet.exists())
    rows = connection.execute(due.order_by(NOTICE.c.id).limit(limit)).all()
    if lease and rows:
        taken = NOTICE.c.id.in_([row.id for row in rows])
        connection.execute(update(NOTICE).where(taken).values(next_attempt_at=now + lease))
    items = _items(connection, [row.id for row in rows])
    return [
        Notice(
            id=row.id,
            key=row.key,
            recipient=row.recipient,
            channel=row.channel,
            created_at=row.created_at,
            items=tuple(items.get(row.id, ())),
            attempts=row.attempts,
        )
        for row in rows
    ]


def settle(
    connection: Connection,
    notice: Notice,
    error: str,
    next_attempt_at: datetime | None,
    now: datetime,
) -> None:
    """Keep the outcome of a delivery."""
    state = SENT if not error else FAILING if next_attempt_at else DEAD
    outcome = {
        "notice": notice.id,
        "new_state": state,
        "again_at": next_attempt_at,
        "sent": None if error else now,
        "error": error,
    }
    _SETTLE.change(connection, outcome)


def put_off(connection: Connection, notice: Notice, until: datetime) -> None:
    """Let the notice be due again at ``until``."""
    connection.execute(
        update(NOTICE)
        .where(NOTICE.c.id == notice.id, NOTICE.c.state.not_in(SETTLED))
        .values(next_attempt_at=until)
    )


def void(connection: Connection, notice: Notice) -> None:
    """Settle a notice that has nothing left to say."""
    connection.execute(
        update(NOTICE)
        .where(NOTICE.c.id == notice.id, NOTICE.c.state.not_in(SETTLED))
        .values(state=VOID, next_attempt_at=None, last_error="")
    )


def revive(connection: Connection, key: str) -> int:
    """Let the dead notice of that key be due again, or all; return how many."""
    dead = update(NOTICE).where(NOTICE.c.state == DEAD)
    if key:
        dead = dead.where(NOTICE.c.key == key)
    again = dead.values(state=PENDING, attempts=0, next_attempt_at=None)
    return connection.execute(again).rowcount


def _happened_in(cycles: Collection[str]) -> Any:
    """Return the condition that an item's event happened in one of the cycles."""
    ids = select(INSTANCE.c.id).where(INSTANCE.c.key.in_(sorted(cycles)))
    return (
        select(EVENT.c.position)
        .join(INSTANCE, INSTANCE.c.id == EVENT.c.instance_id)
        .where(
            EVENT.c.position == NOTICE_ITEM.c.event,
            or_(INSTANCE.c.cycle_id.in_(ids), INSTANCE.c.id.in_(ids)),
        )
        .correlate(NOTICE_ITEM)
        .exists()
    )


def _items(
    connection: Connection, notices: Sequence[int]
) -> Mapping[int, Sequence[tuple[NoticeItem, Event]]]:
    """Return what each of the notices carries, in order of events."""
    query = (
        EVENTS_WITH_KEY.add_columns(NOTICE_ITEM.c.notice, *ITEM_COLUMNS)
        .join(NOTICE_ITEM, NOTICE_ITEM.c.event == EVENT.c.position)
        .where(NOTICE_ITEM.c.notice.in_(notices))
        .order_by(NOTICE_ITEM.c.notice, EVENT.c.position)
    )
    found: dict[int, list[tuple[NoticeItem, Event]]] = {}
    for row in connection.execute(query) if notices else ():
        *event, key, notice = row[: -len(ITEM_COLUMNS)]
        item = to_item(row[-len(ITEM_COLUMNS) :])
        found.setdefault(notice, []).append((item, to_event(event, key)))
    return found
