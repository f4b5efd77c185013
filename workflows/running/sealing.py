"""Sealing: what happened becomes leaves of the log, under a checkpoint that a key signs.

Leaves are computed and signed in a view that locks nothing; only keeping them
is a unit of work. Of two that seal at once one is faster, and the other's work
is void: primary keys see to that, and the next one goes on from there.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine.bulk import uncollected
from engine.entries import Entry
from engine.errors import N_, ConcurrentChange, EngineError, Refused
from engine.events import Event, Kind
from engine.log import HORIZON, Leaf, Node, Sealed, Unsealed
from engine.merkle import SHA256, Frontier, Hashing, frontier
from engine.note import Checkpoint, Note, Signer, VerifierKey
from engine.persons import SECRET
from engine.ports import Reader, UnitOfWork
from workflows import office
from workflows.plan.model import Plan
from workflows.plan.oversight import LogHash
from workflows.running.desk import Application

AT_ONCE = 20_000
"""Leaves per checkpoint; more than that is sealed in several."""

HASH = "log_hash"
"""Setting: the hash function that the log of this database begins with."""

UNSIGNED = "duban/unsigned"
"""The origin of a log that nobody signs."""


class LogBroken(EngineError):
    """The log does not end as its last checkpoint says."""

    code = "log-broken"
    template = N_(
        "Nothing was sealed: {problem}. Whoever signed this would vouch for a log that was "
        "tampered with. See what is wrong with: duban verify"
    )


class HashChosen(Refused):
    """A log does not change its hash."""

    code = "hash-chosen"
    template = N_("The log has begun with {present} and cannot go on with {hash}.")


class HashAsked(Refused):
    """A plan asks for another hash than the log has."""

    code = "hash-asked"
    template = N_(
        "The plan of {key} asks for a log that is hashed with {hash}, and the log of this database "
        "is hashed with {present}; one log covers all its cycles and keeps its hash. Open it in a "
        "database of its own: duban --database FILE init --hash {hash}"
    )


class KeyNeeded(EngineError):
    """The log has a key, and nobody signs with it."""

    code = "key-needed"
    template = N_("Nothing was sealed: the log is signed by {key}, which is not at hand here.")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """A key that signs, or signed, the checkpoints of this log."""

    key: VerifierKey
    event: Event
    """Since when, by whom and why: the event of the office that says so."""
    until: Event | None = None
    """The event that put another in its place."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one sealing did."""

    leaves: int = 0
    checkpoint: Sealed | None = None
    """The last one made; nothing where there was nothing to seal."""
    unreadable: tuple[Unsealed, ...] = ()
    """What cannot be sealed, because what is stored cannot be read."""


def choose_hash(app: Application, name: str) -> None:
    """Let the log begin with a hash function.

    Raises:
        HashChosen: it has begun with another.
        HashAsked: the plan of a cycle asks for another.

    """
    with app.store.unit_of_work(app.clock.now()) as unit:
        last = unit.checkpoint()
        if last is not None and last.hashing != name:
            raise HashChosen(present=last.hashing, hash=name)
        _nobody_asks_for_another(unit, name)
        unit.set_setting(HASH, name)


def require_hash(unit: UnitOfWork, plan: Plan) -> None:
    """Let the log be made with the hash function that a plan asks for, where it has not begun.

    Raises:
        HashMissing: it is not to be had here.
        HashAsked: the log has begun with another, or another plan asks for another.

    """
    if plan.log_hash is LogHash.ANY:
        return
    name = Hashing(str(plan.log_hash)).name
    last = unit.checkpoint()
    if last is None:
        _nobody_asks_for_another(unit, name, plan.key)
        unit.set_setting(HASH, name)
    elif last.hashing != name:
        raise HashAsked(key=plan.key, hash=name, present=last.hashing)


def _nobody_asks_for_another(reader: Reader, name: str, but: str = "") -> None:
    for cycle in reader.cycles():
        _, content = reader.plan(cycle.key)
        asked = content.get("log_hash", LogHash.ANY)
        if cycle.key != but and asked not in (LogHash.ANY, name):
            raise HashAsked(key=cycle.key, hash=str(asked), present=name)


def known_keys(reader: Reader) -> Sequence[KnownKey]:
    """Return every key that this log ever had, in order, as its own events say."""
    if reader.find(office.KEY) is None:
        return ()
    events = [e for e in reader.history(office.KEY) if e.kind is Kind.KEY]
    followers = [*events[1:], None] if events else []
    return [
        KnownKey(key=VerifierKey.parse(str(event.data["key"])), event=event, until=after)
        for event, after in zip(events, followers, strict=True)
    ]


