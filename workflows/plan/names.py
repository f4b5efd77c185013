"""The names that a plan declares and uses: each declared once, each use answered or reported."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from itertools import islice

from workflows.plan.diagnostics import (
    LONGEST_QUOTE,
    NOTHING_NEAR,
    NOWHERE,
    Notes,
    Place,
    brief,
)
from workflows.plan.places import Places

MOST_COMPARED = 400
"""Names among which a near miss is looked for."""
MOST_SHOWN = 12


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return what may have been meant by ``name``: near misses, else all there is.

    >>> nearest("seciton", ["section", "name", "id"])
    ('section',)
    >>> nearest("xyz", ["section", "name"])
    ('section', 'name')
    """
    candidates = [other for other in islice(known, MOST_COMPARED) if len(other) <= LONGEST_QUOTE]
    near = difflib.get_close_matches(brief(name), candidates, n=3, cutoff=0.6)
    return tuple(near or candidates[:MOST_SHOWN]) or NOTHING_NEAR


class Names:
    """The ids of a plan by what they name, with the places where they stand."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._places: dict[tuple[str, str], Place] = {}
        self._known: dict[str, list[str]] = {}

    def declare(self, noun: str, name: str, place: Place) -> None:
        """Note that ``name`` is a ``noun``; a second one of that name is reported."""
        if not name:
            return
        if (noun, name) in self._places:
            first = self._places[noun, name].line
            self._notes.add("P132", place, id=brief(name), noun=noun, first=first)
            return
        self._places[noun, name] = place
        self._known.setdefault(noun, []).append(name)

    def known(self, *nouns: str) -> list[str]:
        """Return the names declared as one of ``nouns``."""
        return [name for noun in nouns for name in self._known.get(noun, ())]

    def has(self, noun: str, name: str) -> bool:
        """Return whether ``name`` is declared as a ``noun``."""
        return (noun, name) in self._places

    def place(self, noun: str, name: str) -> Place:
        """Return where ``name`` is declared."""
        return self._places.get((noun, name), NOWHERE)

    def places(self) -> Places:
        """Return the places of all names."""
        return Places(self._places)

    def refer(self, code: str, nouns: tuple[str, ...], name: str, place: Place) -> bool:
        """Return whether ``name`` is one of ``nouns``; report it with ``code`` when it is not."""
        if any((noun, name) in self._places for noun in nouns):
            return True
        self.unknown(code, name, self.known(*nouns), place)
        return False

    def unknown(
        self, code: str, name: str, known: Collection[str], place: Place, machine: str = ""
    ) -> None:
        """Report that ``name`` is none of ``known``."""
        values = {"machine": machine} if machine else {}
        self._notes.add(code, place, id=brief(name), known=nearest(name, known), **values)
