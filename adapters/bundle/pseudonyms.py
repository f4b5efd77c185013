"""Persons as numbers: whom the events of a bundle name, in order of appearance."""

from __future__ import annotations

from collections.abc import Mapping

from engine.events import DAEMON
from engine.persons import Hiding


class Pseudonyms(Hiding):
    """Numbers persons for the eye: #1, #2, … as they come; no post can be called so."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._numbers: dict[str, str] = {}

    def of(self, person: str) -> str:
        """Return the number of a person, a new one for a new person; none for the daemon."""
        if person in ("", DAEMON):
            return person
        return self._numbers.setdefault(person, f"#{len(self._numbers) + 1}")

    @property
    def numbers(self) -> Mapping[str, str]:
        """Return account → number of everybody who was numbered."""
        return dict(self._numbers)
