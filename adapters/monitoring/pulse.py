"""Whether the daemon is well, from when its passes begin and end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

STUCK = 600.0
"""Seconds: a pass that has taken longer hangs, and so does a daemon that has begun none."""
STALE = 180.0
"""Seconds without a pass that succeeded, after which dates are no longer watched well."""


@dataclass(slots=True)
class Pulse:
    """Remembers the last passes; asked from other threads."""

    clock: Callable[[], float] = monotonic
    _lock: Lock = None  # type: ignore[assignment]
    _stirred: float = 0.0
    _succeeded: float | None = None
    _failed: bool = False

    def __post_init__(self) -> None:
        """Begin now."""
        self._lock = Lock()
        self._stirred = self.clock()

    def stir(self) -> None:
        """Note that a pass begins, or ended somehow."""
        with self._lock:
            self._stirred = self.clock()

    def succeed(self) -> None:
        """Note that a pass went through."""
        with self._lock:
            self._stirred = self._succeeded = self.clock()
            self._failed = False

    def fail(self) -> None:
        """Note that a pass broke off."""
        with self._lock:
            self._stirred = self.clock()
            self._failed = True

    @property
    def alive(self) -> bool:
        """Return whether passes begin and end."""
        with self._lock:
            return self.clock() - self._stirred <= STUCK

    @property
    def trouble(self) -> str:
        """Return why dates are not watched as they should be; nothing when they are."""
        with self._lock:
            if self._succeeded is None:
                return "the first pass has not ended well" if self._failed else "no pass has ended"
            if self._failed:
                return "the last pass failed"
            if self.clock() - self._succeeded > STALE:
                return "no pass has ended lately"
            return ""
