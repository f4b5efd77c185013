"""The pace of a channel: how many messages it takes in a time, and when it takes the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.clock import Clock

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Pace:
    """Lets no more through than the receiver allows in any stretch of time.

    It remembers when it let the last messages through: a bucket that fills
    evenly would let nearly twice as many through in the first minute, and
    DingTalk blocks a robot for ten minutes for that.
    """

    def __init__(self, clock: Clock, allowed: Sequence[tuple[int, timedelta]] = ()) -> None:
        """Allow so many messages in such a time, for each of ``allowed``."""
        self._clock = clock
        self._allowed = tuple(allowed)
        self._sent: deque[datetime] = deque(maxlen=max((n for n, _ in allowed), default=1))
        self._blocked_until: datetime | None = None

    def wait(self) -> timedelta | None:
        """Return how long to wait before the next message, or count it and return None."""
        now = self._clock.now()
        free = [now]
        if self._blocked_until is not None:
            free.append(self._blocked_until)
        for count, period in self._allowed:
            recent = [moment for moment in self._sent if now - period < moment <= now]
            if len(recent) >= count:
                free.append(recent[-count] + period)
        if max(free) > now:
            return max(free) - now
        self._sent.append(now)
        return None

    def block(self, pause: timedelta) -> None:
        """Let nothing through for ``pause``: the receiver has said that it takes no more."""
        self._blocked_until = self._clock.now() + pause
