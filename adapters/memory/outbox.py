"""The outbox in memory: items become notices, whose membership is fixed before they are sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.memory.tables import KeptItem, KeptNotice, Tables
from engine.ports import Notice, NoticeItem

_OPEN = ("pending", "failing", "dead")
"""States in which the last word is not spoken: sent and void are for ever."""


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


def gather(
    tables: Tables, now: datetime, limit: int, hushed: Collection[str], lease: timedelta
) -> Sequence[Notice]:
    """Group pending items per person and channel, and return the notices that are due."""
    groups: dict[tuple[str, str], list[int]] = {}
    for i in sorted(tables.items.loose, key=lambda i: (tables.items.rows[i].item.event, i)):
        item = tables.items.rows[i].item
        if not item.held and _cycle(tables, i) not in hushed:
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
    due = [
        notice
        for notice in unsent
        if notice.state != "dead"
        and _is_due(notice, now)
        and not any(_cycle(tables, i) in hushed for i in notice.items)
    ]
    taken = due[: limit or None]
    for notice in taken if lease else ():
        tables.notices.put(notice.id, replace(notice, next_attempt_at=now + lease))
    return [_shown(tables, notice) for notice in taken]


def settle(
    tables: Tables, notice: int, error: str, next_attempt_at: datetime | None, now: datetime
) -> None:
    """Keep the outcome of a delivery; what was sent once stays sent."""
    known = tables.notices.rows[notice]
    if known.state in _OPEN:
        state = "sent" if not error else "failing" if next_attempt_at else "dead"
        outcome = replace(
            known,
            state=state,
            attempts=known.attempts + 1,
            next_attempt_at=next_attempt_at,
            sent_at=None if error else now,
            last_error=error,
        )
        tables.notices.put(notice, outcome)


def put_off(tables: Tables, notice: int, until: datetime) -> None:
    """Let the notice be due again at ``until``."""
    known = tables.notices.rows[notice]
    if known.state in _OPEN:
        tables.notices.put(notice, replace(known, next_attempt_at=until))


def void(tables: Tables, notice: int) -> None:
    """Settle a notice that has nothing left to say."""
    known = tables.notices.rows[notice]
    if known.state in _OPEN:
        outcome = replace(known, state="void", next_attempt_at=None, last_error="")
        tables.notices.put(notice, outcome)


def revive(tables: Tables, key: str) -> int:
    """Let the dead notice of that key be due again, or all; return how many."""
    notices = [tables.notices.rows[i] for i in sorted(tables.notices.unsent)]
    dead = [n for n in notices if n.state == "dead" and key in ("", n.key)]
    for n in dead:
        tables.notices.put(n.id, replace(n, state="pending", attempts=0, next_attempt_at=None))
    return len(dead)


def _cycle(tables: Tables, item: int) -> str:
    """Return the cycle in which the item's event happened."""
    return tables.events.rows[tables.items.rows[item].item.event].instance.partition("/")[0]


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
