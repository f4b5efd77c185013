"""What robots of chat groups have in common: a pace, a limit in bytes, a code in the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.messages import Translator
from adapters.notify.http import Address, post
from adapters.notify.limits import cut, fit
from adapters.notify.pace import Pace
from adapters.notify.secret import Secret, hidden
from engine.errors import N_, ChannelBusy, DeliveryFailed
from engine.message import Message
from engine.ports import Notice

LONGEST_QUOTE = 200
"""Bytes of a receiver's own words that an error repeats."""

CODES = ("errcode", "code", "StatusCode")
WORDS = ("errmsg", "msg", "StatusMessage")
"""Under which names robots answer with a code, 0 for success, and with words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot:
    """One robot: how it is called, how fast it may speak, and which answers mean "too fast"."""

    channel: str
    words: Translator
    pace: Pace
    pauses: Mapping[int, timedelta]
    """Code of an answer → for how long it takes nothing more."""
    secrets: tuple[Secret | None, ...] = ()

    def keep_pace(self, notice: Notice) -> None:
        """Count a message, or say how long it has to wait.

        Raises:
            ChannelBusy: the receiver would refuse it now.

        """
        wait = self.pace.wait()
        if wait is not None:
            raise ChannelBusy(
                key=notice.key,
                channel=self.channel,
                seconds=max(1, round(wait.total_seconds())),
                retry_after=wait,
                whole=True,
            )

    def abridged(self, message: Message, limit: int) -> str:
        """Return the message in at most ``limit`` bytes, without anything that calls people."""

        def left_out(count: int) -> str:
            return self.words.text(
                N_("Left out or cut short: {count}. All of it: duban due"), count=count
            )

        head = plain(f"{message.subject}\n{message.heading}")
        return fit(head, [plain(matter) for matter in message.matters], limit, left_out)

    def say(self, notice: Notice, address: Address, body: Mapping[str, Any]) -> None:
        """Post ``body``; whatever the HTTP status, the code in the answer decides.

        Raises:
            DeliveryFailed: it could not be posted, or was refused.

        """
        sent = json.dumps(body, ensure_ascii=False).encode()
        said = _object(post(address, notice.key, sent, {}))
        code = next((said[name] for name in CODES if name in said), None)
        if not isinstance(code, int) or isinstance(code, bool):
            problem = N_("the answer cannot be understood")
            raise DeliveryFailed(key=notice.key, channel=self.channel, problem=problem, whole=True)
        if code == 0:
            return
        pause = self.pauses.get(code)
        if pause is not None:
            self.pace.block(pause)
        quote = next((str(said[name]) for name in WORDS if name in said), "")
        problem = cut(hidden(f"errcode {code}: {quote}", self.secrets), LONGEST_QUOTE)
        raise DeliveryFailed(
            key=notice.key,
            channel=self.channel,
            problem=problem,
            retry_after=pause,
            whole=pause is not None,
        )


def plain(text: str) -> str:
    """Return ``text`` so that no robot takes a part of it for a tag that calls people.

    >>> plain("<@all> 办理")
    '‹@all› 办理'
    """
    return text.replace("<", "‹").replace(">", "›")


def _object(answer: bytes) -> dict[str, Any]:
    """Return the JSON object that was answered; empty for anything else."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
