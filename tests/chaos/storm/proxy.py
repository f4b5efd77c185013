"""A network that fails: a relay between processes and servers that cuts, delays, swallows.

Its mode is one byte in a file that the conductor writes; the relay is a process of its own.
"""

from __future__ import annotations

import mmap
import select
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread

from tests.chaos.storm.actors import append

PASS, CUT, DELAY, LOSE_ANSWERS, SWALLOW = range(5)
MODES = {
    CUT: "network cut",
    DELAY: "network slow",
    LOSE_ANSWERS: "answers to commits lost",
    SWALLOW: "network silent",
}
LOST = "answer to a commit lost"

LONGEST_DELAY = 0.1
"""Seconds by which a slow network holds each parcel back."""


class Relay:
    """Listens on ports and passes on to others, as long as the mode lets it."""

    def __init__(self, mode_file: Path, acts: Path, ports: Mapping[int, int]) -> None:
        """``ports``: where it listens → where it passes on to, all on the loopback interface."""
        self._file = mode_file
        self._acts = acts
        self._ports = ports

    def run(self) -> None:
        """Serve until killed."""
        with self._file.open("r+b") as opened:
            self._mode = mmap.mmap(opened.fileno(), 1, access=mmap.ACCESS_READ)
        for listens, onward in self._ports.items():
            server = socket.create_server(("127.0.0.1", listens), backlog=64)
            Thread(target=self._accept, args=(server, onward), daemon=True).start()
        while True:
            time.sleep(3600)

    def _accept(self, server: socket.socket, onward: int) -> None:
        while True:
            client, _ = server.accept()
            Thread(target=self._serve, args=(client, onward), daemon=True).start()

    def _serve(self, client: socket.socket, onward: int) -> None:
        with client, suppress(OSError):
            if self._mode[0] == CUT:
                return
            with socket.create_connection(("127.0.0.1", onward), timeout=5) as server:
                server.settimeout(None)
                self._pass_on(client, server)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        asked, other = False, {client: server, server: client}
        while True:
            ready, _, _ = select.select(list(other), [], [], 0.02)
            mode = self._mode[0]
            if mode == CUT:
                return
            if mode == SWALLOW:
                time.sleep(0.02)
                continue
            for end in ready:
                parcel = end.recv(65536)
                if not parcel:
                    return
                if mode == DELAY:
                    time.sleep(LONGEST_DELAY)
                if end is server and asked and mode == LOSE_ANSWERS:
                    append(self._acts, LOST)
                    return
                asked = end is client and b"COMMIT" in parcel
                other[end].sendall(parcel)
