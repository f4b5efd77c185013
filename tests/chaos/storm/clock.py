"""A clock that many processes share: it runs fast, and can be set forward and back for all."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fcntl import LOCK_EX, LOCK_SH, flock
from pathlib import Path

_LAYOUT = struct.Struct("<ddddd")


@dataclass(frozen=True)
class SharedClock:
    """Reads a file of: when it began, what it showed, its speed, where it stands, how far it goes.

    The system's monotonic clock is the same for every process of this machine.
    """

    file: Path

    @classmethod
    def begin(cls, file: Path, moment: datetime, end: datetime, speed: float) -> SharedClock:
        """Let a new clock run from ``moment`` to ``end``; ``speed``: its seconds in a real one."""
        clock = cls(file)
        file.touch()
        clock._write(time.monotonic(), moment.timestamp(), speed, 0.0, end.timestamp())
        return clock

    def now(self) -> datetime:
        """Return the moment that it shows, in UTC."""
        began, shown, speed, stands, end = self._read()
        seconds = stands or min(shown + (time.monotonic() - began) * speed, end)
        return datetime.fromtimestamp(round(seconds, 3), UTC)

    @property
    def moment(self) -> datetime:
        """Return the same, under the name that a standing clock has for it."""
        return self.now()

    def jump(self, by: timedelta) -> None:
        """Set it forward or back, while it runs."""
        began, shown, *others = self._read()
        self._write(began, shown + by.total_seconds(), *others)

    def stop_at(self, moment: datetime) -> None:
        """Let it show ``moment`` from now on."""
        began, shown, speed, _, end = self._read()
        self._write(began, shown, speed, moment.timestamp(), end)

    def _read(self) -> tuple[float, float, float, float, float]:
        with self._locked(LOCK_SH) as number:
            began, shown, speed, stands, end = _LAYOUT.unpack(os.pread(number, _LAYOUT.size, 0))
        return began, shown, speed, stands, end

    def _write(self, *values: float) -> None:
        with self._locked(LOCK_EX) as number:
            os.pwrite(number, _LAYOUT.pack(*values), 0)

    @contextmanager
    def _locked(self, how: int) -> Iterator[int]:
        number = os.open(self.file, os.O_RDWR)
        try:
            flock(number, how)
            yield number
        finally:
            os.close(number)
