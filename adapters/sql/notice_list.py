"""Notices that have not been sent, one line per person, channel and state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from adapters.sql.database import connect, reading
from adapters.sql.notices import SETTLED
from adapters.sql.tables import NOTICE, NOTICE_ITEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """What one person has not been told yet."""

    recipient: str
    channel: str
    key: str = ""
    """For `duban notices retry`; empty while no notice holds it."""
    state: str
    """``pending``, ``held``, ``failing`` or ``dead``."""
    items: int
    attempts: int = 0
    next_attempt_at: datetime | None = None
    error: str = ""


def unsent(database: str) -> Sequence[Unsent]:
    """Return what is not delivered: notices first, then what no notice holds yet."""
    engine = connect(database)
    try:
        with reading(engine) as connection:
            notices = (
                select(
                    NOTICE.c.key,
                    NOTICE.c.recipient,
                    NOTICE.c.channel,
                    NOTICE.c.state,
                    func.count(NOTICE_ITEM.c.id),
                    NOTICE.c.attempts,
                    NOTICE.c.next_attempt_at,
                    NOTICE.c.last_error,
                )
                .join(NOTICE_ITEM, NOTICE_ITEM.c.notice == NOTICE.c.id)
                .where(NOTICE.c.state.not_in(SETTLED))
                .group_by(NOTICE.c.id)
                .order_by(NOTICE.c.id)
            )
            loose = (
                select(
                    NOTICE_ITEM.c.recipient,
                    NOTICE_ITEM.c.channel,
                    NOTICE_ITEM.c.held,
                    func.count(NOTICE_ITEM.c.id),
                )
                .where(NOTICE_ITEM.c.notice.is_(None))
                .group_by(NOTICE_ITEM.c.recipient, NOTICE_ITEM.c.channel, NOTICE_ITEM.c.held)
                .order_by(NOTICE_ITEM.c.recipient, NOTICE_ITEM.c.channel)
            )
            found = [
                Unsent(
                    key=row[0],
                    recipient=row[1],
                    channel=row[2],
                    state=row[3],
                    items=row[4],
                    attempts=row[5],
                    next_attempt_at=row[6],
                    error=row[7],
                )
                for row in connection.execute(notices)
            ]
            return found + [
                Unsent(
                    recipient=recipient,
                    channel=channel,
                    state="held" if held else "pending",
                    items=count,
                )
                for recipient, channel, held, count in connection.execute(loose)
            ]
    finally:
        engine.dispose()
