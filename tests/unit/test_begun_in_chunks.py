"""A rung that has begun in chunks: what is said of it, and what may not come between."""

from __future__ import annotations

import pytest

from engine.deadline import Timer
from engine.errors import N_, Interrupted
from engine.events import Kind
from tests.unit.year import Year, begin, publish, small
from workflows.running import chunks, tick
from workflows.running.catch_up import planned
from workflows.running.desk import desk
from workflows.running.tick import decide_joins

STEP = ":s4#"


class Stopped(Interrupted):
    """A daemon is stopped before its first chunk."""

    code = "stopped"
    template = N_("the daemon was stopped")


@pytest.fixture
def year(monkeypatch: pytest.MonkeyPatch) -> Year:
    """Three targets have become late; a daemon has recorded the rung, and marked none of them."""
    year = begin(small(3, 2025), "2025-06-10 09:00")
    publish(year)
    year.tick("2025-12-31 23:00")
    year.at("2026-01-01 00:00")
    monkeypatch.setattr(chunks, "SIZE", 1)
    do_chunk = chunks.do_chunk

    def stopping(at: object, timer: Timer) -> bool:
        if STEP in timer.deadline:
            raise Stopped
        return do_chunk(at, timer)  # type: ignore[arg-type]

    with monkeypatch.context() as stopped:
        stopped.setattr(tick, "do_chunk", stopping)
        with pytest.raises(Stopped):
            tick.tick(year.app)
    assert begun(year)
    return year


def begun(year: Year) -> list[Timer]:
    return [timer for timer in year.timers() if timer.cursor and STEP in timer.deadline]


def test_who_was_told_when_it_began_is_not_told_again(year: Year) -> None:
    (timer,) = begun(year)
    with year.store.reading() as reader:
        foreseen = {one.timer.id: one for one in planned(desk(year.app, reader, year.key))}
    assert foreseen[timer.id].concerned == 3
    assert foreseen[timer.id].recipients == ()
    told = len(year.told())
    year.tick()
    assert told
    assert not [one for one in year.told() if one.step == "s4"]


def test_no_join_is_decided_between(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tick, "settle", lambda *_: pytest.fail("decided while a rung was begun"))
    assert decide_joins(year.app, year.key) == 0


def test_a_new_date_lets_what_has_begun_go_on_to_the_end(year: Year) -> None:
    """Only after a failure can a date change in between; then half of a rung would be worse."""
    (timer,) = begun(year)
    with year.store.unit_of_work(year.clock.moment) as unit:
        unit.cancel_timers(year.key, timer.deadline)
    year.tick()
    assert all(
        any(event.timer == timer.id for event in year.history(f"T-{n}", Kind.LATE))
        for n in (1, 2, 3)
    )
