"""Delivering notices: at least once, with a stable key, tried again with a growing delay.

A channel that is broken costs one attempt per pass, not one for each of its
notices, and never holds up another channel.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import structlog

from adapters.messages import Translator
from adapters.notify.digest import Digester
from adapters.notify.letter import letter
from engine.errors import ChannelBusy, DeliveryFailed, Interrupted
from engine.ports import Notice, Notifier
from workflows.running.desk import Application
from workflows.running.quiet import hushed

log = structlog.get_logger(__name__)

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
JITTER = 0.25
"""Part of the delay by which notices that failed together are spread."""
LEASE = timedelta(minutes=5)
"""For so long nobody else sends what one daemon has taken; if that is killed, it goes out later."""
BATCH = 50
"""Notices that are taken at once: few enough to be sent well within the lease."""
MOST_ATTEMPTS = 15
"""After so many, some 40 hours, a notice is dead: shown, and sent again only by hand."""


@dataclass(slots=True)
class _Pass:
    """One pass over what is due."""

    app: Application
    channels: Mapping[str, Notifier]
    digester: Digester
    down: dict[str, DeliveryFailed] = field(default_factory=dict)
    """Channels that failed as a whole in this pass: what else goes by them need not be tried."""
    sent: int = 0

    def deliver(self, notice: Notice) -> None:
        """Send one notice and keep what became of it."""
        try:
            has_news = self._send(notice)
        except DeliveryFailed as error:
            if error.whole:
                self.down[notice.channel] = error
            self._keep_failure(notice, error)
            return
        except Interrupted:
            raise  # it is the store that is in trouble, not the notice
        except Exception as error:  # noqa: BLE001 - see below
            # One notice that cannot be written must not stop the others. The error's text and
            # the values around it may hold a secret, so only its kind and place are kept.
            problem = type(error).__name__
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{frame.filename}:{frame.lineno}"
            log.error("notice.broken", key=notice.key, error=problem, where=where)  # noqa: TRY400
            failure = DeliveryFailed(key=notice.key, channel=notice.channel, problem=problem)
            self._keep_failure(notice, failure)
            return
        with self.app.store.unit_of_work(self.app.clock.now()) as unit:
            if has_news:
                unit.settle_notice(notice, "", None)
            else:
                unit.void_notice(notice)
        self.sent += has_news

    def _send(self, notice: Notice) -> bool:
        """Send one notice; return whether it had anything left to say."""
        with self.app.store.reading() as reader:
            digest = self.digester.digest(reader, notice)
        if digest is None:
            log.info("notice.void", key=notice.key)
            return False
        if notice.channel in self.down:
            known = self.down[notice.channel]
            values = known.values | {"key": notice.key}
            raise type(known)(retry_after=known.retry_after, whole=True, **values)
        channel = self.channels.get(notice.channel)
        if channel is None:
            problem = f"no channel {notice.channel}"
            raise DeliveryFailed(key=notice.key, channel=notice.channel, problem=problem)
        channel.send(notice, letter(digest, self.digester.words))
        return True

    def _keep_failure(self, notice: Notice, error: DeliveryFailed) -> None:
        attempts = notice.attempts + 1
        with self.app.store.unit_of_work(self.app.clock.now()) as unit:
            if isinstance(error, ChannelBusy):
                unit.put_off(notice, unit.now + (error.retry_after or FIRST_RETRY))
                return
            log.warning("notice.failed", key=notice.key, attempt=attempts, error=str(error))
            again = next_attempt(notice, unit.now, error.retry_after)
            unit.settle_notice(notice, str(error), again)


def deliver(app: Application, channels: Mapping[str, Notifier], words: Translator) -> int:
    """Group what is pending into notices and send those that are due; return how many were sent.

    What concerns a cycle in its quiet time stays pending. Membership is
    durable before the first send, and so is that this daemon has taken it; the
    outcome is kept after it: killed in between, the same notice with the same
    key is sent once more when the lease is over.
    """
    work = _Pass(app, channels, Digester(app, words))
    while batch := _gather(app):
        lease_ends = app.clock.now() + LEASE
        for notice in batch:
            if app.clock.now() >= lease_ends:
                break  # somebody else may be sending what is left of it
            work.deliver(notice)
    return work.sent


def next_attempt(
    notice: Notice, now: datetime, retry_after: timedelta | None = None
) -> datetime | None:
    """Return when to try again after a failure; None when it has been tried often enough.

    The delay doubles up to a limit, is never shorter than the receiver asked
    for, and differs from notice to notice, always in the same way for the same one.
    """
    attempts = notice.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        return None
    delay = min(FIRST_RETRY * 2**notice.attempts, LONGEST_RETRY)
    chance = int.from_bytes(sha256(f"{notice.key}#{attempts}".encode()).digest()[:4]) / 2**32
    pause: timedelta = max(delay, retry_after or delay) + delay * JITTER * chance
    return now + pause


def _gather(app: Application) -> Sequence[Notice]:
    with app.store.unit_of_work(app.clock.now()) as unit:
        return unit.gather(BATCH, hushed(app, unit), LEASE)
