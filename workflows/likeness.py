"""Which targets overlap: by what they are called, letter by letter (R-12)."""

from __future__ import annotations

ALIKE = 0.8
"""Share of common pairs of letters from which two names are nearly the same."""


def pairs(name: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters of a name, blanks and case left out."""
    letters = "".join(name.split()).casefold()
    return frozenset(letters[i : i + 2] for i in range(len(letters) - 1))


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two names are nearly the same.

    >>> alike(pairs("推进开发区标准化建设"), pairs("推进 开发区 标准化建设工作"))
    True
    >>> alike(pairs("推进开发区标准化建设"), pairs("国有资产保值增值"))
    False
    """
    return 2 * len(one & other) >= ALIKE * (len(one) + len(other)) > 0
