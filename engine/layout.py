"""Layouts: where the states and moves of a machine stand in a picture, without any library.

All states stand in one column, the main line first. A step along the line is
a straight arrow. Every other transition is a trunk beside the column that its
sources join and that ends in an arrow at its target, with its name there:
onward moves on the right, returns on the left. Trunks that meet have lanes of
their own, and every end has a height of its own at its box, so that a name
never lies on anything else.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from engine.definition import Move
from engine.machine import Machine

BOX_TEXT = 14
"""Size of the names of states, in pixels as all that follows."""
TEXT = 12
"""Size of the names of triggers."""
LINE = 16
"""Between two names beside one straight arrow."""
END = 18
"""Between two ends of trunks at one box."""
LANE = 14
ARROW = 8
MARGIN = 16


@dataclass(frozen=True, slots=True)
class Trunk:
    """A transition that is no step along the line; rows count down the column."""

    name: str
    sources: tuple[int, ...]
    target: int
    automatic: bool
    right: bool
    lane: int = 0

    @property
    def rows(self) -> set[int]:
        """Return the rows that it passes, those of its ends among them."""
        ends = (*self.sources, self.target)
        return set(range(min(ends), max(ends) + 1))


@dataclass(frozen=True, slots=True)
class Box:
    """A state, with the straight arrow that leads on from it."""

    state: str
    name: str
    top: float
    height: float
    ends: dict[tuple[Trunk, bool], float]
    """(trunk, whether it arrives here) → how far down the picture it does so."""
    steps: tuple[Move, ...]
    """Moves to the next box, straight down."""
    gap: float
    """Room below."""


class Layout:
    """A machine laid out: boxes, trunks and the size of it all."""

    def __init__(self, machine: Machine, label: Callable[[str], str], *, forced: bool) -> None:
        """Lay out ``machine``, its names as ``label`` gives them."""
        line, states = machine.workflow.line, machine.workflow.states
        self.column = (*line, *(state for state in states if state not in line))
        self.label = label
        self._steps: dict[int, list[Move]] = {}
        beside: list[Move] = []
        for move in machine.moves():
            source, target = self.column.index(move.source), self.column.index(move.target)
            if source + 1 == target < len(line) and (forced or not move.forced):
                self._steps.setdefault(source, []).append(move)
            elif forced or not move.forced:
                beside.append(move)
        self.trunks = (*_in_lanes(self._joined(beside, right=False)),)
        self.trunks += (*_in_lanes(self._joined(beside, right=True)),)
        self.box_width = max(text_width(label(state), BOX_TEXT) for state in self.column) + 52
        left = self._room(right=False)
        self.box_left = MARGIN + left
        self.width = self.box_left + self.box_width + self._room(right=True) + MARGIN
        self.boxes = tuple(self._boxes())
        self.height = self.boxes[-1].top + self.boxes[-1].height + MARGIN

    @property
    def middle(self) -> float:
        """Return where the straight arrows run."""
        return self.box_left + self.box_width / 2

    def edge(self, trunk: Trunk) -> float:
        """Return the side of the boxes at which ``trunk`` ends."""
        return self.box_left + self.box_width * trunk.right

    def course(self, trunk: Trunk) -> float:
        """Return where ``trunk`` runs down or up."""
        outward = self._names(right=trunk.right) + LANE * (trunk.lane + 1)
        return self.edge(trunk) + (outward if trunk.right else -outward)

    def _joined(self, moves: Iterable[Move], *, right: bool) -> list[Trunk]:
        """Return one trunk per trigger and target: those that lead onward, or those back."""
        grouped: dict[tuple[str, str, bool], list[Move]] = {}
        for move in moves:
            if (self.column.index(move.source) <= self.column.index(move.target)) is right:
                kind = move.trigger, move.target, move.automatic
                grouped.setdefault(kind, []).append(move)
        return [
            Trunk(
                name=self.label(trigger),
                sources=tuple(self.column.index(move.source) for move in moves),
                target=self.column.index(target),
                automatic=automatic,
                right=right,
            )
            for (trigger, target, automatic), moves in grouped.items()
        ]

    def _names(self, *, right: bool) -> float:
        """Return the width of the strip for names between the boxes and the first lane."""
        arriving = [text_width(t.name, TEXT) + ARROW + 6 for t in self.trunks if t.right is right]
        steps = [move for moves in self._steps.values() for move in moves] if right else []
        beyond = [text_width(self.label(m.trigger), TEXT) + 12 - self.box_width / 2 for m in steps]
        return max([0, *arriving, *beyond])

    def _room(self, *, right: bool) -> float:
        lanes = {trunk.lane for trunk in self.trunks if trunk.right is right}
        return self._names(right=right) + LANE * len(lanes)

    def _boxes(self) -> Iterator[Box]:
        top = float(MARGIN)
        for row, state in enumerate(self.column):
            sides = [self._ends(row, right=False), self._ends(row, right=True)]
            height = max(38, END * max(len(side) for side in sides) + 14)
            ends = {
                end: top + height / 2 + 3 + END * (place - (len(side) - 1) / 2)
                for side in sides
                for place, end in enumerate(side)
            }
            steps = tuple(self._steps.get(row, ()))
            gap = LINE * len(steps) + 20 if steps else 32
            yield Box(state, self.label(state), top, height, ends, steps, gap)
            top += height + gap

    def _ends(self, row: int, *, right: bool) -> list[tuple[Trunk, bool]]:
        """Return the ends at one side of a box, ordered so that few lines cross."""
        here = [trunk for trunk in self.trunks if trunk.right is right]
        ends = [(t, False) for t in here if row in t.sources]
        ends += [(t, True) for t in here if row == t.target]
        return sorted(ends, key=lambda e: (0, e[0].lane) if e[1] is right else (1, -e[0].lane))


def text_width(text: str, size: float) -> float:
    """Return how wide ``text`` may be at most, in any common sans-serif font."""
    wide = sum(unicodedata.east_asian_width(c) in "WFA" or c in "mwMW@%—" for c in text)
    return size * (wide + 0.66 * (len(text) - wide))


def _in_lanes(trunks: Iterable[Trunk]) -> Iterator[Trunk]:
    """Yield the trunks with their lanes, the shorter ones nearer to the boxes."""
    taken: defaultdict[int, set[int]] = defaultdict(set)
    for trunk in sorted(trunks, key=lambda t: len(t.rows)):
        lane = next(number for number in count() if not taken[number] & trunk.rows)
        taken[lane] |= trunk.rows
        yield replace(trunk, lane=lane)
