"""What a timer does to each instance that it concerns: to all at once, or chunk by chunk.

A daemon that finds very many only begins: it records the rung, tells people,
and leaves ranges of keys to do, each in a unit of its own, by whichever
daemon comes. When no chunk is left, the timer is settled. A person who acts
does first, in his own unit, all that is left; so nobody sees a rung that has
reached some and not others, and whom it concerns is the same as if it had
fired at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from engine.deadline import Deadline, Timer
from engine.division import Chunk
from engine.events import DAEMON, Kind
from engine.guards import ALWAYS, Guard
from engine.ladder import Action, Rung
from engine.moves import settle
from engine.population import Population, Stamp
from engine.ports import UnitOfWork
from workflows.plan.model import Scope, Step
from workflows.running.consequences import follow, follow_children
from workflows.running.desk import Desk
from workflows.running.pro_rata import condition_of
from workflows.running.schedule import ladder_of, rung_number
from workflows.running.steps import falling_short, laggards

SIZE = 5_000
"""How many instances a unit of work touches at most: see decision 27 for how it was measured."""

MARKS = {
    Action.LATE: Kind.LATE,
    Action.SLIP: Kind.SLIP,
    Action.PROPOSE: Kind.PROPOSED,
}
"""What a rung's action records on each instance that still falls short."""


class Progress(NamedTuple):
    """What firing a timer came to."""

    moved: bool = False
    """Something moved: what is due has to be asked for again."""
    chunks: int = 0
    """So many chunks are left to do; 0 when it took effect on all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a timer does to each instance that its date binds and that still falls short."""

    step: Step
    deadline: Deadline
    timer: Timer
    rung: Rung | None = None
    """None for a timer that only makes the move of its date."""
    condition: Guard = ALWAYS
    lights: bool = False
    """Whether it sets the rung's lamp."""

    @property
    def moves(self) -> bool:
        """Return whether it moves those concerned; the cycle's own move is no affair of many."""
        wanted = self.rung is None or self.rung.action is Action.MOVE
        return wanted and self.step.scope is not Scope.CYCLE

    @property
    def marks(self) -> bool:
        """Return whether it records something on those concerned."""
        return self.lights or (self.rung is not None and self.rung.action in MARKS)


def effect_of(desk: Desk[UnitOfWork], timer: Timer) -> Effect | None:
    """Return the effect of a timer that has begun in chunks; None where its step is gone."""
    dates = desk.unit.deadlines(desk.key, all_versions=True)
    deadline = next(d for d in dates if d.id == timer.deadline)
    step = desk.plan.step(deadline.step)
    if step is None:
        return None
    number = rung_number(timer)
    if number is None:
        return Effect(step=step, deadline=deadline, timer=timer)
    rung = ladder_of(desk.plan, step).rungs[number]
    return Effect(
        step=step,
        deadline=deadline,
        timer=timer,
        rung=rung,
        condition=condition_of(desk, deadline, rung, timer.fires_at),
        lights=bool(rung.lamp),
    )


def take_effect(desk: Desk[UnitOfWork], effect: Effect, count: int, cause: int | None) -> Progress:
    """Let a timer take effect on those concerned, at most ``count``; or only begin, if many.

    A desk that goes on ``apart`` begins what is more than a chunk.
    """
    if desk.apart and count > SIZE and (effect.marks or effect.moves):
        chunks = _divided(desk, effect, cause)
        if chunks:
            return Progress(chunks=chunks)
    if effect.moves and not desk.unit.select(_moving(desk, effect), limit=1):
        _mark(desk, effect, cause, None)
        return Progress()
    moved = _affect(desk, effect, cause)
    _close(desk, effect)
    return Progress(moved=moved > 0)


def go_on(desk: Desk[UnitOfWork], timer: Timer) -> Progress:
    """Do in this unit all that is left of a timer that has begun."""
    effect = effect_of(desk, timer)
    while chunk := desk.unit.claim_chunk(timer.id):
        if effect is not None:
            _affect(desk, effect, chunk.cause, chunk)
        desk.unit.settle_chunk(chunk)
    if effect is None:
        return Progress()
    _close(desk, effect)
    return Progress(moved=effect.moves)


