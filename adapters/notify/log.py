"""Notices in the log: the channel that needs no configuration and cannot fail."""

from __future__ import annotations

import structlog

from engine.message import Message
from engine.ports import Notice

log = structlog.get_logger(__name__)


class LogNotifier:
    """Reaches whoever reads the daemon's log."""

    def send(self, notice: Notice, message: Message) -> None:
        """Log the notice."""
        log.warning(
            "notice.sent",
            key=notice.key,
            recipient=notice.recipient,
            items=len(notice.items),
            subject=message.subject,
            body=message.text,
        )
