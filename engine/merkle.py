"""The hash tree of the log, as RFC 9162 (and RFC 6962) defines it: roots and proofs.

A leaf is hashed behind 0x00, two nodes behind 0x01, so that neither passes for
the other. Everything here is told hashes of leaves, never what they stand for:
`leaf` makes such a hash of an entry's bytes.

Who holds all leaves asks `Tree`; who seals asks `Frontier`, which grows a tree
knowing only the peaks of what is there (as many hashes as the size has bits).
The functions that make roots and proofs take any `Nodes`: a source of the
hashes of whole subtrees, such as a `Tree` or a table that keeps some of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from engine.errors import N_, EngineError

Hash: TypeAlias = bytes
"""A digest of 32 bytes."""

SHA256 = "sha256"
SM3 = "sm3"

HASHINGS = (SHA256, SM3)
"""The names of the hash functions that a log may use."""

STRIDE = 8
"""Nodes at every so many levels are worth keeping: one in 256, the others a few hashes away."""


class HashMissing(EngineError):
    """The hash function is not to be had here."""

    code = "hash-missing"
    template = N_(
        "The hash {name} cannot be computed here: this Python's OpenSSL lacks it. "
        "Use a Python whose OpenSSL has it (python3 -c \"import hashlib; hashlib.new('{name}')\"); "
        "a log keeps the hash with which it began."
    )


class Hashing:
    """A hash function, as the log uses it."""

    def __init__(self, name: str = SHA256) -> None:
        """Use the hash function ``name``, one of `HASHINGS`.

        Raises:
            HashMissing: this platform does not have it.

        """
        self.name = name
        try:
            hashlib.new(name)
        except ValueError:
            raise HashMissing(name=name) from None
        # The constructor of its own is twice as fast as asking by name.
        made: Callable[[bytes], Any] | None = getattr(hashlib, name, None)
        self._digest = made or (lambda data: hashlib.new(name, data))

    def leaf(self, entry: bytes) -> Hash:
        """Return the hash of a leaf that stands for ``entry``."""
        digest: Hash = self._digest(b"\0" + entry).digest()
        return digest

    def leaves(self, entries: Iterable[bytes]) -> list[Hash]:
        """Return the hashes of many leaves."""
        make = self._digest
        return [make(b"\0" + entry).digest() for entry in entries]

    def node(self, left: Hash, right: Hash) -> Hash:
        """Return the hash of the node above two others."""
        digest: Hash = self._digest(b"\1" + left + right).digest()
        return digest

    def nodes(self, below: Sequence[Hash]) -> list[Hash]:
        """Return the hashes above many nodes, two by two; an odd last one is left out."""
        make = self._digest
        pairs = zip(below[::2], below[1::2], strict=False)
        return [make(b"\1" + left + right).digest() for left, right in pairs]

    def empty(self) -> Hash:
        """Return the root of a tree without leaves."""
        digest: Hash = self._digest(b"").digest()
        return digest


class Nodes(Protocol):
    """A source of hashes of whole subtrees."""

    def __call__(self, level: int, index: int) -> Hash:
        """Return the hash of the subtree over the leaves from ``index << level``, 2**level many."""
        ...


class Tree:
    """All leaves of a log, with the nodes above them: a `Nodes` for those in memory."""

    def __init__(self, hashing: Hashing, leaves: Sequence[Hash]) -> None:
        """Hash everything above ``leaves`` that is whole."""
        self.hashing = hashing
        self._levels = [leaves]
        while len(self._levels[-1]) > 1:
            self._levels.append(hashing.nodes(self._levels[-1]))

    @property
    def size(self) -> int:
        """Return how many leaves there are."""
        return len(self._levels[0])

    def __call__(self, level: int, index: int) -> Hash:
        """Return the hash of a whole subtree."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> Hash:
        """Return the root over the first ``size`` leaves, or over all."""
        return root(self.hashing, self, self.size if size is None else size)

    def inclusion(self, index: int, size: int | None = None) -> list[Hash]:
        """Return the proof that leaf ``index`` is among the first ``size``, or among all."""
        return inclusion_proof(self.hashing, self, index, self.size if size is None else size)

    def consistency(self, first: int, second: int | None = None) -> list[Hash]:
        """Return the proof that the tree of size ``first`` begins that of size ``second``."""
        return consistency_proof(self.hashing, self, first, self.size if second is None else second)


