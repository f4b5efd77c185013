"""The ports: what the engine asks of a store; adapters match by shape.

One contract suite (`tests/contract`) runs on each: in memory, SQLite, PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from engine.deadline import Deadline, Exempt, Timer
from engine.definition import Join, Workflow
from engine.division import ChunkReader, ChunkWriter
from engine.events import Data, Event, Instance, Kind
from engine.footprint import WHOLE, Footprint, Share
from engine.heartbeat import Heartbeat
from engine.log import LogReader, LogWriter
from engine.machine import Machine
from engine.message import Message
from engine.population import Population, Stamp, Tally
from engine.removal import RecordReader, TextRemover


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """Who holds a post of a body, or deputises in it, from which day until which, both included."""

    body: str
    """Empty for the posts of the database itself: administrator, auditor."""
    post: str
    person: str
    since: str
    """A day, ``2024-07-10``; empty for always."""
    until: str = ""
    deputy: bool = False
    event: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeItem:
    """One thing that one person is told, with the event that caused it."""

    event: int
    recipient: str
    """Account of a person, or ``post:`` and the post where nobody holds it."""
    channel: str = "log"
    about: Sequence[str] = ()
    """The owners whose affairs this recipient is told of."""
    held: bool = False
    """Waits for a person's word after a long silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message to one person by one channel: a digest of items, fixed before it is first sent."""

    id: int
    key: str
    """Stable: sending one key twice is one notice."""
    recipient: str
    channel: str
    created_at: datetime
    items: tuple[tuple[NoticeItem, Event], ...]
    attempts: int = 0


class Reader(RecordReader, LogReader, ChunkReader, Protocol):
    """Questions to a store, answered as of one moment of it.

    A question about the instance or cycle of a key that is not there raises
    `NotFound`, `find` excepted; a population that names one is empty.
    """

    now: datetime
    """The moment at which it is asked, read once."""

    def find(self, key: str) -> Instance | None:
        """Return the instance, if there is one."""
        ...

    def cycles(self) -> Sequence[Instance]:
        """Return every cycle, in order of opening."""
        ...

    def plan(self, cycle: str) -> tuple[str, Data]:
        """Return edition and content of the plan under which ``cycle`` runs now."""
        ...

    def published_plan(self, edition: str) -> Data:
        """Return the content of a published plan edition; `NotFound` for one that never was."""
        ...

    def calendar(self, edition: str) -> Data:
        """Return the days of a published calendar edition; none for an unknown one."""
        ...

    def machine(self, edition: str) -> Machine:
        """Return the machine of a published edition; `NotFound` for one that never was."""
        ...

    def machines(self, workflow: str) -> Sequence[Machine]:
        """Return the machines of every published edition of ``workflow``."""
        ...

    def select(self, population: Population, limit: int = 0, after: str = "") -> Sequence[Instance]:
        """Return the instances of ``population`` in order of key, those past ``after``."""
        ...

    def count(self, population: Population) -> int:
        """Return how many there are."""
        ...

    def tally(self, population: Population, first: int = 20) -> Sequence[Tally]:
        """Return per owner how many there are and the keys of the first, in order of owner."""
        ...

    def by_state(self, cycle: str, workflow: str) -> Mapping[str, int]:
        """Return how many instances of ``workflow`` stand in each state."""
        ...

    def by_lamp(self, cycle: str) -> Mapping[str, int]:
        """Return how many instances of the cycle show each lamp, the dark ones left out."""
        ...

    def joined(self, join: Join, instance: Instance) -> bool:
        """Return whether ``join`` holds for ``instance``: every counted child has arrived."""
        ...

    def awaited(self, join: Join, instance: Instance, limit: int = 0) -> Sequence[Instance]:
        """Return the counted children that have not arrived."""
        ...

    def count_arrived(self, join: Join, instance: Instance) -> int:
        """Return how many counted children have arrived."""
        ...

    def count_awaited(self, join: Join, instance: Instance) -> int:
        """Return how many counted children have not arrived."""
        ...

    def history(self, key: str) -> Sequence[Event]:
        """Return every event of the instance, oldest first, texts included."""
        ...

    def histories(self, cycle: str = "") -> Iterator[tuple[Instance, Sequence[Event]]]:
        """Yield every instance with its events, without texts; of all cycles when none is named."""
        ...

    def footprints(
        self, cycle: str = "", share: Share = WHOLE
    ) -> Iterator[tuple[Instance, Sequence[Footprint]]]:
        """Yield every instance, or a share, with what replay needs, for checking very many."""
        ...

    def event(self, position: int) -> Event | None:
        """Return the event at ``position``, texts included."""
        ...

    def last(self, key: str, trigger: str) -> Event | None:
        """Return the last move of the instance on ``trigger``."""
        ...

    def deadlines(
        self, cycle: str, step: str = "", *, instance: str | None = None, all_versions: bool = False
    ) -> Sequence[Deadline]:
        """Return the current deadlines: all, a step's, an instance's own (``""``: shared only)."""
        ...

    def timers(self, cycle: str = "", *, pending: bool = True) -> Sequence[Timer]:
        """Return timers in order of time."""
        ...

    def due(self, now: datetime, cycle: str = "") -> Sequence[Timer]:
        """Return pending timers that are due and not waiting for a retry, in order of time."""
        ...

    def next_moment(self) -> datetime | None:
        """Return when the next pending timer fires or the next retry is due."""
        ...

    def exemptions(self, key: str) -> Mapping[str, Exempt]:
        """Return step → why it does not bind the instance as it binds the others."""
        ...

    def exempt(self, cycle: str, kind: Exempt) -> Sequence[tuple[str, str]]:
        """Return (instance, step) of every exemption of ``kind`` in the cycle."""
        ...

    def tenures(self, body: str = "", person: str = "") -> Sequence[Tenure]:
        """Return who holds which post, of one body (and of the database), or of one person."""
        ...

    def waiting_notices(self) -> Mapping[str, int]:
        """Return how many notice items are pending, held, failing or dead."""
        ...

    def told(self, event: int) -> Sequence[NoticeItem]:
        """Return the items of the event at that position, by recipient and channel."""
        ...

    def heartbeats(self) -> Sequence[Heartbeat]:
        """Return the daemons that ever ran here."""
        ...

    def setting(self, name: str) -> str:
        """Return a setting of the database, empty when it is not set."""
        ...


