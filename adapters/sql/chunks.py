"""What is still to do of timers that have begun: claimed row by row, gone when done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from adapters.sql.tables import CHUNK
from engine.division import Chunk


class SqlChunkReader:
    """An `engine.division.ChunkReader` on one connection, but for what asks for instances."""

    _connection: Connection

    def chunks(self, timer: str) -> Sequence[Chunk]:
        """Return what is still to do of a timer that has begun, in order."""
        query = select(CHUNK).where(CHUNK.c.timer == timer).order_by(CHUNK.c.number)
        return [_to_chunk(row) for row in self._connection.execute(query)]


class SqlChunks:
    """An `engine.division.ChunkWriter` inside one transaction."""

    _connection: Connection
    wakes: bool

    def divide(self, chunks: Iterable[Chunk]) -> None:
        """Keep what is to do of a timer that begins."""
        rows = [_from_chunk(chunk) for chunk in chunks]
        if rows:
            self._connection.execute(insert(CHUNK), rows)
            self.wakes = True

    def claim_chunk(self, timer: str) -> Chunk | None:
        """Return the first chunk of the timer that nobody else is at, locked for this unit."""
        query = select(CHUNK).where(CHUNK.c.timer == timer).order_by(CHUNK.c.number).limit(1)
        row = self._connection.execute(query.with_for_update(skip_locked=True)).first()
        return None if row is None else _to_chunk(row)

    def settle_chunk(self, chunk: Chunk) -> None:
        """Note that a chunk is done: it is not to do any more."""
        done = delete(CHUNK).where(CHUNK.c.timer == chunk.timer, CHUNK.c.number == chunk.number)
        self._connection.execute(done)


def _to_chunk(row: Row[Any]) -> Chunk:
    return Chunk(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def _from_chunk(chunk: Chunk) -> dict[str, Any]:
    return {name: getattr(chunk, name) for name in CHUNK.c.keys()}  # noqa: SIM118 - columns, not a dict
