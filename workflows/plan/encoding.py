"""The encoding of a plan file: UTF-8, or a good guess at what it is instead."""

from __future__ import annotations

import codecs

from engine.errors import N_

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)

_ZEROS_OF_UTF16 = 0.2
"""Share of zero bytes at even or at odd places from which bytes look like UTF-16."""

_FEWEST_ZEROS = 4


def decoded(data: bytes) -> tuple[str | None, str]:
    """Return the text of ``data`` and "UTF-8", or None and what it seems to be.

    >>> decoded("督办".encode("gb18030"))
    (None, 'GB18030')
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return None, name
    if _looks_like_utf16(data):
        return None, "UTF-16"
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return None, N_("neither UTF-8 nor any Chinese encoding")
    return None, "GB18030"


def _looks_like_utf16(data: bytes) -> bool:
    even, odd = data[::2].count(0), data[1::2].count(0)
    enough = max(_FEWEST_ZEROS, len(data) / 2 * _ZEROS_OF_UTF16)
    return min(even, odd) == 0 and max(even, odd) >= enough
