"""The verifier's own cryptography and reading, against the standards and against our engine."""

from __future__ import annotations

import hashlib
import json
import random

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from adapters.bundle.verifier import tree
from adapters.bundle.verifier.canon import LARGEST_NUMBER, ordered, parsed, written
from adapters.bundle.verifier.ed25519 import signed
from adapters.bundle.verifier.notes import key_of, note_of, signers
from adapters.bundle.verifier.sm3 import sm3
from adapters.bundle.verifier.tree import consistent, digest_named, root_from
from adapters.bundle.verifier.trouble import Bad
from engine.joint_proof import joint_proof
from engine.merkle import HASHINGS, Hashing, Tree, inclusion_proof
from engine.note import Checkpoint, Note
from tests.contract.signing import Pen

RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
            "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
            "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
            "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_the_signatures_of_rfc_8032_are_good_and_no_others(
    key: str, message: str, signature: str
) -> None:
    public, text, made = (bytes.fromhex(part) for part in (key, message, signature))
    assert signed(public, text, made)
    assert not signed(public, text + b"x", made)
    for place in (0, 31, 32, 63):
        changed = bytearray(made)
        changed[place] ^= 1
        assert not signed(public, text, bytes(changed))
    assert not signed(public, text, made[:63])
    assert not signed(public[:31], text, made)


def test_signatures_agree_with_those_of_a_library() -> None:
    chance = random.Random(7)
    for _ in range(20):
        private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        message = chance.randbytes(chance.randrange(200))
        made, public = private.sign(message), private.public_key().public_bytes_raw()
        assert signed(public, message, made)
        assert not signed(chance.randbytes(32), message, made)


def test_a_scalar_beyond_the_order_is_no_signature() -> None:
    public, text, made = (bytes.fromhex(part) for part in RFC_8032[1])
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(made[32:], "little") + order
    assert not signed(public, text, made[:32] + scalar.to_bytes(32, "little"))


def test_sm3_has_the_digests_of_the_standard() -> None:
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="this OpenSSL has no SM3")
@given(st.binary(max_size=300))
def test_sm3_agrees_with_openssl(data: bytes) -> None:
    assert sm3(data) == hashlib.new("sm3", data).digest()


def test_sm3_is_computed_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, _data: bytes = b"") -> None:
        raise ValueError(name)

    monkeypatch.setattr(tree.hashlib, "new", missing)  # type: ignore[attr-defined]  # its own import
    assert digest_named("sm3")(b"abc") == sm3(b"abc")
    with pytest.raises(Bad, match="unknown-hash"):
        digest_named("md5")


@given(
    size=st.integers(1, 70),
    chosen=st.sets(st.integers(0, 69), min_size=1),
    hashing=st.sampled_from([h for h in HASHINGS if h in hashlib.algorithms_available]),
)
def test_one_proof_leads_from_many_leaves_to_the_root(
    size: int, chosen: set[int], hashing: str
) -> None:
    made = Hashing(hashing)
    whole = Tree(made, [made.leaf(str(n).encode()) for n in range(size)])
    known = sorted({index % size for index in chosen})
    proof = joint_proof(made, whole, known, size)
    digest = digest_named(hashing)
    leaves = {index: whole(0, index) for index in known}
    assert root_from(digest, size, leaves, proof) == whole.root()
    if len(known) == 1:
        assert sorted(proof) == sorted(inclusion_proof(made, whole, known[0], size))
    wrong = dict(leaves) | {known[0]: bytes(32)}
    assert root_from(digest, size, wrong, proof) != whole.root()
    for other in (proof[1:], [*proof, bytes(32)]) if proof else ([bytes(32)],):
        with pytest.raises(Bad, match="proof-length"):
            root_from(digest, size, leaves, other)


@given(size=st.integers(1, 70), first=st.integers(1, 70))
def test_consistency_is_that_of_the_engine(size: int, first: int) -> None:
    first = (first - 1) % size + 1
    made = Hashing()
    whole = Tree(made, [made.leaf(str(n).encode()) for n in range(size)])
    proof, digest = whole.consistency(first), digest_named("sha256")
    assert consistent(digest, first, size, proof, whole.root(first), whole.root())
    assert not consistent(digest, first, size, [*proof, bytes(32)], whole.root(first), whole.root())
    assert not consistent(digest, first, size, proof, bytes(32), whole.root())


@pytest.mark.parametrize(
    ("indexes", "size"), [([], 3), ([3], 3), ([-1], 3), ([0], 0)], ids=["none", "far", "neg", "0"]
)
def test_what_is_not_in_the_log_cannot_be_proven(indexes: list[int], size: int) -> None:
    made = Hashing()
    whole = Tree(made, [made.leaf(b"x")] * max(size, 1))
    with pytest.raises(ValueError, match="no such leaves"):
        joint_proof(made, whole, indexes, size)
    with pytest.raises(Bad):
        root_from(digest_named("sha256"), size, dict.fromkeys(indexes, bytes(32)), [])


json_values: st.SearchStrategy[object] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_NUMBER, LARGEST_NUMBER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


