"""Engines whose timers are broken on purpose, each in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters import daemon
from adapters.memory.reader import MemoryReader
from adapters.memory.unit import MemoryUnit
from engine.deadline import Deadline, Timer, TimerState
from engine.ports import NoticeItem, UnitOfWork
from workflows.running import firing, tick
from workflows.running.desk import Application, Desk, desk
from workflows.running.schedule import in_order
from workflows.running.tick import Done

Patch = pytest.MonkeyPatch


class Changed:
    """A unit of work of which some methods are others."""

    def __init__(self, unit: UnitOfWork, **others: Callable[..., Any]) -> None:
        self._unit = unit
        self.__dict__.update(others)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)


def settles_before_its_effect(patch: Patch) -> None:
    """A timer is settled in one unit, and takes effect in the next."""

    def fire(app: Application, timer: Timer) -> None:
        with app.store.unit_of_work(app.clock.now()) as unit:
            claimed = unit.claim(timer.id)
            if claimed is None:
                return
            unit.settle_timer(replace(claimed, state=TimerState.FIRED))
        with app.store.unit_of_work(app.clock.now()) as unit:
            changed = Changed(unit, claim=lambda _: claimed, settle_timer=lambda _: None)
            _fire_at(desk(app, unit, timer.cycle), changed, timer)

    _fire_by(patch, fire)


def settles_after_its_effect(patch: Patch) -> None:
    """A timer takes effect in one unit, and is settled in the next."""

    def fire(app: Application, timer: Timer) -> None:
        settled: list[Timer] = []
        with app.store.unit_of_work(app.clock.now()) as unit:
            changed = Changed(unit, settle_timer=settled.append)
            _fire_at(desk(app, unit, timer.cycle), changed, timer)
        with app.store.unit_of_work(app.clock.now()) as unit:
            for one in settled:
                unit.settle_timer(one)

    _fire_by(patch, fire)


def tells_after_its_cause(patch: Patch) -> None:
    """What a rung tells is kept in a unit after that of its event."""

    def fire(app: Application, timer: Timer) -> None:
        items: list[NoticeItem] = []
        with app.store.unit_of_work(app.clock.now()) as unit:
            changed = Changed(unit, tell=items.extend)
            _fire_at(desk(app, unit, timer.cycle), changed, timer)
        with app.store.unit_of_work(app.clock.now()) as unit:
            unit.tell(items)

    _fire_by(patch, fire)


def fires_what_has_fired(patch: Patch) -> None:
    """What was due when the pass began is fired, whoever fired it since.

    Three guards are taken away, of which each alone would do: it is asked again under the lock
    what is due, a claim looks at what became of the timer, and an effect is unique.
    """

    def fire(app: Application, timer: Timer) -> None:
        with app.store.unit_of_work(app.clock.now()) as unit:
            firing.fire(desk(app, unit, timer.cycle), timer)

    patch.setattr(MemoryUnit, "claim", lambda self, timer: self._tables.timers.rows.get(timer))
    patch.setattr(MemoryUnit, "_fired", lambda *_: False)
    _fire_by(patch, fire)


def fires_six_hours_early(patch: Patch) -> None:
    """What is due, and its claim, are six hours ahead."""
    early = timedelta(hours=6)
    due, claim = MemoryReader.due, MemoryUnit.claim

    def due_early(self: MemoryReader, now: datetime, cycle: str = "") -> Sequence[Timer]:
        return due(self, now + early, cycle)

    def claim_early(self: MemoryUnit, timer: str) -> Timer | None:
        found = claim(self, timer)
        return found and replace(found, fires_at=found.fires_at - early)

    patch.setattr(MemoryReader, "due", due_early)
    patch.setattr(MemoryUnit, "claim", claim_early)


def trusts_a_clock_that_was_set_back(patch: Patch) -> None:
    """A timer fires because it was due when the pass began, whatever the clock says now.

    Two guards are taken away, of which each alone would do: what is due is asked by the earlier
    moment, and a timer is fired by the clock of its own unit.
    """
    claim = MemoryUnit.claim

    class Never(datetime):
        def __gt__(self, other: object) -> bool:
            return False

    def trusting(self: MemoryUnit, timer: str) -> Timer | None:
        found = claim(self, timer)
        if found is None:
            return None
        at = found.fires_at
        day = at.year, at.month, at.day
        moment = Never(*day, at.hour, at.minute, at.second, at.microsecond, at.tzinfo)
        return replace(found, fires_at=moment)

    patch.setattr(MemoryUnit, "claim", trusting)
    goes_round_for_ever(patch)


def goes_round_for_ever(patch: Patch) -> None:
    """What is due is asked by the moment at which the pass began, and refused by the clock.

    Where it has begun in chunks, the next ones are done early instead.
    """
    patch.setattr(tick, "min", lambda first, *_: first, raising=False)


def catches_up_from_the_end(patch: Patch) -> None:
    """Of all that is due the last comes first."""

    def from_the_end(due: Iterable[Timer]) -> list[Timer]:
        return in_order(due)[::-1]

    patch.setattr(tick, "in_order", from_the_end)
    patch.setattr(firing, "in_order", from_the_end)


def takes_effect_as_of_now(patch: Patch) -> None:
    """What is done late counts as having happened late."""
    claim = MemoryUnit.claim

    def late(self: MemoryUnit, timer: str) -> Timer | None:
        found = claim(self, timer)
        return found and replace(found, fires_at=max(found.fires_at, self.now))

    patch.setattr(MemoryUnit, "claim", late)


def goes_by_dates_that_count_no_more(patch: Patch) -> None:
    """A date that another one replaced goes on to take effect.

    Two guards are taken away, of which each alone would do: its timers are cancelled, and what
    fires looks whether its date still counts.
    """
    deadlines = MemoryReader.deadlines

    def all_current(self: MemoryReader, *args: Any, **options: Any) -> Sequence[Deadline]:
        found = deadlines(self, *args, **options)
        return [replace(d, current=True) for d in found] if "all_versions" in options else found

    patch.setattr(MemoryReader, "deadlines", all_current)
    patch.setattr(MemoryUnit, "cancel_timers", lambda *_: None)


def gives_up_what_failed_once(patch: Patch) -> None:
    """A timer that failed counts as fired."""

    def postpone(app: Application, timer: Timer, _error: Exception) -> None:
        with app.store.unit_of_work(app.clock.now()) as unit:
            claimed = unit.claim(timer.id)
            if claimed is not None:
                unit.settle_timer(replace(claimed, state=TimerState.FIRED))

    patch.setattr(tick, "postpone", postpone)


def _fire_by(patch: Patch, fire: Callable[[Application, Timer], None]) -> None:
    """Let the daemon's pass fire each timer by ``fire``."""

    def broken(app: Application, report: Callable[[str, Exception], None] | None = None) -> Done:
        with app.store.reading() as reader:
            due = in_order(reader.due(app.clock.now()))
        for timer in due:
            try:
                fire(app, timer)
            except Exception as error:  # noqa: BLE001 - as the real one does
                if report:
                    report(timer.id, error)
        return Done()

    patch.setattr(daemon, "tick", broken)


def _fire_at(at: Desk[UnitOfWork], unit: Changed, timer: Timer) -> None:
    firing.fire(replace(at, unit=unit), timer)


BREAKAGES = (
    settles_before_its_effect,
    settles_after_its_effect,
    tells_after_its_cause,
    fires_what_has_fired,
    fires_six_hours_early,
    trusts_a_clock_that_was_set_back,
    goes_round_for_ever,
    catches_up_from_the_end,
    takes_effect_as_of_now,
    goes_by_dates_that_count_no_more,
    gives_up_what_failed_once,
)
