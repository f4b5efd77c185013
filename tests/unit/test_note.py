"""Signed notes and checkpoints: published ones, and every way in which text is none."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from engine.note import BadNote, Checkpoint, Note, Signature, VerifierKey

# The example of golang.org/x/mod/sumdb/note, whose keys are published with it.
KNOWN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNED = (
    f"{TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
    "qdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of the checkpoint format's own page.
CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q"
    "1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


@dataclass(frozen=True, slots=True)
class Peter:
    """Signs with the published key."""

    name: str = "PeterNeumann"
    seed: bytes = SEED

    @property
    def key(self) -> VerifierKey:
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return VerifierKey(self.name, private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


def verifies(key: VerifierKey, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_a_note_is_signed_byte_for_byte_as_published() -> None:
    assert str(Note(TEXT).signed_by([Peter()])) == SIGNED
    assert str(Peter().key) == KNOWN


def test_a_note_that_was_published_is_read_and_holds() -> None:
    note = Note.parse(SIGNED)
    key = VerifierKey.parse(KNOWN)
    assert note.text == TEXT
    assert str(note) == SIGNED
    assert note.checked([key], verifies) == ([key], [])


def test_the_example_key_of_the_format_is_read() -> None:
    text = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    assert str(VerifierKey.parse(text)) == text


def test_a_changed_text_or_signature_is_found_and_a_stranger_s_is_passed_over() -> None:
    key = VerifierKey.parse(KNOWN)
    stranger = Peter("stranger", bytes(32))
    note = Note.parse(SIGNED)
    assert replace(note, text=TEXT.upper()).checked([key], verifies) == ([], [key])
    two = note.signed_by([stranger])
    assert two.checked([key], verifies) == ([key], [])
    assert two.checked([key, stranger.key], verifies) == ([key, stranger.key], [])
    assert note.checked([stranger.key], verifies) == ([], [])
    same_name = VerifierKey("PeterNeumann", bytes(32))
    assert note.checked([same_name], verifies) == ([], [])


def test_a_checkpoint_of_another_log_is_read() -> None:
    found = Checkpoint.parse(Note.parse(CHECKPOINT).text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.root.hex().startswith("0ac5186a91863e8e")
    assert (found.after, found.sealed_at, found.hashing) == (None, None, "sha256")
    assert str(Note.parse(CHECKPOINT)) == CHECKPOINT


@given(
    st.builds(
        Checkpoint,
        origin=st.just("duban/1"),
        size=st.integers(0, 2**63 - 1),
        root=st.binary(min_size=32, max_size=32),
        after=st.none() | st.integers(0, 2**63 - 1),
        sealed_at=st.none() | st.datetimes(timezones=st.just(UTC)),
        hashing=st.sampled_from(["sha256", "sm3"]),
        others=st.just(()) | st.just(("other line",)),
    )
)
def test_a_checkpoint_comes_back_as_it_was_written(checkpoint: Checkpoint) -> None:
    note = Note(checkpoint.text).signed_by([Peter()])
    assert Checkpoint.parse(Note.parse(str(note)).text) == checkpoint


def test_the_text_of_a_checkpoint_is_fixed_forever() -> None:
    checkpoint = Checkpoint(
        origin="duban/1",
        size=12,
        root=bytes(32),
        after=7,
        sealed_at=datetime(2024, 7, 10, 16, tzinfo=UTC),
        hashing="sm3",
    )
    assert checkpoint.text == (
        "duban/1\n12\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        "hash sm3\nafter 7\nsealed 2024-07-10T16:00:00.000000Z\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no empty line\n",
        "\n\n",
        "text\n\n- PeterNeumann x08g\n",
        "text\n\n— Peter Neumann x08go/ZJkuA=\n",
        "text\n\n— PeterNeumann\n",
        "text\n\n— PeterNeumann x08go\n",
        "text\n\n— PeterNeumann x08g\n",
        "text\n\n— Peter+Neumann x08go/ZJkuA=\n",
        "text\n\n— PeterNeumann x08go/ZJkuA=",
        "te\rxt\n\n— PeterNeumann x08go/ZJkuA=\n",
        "te\0xt\n\n— PeterNeumann x08go/ZJkuA=\n",
        "x" * 1_000_001,
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Note.parse(text)


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "text",
    [
        "a\n1\n",
        f"a\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"a\n01\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n１\n{ROOT}\n",
        f"a\n{10**30}\n{ROOT}\n",
        f"a\n{2**63}\n{ROOT}\n",
        f"a\n1\n{ROOT[:-1]}\n",
        f"a\n1\n{ROOT[:-2]}J=\n",
        f"a\n1\n{ROOT}\nsealed yesterday\n",
        f"a\n1\n{ROOT}\nsealed 2024-07-10\n",
        f"a\n1\n{ROOT}\nafter x\n",
        f"a\n1\n{ROOT}\nhash md5\n",
        f"a\n1\n{ROOT}\n\nb\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


@given(st.text())
def test_any_text_is_a_note_or_refused(text: str) -> None:
    try:
        note = Note.parse(text)
        assert str(note) == text
        Checkpoint.parse(note.text)
    except BadNote:
        pass


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        KNOWN[:-1],
        KNOWN.replace("c74f20a3", "c74f20a4"),
        KNOWN.replace("PeterNeumann", "Peter Neumann"),
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AQ==",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.parse(text)


def test_a_signature_line_is_its_bytes() -> None:
    assert str(Signature("a", b"\0\0\0\1", b"\2")) == "— a AAAAAQI="
