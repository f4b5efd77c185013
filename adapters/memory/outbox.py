"""The outbox in memory: items become notices, whose membership is fixed before they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.tables import KeptItem, KeptNotice, Tables
from engine.ports import Notice, NoticeItem


def tell(tables: Tables, item: NoticeItem) -> None:
    """Keep the item; one that is there already is one."""
    if (item.event, item.recipient, item.channel) not in tables.items.told:
        kept = KeptItem(replace(item, about=tuple(item.about)))
        tables.items.put(len(tables.items.rows) + 1, kept)


def release(tables: Tables) -> int:
    """Let held items go; return how many."""
    held = [i for i in tables.items.loose if tables.items.rows[i].item.held]
    for i in held:
        tables.items.put(i, KeptItem(replace(tables.items.rows[i].item, held=False)))
    return len(held)


def gather(tables: Tables, now: datetime, limit: int) -> Sequence[Notice]:
    """Group pending items per person and channel, and return the notices that are due."""
    groups: dict[tuple[str, str], list[int]] = {}
    for i in sorted(tables.items.loose, key=lambda i: (tables.items.rows[i].item.event, i)):
        item = tables.items.rows[i].item
        if not item.held:
            groups.setdefault((item.recipient, item.channel), []).append(i)
    for (recipient, channel), members in sorted(groups.items()):
        notice = KeptNotice(
            id=len(tables.notices.rows) + 1,
            key=f"{recipient}/{channel}/{tables.items.rows[members[0]].item.event}",
            recipient=recipient,
            channel=channel,
            created_at=now,
            items=tuple(members),
        )
        tables.notices.put(notice.id, notice)
        for i in members:
            tables.items.put(i, replace(tables.items.rows[i], notice=notice.id))
    unsent = (tables.notices.rows[i] for i in sorted(tables.notices.unsent))
    due = [notice for notice in unsent if notice.state != "dead" and _is_due(notice, now)]
    return [_shown(tables, notice) for notice in due[: limit or None]]


def settle(tables: Tables, notice: int, error: str, next_attempt_at: datetime | None) -> None:
    """Keep the outcome of a delivery; what was sent once stays sent."""
    known = tables.notices.rows[notice]
    if known.state != "sent":
        state = "sent" if not error else "failing" if next_attempt_at else "dead"
        outcome = replace(
            known,
            state=state,
            attempts=known.attempts + 1,
            next_attempt_at=next_attempt_at,
            last_error=error,
        )
        tables.notices.put(notice, outcome)


def _is_due(notice: KeptNotice, now: datetime) -> bool:
    return notice.next_attempt_at is None or notice.next_attempt_at <= now


def _shown(tables: Tables, notice: KeptNotice) -> Notice:
    items = (tables.items.rows[i].item for i in notice.items)
    return Notice(
        id=notice.id,
        key=notice.key,
        recipient=notice.recipient,
        channel=notice.channel,
        created_at=notice.created_at,
        items=tuple((item, replace(tables.events.rows[item.event], texts={})) for item in items),
        attempts=notice.attempts,
    )
