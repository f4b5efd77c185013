"""A history walked through by keys, on a real terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cli.office import Office

CLEARED = "\x1b[2J"
PATIENCE = 30
"""Seconds after which a terminal that says nothing is given up."""


class Terminal:
    """A command on a terminal of 100 columns."""

    def __init__(self, place: int, process: subprocess.Popen[bytes]) -> None:
        self.place = place
        self.process = process
        self.read = ""

    def until(self, text: str) -> str:
        """Return what was printed up to ``text``, which must come."""
        while text not in self.read:
            ready, _, _ = select.select([self.place], [], [], PATIENCE)
            assert ready, f"{text!r} did not come; there was: {self.read[-500:]!r}"
            self.read += os.read(self.place, 65536).decode(errors="replace")
        before, _, self.read = self.read.partition(text)
        return before

    def types(self, keys: str) -> str:
        """Type and return the screen that follows, up to its last line."""
        os.write(self.place, keys.encode())
        return self.until("arrow keys as well")


@contextmanager
def terminal(office: Office, *words: str) -> Iterator[Terminal]:
    place, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    command = [sys.executable, "-m", "cli", "--database", str(office.database), *words]
    process = subprocess.Popen(
        command,
        stdin=other,
        stdout=other,
        stderr=other,
        env={**os.environ, "DUBAN_LANG": "en", "TERM": "xterm", "NO_COLOR": "1"},
    )
    os.close(other)
    try:
        yield Terminal(place, process)
    finally:
        process.kill()
        process.wait()
        os.close(place)


@pytest.mark.slow
def test_keys_lead_forward_and_back_and_out(public: Office) -> None:
    with terminal(public, "replay", "qz-2024", "--step") as seen:
        first = seen.until("arrow keys as well")
        assert "event 1 of" in first
        assert "◉" in first
        assert "draft" in first.split("Moves from here")[1]
        assert "drafting → drafted" in seen.types("n")
        assert "event 3 of" in seen.types("\x1b[C")
        assert "event 2 of" in seen.types("\x1b[D")
        last = seen.types("\x1b[F")
        assert "approved → published" in last
        assert "event 1 of" in seen.types("\x1b[H")
        assert "event 1 of" in seen.types("p")
        assert "event 4 of" in seen.types("nnn").rpartition(CLEARED)[2]
        os.write(seen.place, b"q")
        assert seen.process.wait(PATIENCE) == 0


@pytest.mark.slow
def test_grounds_stand_beside_the_event_and_ctrl_c_ends_it(public: Office) -> None:
    public.does(
        *("force", "qz-2024/T-001", "drafted", "--reason", "领导批示", "--authority", "纪要1号"),
        as_="admin",
        typed="y\n",
    )
    with terminal(public, "replay", "qz-2024/T-001", "--step") as seen:
        seen.until("arrow keys as well")
        forced = seen.types("G")
        for text in ("FORCED", "纪要1号", "领导批示", "admin for administrator"):
            assert text in forced
        seen.process.send_signal(signal.SIGINT)
        assert seen.process.wait(PATIENCE) == 130


def test_without_a_terminal_it_is_a_list(public: Office) -> None:
    lines = public.does("replay", "qz-2024/T-001", "--step").splitlines()
    assert len(lines) == 1 + 5
