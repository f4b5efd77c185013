"""Taking turns: each actor is a thread that runs only between two commit points, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock, Thread

from engine.clock import Clock
from engine.errors import N_, DeliveryFailed, EngineError
from engine.message import Message
from engine.ports import Notice, Reader, Store, UnitOfWork
from tests.simulation.script import (
    DOUBLE,
    FAIL,
    KILL_AFTER,
    KILL_BEFORE,
    LOSE,
    REFUSE,
    SUSPENDED,
)


class Killed(BaseException):
    """The process died; no `except Exception` notices."""


class ConnectionCut(EngineError):
    """What a caller sees when a commit fails, and when its answer is lost: it cannot tell which."""

    code = "cut"
    template = N_("the connection was cut")


class Actor:
    """A process: has the turn, or waits at a commit point for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults = {False: "", True: ""}
        """What will strike next: at a commit, and (True) at a delivery."""
        self.injected: list[str] = []
        """Which faults did strike, in order."""
        self.busy = False
        self.failure: BaseException | None = None
        """What no process should end with."""
        self._work: Callable[[], None] | None = None
        self._go, self._back = Lock(), Lock()
        self._go.acquire()
        self._back.acquire()
        self._ends = False
        self._thread = Thread(target=self._live, name=name, daemon=True)
        self._thread.start()

    def begin(self, work: Callable[[], None]) -> None:
        """Take up ``work``, as far as its first commit point; only when not busy."""
        assert not self.busy
        self._work, self.busy = work, True

    def turn(self, fault: str = "") -> None:
        """Run up to the next commit point; ``fault`` strikes at the next place where it can."""
        if fault:
            self.faults[fault in (REFUSE, DOUBLE)] = fault
        self._go.release()
        self._back.acquire()

    def point(self) -> None:
        """Give the turn back and wait for the next one; called by the actor itself."""
        self._back.release()
        self._go.acquire()
        if self._ends:
            raise Killed

    def strikes(self, *faults: str) -> str:
        """Return which of ``faults`` strikes here and now; it is used up."""
        for kind, fault in self.faults.items():
            if fault in faults:
                self.faults[kind] = ""
                self.injected.append(fault)
                return fault
        return ""

    def end(self) -> None:
        """Let the thread end, whatever it was at."""
        self._ends = True
        self._go.release()
        self._thread.join()

    def _live(self) -> None:
        while True:
            self._go.acquire()
            if self._ends:
                return
            try:
                if self._work:
                    self._work()
            except Killed:
                pass
            except BaseException as error:  # noqa: BLE001 - the checker reports it
                self.failure = error
            self._work, self.busy = None, False
            if self._ends:
                return
            self._back.release()


class TurnStore:
    """An `engine.ports.Store` as one actor sees it: each unit and each reading awaits its turn."""

    def __init__(self, store: Store, actor: Actor, clock: Clock, *, prompt: bool) -> None:
        """``prompt``: no time passes between looking at the clock and opening the unit."""
        self._store = store
        self._prompt = prompt
        self._actor = actor
        self._clock = clock
        self._within = False

    @contextmanager
    def unit_of_work(self, now: datetime) -> Iterator[UnitOfWork]:
        self._actor.point()
        if self._prompt:
            now = self._clock.now()
        elif now != self._clock.now():
            self._actor.injected.append(SUSPENDED)
        self._within = True
        try:
            with self._store.unit_of_work(now) as unit:
                yield unit
                self._break(self._actor.strikes(KILL_BEFORE, FAIL))
        finally:
            self._within = False
        self._break(self._actor.strikes(KILL_AFTER, LOSE))

    @staticmethod
    def _break(fault: str) -> None:
        if fault in (KILL_BEFORE, KILL_AFTER):
            raise Killed
        if fault:
            raise ConnectionCut

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        if not self._within:  # nobody else can have the turn while a unit is open
            self._actor.point()
        with self._store.reading() as reader:
            yield reader


class Letterbox:
    """A channel that keeps what it is given, and looks at once whether it is durable."""

    def __init__(self, durable: Callable[[str], tuple[int, ...] | None]) -> None:
        """``durable`` returns the committed items of the notice of a key, by event."""
        self._durable = durable
        self.received: list[tuple[str, tuple[int, ...]]] = []
        self.wrong: list[str] = []

    def for_actor(self, actor: Actor) -> Channel:
        return Channel(self, actor)

    def put(self, notice: Notice) -> None:
        items = tuple(sorted(item.event for item, _ in notice.items))
        if self._durable(notice.key) != items:
            self.wrong.append(f"notice {notice.key} was sent before it was durable")
        self.received.append((notice.key, items))


class Channel:
    """An `engine.ports.Notifier` that may refuse, or deliver and seem not to have."""

    def __init__(self, letterbox: Letterbox, actor: Actor) -> None:
        self._letterbox = letterbox
        self._actor = actor

    def send(self, notice: Notice, message: Message) -> None:
        fault = self._actor.strikes(REFUSE, DOUBLE)
        if fault != REFUSE:
            self._letterbox.put(notice)
        if fault:
            raise DeliveryFailed(key=notice.key, channel=notice.channel, problem=fault)
