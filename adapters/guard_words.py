"""Guards in words: what is still needed for a move, and the command that would provide it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, assert_never

from adapters.words import WORDS
from engine.guards import (
    All,
    AnyOf,
    Compare,
    Guard,
    Joined,
    Known,
    Not,
    ParentIn,
    ParentKnows,
    Reached,
    StateIn,
)

GUARDS = (Known, Compare, Reached, StateIn, ParentIn, ParentKnows, Joined, Not, All, AnyOf)
HANDED_IN = frozenset({"self_report", "work_plan", "handed_in", "progress", "evidence"})
"""Records that a section hands in; all others are noted down."""

LINE = tuple(WORDS["state"])[:8]
"""The main line of a year; to have come to one of these is to have passed those before it."""

_OPERATORS: Mapping[str, str] = {"!=": "≠", "<=": "≤", ">=": "≥"}


class Speaker(Protocol):
    """What is needed of a translator here."""

    language: Any

    def text(self, message: str, /, **values: Any) -> str:
        """Return a message with its values."""
        ...

    def word(self, kind: str, name: str, machine: str = "") -> str:
        """Return the word for a name."""
        ...

    def label(self, name: str, machine: str = "") -> str:
        """Return a name of any kind for a diagram."""
        ...


def lacking(  # noqa: PLR0911 - one case, one line
    speaker: Speaker, guard: Guard, key: str = ""
) -> str:
    """Return in words why ``guard`` does not hold, as far as that can be said in general."""
    match guard:
        case Known(fact):
            return _unknown(speaker, fact) + _how(speaker, fact, key)
        case Compare(fact, operator, value):
            return _different(speaker, fact, operator, value) + _how(speaker, fact, key)
        case Reached(fact):
            return speaker.text("{fact} has not come yet", fact=fact_words(speaker, fact))
        case StateIn(states):
            return speaker.text("it is not {states}", states=_states(speaker, states))
        case ParentIn(states):
            first = states[:1] if states == LINE[-len(states) :] else states
            return speaker.text("its parent is not yet {states}", states=_states(speaker, first))
        case ParentKnows(fact):
            parent = key.rpartition("/")[0]
            words = _record(speaker, fact)
            missing = speaker.text("its parent has no record {record} yet", record=words)
            return missing + _how(speaker, fact, parent)
        case Joined(join):
            if join in WORDS["unmet"]:
                return speaker.word("unmet", join)
            return speaker.text("not all that “{join}” counts have arrived", join=join)
        case Not(Known(fact)):
            return speaker.text("{fact} is there already", fact=fact_words(speaker, fact))
        case Not(inner):
            from engine import diagram  # noqa: PLC0415 - it loads the machine, and few guards need it

            words = diagram.condition(inner, speaker.label)
            return speaker.text("this must not be so: {condition}", condition=words)
        case All(parts):
            return f" {speaker.label('and')} ".join(lacking(speaker, p, key) for p in parts)
        case AnyOf(parts):
            return f" {speaker.label('or')} ".join(lacking(speaker, p, key) for p in parts)
        case _:
            assert_never(guard)


def fact_words(speaker: Speaker, fact: str) -> str:
    """Return a fact in words: a record, one field of it, or one of several (``publication:web``).

    Plans may bring records of their own; what has no word keeps its name.
    """
    kind, field = _parts(fact)
    if not field:
        return _record(speaker, kind) if kind in WORDS["record"] else _plain(speaker, fact)
    if kind.partition(":")[0] not in WORDS["record"]:
        return fact
    words = speaker.word("field", field)
    return speaker.text("{field} of {record}", field=words, record=_record(speaker, kind))


def _plain(speaker: Speaker, fact: str) -> str:
    if ":" in fact:
        return _record(speaker, fact)
    return speaker.word("field", fact) if fact in WORDS["field"] else fact


def _parts(fact: str) -> tuple[str, str]:
    """Return the record of a fact, with which of several it is, and the field; either may lack."""
    kind, dot, field = fact.rpartition(".")
    return (kind, field) if dot else (fact, "")


def _record(speaker: Speaker, name: str) -> str:
    """Return a record in words, with which of several it is; in English the name that one types."""
    kind, colon, per = name.partition(":")
    words = kind if speaker.language == "en" else speaker.word("record", kind)
    if not colon:
        return words
    return speaker.text("{record} ({which})", record=words, which=speaker.word("choice", per))


def _unknown(speaker: Speaker, fact: str) -> str:
    kind, field = _parts(fact)
    stem = kind.partition(":")[0]
    if field:
        words = fact_words(speaker, fact)
        return speaker.text("{fact} is missing", fact=words)
    record = _record(speaker, kind)
    if stem in HANDED_IN:
        return speaker.text("record {record} is missing", record=record)
    return speaker.text("record {record} has not been entered", record=record)


def _different(speaker: Speaker, fact: str, operator: str, value: object) -> str:
    words = fact_words(speaker, fact)
    wanted = speaker.word("choice", value) if isinstance(value, str) else str(value)
    if operator == "==":
        return speaker.text("{fact} is not “{value}”", fact=words, value=wanted)
    sign = _OPERATORS.get(operator, operator)
    return speaker.text(
        "{fact} must be {operator} {value}", fact=words, operator=sign, value=wanted
    )


def _how(speaker: Speaker, fact: str, key: str) -> str:
    """Return the command that provides a fact, in brackets; nothing for one that no record sets."""
    stem = fact.partition(".")[0].partition(":")[0]
    if not key or stem not in WORDS["record"]:
        return ""
    return speaker.text(" (with: duban record {key} {record})", key=key, record=stem)


def _states(speaker: Speaker, states: tuple[str, ...]) -> str:
    return " / ".join(speaker.word("state", state) for state in states)