@dataclass(frozen=True, slots=True)
class Frontier:
    """How far a tree has grown: the least that is needed to go on with it."""

    size: int = 0
    peaks: tuple[Hash, ...] = ()
    """The hashes of the whole subtrees that cover it, the largest first."""

    def extended(
        self,
        hashing: Hashing,
        leaves: Iterable[Hash],
        kept: Callable[[int, int, Hash], object] | None = None,
    ) -> Frontier:
        """Return the frontier with ``leaves`` behind those that are there.

        ``kept`` is told level, index and hash of every node that became whole
        at a multiple of `STRIDE` levels: who keeps these finds any other node
        by hashing few.
        """
        size, peaks = self.size, list(self.peaks)
        node = hashing.node
        for leaf in leaves:
            peak, taken, level = leaf, size, 0
            while taken & 1:
                peak = node(peaks.pop(), peak)
                taken >>= 1
                level += 1
                if kept and not level % STRIDE:
                    kept(level, size >> level, peak)
            peaks.append(peak)
            size += 1
        return Frontier(size, tuple(peaks))

    def root(self, hashing: Hashing) -> Hash:
        """Return the root of the tree."""
        if not self.peaks:
            return hashing.empty()
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = hashing.node(peak, found)
        return found


def frontier(nodes: Nodes, size: int) -> Frontier:
    """Return the frontier of the first ``size`` leaves, to go on from there."""
    return Frontier(size, tuple(nodes(level, index) for level, index in _cover(0, size)))


def grown(hashing: Hashing, below: Sequence[Hash]) -> Hash:
    """Return the hash over nodes of one level, as many as a power of two."""
    while len(below) > 1:
        below = hashing.nodes(below)
    return below[0]


def root(hashing: Hashing, nodes: Nodes, size: int) -> Hash:
    """Return the root over the first ``size`` leaves."""
    return frontier(nodes, size).root(hashing)


def inclusion_proof(hashing: Hashing, nodes: Nodes, index: int, size: int) -> list[Hash]:
    """Return the proof that leaf ``index`` is among the first ``size`` (RFC 9162, 2.1.3.1).

    Raises:
        ValueError: there is no such leaf.

    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    proof = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _half(end - begin)
        if index < middle:
            proof.append(_hash_of(hashing, nodes, middle, end))
            end = middle
        else:
            proof.append(_hash_of(hashing, nodes, begin, middle))
            begin = middle
    return proof[::-1]


def verify_inclusion(
    hashing: Hashing, leaf: Hash, index: int, size: int, proof: Sequence[Hash], expected: Hash
) -> bool:
    """Return whether ``proof`` leads from a leaf to the root ``expected`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = hashing.node(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = hashing.node(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and found == expected


def consistency_proof(hashing: Hashing, nodes: Nodes, first: int, second: int) -> list[Hash]:
    """Return the proof that the tree of size ``first`` begins that of ``second`` (2.1.4.1).

    Raises:
        ValueError: ``first`` is not between 1 and ``second``.

    """
    if not 0 < first <= second:
        raise ValueError(f"a tree of {first} does not begin one of {second}")
    proof: list[Hash] = []
    begin, end, whole = 0, second, True
    while first != end:
        middle = begin + _half(end - begin)
        if first <= middle:
            proof.append(_hash_of(hashing, nodes, middle, end))
            end = middle
        else:
            proof.append(_hash_of(hashing, nodes, begin, middle))
            begin, whole = middle, False
    if not whole:
        proof.append(_hash_of(hashing, nodes, begin, end))
    return proof[::-1]


def verify_consistency(
    hashing: Hashing,
    first: int,
    second: int,
    proof: Sequence[Hash],
    first_root: Hash,
    second_root: Hash,
) -> bool:
    """Return whether ``proof`` shows that one tree begins the other (RFC 9162, 2.1.4.2)."""
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
            old, new = hashing.node(sibling, old), hashing.node(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = hashing.node(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _half(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _cover(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield level and index of the whole subtrees that cover the leaves from ``begin``.

    ``begin`` is a place at which a subtree of the tree begins, so the subtrees
    only grow smaller.
    """
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield level, begin >> level
        begin += 1 << level


def _hash_of(hashing: Hashing, nodes: Nodes, begin: int, end: int) -> Hash:
    """Return the hash of the subtree over the leaves from ``begin`` up to ``end``."""
    peaks = tuple(nodes(level, index) for level, index in _cover(begin, end))
    return Frontier(end - begin, peaks).root(hashing)
