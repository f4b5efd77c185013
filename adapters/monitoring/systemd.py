"""What systemd is told over its own socket (sd_notify): ready, alive, stopping."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from datetime import timedelta

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"


class Systemd:
    """Speaks to whoever started this process, if it listens; else says nothing."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Take the socket and the watchdog's pace from ``environment``."""
        self._address = environment.get("NOTIFY_SOCKET", "")
        mine = environment.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        microseconds = environment.get("WATCHDOG_USEC", "")
        self.watchdog: timedelta | None = None
        """Within how long it wants a sign of life; None where it does not watch."""
        if mine and microseconds.isdecimal() and int(microseconds):
            self.watchdog = timedelta(microseconds=int(microseconds))

    def say(self, *lines: str) -> None:
        """Say it; a socket that is not there any more changes nothing for the daemon."""
        if not self._address:
            return
        # A name that begins with @ is abstract: no file, and a NUL where the @ stands.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.connect(address)
                out.send("\n".join(lines).encode())
        except OSError:
            return
