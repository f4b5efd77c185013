"""Delivering notices: at least once, with a stable key, tried again with a growing delay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog

from adapters.messages import Translator
from adapters.notify.digest import digest
from engine.errors import DeliveryFailed
from engine.ports import Notice, Notifier
from workflows.running.desk import Application

log = structlog.get_logger(__name__)

FIRST_RETRY = timedelta(minutes=1)
MOST_ATTEMPTS = 10
"""After so many a notice is dead: shown by `status` and `doctor`, sent again only by hand."""


def deliver(app: Application, channels: Mapping[str, Notifier], words: Translator) -> int:
    """Group what is pending into notices and send those that are due; return how many were sent.

    Membership is durable before the first send; the outcome is kept after it.
    Killed in between, the same notice with the same key is sent once more.
    """
    with app.store.unit_of_work(app.clock.now()) as unit:
        notices = unit.gather()
    sent = 0
    for notice in notices:
        error = _send(app, channels, notice, words)
        sent += not error
        with app.store.unit_of_work(app.clock.now()) as unit:
            again = None
            if error and notice.attempts + 1 < MOST_ATTEMPTS:
                again = unit.now + FIRST_RETRY * 2**notice.attempts
            unit.settle_notice(notice, error, again)
    return sent


def _send(
    app: Application, channels: Mapping[str, Notifier], notice: Notice, words: Translator
) -> str:
    """Send one notice; return what went wrong, or nothing."""
    channel = channels.get(notice.channel)
    if channel is None:
        return f"no channel {notice.channel}"
    with app.store.reading() as reader:
        subject, body = digest(app, reader, notice, words)
    try:
        channel.send(notice, subject, body)
    except DeliveryFailed as error:
        log.warning("notice.failed", key=notice.key, attempt=notice.attempts + 1, error=str(error))
        return str(error)
    return ""
