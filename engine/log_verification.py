"""Verification of the log: every leaf, root, signature and gap, each break with its address.

Nothing that is read is trusted: hashes are made anew of what is stored now,
roots anew of the leaves, and the log's own keys are read from its own events.
What a log cannot show of itself, a checkpoint kept elsewhere does: `outside`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from engine.checkpoint_chain import Audit, Chain, KeyPeriod, address, broken, compare_outside
from engine.entries import Entry
from engine.errors import N_, EngineError
from engine.log import Sealed, StoredLeaf
from engine.merkle import HASHINGS, SHA256, Frontier, Hash, Hashing
from engine.note import Checkpoint, Note, Verifies
from engine.ports import Reader
from engine.replay import Break

HASH_CHARACTERS = 64

_AT_ONCE = 1000


def verify_log(
    reader: Reader,
    keys: Sequence[KeyPeriod],
    verifies: Verifies,
    outside: Iterable[Note] = (),
    audit: Audit | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Break]:
    """Yield everything that is wrong with the log; nothing when it holds.

    Args:
        reader: the store.
        keys: the log's keys in order, as its own events say.
        verifies: checks one signature.
        outside: checkpoints that were kept elsewhere.
        audit: is told what was seen.
        progress: is told how many leaves have been checked.

    """
    seen = audit if audit is not None else Audit()
    for line in reader.damage():
        yield broken("damaged", N_("the file of the database is damaged"), line)
    for line in reader.schema_differences():
        yield broken("schema", N_("the schema is not the one that duban made"), line)
    yield from _editions(reader)
    checkpoints = list(reader.checkpoints())
    # One whose hash was edited is named below; the others say with which the log began.
    seen.hashing = Hashing(next((c.hashing for c in checkpoints if c.hashing in HASHINGS), SHA256))
    kept = [(Checkpoint.parse(note.text), note) for note in outside]
    sizes = {c.size for c in checkpoints} | {c.size for c, _ in kept}
    walk = _Walk(reader, sizes, {key.position for key in keys}, seen, progress)
    yield from walk.leaves()
    yield from _nodes(reader, walk.nodes)
    yield from Chain(checkpoints, keys, verifies, seen).breaks()
    yield from _behind(reader, walk, checkpoints)
    for checkpoint, note in kept:
        yield from compare_outside(checkpoint, note, keys, verifies, seen)


class _Walk:
    """One pass over all leaves, hashing each entry anew and growing the tree over them."""

    def __init__(
        self,
        reader: Reader,
        sizes: set[int],
        keys: set[int],
        seen: Audit,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.reader = reader
        self.hashing = seen.hashing
        self.keys = keys
        self.sizes = sorted(sizes)
        self.seen = seen
        self.progress = progress
        self.frontier = Frontier()
        self.nodes: dict[tuple[int, int], Hash] = {}
        self.last = {Entry.EVENT: 0, Entry.TOLD: 0}

    def leaves(self) -> Iterator[Break]:
        """Yield what is wrong with single leaves, and keep the roots that are asked for."""
        wanted = iter(self.sizes)
        size = next(wanted, None)
        while size == 0:
            size = next(wanted, None)
        batch: list[Hash] = []
        expected = 0
        for leaf in self.reader.leaves():
            if leaf.number != expected:
                yield broken(
                    "leaf-gap",
                    N_("the leaves of the log have a gap"),
                    f"leaf {leaf.number}",
                    f"leaf {expected}",
                )
            expected = leaf.number + 1
            stored, wrong = self._checked(leaf)
            if wrong is not None:
                yield wrong
            batch.append(stored)
            if len(batch) >= _AT_ONCE or self.frontier.size + len(batch) == size:
                self._grow(batch)
            while size is not None and self.frontier.size == size:
                self.seen.roots[size] = self.frontier.root(self.hashing)
                size = next(wanted, None)
        self._grow(batch)
        self.seen.roots.setdefault(self.frontier.size, self.frontier.root(self.hashing))

    def _grow(self, batch: list[Hash]) -> None:
        self.frontier = self.frontier.extended(self.hashing, batch, self._keep)
        batch.clear()
        self.seen.leaves = self.frontier.size
        if self.progress:
            self.progress(self.frontier.size)

    def _keep(self, level: int, index: int, found: Hash) -> None:
        self.nodes[level, index] = found

    def _checked(self, leaf: StoredLeaf) -> tuple[Hash, Break | None]:
        """Return the hash as it is stored, and what is wrong with the leaf."""
        if leaf.kind == Entry.EVENT and isinstance(leaf.position, int):
            if leaf.position in self.keys:
                self.seen.key_leaves[leaf.position] = leaf.number
            self.last[Entry.EVENT] = max(self.last[Entry.EVENT], leaf.position)
        elif leaf.kind == Entry.TOLD and isinstance(leaf.position, int):
            self.last[Entry.TOLD] = max(self.last[Entry.TOLD], leaf.position)
        found = self.hashing.leaf(leaf.entry) if leaf.entry is not None else None
        if found is not None and leaf.hash == found.hex():
            return found, None
        stored = _hash(leaf.hash)
        if found is None:
            problem = N_("what was sealed is gone, or cannot be read")
            return stored or b"", self._named(leaf, "sealed-gone", problem)
        problem = N_("it is not what was sealed")
        return stored or found, self._named(leaf, "sealed-changed", problem)

    def _named(self, leaf: StoredLeaf, code: str, problem: str) -> Break:
        """Return the break at the address of what the leaf stands for."""
        at, sequence = f"{leaf.kind} {leaf.position}", 0
        if leaf.kind == Entry.EVENT:
            with suppress(EngineError, ValueError, TypeError, LookupError, AttributeError):
                event = self.reader.event(leaf.position)
                if event is not None:
                    at, sequence = event.instance, event.sequence
        return Break(
            instance=at,
            sequence=sequence,
            code=code,
            problem=problem,
            found=f"leaf {leaf.number}, {leaf.kind} {leaf.position}",
        )


def _hash(text: object) -> Hash | None:
    try:
        found = bytes.fromhex(str(text))
    except ValueError:
        return None
    return found if len(str(text)) == HASH_CHARACTERS else None


def _editions(reader: Reader) -> Iterator[Break]:
    for edition in reader.false_moves():
        problem = N_("the legal moves are not those of the machine that was published")
        yield broken("legal-moves", problem, edition)
    for key, on in reader.misplaced():
        problem = N_("it hangs on another than its key says")
        yield broken("misplaced", problem, on, at=key)
    for position, name in reader.false_texts():
        problem = N_("a text is not the one that was recorded")
        yield broken("text", problem, f"#{position} {name}")


def _nodes(reader: Reader, nodes: Mapping[tuple[int, int], Hash]) -> Iterator[Break]:
    """Yield the first node that is not what its leaves give; proofs are made of these."""
    missing = dict(nodes)
    for level, index, stored in reader.nodes():
        if stored != (missing.pop((level, index), None) or b"").hex():
            problem = N_("a node of the log is not what its leaves give")
            yield broken("log-node", problem, f"{level}/{index}")
            return
    for level, index in missing:
        problem = N_("a node of the log is not what its leaves give")
        yield broken("log-node", problem, "", f"{level}/{index}")
        return


def _behind(reader: Reader, walk: _Walk, checkpoints: Sequence[Sealed]) -> Iterator[Break]:
    for first, last in reader.missing_positions():
        problem = N_("events are missing: their positions were given, and are empty")
        yield broken("position-gap", problem, f"#{first} – #{last}")
    for one in reader.left_behind():
        problem = N_("it stands before what was sealed, and has no leaf")
        yield broken("never-sealed", problem, f"{one.kind} {one.position}")
    if checkpoints:
        said = checkpoints[-1].last_event, checkpoints[-1].last_told
        if said != (walk.last[Entry.EVENT], walk.last[Entry.TOLD]):
            problem = N_("it is stored otherwise than its note says")
            yield broken("checkpoint-note", problem, at=address(checkpoints[-1]))
