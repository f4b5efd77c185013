"""APScheduler 3 with a SQLAlchemy job store: a job per deadline, which moves its target.

A job whose moment is past is dropped unless ``misfire_grace_time`` is None, so it is. The store
is filled before the scheduler runs; then it hands what is due to a pool of threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Event as Signal

from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import create_engine, event

from tests.benchmarks.peers.work import Targets, compete

PAST = datetime.now(UTC) - timedelta(days=1)
HERE: list[Targets] = []
"""Jobs are found by name, and so is what they need."""


def expire(number: int) -> None:
    """Be the job of one deadline."""
    HERE[0].expire(number)


class _Contender:
    def __init__(self, database: str, count: int) -> None:
        self._targets = Targets(database)
        self._targets.make(count)
        HERE[:] = [self._targets]
        url = database.replace("postgresql:", "postgresql+psycopg:", 1)
        engine = create_engine(url if self._targets.served else f"sqlite:///{database}")
        if not self._targets.served:
            event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=FULL"))
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": SQLAlchemyJobStore(engine=engine)},
            executors={"default": ThreadPoolExecutor(10)},
            job_defaults={"misfire_grace_time": None},
        )
        self._scheduler.start(paused=True)

    def arm(self, numbers: Sequence[int]) -> None:
        """Add a job for each."""
        for number in numbers:
            self._scheduler.add_job(expire, "date", run_date=PAST, args=[number])

    def carry_out(self) -> None:
        """Let the scheduler go on."""
        self._scheduler.resume()

    def moved(self) -> int:
        """Ask the tables."""
        return self._targets.moved()

    def one(self, number: int) -> None:
        """Add a job that is due at once, and wait until it ran."""
        ran = Signal()
        self._scheduler.add_listener(lambda _: ran.set(), EVENT_JOB_EXECUTED)
        self._scheduler.resume()
        self._scheduler.add_job(expire, "date", run_date=PAST, args=[number])
        ran.wait(60)
        self._scheduler._listeners.clear()

    def close(self) -> None:
        """Drop what is left in the pool's queue."""
        self._scheduler.shutdown(wait=False)


if __name__ == "__main__":
    compete(_Contender, ("APScheduler", "SQLAlchemy"))
