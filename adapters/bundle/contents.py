"""What goes into a bundle: gathered from one view of the database, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from adapters.bundle.past import PastBundle
from adapters.bundle.pseudonyms import Pseudonyms
from engine.entries import Entry, KeptText
from engine.errors import N_, NotFound, Refused
from engine.events import Event, Instance, Kind, sealed_form
from engine.log import Leaf, SealedNotice
from engine.merkle import Hashing
from engine.population import Population
from engine.ports import Reader, Tenure
from workflows import office
from workflows.evidence import pieces
from workflows.plan.model import Plan


class RemovedSince(Refused):
    """A bundle of then would hold less than was sealed, and could not say why."""

    code = "removed-since"
    template = N_(
        "A text of event #{event} of {key} was removed by law since. A bundle as known at that "
        "moment would lack it without the event that says so, and would not verify; export "
        "without --known-at."
    )


@dataclass(slots=True)
class Row:
    """One event with all that a bundle says of it."""

    event: Event
    """As it happened."""
    shown: Event
    """For the eye: with numbers for its persons, unless the bundle names them."""
    line: bytes
    """Its canonical form, as it was sealed."""
    leaf: Leaf | None
    texts: Mapping[str, KeptText]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who acted, or is named."""

    number: str
    name: str
    posts: Sequence[Tenure]


@dataclass(slots=True)
class Gathered:
    """What was met on the way through the events."""

    machines: dict[str, Any] = field(default_factory=dict)
    instances: list[tuple[Instance, int, str]] = field(default_factory=list)
    """Every instance with the number of its last event and its state."""
    plans: set[str] = field(default_factory=set)
    """Editions of the plan to which the cycle was amended, or from which."""
    indexes: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    """Of every event that is in the bundle."""
    files: dict[str, str] = field(default_factory=dict)
    """Hash of every file that an event speaks of → its name."""
    removed_files: set[str] = field(default_factory=set)
    events: int = 0
    texts: int = 0
    unsealed: int = 0
    told: int = 0
    sent: int = 0


