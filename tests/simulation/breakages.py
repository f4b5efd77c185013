"""Engines broken on purpose, each in one way: the simulation has to find every one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from adapters import daemon, outbox
from adapters.memory.reader import MemoryReader
from adapters.memory.unit import MemoryUnit
from adapters.messages import Translator
from engine.deadline import Timer, TimerState
from engine.events import Event, Instance
from engine.guards import ALWAYS
from engine.heartbeat import Heartbeat
from engine.ports import Notice, NoticeItem, Notifier, UnitOfWork
from workflows.running import firing, tick
from workflows.running.desk import Application, Desk, desk
from workflows.running.schedule import in_order
from workflows.running.steps import concerned
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


def gives_up_what_failed_once(patch: Patch) -> None:
    """A timer that failed counts as fired."""

    def postpone(app: Application, timer: Timer, _error: Exception) -> None:
        with app.store.unit_of_work(app.clock.now()) as unit:
            claimed = unit.claim(timer.id)
            if claimed is not None:
                unit.settle_timer(replace(claimed, state=TimerState.FIRED))

    patch.setattr(tick, "postpone", postpone)


def marks_those_who_owe_nothing(patch: Patch) -> None:
    """A rung marks all whom its date binds, done or not."""
    patch.setattr(
        firing, "falling_short", lambda _plan, step, date, _when: concerned(step, date, ALWAYS)
    )


def sends_before_it_is_durable(patch: Patch) -> None:
    """Notices are gathered and sent in one unit."""

    def deliver(app: Application, channels: Mapping[str, Notifier], _words: Translator) -> int:
        with app.store.unit_of_work(app.clock.now()) as unit:
            for notice in unit.gather():
                channels[notice.channel].send(notice, None)  # type: ignore[arg-type]
                unit.settle_notice(notice, "", None)
        return 0

    patch.setattr(daemon, "deliver", deliver)


def counts_as_sent_before_it_is(patch: Patch) -> None:
    """A notice is settled first and sent afterwards: at most once."""
    send = outbox._Pass._send

    def deliver(self: outbox._Pass, notice: Notice) -> None:
        with self.app.store.unit_of_work(self.app.clock.now()) as unit:
            unit.settle_notice(notice, "", None)
        send(self, notice)

    patch.setattr(outbox._Pass, "deliver", deliver)


def leaves_the_projection_behind(patch: Patch) -> None:
    """An event is recorded, and its lamp does not reach the instance."""
    put = MemoryUnit._follow

    def follow(self: MemoryUnit, instance: Instance, event: Event) -> Event:
        recorded = put(self, instance, event)
        if "lamp" in event.data:
            now = self._tables.instances.rows[instance.key]
            self._tables.instances.put(instance.key, replace(now, lamp=instance.lamp))
        return recorded

    patch.setattr(MemoryUnit, "_follow", follow)


def rewrites_history(patch: Patch) -> None:
    """Whoever gives a sign of life changes who did something three events ago."""
    beat = MemoryUnit.beat

    def rewriting(self: MemoryUnit, heartbeat: Heartbeat) -> None:
        rows = self._tables.events.rows
        self._tables.events.put(len(rows) - 3, replace(rows[len(rows) - 3], authority="更改"))
        beat(self, heartbeat)

    patch.setattr(MemoryUnit, "beat", rewriting)


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


BREAKAGES: Mapping[str, Callable[[Patch], None]] = MappingProxyType(
    {
        breakage.__name__: breakage
        for breakage in (
            settles_before_its_effect,
            settles_after_its_effect,
            tells_after_its_cause,
            fires_six_hours_early,
            gives_up_what_failed_once,
            marks_those_who_owe_nothing,
            sends_before_it_is_durable,
            counts_as_sent_before_it_is,
            leaves_the_projection_behind,
            rewrites_history,
        )
    }
)
