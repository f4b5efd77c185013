"""Persons as the log covers them: by a salted hash of their account, never by the account itself.

So an entry can be shown whole, byte for byte as it was sealed, to people who
are not to learn the names; and whoever is handed name and salt of one person
can see that the hash is of nobody else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from engine.canonical_json import canonical, canonical_text, plain, plainly
from engine.events import DAEMON, Event, text_hash

SECRET = "persons_secret"  # noqa: S105 - the name of the setting that holds it
"""Setting: what the salts of a database are made of. Whoever reads the database reads names too."""

NAMING = frozenset({"as", "by", "confirmed_by", "person", "proposed_by"})
"""Names under which plans and the data of events hold the account of a person."""
NAMING_MANY = frozenset({"parties"})
NAMING_CHAIN = frozenset({"confirmed_for"})
"""Likewise a person and the post behind a stroke, as `Event.acting_for` does."""

_MARKS = (*(f'"{name}"' for name in NAMING | NAMING_MANY | NAMING_CHAIN), "\\u00")
"""JSON text without any of these names nobody: no such key is in it, not even one spelt out."""

POST = "post:"
"""Before a recipient that is a post, because nobody holds it."""


class Hiding(ABC):
    """Puts something else in the place of every account; what, is for those who inherit to say."""

    @abstractmethod
    def of(self, person: str) -> str:
        """Return what stands for an account."""

    def chain(self, acting_for: str) -> str:
        """Return ``person/post`` without the person; a post alone as it is."""
        person, stroke, post = acting_for.partition("/")
        return f"{self.of(person)}/{post}" if stroke else acting_for

    def recipient(self, recipient: str) -> str:
        """Return what stands for whoever is told; a post as it is."""
        return recipient if recipient.startswith(POST) else self.of(recipient)

    def within(self, content: Any) -> Any:
        """Return a plan, or the data of an event, without the accounts in it."""
        if isinstance(content, Mapping):
            # In one order: whoever numbers persons does so alike, however a database keeps maps.
            return {key: self._under(key, content[key]) for key in sorted(content)}
        if isinstance(content, list | tuple):
            return [self.within(part) for part in content]
        return content

    def event(self, event: Event) -> Event:
        """Return an event without the accounts in it."""
        return replace(
            event,
            actor=self.of(event.actor),
            acting_for=self.chain(event.acting_for),
            data=self.within(event.data),
        )

    def _under(self, key: str, part: Any) -> Any:
        if isinstance(part, str):
            if key in NAMING:
                return self.of(part)
            return self.chain(part) if key in NAMING_CHAIN else part
        if key in NAMING_MANY and isinstance(part, list | tuple):
            return [self.of(each) if isinstance(each, str) else each for each in part]
        return self.within(part)


class Persons(Hiding):
    """The accounts of one database and what stands for them in its log."""

    def __init__(self, secret: str = "") -> None:
        """Make salts out of ``secret``."""
        self._secret = secret.encode()
        self._known = {"": "", DAEMON: DAEMON}
        self.data = lru_cache(maxsize=10_000)(self._data)
        """Canonical JSON of JSON text; a set-based act writes the same for all it concerns."""

    def of(self, person: str) -> str:
        """Return the salted hash of an account; the daemon is nobody, and stands as it is."""
        found = self._known.get(person)
        if found is None:
            found = self._known[person] = commitment(self.salt(person), person)
        return found

    def salt(self, person: str) -> str:
        """Return the salt of a person, who can be named with it, and nobody else can."""
        return hmac.new(self._secret, person.encode(), hashlib.sha256).hexdigest()

    def _data(self, text: str) -> str:
        if not any(mark in text for mark in _MARKS):
            return canonical_text(text)
        found = plain(text)
        if found is None:
            return canonical(self.within(json.loads(text)))
        return plainly(self.within(found))


def commitment(salt: str, person: str) -> str:
    """Return what stands for a person in the log: a hash in full, so that it can be of one only.

    >>> commitment("salt", "li")[:17]
    '#c47c3f24957280b9'
    """
    return f"#{text_hash(salt, person)}"
