"""A store whose process kills itself, for real, at a chosen commit."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from adapters.application import calendar_of
from adapters.sql.database import connect
from adapters.sql.store import SqlStore
from adapters.sql.unit import SqlUnit
from engine.clock import Clock, StandingClock
from workflows.running.desk import Application


class CrashingStore(SqlStore):
    """Counts its commits; at point ``crash_at`` the process dies of SIGKILL.

    Point 0 lies before the first commit, 1 after it, 2 before the second, and so on.
    """

    crash_at = -1
    point = 0

    @contextmanager
    def unit_of_work(self, now: datetime) -> Iterator[SqlUnit]:
        with super().unit_of_work(now) as unit:
            yield unit
            self._pass_point()
        self._pass_point()

    def _pass_point(self) -> None:
        if self.point == self.crash_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.point += 1


def in_child(work: Callable[[], int]) -> int | None:
    """Run ``work`` in a forked process; return what it returns, or None if it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.write(writing, str(work()).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    said = os.read(reading, 100)
    os.close(reading)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    assert os.WEXITSTATUS(status) == 0, "the child failed; its traceback stands above"
    return int(said)


def application_at(
    database: str, moment: datetime, crash_at: int = -1
) -> tuple[Application, CrashingStore]:
    """Return the application on ``database`` with its clock standing at ``moment``."""
    clock: Clock = StandingClock(moment)
    store = CrashingStore(connect(database, durable=False), clock)
    store.crash_at = crash_at
    return Application(store=store, clock=clock, calendar_of=calendar_of), store
