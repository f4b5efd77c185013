"""Every world that can be reached, and the shortest way to one that must not be."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.model.protocol import Rules, World, initial, steps

Breach = Callable[[World], str]

FAULTS = frozenset({"killed", "commit fails", "answer lost", "clock set back"})


@dataclass(frozen=True)
class Explored:
    """What was found."""

    worlds: int
    moves: int
    breach: str = ""
    way: tuple[str, ...] = ()
    """The steps that lead to the breach, as few as possible."""


def breach(world: World) -> str:
    """Return which promise does not hold in ``world``."""
    if world.effects > 1:
        return "3: the timer took effect twice"
    if world.timer == "fired" and not world.effects:
        return "3: the timer counts as fired and is lost"
    if world.early:
        return "4: the timer took effect early"
    if world.overtaken:
        return "10: a person's act came before what was due"
    if world.undurable:
        return "6: a notice was sent before it was durable"
    if world.items and not world.effects:
        return "6: a notice without its cause"
    return ""


def at_rest(world: World) -> bool:
    """Return whether all has been done that had to be: once, told, and delivered."""
    done = world.timer == "fired" and world.effects == 1
    return done and world.items == 1 and world.notice == "sent" and world.received > 0


def explore(daemons: int, rules: Rules, faults: int = 2) -> Explored:
    """Visit every world; also demand that from each of them, left alone, all gets done."""
    start = initial(daemons, faults)
    came: dict[World, tuple[World, str] | None] = {start: None}
    before: dict[World, list[World]] = defaultdict(list)
    waiting, moves = deque([start]), 0
    while waiting:
        world = waiting.popleft()
        if found := breach(world):
            return Explored(len(came), moves, found, tuple(_way(world, came)))
        for name, after in steps(world, rules):
            moves += 1
            if after not in came:
                came[after] = (world, name)
                waiting.append(after)
            if name not in FAULTS and after.faults == world.faults:
                before[after].append(world)
    stuck = _cannot_rest(came, before)
    if stuck is not None:
        return Explored(
            len(came), moves, "3: it can come to a rest in which not all is done", stuck
        )
    return Explored(len(came), moves)


def _cannot_rest(
    came: dict[World, tuple[World, str] | None], before: dict[World, list[World]]
) -> tuple[str, ...] | None:
    """Return the way to a world from which, though nothing more goes wrong, all is never done."""
    good = {world for world in came if at_rest(world)}
    waiting = deque(good)
    while waiting:
        for earlier in before[waiting.popleft()]:
            if earlier not in good:
                good.add(earlier)
                waiting.append(earlier)
    lost = next((world for world in came if world not in good), None)
    return None if lost is None else tuple(_way(lost, came))


def _way(world: World, came: dict[World, tuple[World, str] | None]) -> Iterator[str]:
    names = []
    while (step := came[world]) is not None:
        world, name = step
        names.append(name)
    yield from reversed(names)
