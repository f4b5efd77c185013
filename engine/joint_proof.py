"""One proof for many leaves: the hashes of the largest subtrees in which none of them stands.

From left to right, and nothing else: whoever knows the size and which leaves
are known finds the place of each. For one leaf it is the inclusion proof of
RFC 9162, in another order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence

from engine.merkle import Hash, Hashing, Nodes


def joint_proof(hashing: Hashing, nodes: Nodes, indexes: Collection[int], size: int) -> list[Hash]:
    """Return the proof that the leaves at ``indexes`` are among the first ``size``.

    Raises:
        ValueError: there are no such leaves.

    """
    known = sorted(set(indexes))
    if not known or known[0] < 0 or known[-1] >= size:
        raise ValueError(f"no such leaves in a tree of {size}")
    return list(_rest(hashing, nodes, 0, size, known))


def _rest(
    hashing: Hashing, nodes: Nodes, begin: int, end: int, known: Sequence[int]
) -> Iterator[Hash]:
    first, last = bisect_left(known, begin), bisect_left(known, end)
    if first == last:
        yield subtree(hashing, nodes, begin, end)
    elif last - first < end - begin:
        middle = begin + half(end - begin)
        yield from _rest(hashing, nodes, begin, middle, known)
        yield from _rest(hashing, nodes, middle, end, known)


def subtree(hashing: Hashing, nodes: Nodes, begin: int, end: int) -> Hash:
    """Return the hash over the leaves from ``begin``, where a subtree begins, up to ``end``."""
    count = end - begin
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return nodes(level, begin >> level)
    middle = begin + half(count)
    left = subtree(hashing, nodes, begin, middle)
    return hashing.node(left, subtree(hashing, nodes, middle, end))


def half(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1
