"""procrastinate, on PostgreSQL alone: a job per deadline, deferred in batches, worked off by one
worker that runs up to ten asynchronous tasks at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg_pool
from procrastinate import App, PsycopgConnector

from tests.benchmarks.peers.work import MOVE_AT_ONCE, Targets, compete

PAST = datetime.now(UTC) - timedelta(days=1)
BATCH = 1000
AT_ONCE = 10


class _Contender:
    def __init__(self, database: str, count: int) -> None:
        self._targets = Targets(database)
        self._targets.make(count)
        self._database = database
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._wait(self._open())

    async def _open(self) -> None:
        self._pool = psycopg_pool.AsyncConnectionPool(
            self._database, open=False, min_size=AT_ONCE, kwargs={"autocommit": True}
        )
        await self._pool.open()
        connector = PsycopgConnector(conninfo=self._database, min_size=4, max_size=AT_ONCE)
        self._app = App(connector=connector)
        self._ran = asyncio.Event()

        @self._app.task(name="expire")
        async def expire(number: int) -> None:
            async with self._pool.connection() as connection:
                await connection.execute(MOVE_AT_ONCE, (number,))

        self._expire: Any = expire
        await self._app.open_async()
        await self._app.schema_manager.apply_schema_async()

    def _wait(self, doing: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(600)

    def arm(self, numbers: Sequence[int]) -> None:
        """Defer in batches."""
        for first in range(0, len(numbers), BATCH):
            some = [{"number": n} for n in numbers[first : first + BATCH]]
            deferrer = self._expire.configure(schedule_at=PAST)
            self._wait(deferrer.batch_defer_async(*some))

    def carry_out(self) -> None:
        """Start the worker."""
        worker = self._app.run_worker_async(
            concurrency=AT_ONCE, install_signal_handlers=False, delete_jobs="never"
        )
        self._worker = asyncio.run_coroutine_threadsafe(worker, self._loop)

    def moved(self) -> int:
        """Ask the tables."""
        return self._targets.moved()

    def one(self, number: int) -> None:
        """Defer one job and let a worker do all there is."""
        self._wait(self._expire.defer_async(number=number))
        worker = self._app.run_worker_async(
            concurrency=1, install_signal_handlers=False, wait=False
        )
        self._wait(worker)

    def close(self) -> None:
        """Leave the worker to the end of the process."""
        self._loop.call_soon_threadsafe(self._loop.stop)


if __name__ == "__main__":
    compete(_Contender, ("procrastinate", "psycopg"))
