"""The log in memory: the plainest way to keep one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.memory.tables import KeptNotice, Tables
from engine.entries import Entry, KeptText, edition_entry, sent_entry, told_entry
from engine.errors import ConcurrentChange
from engine.events import Event, sealed_form, text_hash
from engine.facts import to_text
from engine.log import Leaf, Node, Posted, Sealed, SealedNotice, Stamp, StoredLeaf, Unsealed
from engine.merkle import SHA256, STRIDE, Hash, Hashing, Tree
from engine.persons import SECRET, Persons


class MemoryLog:
    """An `engine.log.LogReader` on plain dictionaries."""

    _tables: Tables

    def persons(self) -> Persons:
        """Return how the log covers the persons of this store."""
        return Persons(self._tables.settings.rows.get(SECRET, ""))

    def oldest_writer(self) -> str:
        """Return nothing: one unit writes at a time."""
        return ""

    def log_size(self) -> int:
        """Return how many leaves there are."""
        return len(self._tables.leaves.rows)

    def node(self, level: int, index: int) -> Hash:
        """Return the hash of a whole subtree."""
        first, count = index << level, 1 << level
        if first + count > self.log_size():
            raise LookupError(f"node {index} of level {level}")
        last = self.checkpoint()
        leaves = [self._tables.leaves.rows[i].hash for i in range(first, first + count)]
        return Tree(Hashing(last.hashing if last else SHA256), leaves)(level, 0)

    def leaf_of(self, kind: Entry, position: int) -> Leaf | None:
        """Return the leaf that stands for an event, a notice item or a notice."""
        index = self._tables.leaf_of.rows.get((kind, position))
        return None if index is None else self._tables.leaves.rows[index]

    def sealed_edition(self, kind: str, edition: str) -> tuple[Leaf, bytes] | None:
        """Return the leaf of a published ``plan``, ``workflow`` or ``calendar``, and its entry."""
        name = f"{kind}:{edition}"
        for number, sealed in self._tables.log_editions.rows.items():
            leaf = self.leaf_of(Entry.EDITION, number)
            if sealed == name and leaf is not None:
                return leaf, self._edition_entry(name)
        return None

    def sealed_notices(self, events: Sequence[int]) -> Sequence[SealedNotice]:
        """Return what the log holds of notices about ``events``."""
        wanted, found = set(events), []
        for position, kept in self._tables.items.rows.items():
            if kept.item.event in wanted:
                found.append((Entry.TOLD, position, kept.item.recipient))
        found += [
            (Entry.SENT, notice.id, notice.recipient)
            for notice in self._tables.notices.rows.values()
            if any(self._tables.items.rows[i].item.event in wanted for i in notice.items)
        ]
        there = [
            SealedNotice(leaf, self._entry(kind, position) or b"", recipient)
            for kind, position, recipient in found
            if (leaf := self.leaf_of(kind, position)) is not None
        ]
        return sorted(there, key=lambda one: one.leaf.index)

    def leaves(self) -> Iterator[StoredLeaf]:
        """Yield every leaf, in order, with what it stands for as that is stored now."""
        for index in range(self.log_size()):
            leaf = self._tables.leaves.rows[index]
            entry = self._entry(leaf.kind, leaf.position)
            yield StoredLeaf(index, str(leaf.kind), leaf.position, leaf.hash.hex(), entry)

    def unsealed(self, limit: int, *, thorough: bool = False) -> Sequence[Unsealed]:
        """Return what the log does not cover yet: events first, in order of position."""
        notices = self._tables.notices.rows
        there = (
            (Entry.EVENT, list(self._tables.events.rows)),
            (Entry.TOLD, list(self._tables.items.rows)),
            (Entry.SENT, [n.id for n in notices.values() if n.state == "sent"]),
        )
        found = [
            Unsealed(kind, position, self._entry(kind, position))
            for kind, positions in there
            for position in sorted(positions)
            if (kind, position) not in self._tables.leaf_of.rows
        ]
        return [*self._unsealed_editions(), *found][:limit]

    def damage(self) -> Sequence[str]:
        """Return nothing: there is no file."""
        return ()

    def schema_differences(self) -> Sequence[str]:
        """Return nothing: there is no schema."""
        return ()

    def misplaced(self) -> Sequence[tuple[str, str]]:
        """Return nothing: here a key is all that there is."""
        return ()

    def left_behind(self) -> Sequence[Unsealed]:
        """Return nothing: nobody reaches these tables but through units."""
        return ()

    def missing_positions(self) -> Sequence[tuple[int, int]]:
        """Return nothing, for the same reason."""
        return ()

    def false_moves(self) -> Sequence[str]:
        """Return nothing: moves are read from the machines themselves."""
        return ()

    def nodes(self) -> Iterator[tuple[int, int, str]]:
        """Yield what a database would keep."""
        size, level = self.log_size(), STRIDE
        while size >> level:
            for index in range(size >> level):
                yield level, index, self.node(level, index).hex()
            level += STRIDE

    def count_unsealed(self) -> tuple[int, datetime | None]:
        """Return how many events have no leaf, and when the oldest was recorded."""
        moments = [
            event.recorded_at
            for position, event in self._tables.events.rows.items()
            if (Entry.EVENT, position) not in self._tables.leaf_of.rows
        ]
        return len(moments), min(moments, default=None)

    def sealed_texts(self, position: int) -> Mapping[str, KeptText]:
        """Return the removable texts of the event at ``position``."""
        event = self._tables.events.rows.get(position)
        removed = self._tables.removed.rows.get(position, {})
        gone = {name: KeptText("", hashed, None) for name, hashed in removed.items()}
        return {} if event is None else {**_texts(event), **gone}

    def false_texts(self) -> Sequence[tuple[int, str]]:
        """Return nothing: hashes are made when they are asked for."""
        return ()

    def checkpoint(self, size: int | None = None) -> Sealed | None:
        """Return the checkpoint of that size, or the last one."""
        sealed = self._tables.checkpoints.rows
        return sealed.get(max(sealed, default=0) if size is None else size)

    def checkpoints(self) -> Sequence[Sealed]:
        """Return every checkpoint, the smallest first."""
        return [sealed for _, sealed in sorted(self._tables.checkpoints.rows.items())]

    def posts(self) -> Mapping[str, Posted]:
        """Return, by destination, how checkpoints went out."""
        return dict(self._tables.posts.rows)

    def stamps(self) -> Sequence[Stamp]:
        """Return every time stamp, in order of checkpoints."""
        return [stamp for _, stamp in sorted(self._tables.stamps.rows.items())]

    def _unsealed_editions(self) -> list[Unsealed]:
        sealed = set(self._tables.log_editions.rows.values())
        names = [name for name in self._editions() if name not in sealed]
        return [
            Unsealed(Entry.EDITION, number, self._edition_entry(name), name)
            for number, name in enumerate(names, len(sealed) + 1)
        ]

    def _editions(self) -> dict[str, Any]:
        """Return the content of everything published, by kind and name."""
        tables = self._tables
        return {
            **{f"plan:{name}": content for name, content in sorted(tables.plans.rows.items())},
            **{
                f"workflow:{name}": machine.workflow.as_data()
                for name, machine in sorted(tables.machines.rows.items())
            },
            **{f"calendar:{n}": content for n, content in sorted(tables.calendars.rows.items())},
        }

    def _edition_entry(self, name: str) -> bytes:
        kind, _, edition = name.partition(":")
        return edition_entry(kind, edition, self._editions()[name], "", self.persons())

    def _entry(self, kind: Entry, position: int) -> bytes | None:
        if kind is Entry.EDITION:
            return self._edition_entry(self._tables.log_editions.rows[position])
        if kind is Entry.EVENT:
            texts = self.sealed_texts(position)
            hashes = {name: text.hash for name, text in texts.items()}
            return sealed_form(self._tables.events.rows[position], hashes, self.persons())
        if kind is Entry.TOLD:
            item = self._tables.items.rows[position].item
            told = (item.event, item.recipient, item.channel, item.about)
            return told_entry(*told, self.persons())
        return self._sent(self._tables.notices.rows[position])

    def _sent(self, notice: KeptNotice) -> bytes | None:
        if notice.sent_at is None:
            return None
        return sent_entry(
            key=notice.key,
            recipient=notice.recipient,
            channel=notice.channel,
            created_at=to_text(notice.created_at),
            sent_at=to_text(notice.sent_at),
            events=[self._tables.items.rows[i].item.event for i in notice.items],
            persons=self.persons(),
        )


class MemorySealing(MemoryLog):
    """An `engine.log.LogWriter` whose every change stands in the tables' journal."""

    def choose_secret(self) -> None:
        """Choose the same secret always: in memory nobody guesses at names."""
        self._tables.settings.put(SECRET, "memory")

    def set_post(self, posted: Posted) -> None:
        """Keep how a checkpoint went out, or did not."""
        self._tables.posts.put(posted.destination, posted)

    def keep_stamp(self, stamp: Stamp) -> None:
        """Keep a time stamp; another of the same authority for the same checkpoint is left out."""
        if (stamp.size, stamp.authority) not in self._tables.stamps.rows:
            self._tables.stamps.put((stamp.size, stamp.authority), stamp)

    def seal(self, leaves: Iterable[Leaf], nodes: Iterable[Node], checkpoint: Sealed) -> None:
        """Keep leaves, nodes and the checkpoint that covers them; nodes are made when asked for."""
        new = list(leaves)
        there = self._tables.leaves.rows, self._tables.leaf_of.rows
        if (
            checkpoint.size in self._tables.checkpoints.rows
            or any(leaf.index in there[0] for leaf in new)
            or any((leaf.kind, leaf.position) in there[1] for leaf in new)
        ):
            raise ConcurrentChange(key="log")
        for leaf in new:
            self._tables.leaves.put(leaf.index, leaf)
            self._tables.leaf_of.put((leaf.kind, leaf.position), leaf.index)
            if leaf.name:
                self._tables.log_editions.put(leaf.position, leaf.name)
        self._tables.checkpoints.put(checkpoint.size, checkpoint)


def _texts(event: Event) -> Mapping[str, KeptText]:
    """Return the texts with salts of a kind: in memory nobody guesses at what was removed."""
    found = {}
    for name, text in event.texts.items():
        salt = f"{event.position}/{name}"
        found[name] = KeptText(salt, text_hash(salt, text), text)
    return found
