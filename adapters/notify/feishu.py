"""Feishu (飞书) group robots: signed in the body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from adapters.messages import Translator
from adapters.notify.http import Address
from adapters.notify.pace import MINUTE, SECOND, Pace
from adapters.notify.robot import Robot
from adapters.notify.secret import Secret
from adapters.notify.signing import feishu_signature
from engine.clock import Clock
from engine.message import Message
from engine.ports import Notice

URL = "https://open.feishu.cn/open-apis/bot/v2/hook"
LIMIT = 20 * 1024
"""Bytes of the whole body."""
ALLOWED = ((5, SECOND), (100, MINUTE))
PAUSES = {11232: MINUTE}
"""Too many at a sharp hour, or at once."""


class FeishuNotifier:
    """Speaks in one group; mentions the person where the file has an open id for them."""

    def __init__(
        self,
        channel: str,
        token: Secret,
        *,
        secret: Secret | None,
        people: Mapping[str, str],
        clock: Clock,
        words: Translator,
        timeout: timedelta,
        url: str = URL,
    ) -> None:
        """Speak through the robot of ``token``, signed where there is a ``secret``."""
        self._token = token
        self._secret = secret
        self._people = people
        self._clock = clock
        self._url = url
        self._timeout = timeout
        self._robot = Robot(
            channel=channel,
            words=words,
            pace=Pace(clock, ALLOWED),
            pauses=PAUSES,
            secrets=(token, secret),
        )

    def send(self, notice: Notice, message: Message) -> None:
        """Say the message in the group.

        Raises:
            DeliveryFailed: the robot could not be reached, refused, or takes no more now.

        """
        self._robot.keep_pace(notice)
        url = f"{self._url}/{quote(self._token.reveal(), safe='')}"
        address = Address(url, self._robot.channel, self._timeout)
        self._robot.say(notice, address, self.body(notice, message))

    def body(self, notice: Notice, message: Message) -> Mapping[str, Any]:
        """Return what is posted; the limit is one of the whole body, as JSON spells it."""
        person = self._people.get(notice.recipient, "")
        mention = f'\n<at user_id="{person}"></at>' if person else ""
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": ""}}
        if self._secret is not None:
            timestamp = int(self._clock.now().timestamp())
            signature = feishu_signature(self._secret.reveal(), timestamp)
            body |= {"timestamp": str(timestamp), "sign": signature}
        room = LIMIT - _size(body)
        text = self._robot.abridged(message, room - _size(mention))
        while _size(text + mention) > room:  # quotes and line ends take two bytes in JSON
            excess = _size(text + mention) - room
            text = self._robot.abridged(message, len(text.encode()) - excess)
        body["content"] = {"text": text + mention}
        return body


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
