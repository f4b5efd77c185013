"""A timer that fails blocks nothing but itself: not the tick, not an act of its own cycle."""

from __future__ import annotations

from typing import Any

import pytest

from engine.deadline import Timer
from engine.ports import UnitOfWork
from tests.unit.year import Year, begin, publish, small
from workflows.running import firing, tick
from workflows.running.desk import Desk


class Broken(Exception):
    """What a timer meets that nobody foresaw."""


@pytest.fixture
def year(monkeypatch: pytest.MonkeyPatch) -> Year:
    """Two things are due, of which one fails."""
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    year.tick("2024-08-10 09:00")
    fire = firing.fire

    def failing(desk: Desk[UnitOfWork], timer: Timer, *more: Any) -> bool:
        if "s2b" in timer.deadline or "s2a" in timer.deadline:
            fire(desk, timer, *more)
            raise Broken(timer.id)
        return fire(desk, timer, *more)

    monkeypatch.setattr(firing, "fire", failing)
    monkeypatch.setattr(tick, "fire", failing)
    return year.at("2024-10-10 09:00")


def test_an_act_goes_through_though_a_timer_of_its_cycle_fails(year: Year) -> None:
    failing = [t for t in year.timers() if t.fires_at <= year.clock.now() and "s2" in t.deadline]
    assert failing, "otherwise nothing is tested"
    year.record("T-1", "progress", {"percent": 50})
    assert year.find("T-1").facts["progress.percent"] == 50
    left = {t.id: t for t in year.timers()}
    for timer in failing:
        put_off = left[timer.id]
        assert (put_off.attempts, put_off.last_error) == (1, f"Broken: {timer.id}")
        assert put_off.next_attempt_at is not None
        assert put_off.next_attempt_at > year.clock.now()
    year.assert_sound()


def test_what_fell_due_besides_is_done_before_the_act(year: Year) -> None:
    window = next(t for t in year.timers() if "s3" in t.deadline and t.rung == "open")
    assert window.fires_at <= year.clock.now()
    recorded = year.record("T-1", "progress", {"percent": 50})[0]
    fired = [e for e in year.history() if e.timer == window.id]
    assert len(fired) == 1
    assert fired[0].position < recorded.position


def test_an_act_that_is_refused_puts_nothing_off_twice(year: Year) -> None:
    for _ in range(2):
        with pytest.raises(Exception, match="no trigger"):
            year.move("T-1", "nonsense")
    assert {t.attempts for t in year.timers() if t.last_error} == {1}
