"""The chain of checkpoints: each against the leaves, the one before it, and its key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.errors import N_, EngineError
from engine.log import Sealed
from engine.merkle import Hash, Hashing
from engine.note import Checkpoint, Note, VerifierKey, Verifies
from engine.replay import Break

LOG = "log"
"""The address of what concerns the log itself."""


@dataclass(frozen=True, slots=True)
class KeyPeriod:
    """A key of the log, and the event that says so."""

    key: VerifierKey
    position: int
    alone: bool = False
    """The key before it could not sign: it was lost."""


@dataclass(slots=True)
class Audit:
    """What a verification of the log saw, besides breaks."""

    leaves: int = 0
    checkpoints: int = 0
    signed: int = 0
    """Checkpoints with a signature of the key that was to sign them."""
    hashing: Hashing = field(default_factory=Hashing)
    roots: dict[int, Hash] = field(default_factory=dict)
    """The root at every size that was asked for."""
    key_leaves: dict[int, int] = field(default_factory=dict)
    """Position of an event that a key hangs on → index of its leaf."""


def broken(
    code: str, problem: str, found: object = "", expected: object = "", *, at: str = LOG
) -> Break:
    """Return a break of the log itself."""
    return Break(
        instance=at,
        sequence=0,
        code=code,
        problem=problem,
        found=str(found),
        expected=str(expected),
    )


class Chain:
    """The checkpoints, each against the leaves, the one before it, and the keys."""

    def __init__(
        self,
        checkpoints: Sequence[Sealed],
        keys: Sequence[KeyPeriod],
        verifies: Verifies,
        seen: Audit,
    ) -> None:
        self.checkpoints = checkpoints
        self.keys = keys
        self.verifies = verifies
        self.seen = seen

    def breaks(self) -> Iterator[Break]:
        """Yield what is wrong with checkpoints."""
        before: Sealed | None = None
        for sealed in self.checkpoints:
            self.seen.checkpoints += 1
            yield from self._row(sealed, before)
            yield from self._root(sealed, before)
            yield from self._signatures(sealed, before)
            before = sealed
        size = self.seen.leaves
        if size > (before.size if before else 0):
            yield broken(
                "no-checkpoint",
                N_("the last leaves of the log have no checkpoint"),
                size,
                before.size if before else 0,
            )

    def _row(self, sealed: Sealed, before: Sealed | None) -> Iterator[Break]:
        at = address(sealed)
        if sealed.previous != (before.size if before else 0):
            yield broken(
                "checkpoint-gap",
                N_("the checkpoint before it is not there"),
                before.size if before else 0,
                sealed.previous,
                at=at,
            )
        try:
            said = Checkpoint.parse(Note.parse(sealed.note).text)
        except EngineError as error:
            problem = N_("its note cannot be read")
            yield broken("checkpoint-note", problem, str(error), at=at)
            return
        mine = (sealed.size, sealed.root, sealed.previous, sealed.sealed_at, sealed.hashing)
        signed = (said.size, said.root, said.after, said.sealed_at, said.hashing)
        if mine != signed or sealed.hashing != self.seen.hashing.name:
            problem = N_("it is stored otherwise than its note says")
            yield broken("checkpoint-note", problem, at=at)

    def _root(self, sealed: Sealed, before: Sealed | None) -> Iterator[Break]:
        if sealed.size > self.seen.leaves:
            yield broken(
                "log-short",
                N_("the log is shorter than its checkpoint"),
                self.seen.leaves,
                sealed.size,
                at=address(sealed),
            )
            return
        found = self.seen.roots.get(sealed.size)
        if found != sealed.root:
            since = before.last_event + 1 if before else 1
            yield broken(
                "root",
                N_("the leaves up to here do not give the root that was sealed"),
                f"{(found or b'').hex()[:16]}…, #{since} – #{sealed.last_event}",
                f"{sealed.root.hex()[:16]}…",
                at=address(sealed),
            )

    def _signatures(self, sealed: Sealed, before: Sealed | None) -> Iterator[Break]:
        due = self._due(sealed)
        try:
            note = Note.parse(sealed.note)
        except EngineError:
            return
        good, bad = note.checked([k.key for k in self.keys], self.verifies)
        at = address(sealed)
        for key in bad:
            problem = N_("a signature is not that of its key")
            yield broken("signature", problem, key.id.hex(), at=at)
        if due is None:
            if sealed.key or note.signatures:
                problem = N_("it is signed by a key that this log never had")
                yield broken("signature", problem, sealed.key, at=at)
            return
        if due.key not in good:
            problem = N_("the key of that time did not sign it")
            yield broken("signature", problem, sealed.key or "-", due.key.id.hex(), at=at)
            return
        self.seen.signed += 1
        if sealed.key != due.key.id.hex():
            problem = N_("it is stored otherwise than its note says")
            yield broken("checkpoint-note", problem, at=at)
        number = self.keys.index(due)
        first = number and self._due(before) is not due
        if first and not due.alone and self.keys[number - 1].key not in good:
            problem = N_("the key before did not sign the one that took its place")
            expected = self.keys[number - 1].key.id.hex()
            yield broken("signature", problem, due.key.id.hex(), expected, at=at)

    def _due(self, sealed: Sealed | None) -> KeyPeriod | None:
        """Return the key that was to sign: the last one that the checkpoint itself covers."""
        found = None
        for period in self.keys:
            index = self.seen.key_leaves.get(period.position)
            if sealed is not None and index is not None and index < sealed.size:
                found = period
        return found


def address(sealed: Sealed) -> str:
    """Return the address of a checkpoint."""
    return f"{LOG} {sealed.size}"


def compare_outside(
    checkpoint: Checkpoint,
    note: Note,
    keys: Sequence[KeyPeriod],
    verifies: Verifies,
    seen: Audit,
) -> Iterator[Break]:
    """Yield what a checkpoint that was kept elsewhere shows."""
    at = f"outside {checkpoint.size}"
    good, bad = note.checked([k.key for k in keys], verifies)
    if bad:
        problem = N_("a signature is not that of its key")
        yield broken("signature", problem, bad[0].id.hex(), at=at)
    elif note.signatures and not good:
        problem = N_(
            "this log knows none of the keys that signed it: it is another log, or was rebuilt"
        )
        yield broken("outside-key", problem, note.signatures[0].key_id.hex(), at=at)
    if checkpoint.hashing != seen.hashing.name:
        problem = N_("it is of a log with another hash")
        yield broken("outside-hash", problem, seen.hashing.name, checkpoint.hashing, at=at)
        return
    if checkpoint.size > seen.leaves:
        problem = N_("the log is shorter than it was: its tail was cut off, or a backup restored")
        yield broken("outside-short", problem, seen.leaves, checkpoint.size, at=at)
        return
    found = seen.roots.get(checkpoint.size)
    if found != checkpoint.root:
        problem = N_("the log was rewritten: up to here it had another root")
        yield broken(
            "outside-root",
            problem,
            f"{(found or b'').hex()[:16]}…",
            f"{checkpoint.root.hex()[:16]}…",
            at=at,
        )
