"""Persons as numbers: whom the events of a bundle name, in order of appearance."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from engine.events import DAEMON, Event

NAMING = frozenset({"by", "confirmed_by", "person", "proposed_by"})
"""Names under which plans and the data of events hold the account of a person."""


class Pseudonyms:
    """Numbers persons: #1, #2, … as they come; no post can be called so."""

    def __init__(self, posts: Collection[str]) -> None:
        """Know nobody yet; ``posts`` are what may act and is no person."""
        self._posts = frozenset(posts)
        self._numbers: dict[str, str] = {}

    def of(self, person: str) -> str:
        """Return the number of a person, a new one for a new person; none for the daemon."""
        if person in ("", DAEMON):
            return person
        return self._numbers.setdefault(person, f"#{len(self._numbers) + 1}")

    def hidden(self, event: Event) -> Event:
        """Return the event with numbers for its persons."""
        actor = self.of(event.actor)
        person, stroke, post = event.acting_for.partition("/")
        acting_for = f"{self.of(person)}/{post}" if stroke else self._hidden_alone(person)
        return replace(event, actor=actor, acting_for=acting_for, data=self.hidden_in(event.data))

    def _hidden_alone(self, name: str) -> str:
        """Return a post as it is, also with its deputy; anything else is a person."""
        return name if name.partition(" (")[0] in self._posts else self.of(name)

    def hidden_in(self, content: Any) -> Any:
        """Return a plan, or the data of an event, with numbers where a person is named."""
        if isinstance(content, Mapping):
            return {
                key: self.of(part)
                if key in NAMING and isinstance(part, str)
                else self.hidden_in(part)
                for key, part in content.items()
            }
        if isinstance(content, list | tuple):
            return [self.hidden_in(part) for part in content]
        return content

    def names(self) -> dict[str, str]:
        """Return number → name of everybody who was numbered."""
        return {number: person for person, number in self._numbers.items()}
