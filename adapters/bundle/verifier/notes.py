"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), read strictly."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple

from adapters.bundle.verifier.ed25519 import signed
from adapters.bundle.verifier.tree import LARGEST_LOG
from adapters.bundle.verifier.trouble import Bad, brief

MOST_SIGNATURES = 16
"""On one checkpoint: checking one takes milliseconds, and nobody may make us check a million."""

_DASH = "\u2014 "


class PublicKey(NamedTuple):
    """A key that signs checkpoints, as ``NAME+ID+KEY`` writes it."""

    name: str
    id: bytes
    public: bytes


class Seen(NamedTuple):
    """A checkpoint of a note, and the names and ids of those who signed it."""

    origin: str
    size: int
    root: bytes
    hashing: str
    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]


def key_of(text: str, item: str) -> PublicKey:
    """Return the key that ``text`` writes."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = _bytes(encoded)
    hashed = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if len(raw) != 33 or raw[0] != 1 or hashed.hex() != key_id:  # noqa: PLR2004 - a type and 32 bytes
        raise Bad(item, "not-a-key", brief(text))
    return PublicKey(name, hashed, raw[1:])


def note_of(text: str, item: str) -> Seen:
    """Return the checkpoint that a note holds."""
    body, gap, lines = text.rpartition("\n\n")
    if not gap or (lines and not lines.endswith("\n")):
        raise Bad(item, "not-a-note")
    first = (body + "\n").split("\n")[:-1]
    if len(first) < 3 or not all(first):  # noqa: PLR2004 - whose log, its size, its root
        raise Bad(item, "not-a-note")
    size, root = first[1], _bytes(first[2])
    if not (size.isascii() and size.isdigit()) or len(size) > len(str(LARGEST_LOG)) or not root:
        raise Bad(item, "not-a-note", brief(size))
    if str(int(size)) != size or int(size) > LARGEST_LOG:
        raise Bad(item, "not-a-note", brief(size))
    hashing = [line[len("hash ") :] for line in first[3:] if line.startswith("hash ")]
    return Seen(
        origin=first[0],
        size=int(size),
        root=root,
        hashing=hashing[0] if hashing else "sha256",
        text=body + "\n",
        signatures=tuple(_signatures(lines, item)),
    )


def _signatures(lines: str, item: str) -> list[tuple[str, bytes, bytes]]:
    found = []
    if lines.count("\n") > MOST_SIGNATURES:
        raise Bad(item, "too-many")
    for line in lines.split("\n")[:-1]:
        name, space, encoded = line[len(_DASH) :].partition(" ")
        raw = _bytes(encoded)
        if not line.startswith(_DASH) or not space or len(raw) <= 4:  # noqa: PLR2004 - the key's id
            raise Bad(item, "not-a-note", brief(line))
        found.append((name, raw[:4], raw[4:]))
    return found


def signers(note: Seen, keys: dict[tuple[str, bytes], PublicKey], item: str) -> list[PublicKey]:
    """Return which of ``keys`` signed the note; a signature that is named for one must be its."""
    good = []
    for name, key_id, signature in note.signatures:
        key = keys.get((name, key_id))
        if key is None:
            continue
        if not signed(key.public, note.text.encode(), signature):
            raise Bad(item, "bad-signature", brief(name))
        good.append(key)
    return good


def _bytes(text: str) -> bytes:
    """Return what ``text`` encodes in Base64, exactly as that is written; else nothing."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""
