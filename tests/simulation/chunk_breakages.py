"""Engines that do a rung in chunks wrongly, on purpose, each in one way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from engine.deadline import Timer, TimerState
from engine.ports import UnitOfWork
from tests.simulation.timer_breakages import Changed
from workflows.running import asking, chunks, firing, tick
from workflows.running.desk import Application, Desk, desk
from workflows.running.schedule import in_order

Patch = pytest.MonkeyPatch


def counts_a_chunk_before_its_effect(patch: Patch) -> None:
    """A chunk counts as done in one unit, and takes effect in the next."""

    def go_on(app: Application, key: str, now: datetime) -> bool:
        with app.store.unit_of_work(app.clock.now()) as unit:
            mine = in_order(unit.due(min(now, unit.now), key))
            timer = next(iter(mine), None)
            chunk = unit.claim_chunk(timer.id) if timer else None
            if timer is None or chunk is None:
                return False
            unit.settle_chunk(chunk)
        with app.store.unit_of_work(app.clock.now()) as unit:
            changed = Changed(unit, claim_chunk=lambda _: chunk, settle_chunk=lambda _: None)
            return chunks.do_chunk(replace(desk(app, unit, key), unit=changed), timer)

    patch.setattr(tick, "_go_on", go_on)


def settles_with_the_first_chunk(patch: Patch) -> None:
    """A timer counts as fired when one of its chunks is done."""
    do_chunk = chunks.do_chunk

    def settling(at: Desk[UnitOfWork], timer: Timer) -> bool:
        done = do_chunk(at, timer)
        at.unit.settle_timer(replace(timer, state=TimerState.FIRED))
        return done

    patch.setattr(tick, "do_chunk", settling)


def lets_people_overtake_what_has_begun(patch: Patch) -> None:
    """A person acts although a rung has reached some, and not yet him."""
    fire_due = firing.fire_due

    def leaving(at: Desk[UnitOfWork]) -> int:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(firing, "in_order", _not_begun)
            return fire_due(at)

    patch.setattr(asking, "fire_due", leaving)


def _not_begun(timers: Iterable[Timer]) -> Sequence[Timer]:
    return in_order(timer for timer in timers if not timer.cursor)


BREAKAGES = (
    counts_a_chunk_before_its_effect,
    settles_with_the_first_chunk,
    lets_people_overtake_what_has_begun,
)
