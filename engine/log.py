"""The log as a store keeps it: leaves, checkpoints, and what is asked of them.

A leaf is one entry (`engine.entries`) in order of sealing. Whoever needs a
proof hands `LogReader.node` to `engine.merkle`; whoever seals asks for what is
`unsealed` and hands leaves and a signed checkpoint to `LogWriter.seal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from engine.entries import Entry, KeptText
from engine.merkle import Hash
from engine.persons import Persons

HORIZON = "log_horizon"
"""Setting: the horizon of the last sealing that found all there was."""


@dataclass(slots=True)  # not frozen: a million are made, and each field would be set in Python
class Leaf:
    """One leaf of the log."""

    index: int
    """0, 1, 2, without gaps."""
    kind: Entry
    position: int
    """Of the event, or the number of the notice item, the notice or the edition."""
    hash: Hash
    name: str = ""
    """What gets this number: of editions that are sealed now, kind and name."""


class SealedNotice(NamedTuple):
    """A notice item, or a notice that was sent, as the log holds it."""

    leaf: Leaf
    entry: bytes
    """As it is stored now; empty where that cannot be read."""
    recipient: str


class StoredLeaf(NamedTuple):
    """A leaf as it is stored, whatever stands there, beside the entry as it is stored now."""

    number: int
    """Its index in the log."""
    kind: str
    position: int
    hash: str
    entry: bytes | None
    """Nothing where what it stood for is gone, or cannot be read."""


class Unsealed(NamedTuple):
    """Something that the log does not cover yet."""

    kind: Entry
    position: int
    entry: bytes | None
    """What its leaf stands for; nothing if what is stored cannot be read."""
    name: str = ""
    """What gets this number, which editions have none of before they are sealed."""


@dataclass(frozen=True, slots=True)
class Node:
    """The hash of a whole subtree, kept so that proofs need few others."""

    level: int
    index: int
    hash: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A checkpoint as it is kept."""

    size: int
    root: Hash
    note: str
    """The whole signed note (`engine.note.Note`), byte for byte."""
    key: str = ""
    """The id of the key that signed it, hexadecimal; empty where nobody did."""
    hashing: str
    previous: int
    """The size of the checkpoint before it; 0 for the first."""
    sealed_at: datetime
    last_event: int = 0
    """The highest position of an event up to here."""
    last_told: int = 0
    """The highest number of a notice item up to here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Up to which checkpoint a place outside was told, and what became of the last try."""

    destination: str
    size: int = 0
    """Of the last checkpoint that reached it."""
    sent_at: datetime | None = None
    attempts: int = 0
    """Tries of the next one that failed."""
    next_attempt_at: datetime | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a time-stamping authority said of a checkpoint (RFC 3161)."""

    size: int
    authority: str
    token: bytes
    """Its whole answer, in DER."""
    received_at: datetime


class LogReader(Protocol):
    """Questions to a store about its log."""

    def persons(self) -> Persons:
        """Return how the log covers the persons of this database."""
        ...

    def oldest_writer(self) -> str:
        """Return before which writers all have ended, in the store's own words.

        Whoever sealed all that was visible keeps it as `HORIZON`: what becomes durable later is
        by none of them. Empty where positions are in order of commit.
        """
        ...

    def log_size(self) -> int:
        """Return how many leaves there are."""
        ...

    def node(self, level: int, index: int) -> Hash:
        """Return the hash of a whole subtree, as `engine.merkle.Nodes` are asked.

        Raises:
            LookupError: the leaves or nodes that it needs are not there.

        """
        ...

    def leaf_of(self, kind: Entry, position: int) -> Leaf | None:
        """Return the leaf that stands for an event, a notice item or a notice."""
        ...

    def sealed_edition(self, kind: str, edition: str) -> tuple[Leaf, bytes] | None:
        """Return the leaf of a published ``plan``, ``workflow`` or ``calendar``, and its entry.

        The entry is that of what is stored now; nothing where it is not sealed.
        """
        ...

    def sealed_notices(self, events: Sequence[int]) -> Sequence[SealedNotice]:
        """Return what the log holds of notices about ``events``, in order of leaves.

        Whom each is told to, and the notices that were sent with one of them.
        """
        ...

    def leaves(self) -> Iterator[StoredLeaf]:
        """Yield every leaf, in order, with what it stands for as that is stored now."""
        ...

    def unsealed(self, limit: int, *, thorough: bool = False) -> Sequence[Unsealed]:
        """Return what the log does not cover yet: editions, then events in order of position.

        What a unit of work left behind that became durable after a later one was sealed is
        found however long it took; a ``thorough`` look trusts no horizon.
        """
        ...

    def damage(self) -> Sequence[str]:
        """Return what the database itself says is wrong with its file: few lines, or none."""
        ...

    def schema_differences(self) -> Sequence[str]:
        """Return what of the database's schema is not as duban makes it."""
        ...

    def misplaced(self) -> Sequence[tuple[str, str]]:
        """Return (key, what it hangs on) of each row that hangs on another than its key says.

        An instance on its cycle and parent; a notice on items of its own recipient.
        """
        ...

    def left_behind(self) -> Sequence[Unsealed]:
        """Return what the last checkpoint should cover and does not; its entries are left out."""
        ...

    def missing_positions(self) -> Sequence[tuple[int, int]]:
        """Return first and last of every gap in positions, where the store leaves none itself."""
        ...

    def nodes(self) -> Iterator[tuple[int, int, str]]:
        """Yield level, index and hash of every node that is kept, as it is stored."""
        ...

    def false_moves(self) -> Sequence[str]:
        """Return the editions of machines whose legal moves are not those of their content."""
        ...

    def count_unsealed(self) -> tuple[int, datetime | None]:
        """Return how many events have no leaf, and when the oldest was recorded."""
        ...

    def sealed_texts(self, position: int) -> Mapping[str, KeptText]:
        """Return the removable texts of the event at ``position``, with salts and hashes."""
        ...

    def false_texts(self) -> Sequence[tuple[int, str]]:
        """Return event and name of every text that is not the one that was hashed."""
        ...

    def checkpoint(self, size: int | None = None) -> Sealed | None:
        """Return the checkpoint of that size, or the last one."""
        ...

    def checkpoints(self) -> Sequence[Sealed]:
        """Return every checkpoint, the smallest first."""
        ...

    def posts(self) -> Mapping[str, Posted]:
        """Return, by destination, how checkpoints went out."""
        ...

    def stamps(self) -> Sequence[Stamp]:
        """Return every time stamp, in order of checkpoints."""
        ...


class LogWriter(LogReader, Protocol):
    """Writes to the log."""

    def choose_secret(self) -> None:
        """Choose what the salts of persons are made of, if that was not done yet."""
        ...

    def set_post(self, posted: Posted) -> None:
        """Keep how a checkpoint went out, or did not."""
        ...

    def keep_stamp(self, stamp: Stamp) -> None:
        """Keep a time stamp; another of the same authority for the same checkpoint is left out."""
        ...

    def seal(self, leaves: Iterable[Leaf], nodes: Iterable[Node], checkpoint: Sealed) -> None:
        """Keep leaves, nodes and the checkpoint that covers them.

        Raises:
            ConcurrentChange: another has sealed meanwhile; nothing was kept.

        """
        ...
