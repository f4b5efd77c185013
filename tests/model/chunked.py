"""A rung of two chunks as a model: begun by one daemon, done by any, and a person who acts once.

What comes before and after is `protocol`; here it is who holds the cycle alone or together, who
claims which chunk, and who settles the timer. The person is one of the second chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.model.explorer import Stepped

ALONE, TOGETHER = "alone", "together"


@dataclass(frozen=True)
class Rules:
    """What doing a rung in chunks relies on; a test takes away one at a time."""

    row_locks: bool = True
    """Units overlap; else each waits for the one before it."""
    holds_together: bool = True
    """Who does a chunk holds the cycle, together with others who do."""
    people_finish: bool = True
    """A person does all that is left before the act."""
    claim_locks: bool = True
    """Nobody gets a chunk that another is at."""
    effect_is_unique: bool = True
    chunk_goes_with_effect: bool = True
    """A chunk counts as done in the unit of its effect."""
    settles_when_none_is_left: bool = True
    asks_by_its_clock: bool = True
    """A unit does nothing of a timer that its own clock does not call due."""


class Worker(NamedTuple):
    """Where a daemon or the person stands: before which step, in what kind of unit."""

    at: str = "due"
    holds: str = ""
    chunk: int = 0
    """The chunk that it claimed; counted from 1."""
    wrote: tuple[str, ...] = ()
    early: bool = False
    """Its unit's moment lies before that of the timer."""
    person: bool = False


class World(NamedTuple):
    """Everything durable, the clock, and where everybody stands."""

    workers: tuple[Worker, ...]
    is_due: bool = False
    timer: str = "pending"
    """pending, begun, or fired."""
    left: tuple[int, ...] = ()
    """The chunks that are to do."""
    begun: int = 0
    """How often the rung was recorded."""
    effects: tuple[int, int] = (0, 0)
    """How often each chunk took effect."""
    early: bool = False
    acted_in_time: bool = False
    """The person acted before the rung was due: it does not concern him."""
    overtaken: bool = False
    """The person's act was recorded when the rung was due and had not reached him."""
    faults: int = 2


GONE = Worker("gone", person=True)
OUTSIDE = frozenset({"due", "hold together", "hold", "at_desk", "gone", "mark apart"})
"""Where no unit is open."""


def initial(daemons: int, faults: int) -> World:
    """Return the world before the timer's moment: so many daemons, and one person."""
    person = Worker("at_desk", person=True)
    return World(workers=(*(Worker(),) * daemons, person), faults=faults)


def steps(world: World, rules: Rules) -> Iterator[Stepped]:
    """Yield every step that can be next, with the world after it."""
    if not world.is_due:
        yield "time", world._replace(is_due=True)
    elif world.faults:
        yield "clock set back", world._replace(is_due=False, faults=world.faults - 1)
    for number, worker in enumerate(world.workers):
        others = world.workers[:number] + world.workers[number + 1 :]
        for name, moved, after in _of(worker, others, world, rules):
            # Which daemon is which does not matter: sorted, equal worlds are found equal.
            yield name, moved._replace(workers=tuple(sorted((*others, after))))


Of = Iterator[tuple[str, World, Worker]]


def _of(worker: Worker, others: tuple[Worker, ...], world: World, rules: Rules) -> Of:
    idle = GONE if worker.person else Worker()
    if world.faults and worker != idle:
        yield "killed", world._replace(faults=world.faults - 1), idle
    if worker.at not in OUTSIDE:
        yield from _in_unit(worker, others, world, rules)
        return
    if not rules.row_locks and any(other.at not in OUTSIDE for other in others):
        return  # waits for the unit before it
    opened = worker._replace(at="due again", early=not world.is_due)
    alone = not any(other.holds for other in others)
    together = not any(other.holds == ALONE for other in others)
    match worker.at:
        case "due":
            if world.is_due and world.timer != "fired":
                begun = world.timer == "begun"
                yield "due", world, worker._replace(at="hold together" if begun else "hold")
        case "hold together" if together:
            yield "hold", world, opened._replace(holds=TOGETHER if rules.holds_together else "")
        case "hold together":
            yield "hold", world, worker._replace(at="hold")
        case "hold" if alone:
            yield "hold", world, opened._replace(holds=ALONE)
        case "hold":
            yield "hold", world, idle  # others are at it
        case "at_desk" if alone:
            yield "hold", world, opened._replace(holds=ALONE)
        case "mark apart":
            effects = _reached(world, {worker.chunk}, rules)
            if effects is not None:
                yield "mark", world._replace(effects=effects), Worker("hold together")
        case _:  # a person who waits for the cycle, or is gone
            return


