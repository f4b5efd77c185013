"""The watch: sees each pass of the daemon begin and end, and answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from time import monotonic

from adapters.monitoring.listener import PLAIN, Answer
from adapters.monitoring.metrics import CONTENT_TYPE, Metrics
from adapters.monitoring.pulse import Pulse
from adapters.monitoring.systemd import ALIVE, READY, STOPPING, Systemd
from adapters.sql.gauges import Gauges
from adapters.sql.trouble import DatabaseTrouble
from engine.clock import Clock, SystemClock
from engine.errors import ChannelBusy, DeliveryFailed
from engine.message import Message
from engine.ports import Notice, Notifier
from workflows.running.tick import Done


class Watch:
    """Keeps pulse and metrics of one daemon."""

    def __init__(
        self,
        version: str,
        clock: Clock,
        gauges: Gauges,
        systemd: Systemd,
        wall: Clock | None = None,
    ) -> None:
        """Watch a daemon of ``version`` on the database of ``gauges``, in the time of ``clock``.

        Daemons live by ``wall``: this machine's clock, or that of a server that many share.
        """
        self.metrics = Metrics(version)
        self.pulse = Pulse()
        self._systemd = systemd
        self._clock = clock
        self._wall = wall or SystemClock()
        self._gauges = gauges
        self._began = 0.0

    @property
    def pace(self) -> timedelta | None:
        """Return half of the time within which systemd wants a sign of life, as it advises."""
        return self._systemd.watchdog and self._systemd.watchdog / 2

    def ready(self) -> None:
        """Tell systemd that the daemon runs; its first pass may catch up on months."""
        self._systemd.say(READY)

    def sign_of_life(self) -> None:
        """Tell systemd that all is well, unless a pass hangs: then it should start us anew."""
        if self.pulse.alive:
            self._systemd.say(ALIVE)

    def stopping(self) -> None:
        """Tell systemd that the unit of work at hand is finished first."""
        self._systemd.say(STOPPING)

    def begun(self) -> None:
        """Note that a pass begins."""
        self._began = monotonic()
        self.pulse.stir()

    def ended(self, done: Done) -> None:
        """Note what a pass did, and how things stand after it."""
        metrics = self.metrics
        metrics.ticks.labels(outcome="done").inc()
        metrics.tick_seconds.observe(monotonic() - self._began)
        metrics.fired.inc(done.fired)
        metrics.moved.inc(done.moved)
        for lag in done.lags:
            metrics.lag.observe(max(lag.total_seconds(), 0))
        now = self._clock.now()
        found, real = self._gauges.read(now), self._wall.now()
        metrics.stand(found, now, real, SystemClock().now())
        self.pulse.succeed()
        self._systemd.say(f"STATUS=last pass: {done.fired} fired, {len(done.failed)} failed")

    def failed(self, error: Exception) -> None:
        """Note that a pass broke off."""
        self.metrics.ticks.labels(outcome="failed").inc()
        self.metrics.tick_seconds.observe(monotonic() - self._began)
        self._count(error)
        self.pulse.fail()
        self._systemd.say("STATUS=the last pass failed; see the log")

    def set_aside(self, error: Exception) -> None:
        """Note that one timer, or one cycle, failed; the pass went on."""
        self.metrics.failed.inc()
        self._count(error)

    def counted(self, channels: Mapping[str, Notifier]) -> Mapping[str, Notifier]:
        """Return the same channels, each delivery counted."""
        return {name: Counted(name, channel, self.metrics) for name, channel in channels.items()}

    def answer(self, path: str) -> Answer | None:
        """Return what is said at ``path``; None where there is nothing."""
        match path:
            case "/healthz":
                if self.pulse.alive:
                    return HTTPStatus.OK, PLAIN, b"alive\n"
                return HTTPStatus.SERVICE_UNAVAILABLE, PLAIN, b"a pass hangs\n"
            case "/readyz":
                if trouble := self.pulse.trouble:
                    return HTTPStatus.SERVICE_UNAVAILABLE, PLAIN, f"{trouble}\n".encode()
                return HTTPStatus.OK, PLAIN, b"ready\n"
            case "/metrics":
                return HTTPStatus.OK, CONTENT_TYPE, self.metrics.page()
            case _:
                return None

    def _count(self, error: Exception) -> None:
        if isinstance(error, DatabaseTrouble):
            self.metrics.database_errors.inc()


class Counted:
    """A channel whose deliveries are counted."""

    def __init__(self, name: str, channel: Notifier, metrics: Metrics) -> None:
        """Count what goes by ``channel`` under ``name``."""
        self._name = name
        self._channel = channel
        self._metrics = metrics

    def send(self, notice: Notice, message: Message) -> None:
        """Deliver the notice, and count how it went."""
        try:
            self._channel.send(notice, message)
        except ChannelBusy:
            self._count("busy")
            raise
        except DeliveryFailed:
            self._count("failed")
            raise
        except Exception:
            self._count("broken")
            raise
        self._count("delivered")

    def _count(self, outcome: str) -> None:
        self._metrics.deliveries.labels(channel=self._name, outcome=outcome).inc()
