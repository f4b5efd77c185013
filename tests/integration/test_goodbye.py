"""A daemon that is stopped says so: nobody takes it for alive afterwards."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from adapters.daemon import Daemon, Nobody
from adapters.liveness import living
from adapters.messages import translator
from engine.heartbeat import Heartbeat
from tests.unit.year import Year, begin, small


class Stopping(Nobody):
    """Sends a signal to its own process as soon as the daemon runs."""

    def __init__(self, number: int, before: Callable[[], None] = lambda: None) -> None:
        self.number, self.before = number, before

    def ready(self) -> None:
        self.before()
        os.kill(os.getpid(), self.number)


def stopped_by(year: Year, number: int) -> tuple[Sequence[Heartbeat], Sequence[Heartbeat]]:
    """Return who was alive while a daemon served that a signal stops, and who is now."""
    during: list[Heartbeat] = []
    worker = Daemon(year.app, words=translator("en"))

    def look() -> None:
        worker.once()
        with year.store.reading() as reader:
            during.extend(living(reader, year.app.wall))

    worker.observer = Stopping(number, look)
    worker.serve(net=timedelta(hours=1))
    with year.store.reading() as reader:
        return during, living(reader, year.app.wall)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_daemon_that_was_stopped_is_not_alive(number: int) -> None:
    year = begin(small(), "2024-08-05 09:00")
    during, afterwards = stopped_by(year, number)
    assert [beat.stopped_at for beat in during] == [None]
    assert afterwards == []
    with year.store.reading() as reader:
        (beat,) = reader.heartbeats()
    assert beat.stopped_at is not None
    assert beat.stopped_at >= during[0].last_tick


def test_one_that_cannot_say_goodbye_stops_nevertheless(monkeypatch: pytest.MonkeyPatch) -> None:
    year = begin(small(), "2024-08-05 09:00")

    def full_disk(_self: Daemon, *, goodbye: bool = False) -> None:
        if goodbye:
            raise OSError

    monkeypatch.setattr(Daemon, "_beat", full_disk)
    worker = Daemon(year.app, words=translator("en"), observer=Stopping(signal.SIGTERM))
    worker.serve(net=timedelta(hours=1))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
