"""Checkpoints that went out: to whom up to which, and what time-stamping authorities said."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select

from adapters.sql.histories import SqlHistories
from adapters.sql.log_tables import CHECKPOINT_POST, CHECKPOINT_STAMP
from engine.log import Posted, Stamp


class SqlPosts(SqlHistories):
    """What is known of checkpoints outside, on one connection."""

    def posts(self) -> Mapping[str, Posted]:
        """Return, by destination, how checkpoints went out."""
        rows = self._connection.execute(select(CHECKPOINT_POST))
        return {row.destination: Posted(**row._mapping) for row in rows}  # noqa: SLF001 - its public name

    def stamps(self) -> Sequence[Stamp]:
        """Return every time stamp, in order of checkpoints."""
        columns = CHECKPOINT_STAMP.c
        query = select(CHECKPOINT_STAMP).order_by(columns.size, columns.authority)
        return [
            Stamp(
                size=row.size,
                authority=row.authority,
                token=_decoded(row.token),
                received_at=row.received_at,
            )
            for row in self._connection.execute(query)
        ]


class SqlPosting(SqlPosts):
    """The same, to be written."""

    def set_post(self, posted: Posted) -> None:
        """Keep how a checkpoint went out, or did not."""
        columns = CHECKPOINT_POST.c
        self._connection.execute(
            delete(CHECKPOINT_POST).where(columns.destination == posted.destination)
        )
        row = {name: getattr(posted, name) for name in columns.keys()}  # noqa: SIM118 - columns
        self._connection.execute(insert(CHECKPOINT_POST), row)

    def keep_stamp(self, stamp: Stamp) -> None:
        """Keep a time stamp; another of the same authority for the same checkpoint is left out."""
        columns = CHECKPOINT_STAMP.c
        known = select(columns.size).where(
            columns.size == stamp.size, columns.authority == stamp.authority
        )
        if self._connection.scalar(known) is None:
            row = {
                "size": stamp.size,
                "authority": stamp.authority,
                "token": base64.b64encode(stamp.token).decode(),
                "received_at": stamp.received_at,
            }
            self._connection.execute(insert(CHECKPOINT_STAMP), row)


def _decoded(text: str) -> bytes:
    """Return the token; what is no Base64 becomes one that no check accepts."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        return b""
