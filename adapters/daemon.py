"""The daemon: APScheduler wakes it, the timer table tells it what to do.

Jobs hold no truth. One job is a net, because another process may have added
something; one wakes at the next due moment. Both run the same pass, on one
thread, so a pass is never entered twice; a daemon that slept for a week does
the same work one pass later. On PostgreSQL whoever keeps something that is due
wakes it at once.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Protocol

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from adapters.checkpoint_post import post_checkpoints
from adapters.liveness import is_skewed
from adapters.messages import Translator, translator
from adapters.notify.log import LogNotifier
from adapters.notify.outside import Outside
from adapters.outbox import deliver
from adapters.retrying import ATTEMPTS, pause_before
from adapters.sql.schema import Unfit
from engine.clock import SystemClock
from engine.errors import EngineError, Interrupted
from engine.heartbeat import Heartbeat
from engine.ports import Notifier
from workflows.running.desk import Application
from workflows.running.sealing import Signers, seal, unsigned
from workflows.running.tick import Done, tick

log = structlog.get_logger(__name__)

NET = timedelta(seconds=30)
"""How often the daemon looks without being called."""
SEALING = timedelta(seconds=45)
"""How long a pass leaves to the next what can be sealed; with the net, never more than a minute."""
TRIAL_NET = timedelta(seconds=1)
"""In a trial the clock is moved by hand; people want to see what follows."""


class Observer(Protocol):
    """Is told of every pass: for metrics, and for whoever watches over the process."""

    @property
    def pace(self) -> timedelta | None:
        """Return how often it wants a sign of life; None for never."""
        ...

    def ready(self) -> None:
        """Note that the daemon runs."""
        ...

    def sign_of_life(self) -> None:
        """Note that the process is there, at the pace that was asked for."""
        ...

    def stopping(self) -> None:
        """Note that the daemon was told to stop, and finishes what it is at."""
        ...

    def begun(self) -> None:
        """Note that a pass begins."""
        ...

    def ended(self, done: Done) -> None:
        """Note what a pass did."""
        ...

    def failed(self, error: Exception) -> None:
        """Note that a pass broke off."""
        ...

    def set_aside(self, error: Exception) -> None:
        """Note that one timer, or one cycle, failed, and the pass goes on."""
        ...


class Nobody:
    """The observer where nobody asks."""

    pace = None

    def ready(self) -> None:
        """Note nothing."""

    def sign_of_life(self) -> None:
        """Note nothing."""

    def stopping(self) -> None:
        """Note nothing."""

    def begun(self) -> None:
        """Note nothing."""

    def ended(self, done: Done) -> None:
        """Note nothing."""

    def failed(self, error: Exception) -> None:
        """Note nothing."""

    def set_aside(self, error: Exception) -> None:
        """Note nothing."""


Listen = Callable[[Callable[[], None], threading.Event], None]


@dataclass(slots=True)
class Daemon:
    """One daemon process on one database."""

    app: Application
    channels: Mapping[str, Notifier] = field(default_factory=lambda: {"log": LogNotifier()})
    words: Translator = field(default_factory=translator)
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    started_at: datetime | None = None
    passes: int = 0
    observer: Observer = field(default_factory=Nobody)
    signers: Signers = unsigned
    """Who signs the log; nobody where it has no key."""
    places: Sequence[Outside] = ()
    """Who outside is told of checkpoints."""
    sealed_at: datetime | None = None
    """When it last sealed something."""
    ensure_fit: Callable[[], None] = lambda: None
    """Raises `Unfit` where this release may work on the database no more; asked in each pass."""
    listen: Listen = lambda _woken, _stopped: None
    """Calls back when another process has kept something that is due, until it is stopped."""
    fired_at: datetime | None = None
    """When it last let a timer take effect."""
    lag: timedelta | None = None
    """By how much the latest of the timers of that pass was behind its moment."""
    skew: timedelta = timedelta()
    """By how much this host's clock is ahead of the one by which all are judged."""
    unfit: Unfit | None = None
    """Why it stops of itself."""
    _stopped: threading.Event = field(default_factory=threading.Event)
    _skewed: bool = False

    def run_pass(self) -> None:
        """Do one pass; whatever fails is logged with the pass's number, and the daemon goes on.

        What the store could not finish is tried again a few times: passes do
        what is left to do, so one that was done in part, or whose outcome is
        not known, may be repeated.
        """
        self.passes += 1
        with structlog.contextvars.bound_contextvars(daemon=self.name, tick=self.passes):
            for attempt in range(ATTEMPTS):
                if not self._is_interrupted(attempt):
                    return
                if self._stopped.wait(pause_before(attempt).total_seconds()):
                    return

    def _is_interrupted(self, attempt: int) -> bool:
        """Do one pass; return whether the store broke it off, so that it is worth another try."""
        try:
            self.ensure_fit()
            self.once()
        except Unfit as error:
            self.unfit = error
            self._stopped.set()
            log.error("daemon.unfit", error=str(error))  # noqa: TRY400 - no fault of the code
        except Interrupted as error:
            self.observer.failed(error)
            log.warning("tick.interrupted", attempt=attempt + 1, error=str(error))
            return True
        except EngineError as error:
            self.observer.failed(error)
            log.error("tick.failed", error=str(error))  # noqa: TRY400 - one sentence says it
        except Exception as error:
            self.observer.failed(error)
            log.exception("tick.failed")
        return False

    def once(self) -> int:
        """Do one pass: fire, decide, deliver, give a sign of life; return how much was done."""
        self.observer.begun()
        self._begin()
        done = tick(self.app, report=self._report)
        if done.lags:
            self.fired_at, self.lag = self.app.wall.now(), max(done.lags)
        sent = deliver(self.app, self.channels, self.words)
        self._seal()
        post_checkpoints(self.app, self.places)
        self._beat()
        self.observer.ended(done)
        if done.fired or done.moved or sent or done.failed:
            log.info(
                "tick.finished",
                fired=done.fired,
                moved=done.moved,
                sent=sent,
                failed=len(done.failed),
            )
        return done.fired + done.moved + sent

    def _seal(self) -> None:
        """Seal what happened, at most once in a while; what is not sealed now is sealed later."""
        now = SystemClock().now()
        if self.sealed_at is not None and now - self.sealed_at < SEALING:
            return
        try:
            done = seal(self.app, self.signers)
        except Exception as error:  # noqa: BLE001 - dates and notices do not wait for the log
            log.error("log.not_sealed", error=str(error))  # noqa: TRY400 - one sentence says it
            return
        for one in done.unreadable:
            log.error("log.unreadable", kind=str(one.kind), position=one.position)
        if done.checkpoint is not None:
            self.sealed_at = now
            log.info("log.sealed", leaves=done.leaves, size=done.checkpoint.size)

    def _beat(self, *, goodbye: bool = False) -> None:
        """Give a sign of life, or say that there will be none any more."""
        now = self.app.wall.now()
        beat = Heartbeat(
            daemon=self.name,
            version=self.app.version,
            started_at=self.started_at or now,
            last_tick=now,
            stopped_at=now if goodbye else None,
            fired_at=self.fired_at,
            lag=self.lag,
            skew=self.skew,
        )
        with self.app.store.unit_of_work(self.app.clock.now()) as unit:
            unit.beat(beat)

    def _say_goodbye(self) -> None:
        """Let nobody take this daemon for alive; if that fails, its silence will tell."""
        try:
            self._beat(goodbye=True)
        except EngineError as error:
            log.error("goodbye.failed", daemon=self.name, error=str(error))  # noqa: TRY400
        except Exception:
            log.exception("goodbye.failed", daemon=self.name)

    def serve(self, *, net: timedelta = NET) -> None:
        """Run until SIGTERM or SIGINT; the unit at hand is finished first.

        Raises:
            Unfit: the database became one on which this release may not work.

        """
        scheduler = BackgroundScheduler(
            timezone=UTC, executors={"default": ThreadPoolExecutor(max_workers=1)}
        )

        waking = threading.Lock()

        def work() -> None:
            self.run_pass()
            try:
                with waking:
                    if not self._stopped.is_set():
                        self._wake_at_next(scheduler, work)
            except EngineError as error:  # the net catches what this would have
                log.warning("waking.failed", error=str(error))

        def woken() -> None:
            with waking:
                if not self._stopped.is_set():
                    self._arrange(scheduler, work, "woken", SystemClock().now())

        scheduler.add_job(
            work,
            "interval",
            seconds=net.total_seconds(),
            id="net",
            next_run_time=SystemClock().now(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        listener = threading.Thread(target=self.listen, args=(woken, self._stopped), daemon=True)
        with _set_by_signals(self._stopped):
            scheduler.start()
            listener.start()
            log.info("daemon.started", daemon=self.name, version=self.app.version)
            self.observer.ready()
            pace = self.observer.pace
            while not self._stopped.wait(pace.total_seconds() if pace else None):
                self.observer.sign_of_life()
            self.observer.stopping()
            with waking:
                # Whoever arranges to be woken has done so. While the scheduler shuts down, it
                # holds the lock that this takes, and waits for the pass that would take it.
                pass
            scheduler.shutdown(wait=True)
            listener.join()
            self._say_goodbye()
        log.info("daemon.stopped", daemon=self.name)
        if self.unfit is not None:
            raise self.unfit

    def _wake_at_next(self, scheduler: BackgroundScheduler, work: Callable[[], None]) -> None:
        """Arrange to be woken at the next due moment, counted from the application's own clock."""
        with self.app.store.reading() as reader:
            moment = reader.next_moment()
        if moment is None or not scheduler.running:
            return
        wait = max(moment - self.app.clock.now(), timedelta(seconds=1))
        self._arrange(scheduler, work, "next", SystemClock().now() + wait)

    def _arrange(
        self, scheduler: BackgroundScheduler, work: Callable[[], None], name: str, when: datetime
    ) -> None:
        """Arrange for one more pass; while one is under way, another may wait behind it."""
        scheduler.add_job(
            work,
            "date",
            run_date=when,
            id=name,
            replace_existing=True,
            coalesce=True,
            max_instances=2,
            misfire_grace_time=None,
        )

    def _begin(self) -> None:
        """Note when this daemon began, and say it when this host's clock differs from all."""
        now = self.app.wall.now()
        self.skew = SystemClock().now() - now
        if is_skewed(self.skew) is not self._skewed:
            self._skewed = not self._skewed
            log.warning("clock.skewed", seconds=round(self.skew.total_seconds(), 1))
        self.started_at = self.started_at or now

    def _report(self, what: str, error: Exception) -> None:
        self.observer.set_aside(error)
        log.error("timer.failed", timer=what, exc_info=error)


@contextmanager
def _set_by_signals(stopped: threading.Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT set the event; their handlers are put back afterwards."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
