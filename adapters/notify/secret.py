"""Secrets: held so that no log, error, list or export ever shows one by accident."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, key or token; `reveal` is the one way to it."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """Return the secret itself, for the receiver alone."""
        return self._value

    def __str__(self) -> str:
        return HIDDEN

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN


def hidden(text: str, secrets: Iterable[Secret | None]) -> str:
    """Return ``text``, which came from outside, without the secrets that it may quote.

    >>> hidden("535 bad password 'hunter2'", [Secret("hunter2")])
    "535 bad password '•••'"
    """
    for secret in secrets:
        if secret is not None and secret.reveal():
            text = text.replace(secret.reveal(), HIDDEN)
    return text
