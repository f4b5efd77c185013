"""What the log says of a bundle: checkpoints, who signed them, and the root over the leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from adapters.bundle.verifier.canon import parsed
from adapters.bundle.verifier.machines import require_event
from adapters.bundle.verifier.notes import PublicKey, Seen, key_of, note_of, signers
from adapters.bundle.verifier.stamps import (
    MOST_STAMPS,
    TimeStamp,
    require_imprint,
    stamp_of,
)
from adapters.bundle.verifier.tree import Digest, consistent, digest_named, root_from
from adapters.bundle.verifier.trouble import Bad, brief

LOG = "log.json"
MOST_CHECKPOINTS = 5000


class Seal(NamedTuple):
    """One checkpoint of the bundle and the keys that signed it."""

    note: Seen
    by: tuple[PublicKey, ...]


class SealedLog:
    """The log of a bundle, its own parts checked against each other."""

    def __init__(self, data: bytes) -> None:
        """Read the checkpoints, their signatures, and that each begins the next."""
        content = _members_of(parsed(data, LOG), ("checkpoints", "hash", "keys", "proof", "stamps"))
        self.digest: Digest = digest_named(str(content["hash"]))
        self.leaves: dict[int, bytes] = {}
        self.keys: dict[tuple[str, bytes], PublicKey] = {}
        for number, row in enumerate(_list(content["keys"])):
            self._key(number, row)
        self._rest = [hash_of(text) for text in _list(content["proof"])]
        self.seals: list[Seal] = []
        self._whole: dict[int, str] = {}
        rows = _list(content["checkpoints"])
        if not rows:
            raise Bad(LOG, "nothing-sealed")
        if len(rows) > MOST_CHECKPOINTS:
            raise Bad(LOG, "too-many")
        for row in rows:
            self._checkpoint(_members_of(row, ("consistency", "note")), str(content["hash"]))
        self.stamps = list(self._stamped(_list(content["stamps"])))

    @property
    def last(self) -> Seen:
        """Return the last checkpoint, which everything in the bundle is proven against."""
        return self.seals[-1].note

    def _key(self, number: int, row: Any) -> None:
        item = f"{LOG} keys[{number}]"
        row = _members_of(row, ("entry", "index"))
        entry = str(row["entry"]).encode("utf-8", "replace")
        event = parsed(entry, item)
        require_event(event, item)
        if event["kind"] != "key":
            raise Bad(item, "not-a-key", brief(event["kind"]))
        key, leaf = key_of(str(event["data"].get("key")), item), self.digest(b"\0" + entry)
        self.keys[key.name, key.id] = key
        self.add(row["index"], leaf, item)

    def _checkpoint(self, row: Mapping[str, Any], hashing: str) -> None:
        note = note_of(str(row["note"]), LOG)
        item = f"checkpoint {note.size}"
        if note.hashing != hashing:
            raise Bad(item, "unknown-hash", brief(note.hashing))
        by = signers(note, self.keys, item)
        if self.keys and not by:
            raise Bad(item, "nobody-signed")
        if self.seals:
            before = self.seals[-1].note
            proof = [hash_of(text) for text in _list(row["consistency"])]
            if before.size >= note.size or not consistent(
                self.digest, before.size, note.size, proof, before.root, note.root
            ):
                raise Bad(item, "inconsistent", str(before.size))
        self.seals.append(Seal(note, tuple(by)))
        self._whole[note.size] = str(row["note"])

    def _stamped(self, rows: list[Any]) -> Iterator[tuple[TimeStamp, str, str]]:
        """Yield every time stamp with the note that it is of, and what to call it."""
        if len(rows) > MOST_STAMPS:
            raise Bad(LOG, "too-many")
        for number, row in enumerate(rows):
            stamp = stamp_of(row, f"{LOG} stamps[{number}]")
            item = f"time stamp of {stamp.authority} for checkpoint {stamp.size}"
            note = self._whole.get(stamp.size)
            if note is None:
                raise Bad(item, "stamp-of-another")
            require_imprint(stamp, note, item)
            yield stamp, note, item

    def add(self, index: Any, leaf: bytes, item: str) -> None:
        """Take the hash that the leaf at ``index`` must have."""
        if type(index) is not int or index < 0:
            raise Bad(item, "bad-leaf", brief(index))
        if self.leaves.setdefault(index, leaf) != leaf:
            raise Bad(item, "two-leaves", str(index))

    def require_root(self) -> None:
        """Make sure that all leaves lead to the root that was signed."""
        last = self.last
        if root_from(self.digest, last.size, self.leaves, self._rest) != last.root:
            raise Bad(f"checkpoint {last.size}", "wrong-root")

    def require_note(self, text: str, item: str) -> int:
        """Make sure that a note from outside tells of the same log; return its size."""
        outside = note_of(text, item)
        if outside.signatures and self.keys and not signers(outside, self.keys, item):
            raise Bad(item, "unknown-key", brief(outside.origin))
        if outside.size > self.last.size:
            raise Bad(item, "newer-note", f"{outside.size} > {self.last.size}")
        for seal in self.seals:
            if seal.note.size == outside.size:
                if seal.note.root != outside.root:
                    raise Bad(item, "other-log", str(outside.size))
                return outside.size
        raise Bad(item, "note-not-covered", str(outside.size))

    def require_key(self, text: str, item: str) -> int:
        """Make sure that a key from outside signed; return for how many leaves it vouches."""
        key = key_of(text, item)
        vouched = [seal.note.size for seal in self.seals if key in seal.by]
        if not vouched:
            raise Bad(item, "key-signed-nothing", brief(key.name))
        return max(vouched)


def hash_of(text: Any, item: str = LOG) -> bytes:
    """Return the hash that ``text`` writes in hexadecimal."""
    try:
        found = bytes.fromhex(text)
    except (ValueError, TypeError):
        found = b""
    if len(found) != 32 or found.hex() != text:  # noqa: PLR2004 - bytes of either hash
        raise Bad(item, "not-a-hash", brief(text))
    return found


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Bad(LOG, "not-a-list", brief(value))
    return value


def _members_of(value: Any, names: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, dict) or tuple(value) != names:
        raise Bad(LOG, "wrong-members", ", ".join(names))
    return value