Signers: TypeAlias = Callable[[Reader], Sequence[Signer]]
"""Returns who signs, the log's present key first; none where the log has no key."""


def unsigned(reader: Reader) -> Sequence[Signer]:
    """Return nobody: for a log without a key.

    Raises:
        KeyNeeded: it has one, and would look forged without its signature.

    """
    if known := known_keys(reader):
        raise KeyNeeded(key=known[-1].key)
    return ()


def seal(
    app: Application,
    signers: Signers = unsigned,
    *,
    thorough: bool = False,
    progress: Callable[[int], None] = lambda _leaves: None,
) -> Done:
    """Seal all that is not sealed; harmless to repeat, and for several to do at once.

    ``progress`` is told how many more leaves there are.

    Raises:
        LogBroken: what is there is not what was signed last.

    """
    leaves, last, unreadable = 0, None, []
    _choose_secret(app)
    while True:
        with uncollected(), app.store.reading() as reader:
            horizon = reader.oldest_writer()
            found = reader.unsealed(AT_ONCE, thorough=thorough)
            made = _grow(reader, found, signers)
        unreadable += [u for u in found if u.entry is None]
        if made is None:
            return Done(leaves, last, tuple(unreadable))
        new, nodes, checkpoint = made
        try:
            with uncollected(), app.store.unit_of_work(app.clock.now()) as unit:
                unit.seal(new, nodes, checkpoint)
                if horizon and len(found) < AT_ONCE:
                    unit.set_setting(HORIZON, horizon)
        except ConcurrentChange:
            return Done(leaves, last, tuple(unreadable))
        leaves, last = leaves + len(new), checkpoint
        progress(len(new))
        if len(found) < AT_ONCE:
            return Done(leaves, last, tuple(unreadable))


def _choose_secret(app: Application) -> None:
    with app.store.reading() as reader:
        chosen = reader.setting(SECRET)
    if not chosen:
        with app.store.unit_of_work(app.clock.now()) as unit:
            unit.choose_secret()


def _grow(
    reader: Reader, found: Sequence[Unsealed], signers_for: Signers
) -> tuple[list[Leaf], list[Node], Sealed] | None:
    """Return the leaves of what was found, and the checkpoint over them; nothing for nothing."""
    readable = [one for one in found if one.entry is not None]
    if not readable:
        return None
    before = reader.checkpoint()
    hashing = Hashing(before.hashing if before else reader.setting(HASH) or SHA256)
    start = _continued(reader, before, hashing)
    hashes = hashing.leaves(one.entry or b"" for one in readable)
    nodes: list[Node] = []
    end = start.extended(hashing, hashes, lambda *node: nodes.append(Node(*node)))
    leaves = [
        Leaf(index, one.kind, one.position, leaf, one.name)
        for index, one, leaf in zip(itertools.count(start.size), readable, hashes, strict=False)
    ]
    signers = signers_for(reader)
    checkpoint = Checkpoint(
        origin=signers[0].key.name if signers else UNSIGNED,
        size=end.size,
        root=end.root(hashing),
        sealed_at=reader.now,
        after=start.size,
        hashing=hashing.name,
    )
    sealed = Sealed(
        size=end.size,
        root=checkpoint.root,
        note=str(Note(checkpoint.text).signed_by(signers)),
        key=signers[0].key.id.hex() if signers else "",
        hashing=hashing.name,
        previous=start.size,
        sealed_at=reader.now,
        last_event=_highest(leaves, Entry.EVENT, before.last_event if before else 0),
        last_told=_highest(leaves, Entry.TOLD, before.last_told if before else 0),
    )
    return leaves, nodes, sealed


def _continued(reader: Reader, before: Sealed | None, hashing: Hashing) -> Frontier:
    """Return the frontier from which to go on, which is the one that was signed last."""
    size = reader.log_size()
    if before is None:
        if size:
            raise LogBroken(problem=N_("there are leaves, and no checkpoint over them"))
        return Frontier()
    if size != before.size:
        raise LogBroken(problem=N_("the log is not as long as its last checkpoint says"))
    try:
        found = frontier(reader.node, size)
    except LookupError:
        raise LogBroken(problem=N_("leaves or nodes of the log are missing")) from None
    if found.root(hashing) != before.root:
        raise LogBroken(problem=N_("the log no longer has the root that was signed last"))
    return found


def _highest(leaves: Sequence[Leaf], kind: Entry, known: int) -> int:
    return max(known, *(leaf.position for leaf in leaves if leaf.kind is kind), 0)
