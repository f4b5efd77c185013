"""What a bundle says of the log: checkpoints, keys, time stamps, and one proof for all leaves."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from adapters.bundle.contents import Contents, hashes
from engine.events import Kind, sealed_form
from engine.joint_proof import joint_proof
from engine.log import Sealed
from engine.merkle import Hashing, consistency_proof
from engine.ports import Reader

MOST_CHECKPOINTS = 500
"""Checkpoints that go along: the last ones, and those that were asked for."""


def log_document(contents: Contents, sizes: frozenset[int]) -> dict[str, Any]:
    """Return the checkpoints, each with the proof that it follows, and one proof for all leaves."""
    reader = contents.reader
    size = 0 if contents.last is None else contents.last.size
    sealed = [one for one in reader.checkpoints() if one.size <= size]
    chosen = [c for c in sealed[:-MOST_CHECKPOINTS] if c.size in sizes]
    chosen += sealed[-MOST_CHECKPOINTS:]
    if not chosen:
        return {"checkpoints": [], "hash": "sha256", "keys": [], "proof": [], "stamps": []}
    last = chosen[-1]
    hashing = Hashing(last.hashing)
    keys = _keys(contents)
    known = [*contents.gathered.indexes, *(row["index"] for row in keys)]
    proof = joint_proof(hashing, reader.node, known, last.size) if known else []
    return {
        "checkpoints": list(_chain(reader, hashing, chosen)),
        "hash": last.hashing,
        "keys": keys,
        "proof": [node.hex() for node in proof],
        "stamps": list(_stamps(reader, {one.size for one in chosen})),
    }


def _stamps(reader: Reader, sizes: Collection[int]) -> Iterator[dict[str, Any]]:
    """Yield what time-stamping authorities said of the checkpoints that go along."""
    for stamp in reader.stamps():
        if stamp.size in sizes:
            token = base64.b64encode(stamp.token).decode()
            yield {"authority": stamp.authority, "size": stamp.size, "token": token}


def _chain(
    reader: Reader, hashing: Hashing, chosen: Sequence[Sealed]
) -> Iterator[Mapping[str, Any]]:
    before = 0
    for sealed in chosen:
        proof = consistency_proof(hashing, reader.node, before, sealed.size) if before else []
        yield {"consistency": [node.hex() for node in proof], "note": sealed.note}
        before = sealed.size


def _keys(contents: Contents) -> list[dict[str, Any]]:
    """Return the keys that sign the log: each as the sealed event that says so."""
    found, reader = [], contents.reader
    for event in reader.recorded([Kind.KEY]):
        leaf = contents.leaf_of(event)
        if leaf is not None:
            contents.numbered.event(event)
            texts = reader.sealed_texts(event.position)
            entry = sealed_form(event, hashes(texts), contents.persons).decode()
            found.append({"entry": entry, "index": leaf.index})
    return found
