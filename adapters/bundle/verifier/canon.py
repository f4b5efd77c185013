"""Canonical JSON (RFC 8785), read strictly: one value has one form, and no other is taken."""

from __future__ import annotations

import json
from typing import Any

from adapters.bundle.verifier.trouble import Bad, brief

LARGEST_NUMBER = 2**53 - 1
_DIGITS = 17


def parsed(data: bytes, item: str) -> Any:
    """Return the value that ``data`` writes in canonical form, and in no other."""
    try:
        text = data.decode("utf-8")
        value = _DECODER.decode(text)
        same = written(value) == data
    except (ValueError, RecursionError, MemoryError) as error:
        raise Bad(item, "not-json", brief(error)) from None
    if not same:
        raise Bad(item, "not-canonical")
    return value


def written(value: Any) -> bytes:
    """Return ``value`` in canonical form, if the names in its maps stand in their order."""
    return _ENCODER.encode(value).encode()


def ordered(value: Any) -> Any:
    """Return ``value`` with the names in its maps in the order of RFC 8785."""
    if isinstance(value, dict):
        return {name: ordered(value[name]) for name in sorted(value, key=_utf16)}
    if isinstance(value, list):
        return [ordered(part) for part in value]
    return value


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    names = list(members)
    # Letters of ASCII stand in the same order in UTF-16, which is where most names end.
    in_order = sorted(names) if "".join(names).isascii() else sorted(names, key=_utf16)
    if len(members) != len(pairs) or names != in_order:
        raise ValueError("names stand twice, or not in their order")
    return members


def _number(text: str) -> int:
    number = int(text) if len(text) <= _DIGITS else LARGEST_NUMBER + 1
    if abs(number) > LARGEST_NUMBER:
        raise ValueError(f"{text[:_DIGITS]}… is no number that can be kept")
    return number


def _refused(text: str) -> Any:
    raise ValueError(f"{text[:_DIGITS]} is no whole number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_int=_number,
    parse_float=_refused,
    parse_constant=_refused,
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