@given(json_values)
def test_the_canonical_form_is_that_of_the_engine(value: object) -> None:
    data = rfc8785.dumps(value)  # type: ignore[arg-type]  # anything that JSON has
    assert parsed(data, "x") == value
    assert written(ordered(value)) == data


@pytest.mark.parametrize(
    "text",
    [
        '{"b":1,"a":2}',
        '{"a":1,"a":1}',
        '{"a": 1}',
        "1.0",
        "1e3",
        "-0",
        "NaN",
        "Infinity",
        "9007199254740992",
        "1" * 10_000,
        "[" * 200_000,
        '"\\u0041"',
        '"\\ud800"',
        '"\\/"',
        "\ufeff1",
        "1 ",
        "",
        "nul",
    ],
    ids=lambda text: text[:12] or "empty",
)
def test_no_other_form_is_taken(text: str) -> None:
    with pytest.raises(Bad):
        parsed(text.encode(), "x")


@pytest.mark.parametrize("data", [b"\xff", b'"\x00"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b"\0"])
def test_what_is_no_text_is_not_taken(data: bytes) -> None:
    with pytest.raises(Bad):
        parsed(data, "x")


def test_a_note_of_ours_is_read_as_it_was_signed() -> None:
    pen, other = Pen(), Pen("duban/other", "2")
    checkpoint = Checkpoint(origin="duban/test", size=7, root=bytes(range(32)), hashing="sm3")
    note = note_of(str(Note(checkpoint.text).signed_by([pen, other])), "x")
    assert (note.origin, note.size, note.root) == ("duban/test", 7, bytes(range(32)))
    assert note.hashing == "sm3"
    key = key_of(str(pen.key), "x")
    keys = {(key.name, key.id): key}
    assert signers(note, keys, "x") == [key]
    assert signers(note, {}, "x") == []
    with pytest.raises(Bad, match="bad-signature"):
        signers(note._replace(text=note.text.replace("7", "8")), keys, "x")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\nAAAA\n",
        "a\n01\nAAAA\n\n",
        "a\n-1\nAAAA\n\n",
        "a\n1\n\n\n",
        "a\n1\n!!\n\n",
        "a\n1\nAAAA\n\nx",
        "a\n1\nAAAA\n\n— k\n",
        "a\n1\nAAAA\n\n— k AAA\n",
        "a\n\n1\n",
        f"a\n{'9' * 5000}\nAAAA\n\n",
        "a\n²\nAAAA\n\n",
    ],
)
def test_what_is_no_note_is_not_taken(text: str) -> None:
    with pytest.raises(Bad, match="not-a-note"):
        note_of(text, "x")


def test_nobody_makes_us_check_a_million_signatures() -> None:
    pen = Pen()
    checkpoint = Checkpoint(origin="duban/test", size=7, root=bytes(32))
    with pytest.raises(Bad, match="too-many"):
        note_of(str(Note(checkpoint.text).signed_by([pen] * 17)), "x")


@pytest.mark.parametrize("text", ["", "a", "a+b", "a+00000000+AAAA", f"{Pen().key}x"])
def test_what_is_no_key_is_not_taken(text: str) -> None:
    with pytest.raises(Bad, match="not-a-key"):
        key_of(text, "x")


def test_the_words_of_the_verifier_are_said_in_both_languages() -> None:
    import re  # noqa: PLC0415 - only here
    from pathlib import Path  # noqa: PLC0415 - only here

    from adapters.bundle import verifier  # noqa: PLC0415 - only here
    from adapters.bundle.verifier.sentences import SENTENCES, TRANSLATED  # noqa: PLC0415

    source = "".join(p.read_text("utf-8") for p in Path(verifier.__file__).parent.glob("*.py"))
    used = set(re.findall(r'Bad\(\s*[^()]*?(?:\([^()]*\)[^()]*?)*?, "([a-z-]+)"', source))
    assert used, "the pattern finds nothing"
    assert used == set(SENTENCES), used ^ set(SENTENCES)
    assert all(en and zh and en != zh for en, zh in SENTENCES.values())
    assert json.dumps(TRANSLATED)


def test_no_two_parts_of_the_verifier_use_one_name_for_two_things() -> None:
    """They become one file, in which the later would take the place of the earlier."""
    import ast  # noqa: PLC0415 - only here
    from collections import Counter  # noqa: PLC0415 - only here
    from pathlib import Path  # noqa: PLC0415 - only here

    from adapters.bundle import verifier  # noqa: PLC0415 - only here
    from adapters.bundle.program import PARTS  # noqa: PLC0415 - only here

    folder = Path(verifier.__file__).parent
    assert {f"{part}.py" for part in PARTS} == {
        path.name for path in folder.glob("*.py") if path.name != "__init__.py"
    }
    names: Counter[str] = Counter()
    for part in PARTS:
        for node in ast.parse((folder / f"{part}.py").read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names[node.name] += 1
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                names.update(n.id for n in ast.walk(node) if _is_set(n) and isinstance(n, ast.Name))
    del names["__all__"]
    assert [name for name, count in names.items() if count > 1] == []


def _is_set(node: object) -> bool:
    import ast  # noqa: PLC0415 - only here

    return isinstance(getattr(node, "ctx", None), ast.Store)
