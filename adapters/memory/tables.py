"""What the memory store holds, with the indexes that keep a large cycle from being quadratic."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from adapters.memory.journal import Journal, Table
from engine.deadline import Deadline, Exempt, Timer, TimerState
from engine.division import Chunk
from engine.entries import Entry
from engine.events import Data, Event, Instance
from engine.heartbeat import Heartbeat
from engine.log import Leaf, Posted, Sealed, Stamp
from engine.machine import Machine
from engine.ports import NoticeItem, Tenure

ByState: TypeAlias = dict[str, set[str]]
"""Keys of instances per state."""


class Instances(Table[str, Instance]):
    """Instances by key; by cycle or parent, workflow and state."""

    def __init__(self, name: str, journal: Journal) -> None:
        super().__init__(name, journal)
        self.by_cycle: dict[tuple[str, str], ByState] = {}
        self.by_parent: dict[tuple[str, str], ByState] = {}

    def indexed(self, key: str, old: Instance | None, new: Instance | None) -> None:
        """Keep both indexes; most events change no state and leave them alone."""
        if old and new and old.state == new.state:
            return
        if old:
            self.by_cycle[old.cycle, old.workflow][old.state].discard(key)
            self.by_parent[old.parent, old.workflow][old.state].discard(key)
        if new:
            for index, scope in (self.by_cycle, new.cycle), (self.by_parent, new.parent):
                states = index.setdefault((scope, new.workflow), {})
                states.setdefault(new.state, set()).add(key)


class Deadlines(Table[str, Deadline]):
    """Deadlines by id; by step, and by the instance that they bind."""

    def __init__(self, name: str, journal: Journal) -> None:
        super().__init__(name, journal)
        self.by_step: dict[tuple[str, str], set[str]] = {}
        self.by_instance: dict[tuple[str, str], set[str]] = {}

    def indexed(self, key: str, old: Deadline | None, new: Deadline | None) -> None:
        """Keep both indexes; what they index never changes in a deadline."""
        if old:
            self.by_step[old.cycle, old.step].discard(key)
            self.by_instance[old.cycle, old.instance].discard(key)
        if new:
            self.by_step.setdefault((new.cycle, new.step), set()).add(key)
            self.by_instance.setdefault((new.cycle, new.instance), set()).add(key)


class Timers(Table[str, Timer]):
    """Timers by id; by deadline, and the pending ones in order of when they can next fire."""

    def __init__(self, name: str, journal: Journal) -> None:
        super().__init__(name, journal)
        self.by_deadline: dict[str, set[str]] = {}
        self.pending: list[tuple[datetime, str]] = []

    def indexed(self, key: str, old: Timer | None, new: Timer | None) -> None:
        """Keep both indexes."""
        if old:
            self.by_deadline[old.deadline].discard(key)
            if old.state is TimerState.PENDING:
                del self.pending[bisect_left(self.pending, (_next_moment(old), key))]
        if new:
            self.by_deadline.setdefault(new.deadline, set()).add(key)
            if new.state is TimerState.PENDING:
                insort(self.pending, (_next_moment(new), key))


def _next_moment(timer: Timer) -> datetime:
    return max(timer.fires_at, timer.next_attempt_at or timer.fires_at)


@dataclass(frozen=True, slots=True)
class KeptItem:
    """A notice item and the notice that carries it, 0 while there is none."""

    item: NoticeItem
    notice: int = 0


class Items(Table[int, KeptItem]):
    """Notice items by id and event; those that no notice carries yet; which were told already."""

    def __init__(self, name: str, journal: Journal) -> None:
        super().__init__(name, journal)
        self.loose: set[int] = set()
        self.told: set[tuple[int, str, str]] = set()
        self.by_event: dict[int, set[int]] = {}

    def indexed(self, key: int, old: KeptItem | None, new: KeptItem | None) -> None:
        """Keep the indexes."""
        if old:
            self.loose.discard(key)
            self.told.discard((old.item.event, old.item.recipient, old.item.channel))
            self.by_event[old.item.event].discard(key)
        if new:
            self.by_event.setdefault(new.item.event, set()).add(key)
            self.told.add((new.item.event, new.item.recipient, new.item.channel))
            if not new.notice:
                self.loose.add(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNotice:
    """A notice, which items it carries and what became of it."""

    id: int
    key: str
    recipient: str
    channel: str
    created_at: datetime
    items: tuple[int, ...]
    attempts: int = 0
    state: str = "pending"
    """``pending``, ``failing``, ``dead``, ``sent`` or ``void``."""
    next_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    last_error: str = ""


class Notices(Table[int, KeptNotice]):
    """Notices by id, and those that were neither sent nor became void."""

    def __init__(self, name: str, journal: Journal) -> None:
        super().__init__(name, journal)
        self.unsent: set[int] = set()

    def indexed(self, key: int, old: KeptNotice | None, new: KeptNotice | None) -> None:
        """Keep the index."""
        self.unsent.discard(key)
        if new and new.state not in ("sent", "void"):
            self.unsent.add(key)


class Tables:
    """All that one store knows at one moment."""

    def __init__(self) -> None:
        """Start with nothing."""
        journal: Journal = []
        self.journal = journal
        self.readers = 0
        self.before = 0
        """The position before that of the first event."""
        self.instances = Instances("instances", journal)
        self.events: Table[int, Event] = Table("events", journal)
        self.positions: Table[tuple[str, int], int] = Table("positions", journal)
        self.fired: Table[tuple[str, str, str], int] = Table("fired", journal)
        self.machines: Table[str, Machine] = Table("machines", journal)
        self.plans: Table[str, Data] = Table("plans", journal)
        self.calendars: Table[str, Data] = Table("calendars", journal)
        self.bound: Table[str, str] = Table("bound", journal)
        self.deadlines = Deadlines("deadlines", journal)
        self.timers = Timers("timers", journal)
        self.chunks: Table[tuple[str, int], Chunk] = Table("chunks", journal)
        self.exemptions: Table[str, Mapping[str, Exempt]] = Table("exemptions", journal)
        self.tenures: Table[int, Tenure] = Table("tenures", journal)
        self.items = Items("items", journal)
        self.notices = Notices("notices", journal)
        self.heartbeats: Table[str, Heartbeat] = Table("heartbeats", journal)
        self.settings: Table[str, str] = Table("settings", journal)
        self.leaves: Table[int, Leaf] = Table("leaves", journal)
        self.leaf_of: Table[tuple[Entry, int], int] = Table("leaf_of", journal)
        self.posts: Table[str, Posted] = Table("posts", journal)
        self.stamps: Table[tuple[int, str], Stamp] = Table("stamps", journal)
        self.log_editions: Table[int, str] = Table("log_editions", journal)
        self.checkpoints: Table[int, Sealed] = Table("checkpoints", journal)
        self.removed: Table[int, Mapping[str, str]] = Table("removed", journal)
        """By event: the hashes of the texts that were removed."""
        self._named: dict[str, Table[Any, Any]] = {
            name: table for name, table in vars(self).items() if isinstance(table, Table)
        }

    def undo(self) -> None:
        """Take back everything since the journal was last empty, the latest first."""
        for name, key, old in reversed(self.journal):
            self._named[name].restore(key, old)
        self.journal.clear()

    def copy(self) -> Tables:
        """Return the same rows and journal in tables of their own."""
        twin = Tables()
        twin.before = self.before
        for name, table in self._named.items():
            for key, row in table.rows.items():
                twin._named[name].restore(key, row)
        twin.journal.extend(self.journal)
        return twin


def plain(value: Any) -> Any:
    """Return JSON data as a database would give it back: its own copy, lists for tuples."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return value


def own_copy(event: Event) -> Event:
    """Return ``event`` with data and texts that nobody else can change."""
    return replace(event, data=plain(event.data), texts=dict(event.texts))
