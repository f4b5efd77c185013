"""The hash tree of RFC 9162, from a verifier's side: one root from many leaves, and consistency."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from adapters.bundle.verifier.sm3 import sm3
from adapters.bundle.verifier.trouble import Bad

LARGEST_LOG = 2**62

Digest = Callable[[bytes], bytes]


def digest_named(name: str) -> Digest:
    """Return the hash function of that name; SM3 in plain Python where the system has none."""
    if name == "sha256":
        return lambda data: hashlib.sha256(data).digest()
    if name == "sm3":
        try:
            hashlib.new("sm3")
        except ValueError:
            return sm3
        return lambda data: hashlib.new("sm3", data).digest()
    raise Bad("log.json", "unknown-hash", name)


def root_from(digest: Digest, size: int, leaves: dict[int, bytes], rest: Sequence[bytes]) -> bytes:
    """Return the root over ``size`` leaves of which some are known.

    ``rest`` are the hashes of the largest subtrees without a known leaf, from
    left to right: with them every known leaf is proven at once.
    """
    if not leaves or size < 1:
        raise Bad("log.json", "proof-empty")
    known = sorted(leaves)
    if known[0] < 0 or known[-1] >= size:
        raise Bad("log.json", "leaf-beyond", str(known[-1]))
    others = iter(rest)
    found = _subtree(digest, 0, size, known, 0, len(known), leaves, others)
    if next(others, None) is not None:
        raise Bad("log.json", "proof-length")
    return found


def _subtree(  # noqa: PLR0917 - one step of a recursion that carries its whole state
    digest: Digest,
    begin: int,
    end: int,
    known: list[int],
    first: int,
    last: int,
    leaves: dict[int, bytes],
    others: Iterator[bytes],
) -> bytes:
    """Return the hash over the leaves from ``begin`` to ``end``, of which known[first:last]."""
    if first == last:
        found = next(others, None)
        if found is None:
            raise Bad("log.json", "proof-length")
        return found
    if end - begin == 1:
        return leaves[begin]
    middle = begin + (1 << (end - begin - 1).bit_length() - 1)
    split = _place(known, middle, first, last)
    left = _subtree(digest, begin, middle, known, first, split, leaves, others)
    right = _subtree(digest, middle, end, known, split, last, leaves, others)
    return digest(b"\1" + left + right)


def _place(known: list[int], middle: int, first: int, last: int) -> int:
    while first < last:
        half = (first + last) // 2
        if known[half] < middle:
            first = half + 1
        else:
            last = half
    return first


def consistent(
    digest: Digest,
    first: int,
    second: int,
    proof: Sequence[bytes],
    first_root: bytes,
    second_root: bytes,
) -> bool:
    """Return whether the tree of size ``first`` begins that of size ``second``."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = digest(b"\1" + sibling + old), digest(b"\1" + sibling + new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = digest(b"\1" + new + sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
