"""Webhooks: JSON to an address of one's own, signed, with a key that makes a repeat harmless.

``X-Duban-Signature`` is HMAC-SHA256 over the time in ``X-Duban-Timestamp``, a
full stop and the body; ``Idempotency-Key`` is the notice's key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from adapters.notify.http import Address, post
from adapters.notify.secret import Secret
from adapters.notify.signing import webhook_signature
from engine.clock import Clock
from engine.errors import DeliveryFailed
from engine.facts import to_text
from engine.message import Message
from engine.ports import Notice

SUCCESSES = (0, 200, "0", "200", "ok", "OK")
"""Codes in an answer that mean success; many systems in China repeat the status there."""


class WebhookNotifier:
    """Posts each notice once per attempt, in a form for programs."""

    def __init__(
        self,
        channel: str,
        url: str,
        *,
        secret: Secret,
        people: Mapping[str, str],
        clock: Clock,
        timeout: timedelta,
    ) -> None:
        """Post to ``url``, signed with ``secret``."""
        self._address = Address(url, channel, timeout)
        self._secret = secret
        self._people = people
        self._clock = clock

    def send(self, notice: Notice, message: Message) -> None:
        """Post the notice.

        Raises:
            DeliveryFailed: it was not taken, be it by status or by what the answer says.

        """
        body = json.dumps(self.body(notice, message), ensure_ascii=False).encode()
        timestamp = int(self._clock.now().timestamp())
        signature = webhook_signature(self._secret.reveal(), timestamp, body)
        headers = {
            "Idempotency-Key": quote(notice.key, safe="/:@"),
            "X-Duban-Timestamp": str(timestamp),
            "X-Duban-Signature": f"sha256={signature}",
        }
        problem = refusal(post(self._address, notice.key, body, headers))
        if problem:
            raise DeliveryFailed(key=notice.key, channel=self._address.channel, problem=problem)

    def body(self, notice: Notice, message: Message) -> Mapping[str, Any]:
        """Return what is posted."""
        return {
            "key": notice.key,
            "recipient": notice.recipient,
            "address": self._people.get(notice.recipient, ""),
            "created_at": to_text(notice.created_at),
            "attempt": notice.attempts + 1,
            "subject": message.subject,
            "text": message.text,
            "matters": list(message.matters),
            "cycle": message.cycle,
            "events": [event.position for _, event in notice.items],
        }


def refusal(answer: bytes) -> str:
    """Return what an answer with a good status refuses; empty where it refuses nothing.

    >>> refusal(b'{"errcode": 40001, "errmsg": "x"}'), refusal(b'{"code": 200}'), refusal(b"ok")
    ('errcode 40001', '', '')
    """
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    for name in ("errcode", "code"):
        if said.get(name) is not None and said[name] not in SUCCESSES:
            return f"{name} {str(said[name])[:20]}"
    return "error" if said.get("error") or said.get("success") is False else ""
