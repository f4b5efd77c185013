"""Gauges: what stands in the database that an operator watches, in a few cheap questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, or_, select

from adapters.sql.database import connect, reading
from adapters.sql.log_tables import CHECKPOINT
from adapters.sql.notices import SETTLED
from adapters.sql.tables import EVENT, HEARTBEAT, NOTICE, NOTICE_ITEM, TIMER
from engine.deadline import TimerState


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauged:
    """Numbers and moments; nobody's name, nobody's text."""

    notices: Mapping[tuple[str, str], int]
    """Channel and state (pending, held, failing, dead) → how many wait."""
    due: int
    """Timers that are due and not yet done, those waiting for a retry included."""
    oldest_due: datetime | None
    failing: int
    """Timers that failed and are tried again."""
    sealed_at: datetime | None
    unsealed: int
    """About how many events the log does not cover yet: positions may have gaps."""
    last_ticks: tuple[datetime, ...]
    """The last sign of life of each daemon that said no goodbye."""


class Gauges:
    """Asks one database, on a connection of its own."""

    def __init__(self, database: str) -> None:
        """Ask ``database``; nothing is opened yet."""
        self._engine: Engine = connect(database)

    def read(self, now: datetime) -> Gauged:
        """Return how things stand at ``now``.

        Raises:
            DatabaseTrouble: it cannot be asked.

        """
        with reading(self._engine) as connection:
            waiting = (
                select(NOTICE.c.channel, NOTICE.c.state, func.count())
                .where(NOTICE.c.state.not_in(SETTLED))
                .group_by(NOTICE.c.channel, NOTICE.c.state)
            )
            loose = (
                select(NOTICE_ITEM.c.channel, NOTICE_ITEM.c.held, func.count())
                .where(NOTICE_ITEM.c.notice.is_(None))
                .group_by(NOTICE_ITEM.c.channel, NOTICE_ITEM.c.held)
            )
            notices = {(row[0], row[1]): int(row[2]) for row in connection.execute(waiting)}
            for channel, held, count in connection.execute(loose):
                state = (channel, "held" if held else "pending")
                notices[state] = notices.get(state, 0) + int(count)
            pending = TIMER.c.state == TimerState.PENDING
            due = select(func.count(), func.min(TIMER.c.fires_at)).where(
                pending, TIMER.c.fires_at <= now
            )
            count, oldest = connection.execute(due).one()
            failing = select(func.count()).where(
                pending, or_(TIMER.c.attempts > 0, TIMER.c.last_error != "")
            )
            last = connection.scalar(select(func.max(EVENT.c.position))) or 0
            covered = connection.scalar(select(func.max(CHECKPOINT.c.last_event))) or 0
            return Gauged(
                notices=notices,
                due=count,
                oldest_due=oldest,
                failing=connection.scalar(failing) or 0,
                sealed_at=connection.scalar(select(func.max(CHECKPOINT.c.sealed_at))),
                unsealed=last - covered,
                last_ticks=tuple(
                    connection.scalars(
                        select(HEARTBEAT.c.last_tick).where(HEARTBEAT.c.stopped_at.is_(None))
                    )
                ),
            )

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()
