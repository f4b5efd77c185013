"""Persons of a bundle: numbered instead of named, and named again by who holds the names."""

from __future__ import annotations

import re
from typing import Any

from adapters.bundle.verifier.trouble import Bad, brief

_PERSON = re.compile(r"#[1-9][0-9]{0,8}", re.ASCII)


_NAMING = frozenset({"by", "confirmed_by", "person", "proposed_by"})
"""Names under which plans and the data of events hold the account of a person."""


def withheld(event: dict[str, Any]) -> bool:
    """Return whether an event numbers a person where its leaf has a name."""
    person = event["acting_for"].partition("/")[0]
    return (
        _PERSON.fullmatch(event["actor"]) is not None
        or _PERSON.fullmatch(person) is not None
        or renamed(event["data"], _Unlike()) != event["data"]
    )


class _Unlike(dict[str, str]):
    """Has another name for every number."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return something else than ``key`` if that is a number."""
        return "" if _PERSON.fullmatch(key) else default


def with_names(event: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Return the event with the names of its persons."""
    person, stroke, post = event["acting_for"].partition("/")
    return {
        **event,
        "acting_for": names.get(person, person) + stroke + post,
        "actor": names.get(event["actor"], event["actor"]),
        "data": renamed(event["data"], names),
    }


def renamed(content: Any, names: dict[str, str]) -> Any:
    """Return a plan, or the data of an event, with names where persons are numbered."""
    if isinstance(content, list):
        return [renamed(part, names) for part in content]
    if not isinstance(content, dict):
        return content
    return {
        key: names.get(part, part)
        if key in _NAMING and isinstance(part, str)
        else renamed(part, names)
        for key, part in content.items()
    }


def names_of(value: Any, item: str) -> dict[str, str]:
    """Return number → name, as a file of names has it."""
    if not isinstance(value, dict):
        raise Bad(item, "no-names")
    for number, name in value.items():
        if not _PERSON.fullmatch(number) or not isinstance(name, str):
            raise Bad(item, "no-names", brief(number))
    return value
