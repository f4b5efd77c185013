"""The clock port: aware, in UTC, whatever the time zone of the machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from freezegun import freeze_time

from engine.clock import StandingClock, SystemClock

OPENING = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/New_York"])
def _zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


# Never with tz_offset: it shifts datetime.now(UTC), too.
@freeze_time("2026-03-01T17:00:00+08:00")
def test_the_system_clock_answers_in_utc() -> None:
    assert SystemClock().now() == OPENING
    assert SystemClock().now().tzinfo is UTC


@pytest.mark.usefixtures("_zone")
def test_the_system_clock_does_not_care_where_the_machine_stands() -> None:
    before = datetime.fromtimestamp(time.time(), UTC)
    now = SystemClock().now()
    assert now.utcoffset() == timedelta()
    assert before <= now <= before + timedelta(minutes=1)


@freeze_time(OPENING)
def test_a_standing_clock_moves_only_when_told() -> None:
    clock = StandingClock(OPENING - timedelta(days=1))
    assert clock.now() == clock.now() == OPENING - timedelta(days=1)
    clock.moment += timedelta(seconds=1)
    assert clock.now() == OPENING - timedelta(days=1) + timedelta(seconds=1)
