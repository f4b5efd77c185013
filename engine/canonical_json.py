"""The canonical form of JSON (RFC 8785) of what is stored as JSON text, quickly.

The standard library's encoder is written in C and says the same wherever there
are no floats, no whole numbers of more than fifteen digits and no characters
outside the basic plane; for anything else the general encoder is asked. A
property test holds both together.
"""

from __future__ import annotations

import json
from typing import Any

import rfc8785

LONGEST_NUMBER = 15
"""Digits, a sign among them, of numbers that both encoders write alike."""


class _OtherwiseWrittenError(ValueError):
    """Something that the two encoders do not write alike."""


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _OtherwiseWrittenError
    return int(digits)


def _refuse(_: str) -> Any:
    raise _OtherwiseWrittenError


_scan = json.JSONDecoder(parse_float=_refuse, parse_int=_whole, parse_constant=_refuse).raw_decode
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical_text(text: str) -> str:
    """Return JSON text in its canonical form.

    Raises:
        ValueError: it is no JSON, or cannot be written canonically.

    """
    found = plain(text)
    return canonical(json.loads(text)) if found is None else _encode(found)


def plain(text: str) -> Any:
    """Return what JSON text says where `plainly` may write it again, else nothing."""
    if "\\ud" in text or "\\uD" in text:  # half of a character outside the basic plane
        return None
    if not text.isascii() and len(text.encode("utf-16-le")) != 2 * len(text):
        return None
    try:
        found, end = _scan(text)
    except ValueError:
        return None
    return found if end == len(text) else None


def plainly(value: Any) -> str:
    """Return the canonical form of what `plain` has returned, its text replaced by ASCII or not."""
    return _encode(value)


def canonical(value: Any) -> str:
    """Return the canonical form of any JSON value."""
    return rfc8785.dumps(value).decode()