class Contents:
    """The events of a cycle and of its office, or of one instance and what is below it."""

    def __init__(
        self,
        reader: Reader,
        plan: Plan,
        within: str,
        *,
        named: bool,
        past: PastBundle | None = None,
    ) -> None:
        """Gather what is at ``within`` or below it; of the past, what was sealed by then."""
        self.past = past
        self.cut = past.cut if past is not None else None
        self.reader = reader
        self.plan = plan
        self.within = within
        self.named = named
        self.persons = reader.persons()
        self.numbered = Pseudonyms()
        self.gathered = Gathered()
        self.last = reader.checkpoint() if self.cut is None else self.cut.sealed
        last = self.last
        self._hashing = Hashing(last.hashing) if last is not None else Hashing()

    def keys(self) -> Sequence[str]:
        """Return the keys of all instances concerned, in order."""
        cycle = self.within.partition("/")[0]
        found = {cycle}
        for machine in self.plan.machines:
            population = Population(cycle=cycle, workflow=machine.name)
            found |= {instance.key for instance in self.reader.select(population)}
        inside = f"{self.within}/"
        mine = sorted(key for key in found if key == self.within or key.startswith(inside))
        whole = self.within == cycle and self.reader.find(office.KEY) is not None
        return [*mine, office.KEY] if whole else mine

    def rows(self) -> Iterator[Row]:
        """Yield every event, instance by instance, and keep what else was met."""
        for key in self.keys():
            events = self._known(self.reader.history(key))
            removals = [e for e in events if e.kind is Kind.REDACTED]
            gone = {e.data["event"] for e in removals if "event" in e.data}
            self.gathered.removed_files |= {e.data["file"] for e in removals if "file" in e.data}
            self._require_kept(events)
            for piece in pieces(events):
                self.gathered.files.setdefault(piece.sha256, piece.name)
            for event in events:
                yield self._row(event, gone=event.position in gone)
            self._close(key, events)

    def leaf_of(self, event: Event) -> Leaf | None:
        """Return the leaf of an event, if the last checkpoint of the bundle covers it."""
        leaf = self.reader.leaf_of(Entry.EVENT, event.position)
        cut = self.cut
        if leaf is None or cut is None:
            return leaf
        known = leaf.index < cut.sealed.size and event.recorded_at <= cut.known_at
        return leaf if known else None

    def notices(self) -> Iterator[SealedNotice]:
        """Yield the notices about events of the bundle, as far as its last checkpoint knows."""
        for one in self.reader.sealed_notices(self.gathered.positions):
            if self.last is not None and one.leaf.index < self.last.size:
                self.gathered.indexes.append(one.leaf.index)
                self.gathered.told += one.leaf.kind is Entry.TOLD
                self.gathered.sent += one.leaf.kind is Entry.SENT
                self.numbered.recipient(one.recipient)
                yield one

    def persons_held(self) -> Sequence[Person]:
        """Return everybody who is numbered, and which posts they held by the register of posts."""
        body = self.plan.body
        tenures = self.reader.tenures(body) if self.cut is None else self.cut.tenures
        return [
            Person(
                number=number,
                name=name,
                posts=[t for t in tenures if t.person == name and t.body in ("", body)],
            )
            for name, number in self.numbered.numbers.items()
        ]

    @property
    def standing(self) -> Sequence[tuple[Instance, str]]:
        """Return every instance of the bundle with its state at the moment of the bundle."""
        if self.past is None:
            found = self.gathered.instances
            return [(one, state) for one, _, state in found if one.key != office.KEY]
        inside = f"{self.within}/"
        return [
            (i, i.state)
            for i in self.past.standing
            if i.key == self.within or i.key.startswith(inside)
        ]

    def _known(self, events: Sequence[Event]) -> Sequence[Event]:
        """Return the events that were sealed by the moment of the bundle; of the present, all."""
        if self.cut is None:
            return events
        return list(takewhile(lambda event: self.leaf_of(event) is not None, events))

    def _require_kept(self, events: Sequence[Event]) -> None:
        """Refuse what was removed by law since: without the removal, its absence is unexplained."""
        if self.cut is None:
            return
        said = {e.data.get("event") for e in events if e.kind is Kind.REDACTED}
        for event in events:
            gone = [
                n for n, t in self.reader.sealed_texts(event.position).items() if t.text is None
            ]
            if gone and event.position not in said:
                raise RemovedSince(event=event.position, key=event.instance)

    def _row(self, event: Event, *, gone: bool) -> Row:
        leaf = self.leaf_of(event)
        texts = self.reader.sealed_texts(event.position) if event.texts or gone else {}
        entry = sealed_form(event, hashes(texts), self.persons)
        if leaf is not None and not texts and self._hashing.leaf(entry) != leaf.hash:
            texts = self.reader.sealed_texts(event.position)  # removed, and nobody said so
            entry = sealed_form(event, hashes(texts), self.persons)
        numbered = self.numbered.event(event)
        found = self.gathered
        found.events += 1
        found.positions.append(event.position)
        found.texts += sum(1 for text in texts.values() if text.text is not None)
        found.unsealed += leaf is None
        if leaf is not None:
            found.indexes.append(leaf.index)
        if event.kind in (Kind.OPENED, Kind.AMENDED) and "machine" in event.data:
            self._machine(str(event.data["machine"]))
        if event.kind is Kind.AMENDED and "plan" in event.data:
            found.plans |= {str(event.data["plan"]), str(event.data.get("before"))}
        return Row(
            event=event,
            shown=event if self.named else numbered,
            line=entry,
            leaf=leaf,
            texts=texts,
        )

    def _machine(self, edition: str) -> None:
        if edition not in self.gathered.machines:
            with suppress(NotFound):  # of a history that was tampered with: to be found later
                self.gathered.machines[edition] = self.reader.machine(edition).workflow.as_data()

    def _close(self, key: str, events: Sequence[Event]) -> None:
        instance = self.reader.find(key)
        if instance is not None and events:
            state = instance.state if self.cut is None else _state_after(events)
            self.gathered.instances.append((instance, events[-1].sequence, state))


def _state_after(events: Sequence[Event]) -> str:
    """Return where a history leads, as the verifier walks it."""
    state = ""
    for event in events:
        if event.kind in (Kind.OPENED, Kind.AMENDED):
            state = str(event.data.get("state", state))
        elif event.kind is Kind.MOVED:
            state = event.target
    return state


def hashes(texts: Mapping[str, KeptText]) -> dict[str, str]:
    """Return the hashes by which the log covers texts."""
    return {name: text.hash for name, text in texts.items()}
