"""DingTalk (钉钉) group robots: signed in the address; too fast once, silent for ten minutes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from adapters.messages import Translator
from adapters.notify.http import Address
from adapters.notify.pace import MINUTE, Pace
from adapters.notify.robot import Robot, plain
from adapters.notify.secret import Secret
from adapters.notify.signing import dingtalk_signature
from engine.clock import Clock
from engine.message import Message
from engine.ports import Notice

URL = "https://oapi.dingtalk.com/robot/send"
LIMIT = 20_000
"""Bytes of the whole text; DingTalk documents 20 KB."""
ALLOWED = ((20, MINUTE),)
PAUSES = {130101: 10 * MINUTE}
"""Sent too fast: blocked for ten minutes."""
MOBILE = 11
"""Digits of a telephone number; anything else is a user id."""


class DingTalkNotifier:
    """Speaks in one group; mentions the person where the file has an id or number for them."""

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
        address = Address(self.address(), self._robot.channel, self._timeout)
        self._robot.say(notice, address, self.body(notice, message))

    def address(self) -> str:
        """Return where to post now: the signature holds for an hour."""
        query = {"access_token": self._token.reveal()}
        if self._secret is not None:
            timestamp = int(self._clock.now().timestamp() * 1000)
            query["timestamp"] = str(timestamp)
            query["sign"] = dingtalk_signature(self._secret.reveal(), timestamp)
        return f"{self._url}?{urlencode(query)}"

    def body(self, notice: Notice, message: Message) -> Mapping[str, Any]:
        """Return what is posted."""
        person = self._people.get(notice.recipient, "")
        mention = f"\n\n@{person}" if person else ""
        text = self._robot.abridged(message, LIMIT // 2 - len(mention.encode()))
        # Markdown joins lines; two spaces keep a line's end.
        lines = "  \n".join(text.split("\n"))
        is_mobile = person.isdigit() and len(person) == MOBILE
        return {
            "msgtype": "markdown",
            "markdown": {"title": plain(message.subject), "text": lines + mention},
            "at": {
                "atMobiles": [person] if is_mobile else [],
                "atUserIds": [person] if person and not is_mobile else [],
                "isAtAll": False,
            },
        }
