"""Facts: the named, typed values of an instance that guards may read.

Integers, booleans, days, moments, short texts and scaled decimals; no floats,
so that both databases and every machine decide alike. Days and moments are
kept as fixed-width text, which sorts as they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from engine.errors import N_, BadFact, BadText

Value: TypeAlias = int | bool | str
"""What is stored: a day as ``2024-07-10``, a moment as ``2024-07-10T16:00:00.000000Z``."""

Facts: TypeAlias = Mapping[str, Value]

NO_FACTS: Facts = MappingProxyType({})

LONGEST_TEXT = 4000
"""Characters of a text fact."""

LARGEST_INTEGER = 2**53 - 1
"""Beyond this JSON readers disagree."""


class FactType(StrEnum):
    """What a fact may hold."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    DAY = "day"
    MOMENT = "moment"
    TEXT = "text"


def to_text(moment: datetime) -> str:
    """Return ``moment`` as the fixed-width text that is stored.

    Raises:
        ValueError: the moment is naive.

    >>> to_text(datetime(2024, 7, 10, 16, tzinfo=UTC))
    '2024-07-10T16:00:00.000000Z'
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def to_moment(text: str) -> datetime:
    """Return the moment that ``to_text`` wrote."""
    return datetime.fromisoformat(text)


def clean_text(field: str, text: str, longest: int = LONGEST_TEXT) -> str:
    """Return ``text`` stripped, or say why it cannot be kept.

    Raises:
        BadText: NUL, a lone surrogate, or longer than ``longest`` characters.

    """
    text = text.strip()
    if "\0" in text:
        raise BadText(field=field, problem=N_("it contains a NUL character"))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadText(field=field, problem=N_("it is not valid Unicode")) from None
    if len(text) > longest:
        raise BadText(field=field, problem=N_("it is too long"))
    return text


def checked(fact: str, kind: FactType, value: object) -> Value:
    """Return ``value`` as it is stored for a fact of ``kind``.

    Raises:
        BadFact: the value is of another type, or out of range.

    """
    match kind, value:
        case FactType.BOOLEAN, bool():
            return value
        case FactType.INTEGER, int() if not isinstance(value, bool):
            if abs(value) <= LARGEST_INTEGER:
                return value
        case FactType.DAY, datetime():
            pass
        case FactType.DAY, date():
            return value.isoformat()
        case FactType.DAY, str() if _is_day(value):
            return value
        case FactType.MOMENT, datetime() if value.tzinfo is not None:
            return to_text(value)
        case FactType.MOMENT, str() if _is_moment(value):
            return value
        case FactType.TEXT, str():
            return clean_text(fact, value)
        case _:
            pass
    raise BadFact(fact=fact, value=repr(value), problem=N_("it should be of another type"))


def _is_moment(text: str) -> bool:
    try:
        return to_text(to_moment(text)) == text
    except ValueError:
        return False


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
