"""Limits of a message in bytes: whole matters as long as they fit, then how many were left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

JOINT = "\n\n"


def fit(head: str, parts: Sequence[str], limit: int, left_out: Callable[[int], str]) -> str:
    """Return ``head`` and as many ``parts`` as ``limit`` bytes of UTF-8 hold.

    What does not fit is left out from the end, and the last line says how
    many there were, as ``left_out`` puts it. Where not even the first part
    fits, as much of it as does stands there, cut at a character.
    """
    whole = JOINT.join([head, *parts])
    if size(whole) <= limit:
        return whole
    for kept in range(len(parts) - 1, 0, -1):
        text = JOINT.join([head, *parts[:kept], left_out(len(parts) - kept)])
        if size(text) <= limit:
            return text
    note = left_out(len(parts)) if parts else ""
    if size(note) + size(JOINT) >= limit:
        return cut(note or head, limit)
    beginning = JOINT.join([head, *parts[:1]])
    return cut(beginning, limit - size(JOINT) - size(note)) + JOINT + note


def cut(text: str, limit: int) -> str:
    """Return as much of ``text`` as fits into ``limit`` bytes of UTF-8, cut at a character.

    >>> cut("督办", 5), cut("督办", 6), cut("督办", 2)
    ('督', '督办', '')
    """
    return text.encode()[: max(limit, 0)].decode(errors="ignore")


def size(text: str) -> int:
    """Return how many bytes ``text`` has in UTF-8."""
    return len(text.encode())
