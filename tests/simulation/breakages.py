"""Engines broken on purpose, each in one way: the simulation has to find every one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from adapters import daemon, outbox
from adapters.memory import selection
from adapters.memory.unit import MemoryUnit
from adapters.messages import Translator
from engine import moves
from engine.act import Act
from engine.deadline import Timer
from engine.errors import Refused
from engine.events import DAEMON, Event, Instance
from engine.guards import ALWAYS
from engine.heartbeat import Heartbeat
from engine.ports import Notice, Notifier, UnitOfWork
from tests.simulation import chunk_breakages, timer_breakages
from workflows.running import asking, chunks, firing, tick
from workflows.running.desk import Application, Desk
from workflows.running.steps import concerned

Patch = pytest.MonkeyPatch


def acts_before_what_is_due(patch: Patch) -> None:
    """Who asks for something overtakes what fell due before it."""
    patch.setattr(asking, "_fire", lambda *_, **__: None)


def completes_what_nobody_did(patch: Patch) -> None:
    """When the date of a step comes, time itself makes the cycle's next move."""
    fire = firing.fire

    def completing(at: Desk[UnitOfWork], timer: Timer, later: Sequence[Timer] = ()) -> bool:
        moved = fire(at, timer, later)
        cycle = at.unit.load(at.key)
        act = Act(actor=DAEMON, occurred_at=at.now, timer=timer.id, part="move")
        for edge in at.unit.machine(cycle.edition).leaving(cycle.state):
            with suppress(Refused):
                return bool(moves.move(at.unit, cycle, edge.trigger, act))
        return moved

    patch.setattr(tick, "fire", completing)


def binds_those_who_were_released(patch: Patch) -> None:
    """Who was excused, or has a date of their own, is marked with all others."""
    patch.setattr(MemoryUnit, "set_exemption", lambda *_: None)


def joins_before_all_have_arrived(patch: Patch) -> None:
    """A cycle goes on as if everything that it waits for were there."""
    patch.setattr(selection, "joined", lambda *_: True)


def leaves_joins_undecided(patch: Patch) -> None:
    """The last to arrive does not wake the cycle, and no pass decides it from states.

    Two guards are taken away, of which each alone would do.
    """
    patch.setattr(moves, "_awaits", lambda *_: False)
    patch.setattr(tick, "decide_joins", lambda *_: 0)


def takes_what_another_sends(patch: Patch) -> None:
    """Who gathers notices takes no lease of them, and two send the same."""
    gather = MemoryUnit.gather

    def unleased(
        self: MemoryUnit, limit: int = 100, hushed: Collection[str] = (), _: timedelta = timedelta()
    ) -> Sequence[Notice]:
        return gather(self, limit, hushed)

    patch.setattr(MemoryUnit, "gather", unleased)


def marks_those_who_owe_nothing(patch: Patch) -> None:
    """A rung marks all whom its date binds, done or not."""
    for module in firing, chunks:
        patch.setattr(
            module, "falling_short", lambda _plan, step, date, _when: concerned(step, date, ALWAYS)
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


BREAKAGES: Mapping[str, Callable[[Patch], None]] = MappingProxyType(
    {
        breakage.__name__: breakage
        for breakage in (
            *timer_breakages.BREAKAGES,
            *chunk_breakages.BREAKAGES,
            acts_before_what_is_due,
            completes_what_nobody_did,
            binds_those_who_were_released,
            joins_before_all_have_arrived,
            leaves_joins_undecided,
            takes_what_another_sends,
            marks_those_who_owe_nothing,
            sends_before_it_is_durable,
            counts_as_sent_before_it_is,
            leaves_the_projection_behind,
            rewrites_history,
        )
    }
)