def _in_unit(worker: Worker, others: tuple[Worker, ...], world: World, rules: Rules) -> Of:
    """Yield what can be next within a unit of work; until its commit, nobody sees it."""
    match worker.at:
        case "due again":
            yield "due", world, _asked(worker, world, rules)
        case "claim":
            looks = rules.settles_when_none_is_left or worker.person
            at = "claim_chunk" if looks else "settle_timer"
            at = "append" if world.timer == "pending" else at
            yield "claim", world, worker._replace(at=at)
        case "append":
            wrote = (*worker.wrote, "begun")
            at = "mark all" if worker.person else "divide"
            yield "append", world, worker._replace(at=at, wrote=wrote)
        case "mark all":
            wrote = (*worker.wrote, "1", "2")
            yield "mark", world, worker._replace(at="settle_timer", wrote=wrote)
        case "divide":
            wrote = (*worker.wrote, "divided")
            yield "divide", world, worker._replace(at="settle_timer", wrote=wrote)
        case "claim_chunk":
            yield from _claim_chunk(worker, others, world, rules)
        case "mark":
            wrote = (*worker.wrote, str(worker.chunk))
            yield "mark", world, worker._replace(at="settle_chunk", wrote=wrote)
        case "settle_chunk":
            wrote = (*worker.wrote, f"done {worker.chunk}")
            at = "claim_chunk" if worker.person else "commit"
            yield "settle_chunk", world, worker._replace(at=at, wrote=wrote)
        case "settle_timer":
            fired = "fired" if "divided" not in worker.wrote else "begins"
            at = "act" if worker.person else "commit"
            yield "settle_timer", world, worker._replace(at=at, wrote=(*worker.wrote, fired))
        case "act":
            yield "act", world, worker._replace(at="commit", wrote=(*worker.wrote, "act"))
        case _:
            yield from _commit(worker, world, rules)


def _asked(worker: Worker, world: World, rules: Rules) -> Worker:
    """Return who asked again what is due, under the lock and by the unit's own clock."""
    is_due = not (worker.early and rules.asks_by_its_clock) and world.timer != "fired"
    if worker.person:
        finishes = is_due and (world.timer == "pending" or rules.people_finish)
        return worker._replace(at="claim" if finishes else "act")
    if worker.holds != ALONE:
        if is_due and world.timer == "begun":
            return worker._replace(at="claim_chunk")
        return Worker("hold")
    if is_due and world.timer == "begun" and world.left and rules.settles_when_none_is_left:
        return Worker("hold together")
    return worker._replace(at="claim") if is_due else Worker()


def _claim_chunk(worker: Worker, others: tuple[Worker, ...], world: World, rules: Rules) -> Of:
    taken = {o.chunk for o in others if o.at not in OUTSIDE} if rules.claim_locks else set()
    mine = {n for n in world.left if f"done {n}" in worker.wrote}
    free = [n for n in world.left if n not in taken | mine]
    if free:
        at = "mark" if rules.chunk_goes_with_effect or worker.person else "settle_chunk"
        yield "claim_chunk", world, worker._replace(at=at, chunk=free[0])
    elif worker.holds == ALONE:
        yield "claim_chunk", world, worker._replace(at="settle_timer", chunk=0)
    else:
        yield "claim_chunk", world, Worker("hold")  # all are taken, or none is left


def _commit(worker: Worker, world: World, rules: Rules) -> Of:
    wrote = worker.wrote
    failed = GONE if worker.person else Worker()
    effects = _reached(world, {int(w) for w in wrote if w.isdigit()}, rules)
    if effects is None:
        yield "commit", world, failed
        return
    left = (1, 2) if "divided" in wrote else world.left
    timer = "fired" if "fired" in wrote else "begun" if "divided" in wrote else world.timer
    acts = "act" in wrote
    done = world._replace(
        effects=effects,
        left=tuple(n for n in left if f"done {n}" not in wrote),
        begun=world.begun + ("begun" in wrote),
        timer=timer,
        early=world.early or (worker.early and wrote not in ((), ("act",))),
        acted_in_time=world.acted_in_time or (acts and worker.early and not effects[1]),
        overtaken=world.overtaken or (acts and not worker.early and not effects[1]),
    )
    after = GONE if worker.person else Worker("hold together" if worker.chunk else "due")
    if not rules.chunk_goes_with_effect and worker.chunk and not worker.person:
        after = Worker("mark apart", chunk=worker.chunk)
    yield "commit", done, after
    if world.faults:
        less = world.faults - 1
        yield "commit fails", world._replace(faults=less), failed
        yield "answer lost", done._replace(faults=less), failed


def _reached(world: World, chunks: set[int], rules: Rules) -> tuple[int, int] | None:
    """Return the effects with those of ``chunks``; None where the database refuses a second one."""
    if rules.effect_is_unique and any(world.effects[n - 1] for n in chunks):
        return None
    first, second = (min(e + (n in chunks), 2) for n, e in enumerate(world.effects, start=1))
    return first, second


def breach(world: World) -> str:
    """Return which promise does not hold in ``world``."""
    if world.begun > 1 or max(world.effects) > 1:
        return "3: the rung took effect twice"
    if world.timer == "fired" and not _all_reached(world):
        return "3: the rung counts as fired and passed somebody by"
    if world.early:
        return "4: the rung took effect early"
    if world.overtaken:
        return "10: a person's act came before what was due"
    return ""


def _all_reached(world: World) -> bool:
    return bool(world.effects[0]) and bool(world.effects[1] or world.acted_in_time)


def at_rest(world: World) -> bool:
    """Return whether all has been done that had to be."""
    return world.timer == "fired" and _all_reached(world) and not world.left
