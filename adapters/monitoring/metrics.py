"""Prometheus metrics of one daemon: numbers only, no names of persons, no texts, no keys."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from adapters.liveness import SILENCE
from adapters.sql.gauges import Gauged

CONTENT_TYPE = CONTENT_TYPE_LATEST
LAGS = (1, 5, 30, 60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400)
TICKS = (0.005, 0.02, 0.1, 0.5, 1, 5, 15, 60, 300)
NEVER = float("nan")


class Metrics:
    """What is counted while the daemon runs, and how things stood after its last pass."""

    def __init__(self, version: str) -> None:
        """Count from nothing, for a daemon of ``version``."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a series beside each counter that nobody asked for
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.ticks = self._counter("ticks", "Passes, by how they ended.", "outcome")
        self.tick_seconds = Histogram(
            "duban_tick_seconds",
            "How long a pass took.",
            buckets=TICKS,
            registry=self._registry,
        )
        self.lag = Histogram(
            "duban_timer_lag_seconds",
            "From the moment a timer was due to the moment it was done.",
            buckets=LAGS,
            registry=self._registry,
        )
        self.fired = self._counter("timers_fired", "Timers that took effect here.")
        self.failed = self._counter("timers_failed", "Timers, or cycles, that failed in a pass.")
        self.moved = self._counter("moves", "Moves made because all that was awaited had arrived.")
        self.deliveries = self._counter(
            "deliveries",
            "Attempts to deliver a notice, by channel and outcome.",
            "channel",
            "outcome",
        )
        self.database_errors = self._counter(
            "database_errors", "Times that the database could not be used."
        )
        self._notices = self._gauge(
            "notices", "Notices not delivered, by channel and state.", "channel", "state"
        )
        self._due = self._gauge("timers_due", "Timers that are due and not done.")
        self._oldest = self._gauge(
            "oldest_due_seconds", "How long the oldest of them has been due."
        )
        self._failing = self._gauge("timers_failing", "Timers that failed and are tried again.")
        self._seal_age = self._gauge("seal_age_seconds", "Since the log was last sealed.")
        self._unsealed = self._gauge("unsealed_events", "Events that no checkpoint covers yet.")
        self._daemons = self._gauge("daemons_alive", "Daemons that gave a sign of life lately.")
        self._skew = self._gauge(
            "clock_ahead_seconds", "This host's clock against that of all: the database's."
        )
        self._last = self._gauge("last_tick_timestamp_seconds", "When the last pass ended well.")
        built = self._gauge("build_info", "The version that runs.", "version")
        built.labels(version=version).set(1)

    def stand(self, found: Gauged, now: datetime, real: datetime, own: datetime) -> None:
        """Keep how things stand.

        ``now`` is the application's moment, ``real`` the one by which daemons live, ``own`` what
        this host's clock says then.
        """
        self._notices.clear()
        for (channel, state), count in found.notices.items():
            self._notices.labels(channel=channel, state=state).set(count)
        self._due.set(found.due)
        age = (now - found.oldest_due).total_seconds() if found.oldest_due else 0
        self._oldest.set(max(age, 0))
        self._failing.set(found.failing)
        sealed = found.sealed_at
        self._seal_age.set((now - sealed).total_seconds() if sealed else NEVER)
        self._unsealed.set(found.unsealed)
        self._daemons.set(sum(real - tick <= SILENCE for tick in found.last_ticks))
        self._skew.set((own - real).total_seconds())
        self._last.set(real.timestamp())

    def page(self) -> bytes:
        """Return all of it as Prometheus reads it."""
        return generate_latest(self._registry)

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        return Counter(f"duban_{name}", help_, labels, registry=self._registry)

    def _gauge(self, name: str, help_: str, *labels: str) -> Gauge:
        return Gauge(f"duban_{name}", help_, labels, registry=self._registry)