class UnitOfWork(TextRemover, LogWriter, ChunkWriter, Reader, Protocol):
    """Reads and writes that become durable together or not at all."""

    def publish_workflow(self, workflow: Workflow) -> None:
        """Keep the edition and its legal moves; publishing the same one again changes nothing."""
        ...

    def publish_plan(self, edition: str, content: Data) -> None:
        """Keep a plan edition; publishing the same one again changes nothing."""
        ...

    def publish_calendar(self, edition: str, content: Data) -> None:
        """Keep a calendar edition; publishing the same one again changes nothing."""
        ...

    def bind_plan(self, cycle: str, edition: str) -> None:
        """Let ``cycle`` run under a published plan edition; `NotFound` where one is missing."""
        ...

    def hold(self, key: str, *, wait: bool = True, shared: bool = False, person: str = "") -> bool:
        """Let nobody else change the cycle of ``key`` until the unit ends; read afterwards.

        Without ``wait``, return False where another unit holds it. Who holds
        several holds the office first, then cycles in order of opening.
        ``shared`` is for those who do one chunk each: they hold it together,
        and keep out everybody else; none of them changes the cycle itself.
        ``person`` is who is going to act: what concerns him may be read at once.
        """
        ...

    def load(self, key: str) -> Instance:
        """Return the instance, locked until the unit ends; `NotFound` for one that is not there."""
        ...

    def moves_of(self, keys: Sequence[str], since: int = 0) -> Mapping[str, Sequence[Event]]:
        """Return the moves past position ``since`` of those instances that made any, oldest first.

        Their texts are left out.
        """
        ...

    def create(self, born: Sequence[tuple[Instance, Event]]) -> Sequence[int]:
        """Create instances, each with its first event; return the events' positions.

        An instance is given as it is after that event, with sequence 1.

        Raises:
            AlreadyExists: a key is taken.

        """
        ...

    def append(self, event: Event) -> Event:
        """Append the event, let it act on its instance, and return it with its position.

        Raises:
            NotFound: there is no such instance.
            ConcurrentChange: another unit recorded this sequence number, or
                this part of this timer, first.
            DefinitionError: it is a move, and no edge of its edition.

        """
        ...

    def advance(
        self,
        population: Population,
        machine: Machine,
        trigger: str,
        stamp: Stamp,
        parent: Instance | None = None,
    ) -> int:
        """Make ``trigger`` in every instance of ``population`` where it is legal, set-based.

        ``parent`` is what guards read of the parent; the same for all. Each
        moves at most once, at the stamp's moment, or at that of its last move
        where that is later: a history never runs backwards. One that has an
        event of the stamp's timer and part already is left out. Returns how many.
        """
        ...

    def mark(self, population: Population, kind: Kind, data: Data, stamp: Stamp) -> int:
        """Record the same event, no move, in every instance of ``population``, set-based.

        ``data`` may set a lamp; it sets no facts. One that has an event of
        the stamp's timer and part already is left out. Returns how many.
        """
        ...

    def set_deadlines(self, deadlines: Iterable[Deadline], timers: Iterable[Timer]) -> None:
        """Keep new deadlines with their timers.

        A deadline with the step, occurrence and instance of an older one
        supersedes it; the older one's pending timers are cancelled.
        """
        ...

    def claim(self, timer: str) -> Timer | None:
        """Return the timer, locked until the unit ends, if it is still pending."""
        ...

    def settle_timer(self, timer: Timer) -> None:
        """Keep state, cursor, attempts and error of ``timer``."""
        ...

    def cancel_timers(self, cycle: str, deadline: str = "") -> None:
        """Cancel the pending timers of a deadline, or of the whole cycle, that have not begun."""
        ...

    def set_exemption(self, key: str, step: str, kind: Exempt | None, event: int) -> None:
        """Keep why ``step`` does not bind the instance as others; ``None`` takes it away."""
        ...

    def set_tenure(self, tenure: Tenure) -> None:
        """Keep a tenure; its ``event`` is the event that says so."""
        ...

    def end_tenure(self, event: int, until: str) -> None:
        """Let the tenure that ``event`` began end on the day ``until``."""
        ...

    def tell(self, items: Iterable[NoticeItem]) -> None:
        """Keep notice items, to be delivered once this unit is durable; a repeated one is one."""
        ...

    def release_notices(self) -> int:
        """Let held items go; return how many."""
        ...

    def gather(
        self, limit: int = 100, hushed: Collection[str] = (), lease: timedelta = timedelta()
    ) -> Sequence[Notice]:
        """Group pending items into notices, one per person and channel, and return those due.

        What concerns a cycle in ``hushed`` stays as it is: items loose, notices unsent.
        For the length of ``lease`` nobody else gets what is returned.
        """
        ...

    def settle_notice(self, notice: Notice, error: str, next_attempt_at: datetime | None) -> None:
        """Keep the outcome of a delivery: sent (no error), to be repeated, or given up."""
        ...

    def put_off(self, notice: Notice, until: datetime) -> None:
        """Let the notice be due again at ``until``; nothing was tried, no attempt is counted."""
        ...

    def void_notice(self, notice: Notice) -> None:
        """Settle a notice that is never sent: all it would say was done before it could be."""
        ...

    def revive_notices(self, key: str = "") -> int:
        """Let a notice that was given up be due again, or all of them; return how many."""
        ...

    def beat(self, heartbeat: Heartbeat) -> None:
        """Keep a daemon's sign of life."""
        ...

    def set_setting(self, name: str, value: str) -> None:
        """Keep a setting of the database."""
        ...


class Store(Protocol):
    """Durable instances, histories, deadlines and notices."""

    def unit_of_work(self, now: datetime) -> AbstractContextManager[UnitOfWork]:
        """Open a unit at the moment ``now``: it commits on a clean exit, rolls back on an error."""
        ...

    def reading(self) -> AbstractContextManager[Reader]:
        """Open a consistent view for reading; nothing is locked."""
        ...


class Notifier(Protocol):
    """Delivers notices to people; may be asked twice for one key."""

    def send(self, notice: Notice, message: Message) -> None:
        """Deliver the notice, which says ``message``.

        Raises:
            DeliveryFailed: try again later; nothing was delivered.

        """
        ...
