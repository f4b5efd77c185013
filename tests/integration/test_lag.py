"""What a daemon says of itself: how far behind it was, and how far off its host's clock is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.daemon import Daemon
from adapters.json_shapes import daemon_shape
from adapters.liveness import MOST_SKEW
from adapters.messages import translator
from adapters.terminal.daemons import length, show_daemons
from adapters.terminal.screen import Screen
from adapters.terminal.times import Times
from engine.clock import StandingClock, SystemClock
from engine.heartbeat import Heartbeat
from tests.unit.year import Year, begin, small
from workflows.running.desk import Application

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2024, 7, 5, 4, 0, tzinfo=UTC)


def daemon(year: Year, ahead: timedelta = timedelta()) -> Daemon:
    """Return a daemon on a host whose clock is ahead of that of all."""
    wall = StandingClock(SystemClock().now() - ahead)
    app = Application(
        store=year.store, clock=year.clock, calendar_of=year.app.calendar_of, wall=wall
    )
    return Daemon(app, words=translator("en"), name="one")


def beat_of(year: Year) -> Heartbeat:
    with year.store.reading() as reader:
        (beat,) = reader.heartbeats()
    return beat


def test_a_daemon_says_how_far_behind_it_was_when_it_last_fired() -> None:
    year = begin(small(2), "2024-07-01 09:00")
    worker = daemon(year)
    worker.run_pass()
    assert (beat_of(year).lag, beat_of(year).fired_at) == (None, None)
    year.at("2024-07-05 09:00")  # a reminder was due at midnight
    worker.run_pass()
    fired = beat_of(year)
    assert fired.lag == timedelta(hours=9)
    assert fired.fired_at is not None
    year.at("2024-07-05 10:00")
    worker.run_pass()
    assert (beat_of(year).lag, beat_of(year).fired_at) == (fired.lag, fired.fired_at)
    shape = daemon_shape(beat_of(year), ZONE)
    assert shape["lag_seconds"] == 9 * 3600
    assert shape["last_fired"] == fired.fired_at.astimezone(ZONE).isoformat()


@pytest.mark.parametrize("hours", [3, -3])
def test_a_daemon_says_by_how_much_its_host_is_off(hours: int) -> None:
    year = begin(small(2), "2024-07-01 09:00")
    worker = daemon(year, timedelta(hours=hours))
    worker.run_pass()
    skew = beat_of(year).skew
    assert skew is not None
    assert skew // timedelta(minutes=1) in range(hours * 60, hours * 60 + 2)


def shown(
    capsys: pytest.CaptureFixture[str], alive: Sequence[Heartbeat], language: str = "en"
) -> list[str]:
    words = translator(language)
    show_daemons(Screen(words), alive, None, Times(words, ZONE), NOON)
    return capsys.readouterr().out.splitlines()


def test_each_daemon_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    began = NOON - timedelta(days=3)
    calm = Heartbeat(
        daemon="db1:7",
        version="1.0.0",
        started_at=began,
        last_tick=NOON - timedelta(seconds=12),
        fired_at=NOON - timedelta(hours=12),
        lag=timedelta(milliseconds=410),
        skew=MOST_SKEW,
    )
    fast = Heartbeat(
        daemon="db2:81",
        version="1.1.0",
        started_at=began,
        last_tick=NOON - timedelta(milliseconds=900),
        skew=timedelta(minutes=90),
    )
    assert shown(capsys, [fast, calm]) == [
        "2 daemons are alive:",
        "  db2:81  1.1.0  last pass 0.9 s ago  nothing fell due to it yet"
        + " " * 19
        + "the clock of its host is 90 min fast",
        "  db1:7   1.0.0  last pass 12 s ago   at 2024-07-05 Fri 00:00 it was 0.4 s behind",
    ]


def test_one_of_the_previous_release_says_less(capsys: pytest.CaptureFixture[str]) -> None:
    plain = Heartbeat(daemon="db1:7", version="0.9", started_at=NOON, last_tick=NOON)
    assert shown(capsys, [plain])[1] == (
        "  db1:7  0.9  last pass 0.0 s ago  nothing fell due to it yet"
    )
    assert daemon_shape(plain, ZONE)["lag_seconds"] is None
    assert daemon_shape(plain, ZONE)["clock_ahead_seconds"] is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0.0 s"), (9.99, "10.0 s"), (10, "10 s"), (120, "2 min"), (7200, "2 h"), (172800, "2 d")],
)
def test_a_length_has_the_unit_that_tells_enough(seconds: float, said: str) -> None:
    assert length(translator("en"), timedelta(seconds=seconds)) == said
