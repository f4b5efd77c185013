"""The hash tree of the log: published vectors, and a second opinion on drawn trees."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import merkle
from engine.merkle import Frontier, Hashing, HashMissing, Tree, frontier

SHA256 = Hashing()

# The vectors of certificate-transparency's own tests (RFC 6962).
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
INCLUSION = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (0, 1): (),
}
CONSISTENCY = {
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
    (8, 8): (),
}


def hexed(hashes: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(found.hex() for found in hashes)


def tree(entries: Sequence[bytes], hashing: Hashing = SHA256) -> Tree:
    return Tree(hashing, hashing.leaves(entries))


def second_opinion(entries: Sequence[bytes], algorithm: str = "sha256") -> Any:
    made = pymerkle.InmemoryTree(algorithm=algorithm)
    made.append_entries(entries)
    return made


def test_roots_are_those_that_were_published() -> None:
    assert hexed([tree(ENTRIES).root(size) for size in range(9)]) == ROOTS


@pytest.mark.parametrize(("of", "proof"), INCLUSION.items(), ids=str)
def test_proofs_of_inclusion_are_those_that_were_published(
    of: tuple[int, int], proof: tuple[str, ...]
) -> None:
    assert hexed(tree(ENTRIES).inclusion(*of)) == proof


@pytest.mark.parametrize(("of", "proof"), CONSISTENCY.items(), ids=str)
def test_proofs_of_consistency_are_those_that_were_published(
    of: tuple[int, int], proof: tuple[str, ...]
) -> None:
    assert hexed(tree(ENTRIES).consistency(*of)) == proof


def test_sm3_is_the_national_hash() -> None:
    known = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert hashlib.new("sm3", b"abc").hexdigest() == known
    sm3 = Hashing("sm3")
    assert sm3.leaf(b"abc") == hashlib.new("sm3", b"\0abc").digest()
    assert sm3.node(b"l", b"r") == hashlib.new("sm3", b"\1lr").digest()
    assert sm3.empty() == hashlib.new("sm3", b"").digest()
    assert sm3.leaves([b"abc"]) == [sm3.leaf(b"abc")]
    whole = tree(ENTRIES, sm3)
    leaf = sm3.leaf(ENTRIES[3])
    assert merkle.verify_inclusion(sm3, leaf, 3, 8, whole.inclusion(3), whole.root())
    assert not merkle.verify_inclusion(SHA256, leaf, 3, 8, whole.inclusion(3), whole.root())


def test_a_hash_that_this_platform_lacks_is_said() -> None:
    with pytest.raises(HashMissing, match="lacks it"):
        Hashing("sm4")


many = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


@given(many, st.data())
def test_a_tree_says_what_another_implementation_says(
    entries: list[bytes], data: st.DataObject
) -> None:
    ours, theirs = tree(entries), second_opinion(entries)
    size = data.draw(st.integers(1, len(entries)))
    index = data.draw(st.integers(0, size - 1))
    assert ours.root(size) == theirs.get_root(size)
    pymerkle.verify_inclusion(
        SHA256.leaf(entries[index]), ours.root(size), theirs.prove_inclusion(index + 1, size)
    )
    proof = theirs.prove_inclusion(index + 1, size).path
    assert ours.inclusion(index, size) == proof[1:]
    first = data.draw(st.integers(1, size))
    pymerkle.verify_consistency(
        ours.root(first), ours.root(size), theirs.prove_consistency(first, size)
    )


@given(many, st.data())
def test_proofs_lead_to_the_root_and_to_no_other(entries: list[bytes], data: st.DataObject) -> None:
    whole = tree(entries)
    size = data.draw(st.integers(1, len(entries)))
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))
    leaf, root, old = SHA256.leaf(entries[index]), whole.root(size), whole.root(first)
    other = data.draw(st.binary(min_size=32, max_size=32))

    included = whole.inclusion(index, size)

    def includes(proof: Sequence[bytes], *, leaf: bytes = leaf, root: bytes = root) -> bool:
        return merkle.verify_inclusion(SHA256, leaf, index, size, proof, root)

    consistent = whole.consistency(first, size)

    def follows(proof: Sequence[bytes], *, old: bytes = old, root: bytes = root) -> bool:
        return merkle.verify_consistency(SHA256, first, size, proof, old, root)

    assert includes(included)
    assert follows(consistent)
    assert not includes(included, leaf=other)
    assert not includes(included, root=other)
    assert not follows(consistent, old=other)
    assert not follows(consistent, root=other)
    proofs: list[tuple[list[bytes], Callable[[Sequence[bytes]], bool]]] = [
        (included, includes),
        (consistent, follows),
    ]
    for proof, holds in proofs:
        assert not holds([*proof, other])
        if proof:
            assert not holds(proof[:-1])
            at = data.draw(st.integers(0, len(proof) - 1))
            assert not holds([*proof[:at], other, *proof[at + 1 :]])


@given(many, st.data())
def test_a_tree_grows_from_its_frontier_alone(entries: list[bytes], data: st.DataObject) -> None:
    whole = tree(entries)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(entries)), max_size=4)))
    grown = Frontier()
    for begin, end in pairwise([0, *cuts, len(entries)]):
        grown = grown.extended(SHA256, SHA256.leaves(entries[begin:end]))
        assert grown == frontier(whole, end)
        assert grown.root(SHA256) == whole.root(end)
        assert len(grown.peaks) == end.bit_count()


@pytest.mark.parametrize(("index", "size"), [(-1, 8), (8, 8), (0, 0)])
def test_what_is_not_in_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        tree(ENTRIES).inclusion(index, size)
    assert not merkle.verify_inclusion(SHA256, b"", index, size, [], b"")


@pytest.mark.parametrize(("first", "second"), [(0, 8), (9, 8), (-1, 8)])
def test_what_does_not_begin_a_tree_has_no_proof(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="does not begin"):
        tree(ENTRIES).consistency(first, second)
    assert not merkle.verify_consistency(SHA256, first, second, [], b"", b"")
