"""Promises 3, 4, 6, 10: in how many chunks a rung is done, and by whom, changes nothing.

One life is lived with every rung done at once, and again in chunks of a drawn size, by daemons
that are interrupted after drawn numbers of chunks, so that people come when a rung has reached
some and not yet the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.memory.store import MemoryStore
from adapters.sql.store import SqlStore
from engine.clock import Clock
from engine.deadline import Timer
from engine.errors import N_, Interrupted
from engine.events import Kind
from engine.ports import Store
from tests.contract.stores import sql_database
from tests.property.test_whenever_daemons_ran import (
    BEGIN,
    COURSE,
    END,
    INCIDENTS,
    Life,
    essence,
    live,
    lives,
)
from tests.unit.year import Year
from workflows import target
from workflows.deadlines.parse import parse
from workflows.plan.model import Plan, Scope, Step, Text
from workflows.running import chunks, tick

ALL_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Divided(Life):
    """A life of which the plan also moves every target on a date, and asks who is behind."""

    @property
    def plan(self) -> Plan:
        plan = super().plan
        due = "2025-06-10"
        drafts = Step(
            id="drafts-itself",
            name=Text("拟定"),
            scope=Scope.TARGETS,
            brings=target.DRAFTED,
            fires="draft",
            due=parse(due),
            due_text=due,
            ladder=plan.ladders[0].name,
        )
        return replace(plan, steps=(*plan.steps, drafts))


class Stopped(Interrupted):
    """A daemon is stopped between two chunks."""

    code = "stopped"
    template = N_("the daemon was stopped")


@contextmanager
def chunked(size: int, stops: Iterator[int]) -> Iterator[list[str]]:
    """Let rungs be done in chunks of ``size``; a daemon stops after so many, again and again.

    Yields which timers were gone on with.
    """
    done: list[str] = []
    left = next(stops, ALL_AT_ONCE)
    do_chunk = chunks.do_chunk

    def stopping(desk: Any, timer: Timer) -> bool:
        nonlocal left
        if left == 0:
            left = next(stops, ALL_AT_ONCE)
            raise Stopped
        left -= 1
        found = do_chunk(desk, timer)
        done.extend([timer.id] * found)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "SIZE", size)
        patch.setattr(tick, "do_chunk", stopping)
        patch.setattr(Year, "tick", _tick_in_spite(Year.tick))
        yield done


def _tick_in_spite(ticked: Callable[..., Any]) -> Callable[..., Any]:
    """Return how a daemon passes that may be stopped: what it did stays done."""

    def tick_of(year: Year, when: Any = "") -> Any:
        try:
            return ticked(year, when)
        except Stopped:
            # Not at the very end: there everybody passes until nothing is left.
            return tick.Done(fired=1 if year.clock.moment >= END else 0)

    return tick_of


def told(year: Year) -> list[tuple[Any, ...]]:
    """Return whom what was told of, by the event of the cycle and not by its position."""
    items = []
    with year.store.reading() as reader:
        for key, events in year.histories().items():
            for event in events:
                for item in reader.told(event.position):
                    about = tuple(sorted(item.about))
                    items.append((key, event.sequence, item.recipient, item.channel, about))
    return sorted(items)


def same(one: Year, other: Year, *, in_time: bool) -> None:
    """Assert that both have the same histories and projections.

    And the same notices, if passes were ``in_time``: after a daemon that was
    stopped, several rungs are due together, and only the last one speaks.
    """
    seen, expected = one.histories(), other.histories()
    assert seen.keys() == expected.keys()
    for key, events in seen.items():
        assert [essence(e) for e in events] == [essence(e) for e in expected[key]], key
        if in_time:
            assert [e.kind for e in events] == [e.kind for e in expected[key]], key
    for key in seen:
        name = key.partition("/")[2]
        assert one.find(name) == other.find(name)
    if in_time:
        assert told(one) == told(other)


@settings(max_examples=40, deadline=None)
@given(lives(), st.integers(1, 3), st.lists(st.integers(0, 3), max_size=30))
def test_chunks_of_any_size_give_the_same_histories_and_notices(
    life: Life, size: int, stops: list[int]
) -> None:
    life = Divided(**vars(life))
    whole, some = live(life)
    with chunked(size, iter(stops)):
        divided, others = live(life)
    assert some == others
    same(divided, whole, in_time=not stops)
    divided.assert_sound()
    assert not any(left_to_do(divided))


def left_to_do(year: Year) -> Iterator[object]:
    """Yield what is left of timers that have begun."""
    with year.store.reading() as reader:
        for timer in reader.timers(pending=False):
            yield from reader.chunks(timer.id)


@pytest.mark.parametrize("stops", [(), (0, 1, 2) * 20], ids=["in time", "stopped"])
def test_lives_that_are_drawn_do_come_to_chunks(stops: tuple[int, ...]) -> None:
    """Guards the test above against lives in which nothing is divided."""
    days = [(BEGIN + timedelta(days=24 * n), act) for n, act in enumerate(COURSE)]
    strokes = [(BEGIN + timedelta(days=17 * n + 9), act) for n, act in enumerate(INCIDENTS)]
    life = Divided(tuple(sorted(days + strokes)), habit="before", silence_counts=True)
    whole, some = live(life)
    assert any(e.timer for e in whole.history("T-1", Kind.MOVED)), "time moved no target"
    compare(life, whole, some, stops, MemoryStore)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_on_a_database_chunks_give_the_same_histories(kind: str, tmp_path: Path) -> None:
    days = [(BEGIN + timedelta(days=24 * n), act) for n, act in enumerate(COURSE)]
    life = Divided(tuple(days), habit="after")
    whole, some = live(life)
    with sql_database(kind, tmp_path) as database:
        compare(life, whole, some, (0, 1, 2) * 20, partial(SqlStore, database))


def compare(
    life: Life,
    whole: Year,
    outcomes: list[str],
    stops: tuple[int, ...],
    store_on: Callable[[Clock], Store],
) -> None:
    """Assert that the life gives the same in chunks of one."""
    with chunked(1, iter(stops)) as done:
        divided, others = live(life, store_on)
        assert outcomes == others
        same(divided, whole, in_time=not stops)
    assert len(done) > 5
    assert not any(left_to_do(divided))