def do_chunk(desk: Desk[UnitOfWork], timer: Timer) -> bool:
    """Do a chunk that nobody else is at, and note that it is done; return whether there was one."""
    chunk = desk.unit.claim_chunk(timer.id)
    if chunk is None:
        return False
    desk = replace(desk, nominal=timer.fires_at)
    effect = effect_of(desk, timer)
    if effect is not None:
        _affect(desk, effect, chunk.cause, chunk)
    desk.unit.settle_chunk(chunk)
    return True


def _divided(desk: Desk[UnitOfWork], effect: Effect, cause: int | None) -> int:
    """Leave what is to do in chunks, if it is more than one; return how many.

    The first and the last have no end, so that together they are all keys.
    """
    population = _moving(desk, effect) if effect.moves else _marked(desk, effect)
    cuts = desk.unit.cut(population, SIZE)
    ends = zip(("", *cuts), (*cuts, ""), strict=True) if cuts else ()
    chunks = [
        Chunk(
            timer=effect.timer.id,
            number=number,
            after=after,
            until=until,
            begun_at=desk.now,
            cause=cause,
        )
        for number, (after, until) in enumerate(ends, start=1)
    ]
    desk.unit.divide(chunks)
    return len(chunks)


def _affect(
    desk: Desk[UnitOfWork], effect: Effect, cause: int | None, chunk: Chunk | None = None
) -> int:
    """Mark and move those concerned, in a chunk or all of them; return how many moved."""
    _mark(desk, effect, cause, chunk)
    if not effect.moves:
        return 0
    population = _part(_moving(desk, effect), chunk)
    stamp = _stamp(desk, effect.timer, None, "move")
    trigger = effect.step.fires
    moved = sum(
        desk.unit.advance(population, machine, trigger, stamp, desk.cycle())
        for machine in desk.unit.machines(population.workflow)
    )
    follow_children(desk, {trigger}, DAEMON, after=population.after, until=population.until)
    return moved


def _mark(desk: Desk[UnitOfWork], effect: Effect, cause: int | None, chunk: Chunk | None) -> None:
    rung, step = effect.rung, effect.step
    if rung is None:
        return
    population = _part(_marked(desk, effect), chunk)
    if rung.action in MARKS:
        data = {"step": step.id, "occurrence": effect.deadline.occurrence}
        stamp = _stamp(desk, effect.timer, cause, str(rung.action))
        desk.unit.mark(population, MARKS[rung.action], data, stamp)
    if effect.lights:
        lamp = {"step": step.id, "lamp": rung.lamp}
        desk.unit.mark(population, Kind.LAMP, lamp, _stamp(desk, effect.timer, cause, "lamp"))


def _close(desk: Desk[UnitOfWork], effect: Effect) -> None:
    """Make the moves that follow of themselves when all have moved."""
    if not effect.moves:
        return
    cycle = desk.unit.load(desk.key)
    last = desk.unit.history(desk.key)[-1]
    events = settle(desk.unit, cycle, replace(last, occurred_at=effect.timer.fires_at))
    if events:
        follow(desk, cycle, events, DAEMON)


def _marked(desk: Desk[UnitOfWork], effect: Effect) -> Population:
    return falling_short(desk.plan, effect.step, effect.deadline, effect.condition)


def _moving(desk: Desk[UnitOfWork], effect: Effect) -> Population:
    return laggards(desk.plan, effect.step, effect.deadline)


def _part(population: Population, chunk: Chunk | None) -> Population:
    if chunk is None:
        return population
    return replace(population, after=chunk.after, until=chunk.until, as_of=chunk.begun_at)


def _stamp(desk: Desk[UnitOfWork], timer: Timer, cause: int | None, part: str) -> Stamp:
    return Stamp(
        occurred_at=timer.fires_at,
        recorded_at=desk.now,
        cause=cause,
        timer=timer.id,
        part=part,
    )
