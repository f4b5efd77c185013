"""Checkpoints as signed notes: C2SP `signed-note` and `tlog-checkpoint`, byte for byte.

A note is a text, an empty line, and lines of signatures, each by a key with a
name. A checkpoint is such a text: whose log, how large, which root; further
lines say when it was sealed, which checkpoint it follows, and which hash it
uses where that is not SHA-256. Whoever signs and whoever checks a signature
stands outside: the engine only knows the bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from engine.errors import N_, EngineError
from engine.facts import to_moment, to_text
from engine.merkle import HASHINGS, SHA256

ED25519 = 1
"""The signature type of Ed25519 keys."""

LONGEST_NOTE = 1_000_000
"""Bytes beyond which nothing is taken for a note."""

LARGEST_SIZE = 2**63 - 1

_DASH = "— "
_KEY_BYTES = 32
_ID_BYTES = 4
_SEALED, _AFTER, _HASH = "sealed ", "after ", "hash "


class BadNote(EngineError):
    """Something is no signed note, no checkpoint, or no key."""

    code = "bad-note"
    template = N_("This is no checkpoint that can be read: {problem}.")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key, with the name that its signatures bear."""

    name: str
    public: bytes
    """The 32 bytes of an Ed25519 key."""

    def __post_init__(self) -> None:
        """Refuse a name that no signature line could bear.

        Raises:
            BadNote: it is empty, or has a space or a plus; or the key is no key.

        """
        if not _is_name(self.name):
            raise BadNote(problem=N_("the name of a key has no spaces and no plus"))
        if len(self.public) != _KEY_BYTES:
            raise BadNote(problem=N_("an Ed25519 key has 32 bytes"))

    @property
    def id(self) -> bytes:
        """Return the four bytes by which signatures name the key."""
        hashed = self.name.encode() + b"\n" + bytes([ED25519]) + self.public
        return hashlib.sha256(hashed).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        """Return the key as people hand it on: name, id and key, with plus signs between.

        >>> str(VerifierKey("example.com/log", bytes(32)))
        'example.com/log+a3ad76db+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
        """
        key = base64.b64encode(bytes([ED25519]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Return the key that ``str`` wrote.

        Raises:
            BadNote: it is no such key, or its id is another's.

        """
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        decoded = _decoded(encoded)
        if decoded is None or decoded[:1] != bytes([ED25519]):
            raise BadNote(problem=N_("it is no Ed25519 key of the form NAME+ID+KEY"))
        key = cls(name, decoded[1:])
        if key.id.hex() != key_id:
            raise BadNote(problem=N_("the id of the key does not go with its name and bytes"))
        return key


class Signer(Protocol):
    """Signs with a key that only it knows."""

    @property
    def key(self) -> VerifierKey:
        """Return the public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of ``message``, 64 bytes."""
        ...


Verifies: TypeAlias = Callable[[VerifierKey, bytes, bytes], bool]
"""Tells whether a key (first) made the signature (last) of a message."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of signature."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        """Return the line, without its end."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a newline, and who signed it."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        """Return the whole note; one that nobody signed ends with its empty line."""
        return f"{self.text}\n" + "".join(f"{line}\n" for line in self.signatures)

    def signed_by(self, signers: Iterable[Signer]) -> Note:
        """Return the note with a signature of each signer behind those that it has."""
        message = self.text.encode()
        made = (Signature(s.key.name, s.key.id, s.sign(message)) for s in signers)
        return Note(self.text, (*self.signatures, *made))

    def checked(
        self, keys: Sequence[VerifierKey], verifies: Verifies
    ) -> tuple[list[VerifierKey], list[VerifierKey]]:
        """Return which of ``keys`` signed the text, and which are named for signatures not theirs.

        A signature by any other key says nothing, as the format asks.
        """
        good: list[VerifierKey] = []
        bad: list[VerifierKey] = []
        message = self.text.encode()
        for line in self.signatures:
            for key in keys:
                if key.name == line.name and key.id == line.key_id:
                    (good if verifies(key, message, line.signature) else bad).append(key)
        return good, bad

    @classmethod
    def parse(cls, text: str) -> Note:
        """Return the note that ``str`` wrote, or that any other log published.

        Raises:
            BadNote: it is none.

        """
        if len(text) > LONGEST_NOTE:
            raise BadNote(problem=N_("it is too long"))
        if any(c < " " and c != "\n" for c in text):
            raise BadNote(problem=N_("it holds characters that no note holds"))
        body, gap, lines = text.rpartition("\n\n")
        if not gap or not body or (lines and not lines.endswith("\n")):
            raise BadNote(problem=N_("there is no empty line before the signatures"))
        return cls(f"{body}\n", tuple(map(_signature, lines.split("\n")[:-1])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """How large a log is, and its root, at a moment."""

    origin: str
    """Whose log it is: the name of the key that signs."""
    size: int
    root: bytes
    sealed_at: datetime | None = None
    after: int | None = None
    """The size of the checkpoint before; 0 for the first. Not said by other logs."""
    hashing: str = SHA256
    others: tuple[str, ...] = ()
    """Further lines, of which nothing is known here."""

    @property
    def text(self) -> str:
        """Return the text that is signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode()]
        if self.hashing != SHA256:
            lines.append(f"{_HASH}{self.hashing}")
        if self.after is not None:
            lines.append(f"{_AFTER}{self.after}")
        if self.sealed_at is not None:
            lines.append(f"{_SEALED}{to_text(self.sealed_at)}")
        return "".join(f"{line}\n" for line in (*lines, *self.others))

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Return the checkpoint of a note's text.

        Raises:
            BadNote: the text is none.

        """
        lines = text.removesuffix("\n").split("\n")
        if not text.endswith("\n") or len(lines) < len(("origin", "size", "root")):
            raise BadNote(problem=N_("it needs three lines: whose log, its size, its root"))
        if not all(lines):
            raise BadNote(problem=N_("it has an empty line"))
        root = _decoded(lines[2])
        if not root:
            raise BadNote(problem=N_("its third line is no root in Base64"))
        found = cls(
            origin=lines[0],
            size=_number(lines[1]),
            root=root,
            hashing=next(iter(_said(lines[3:], _HASH)), SHA256),
            after=next(map(_number, _said(lines[3:], _AFTER)), None),
            sealed_at=next(map(_moment, _said(lines[3:], _SEALED)), None),
            others=tuple(
                line for line in lines[3:] if not line.startswith((_HASH, _AFTER, _SEALED))
            ),
        )
        if found.hashing not in HASHINGS:
            raise BadNote(problem=N_("it uses a hash that is not known here"))
        return found


def _said(lines: Sequence[str], word: str) -> list[str]:
    return [line.removeprefix(word) for line in lines if line.startswith(word)]


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() or c < " " for c in name)


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    decoded = _decoded(encoded)
    if not line.startswith(_DASH) or not space or not _is_name(name):
        raise BadNote(problem=N_("a line of signature names no key"))
    if decoded is None or len(decoded) <= _ID_BYTES:
        raise BadNote(problem=N_("a line of signature holds no signature"))
    return Signature(name, decoded[:_ID_BYTES], decoded[_ID_BYTES:])


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or (text[0] == "0" and text != "0"):
        raise BadNote(problem=N_("its second line is no size"))
    size = int(text) if len(text) <= len(str(LARGEST_SIZE)) else LARGEST_SIZE + 1
    if size > LARGEST_SIZE:
        raise BadNote(problem=N_("its second line is no size"))
    return size


def _moment(text: str) -> datetime:
    try:
        moment = to_moment(text)
        if to_text(moment) == text:
            return moment
    except ValueError:
        pass
    raise BadNote(problem=N_("its moment of sealing is no moment"))


def _decoded(text: str) -> bytes | None:
    """Return what ``text`` encodes, or nothing unless it is exactly how that is written."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode() == text else None
