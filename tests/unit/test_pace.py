"""The pace of a channel: never more in any stretch of time than its receiver allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.notify.pace import MINUTE, SECOND, Pace
from engine.clock import StandingClock

NOW = datetime(2024, 7, 10, 1, tzinfo=UTC)
FEISHU = ((5, SECOND), (100, MINUTE))


def test_without_a_limit_nothing_waits() -> None:
    pace = Pace(StandingClock(NOW))
    assert [pace.wait() for _ in range(1000)] == [None] * 1000


def test_the_next_may_go_when_the_first_is_a_period_ago() -> None:
    clock = StandingClock(NOW)
    pace = Pace(clock, ((2, MINUTE),))
    assert pace.wait() is None
    clock.moment += 20 * SECOND
    assert pace.wait() is None
    assert pace.wait() == 40 * SECOND
    clock.moment += 40 * SECOND
    assert pace.wait() is None
    assert pace.wait() == 20 * SECOND


def test_a_block_holds_everything_up() -> None:
    clock = StandingClock(NOW)
    pace = Pace(clock, ((20, MINUTE),))
    pace.block(10 * MINUTE)
    assert pace.wait() == 10 * MINUTE
    clock.moment += 10 * MINUTE
    assert pace.wait() is None


@given(st.lists(st.integers(0, 5_000), max_size=400))
def test_no_stretch_of_time_holds_more_than_is_allowed(steps: list[int]) -> None:
    clock = StandingClock(NOW)
    pace = Pace(clock, FEISHU)
    sent: list[datetime] = []
    for milliseconds in steps:
        clock.moment += timedelta(milliseconds=milliseconds)
        wait = pace.wait()
        if wait is None:
            sent.append(clock.moment)
            continue
        assert wait > timedelta()
        clock.moment += wait
        assert pace.wait() is None, "whoever waits as long as told may go"
        sent.append(clock.moment)
    for count, period in FEISHU:
        for first, later in zip(sent, sent[count:], strict=False):
            assert later - first >= period
