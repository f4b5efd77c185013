"""Every world that can be reached, and the shortest way to one that must not be."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Stepped: TypeAlias = tuple[str, Any]
"""The name of a step, and the world after it."""

FAULTS = frozenset({"killed", "commit fails", "answer lost", "clock set back"})


@dataclass(frozen=True)
class Explored:
    """What was found."""

    worlds: int
    moves: int
    breach: str = ""
    way: tuple[str, ...] = ()
    """The steps that lead to the breach, as few as possible."""


@dataclass(frozen=True)
class Model:
    """A small world: how it goes on, what must not be, and when all is done."""

    steps: Callable[[Any], Iterable[Stepped]]
    breach: Callable[[Any], str]
    at_rest: Callable[[Any], bool]


def search(model: Model, start: Any) -> Explored:
    """Visit every world; also demand that from each of them, left alone, all gets done."""
    came: dict[Any, tuple[Any, str] | None] = {start: None}
    before: dict[Any, list[Any]] = defaultdict(list)
    waiting, moves = deque([start]), 0
    while waiting:
        world = waiting.popleft()
        if found := model.breach(world):
            return Explored(len(came), moves, found, tuple(_way(world, came)))
        for name, after in model.steps(world):
            moves += 1
            if after not in came:
                came[after] = (world, name)
                waiting.append(after)
            if name not in FAULTS and after.faults == world.faults:
                before[after].append(world)
    stuck = _cannot_rest(model, came, before)
    if stuck is not None:
        return Explored(
            len(came), moves, "3: it can come to a rest in which not all is done", stuck
        )
    return Explored(len(came), moves)


def _cannot_rest(
    model: Model, came: dict[Any, tuple[Any, str] | None], before: dict[Any, list[Any]]
) -> tuple[str, ...] | None:
    """Return the way to a world from which, though nothing more goes wrong, all is never done."""
    good = {world for world in came if model.at_rest(world)}
    waiting = deque(good)
    while waiting:
        for earlier in before[waiting.popleft()]:
            if earlier not in good:
                good.add(earlier)
                waiting.append(earlier)
    lost = next((world for world in came if world not in good), None)
    return None if lost is None else tuple(_way(lost, came))


def _way(world: Any, came: dict[Any, tuple[Any, str] | None]) -> Iterator[str]:
    names = []
    while (step := came[world]) is not None:
        world, name = step
        names.append(name)
    yield from reversed(names)
