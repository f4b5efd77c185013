"""WeCom (企业微信) group robots: no signature, the key in the address is the only protection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from adapters.messages import Translator
from adapters.notify.http import Address
from adapters.notify.pace import MINUTE, Pace
from adapters.notify.robot import Robot
from adapters.notify.secret import Secret
from engine.clock import Clock
from engine.message import Message
from engine.ports import Notice

URL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
LIMITS = {"markdown": 4096, "text": 2048}
"""Bytes of UTF-8."""
ALLOWED = ((20, MINUTE),)
PAUSES = {45009: MINUTE, 45033: MINUTE}
"""Called too often, or too often at once."""


class WeComNotifier:
    """Speaks in one group; mentions the person where the file has a user id for them."""

    def __init__(
        self,
        channel: str,
        key: Secret,
        *,
        people: Mapping[str, str],
        clock: Clock,
        words: Translator,
        timeout: timedelta,
        url: str = URL,
        form: str = "markdown",
    ) -> None:
        """Speak through the robot of ``key``; ``form`` is ``markdown`` or ``text``."""
        self._key = key
        self._people = people
        self._form = form
        self._url = url
        self._timeout = timeout
        self._robot = Robot(
            channel=channel,
            words=words,
            pace=Pace(clock, ALLOWED),
            pauses=PAUSES,
            secrets=(key,),
        )

    def send(self, notice: Notice, message: Message) -> None:
        """Say the message in the group.

        Raises:
            DeliveryFailed: the robot could not be reached, refused, or takes no more now.

        """
        self._robot.keep_pace(notice)
        url = f"{self._url}?key={quote(self._key.reveal(), safe='')}"
        address = Address(url, self._robot.channel, self._timeout)
        self._robot.say(notice, address, self.body(notice, message))

    def body(self, notice: Notice, message: Message) -> Mapping[str, Any]:
        """Return what is posted."""
        person = self._people.get(notice.recipient, "")
        mention = f"\n<@{person}>" if person and self._form == "markdown" else ""
        limit = LIMITS[self._form] - len(mention.encode())
        content: dict[str, Any] = {"content": self._robot.abridged(message, limit) + mention}
        if person and self._form == "text":
            name = "mentioned_mobile_list" if person.isdigit() else "mentioned_list"
            content[name] = [person]
        return {"msgtype": self._form, self._form: content}
