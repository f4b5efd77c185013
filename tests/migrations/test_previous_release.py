"""The code of the release before this one, beside this one: on one server, during an upgrade.

The release before is a commit of this repository, taken out of its history and
run as it was, in the environment of the tests.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.sql.schema import marks
from tests.postgres.databases import empty_database

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PREVIOUS = "6788655085539a1ae8ab4b0aadeb4f7412b3bb23"
"""The commit of the previous release; before the first, one whose schema had chunks."""
OLDER = "adebc90fad894b368fed043ec4f81aee3a0055e2"
"""One before a change of the schema that is not safe; the first to seal what is sealed today."""
VERSIONS = "adapters/sql/migrations/versions"
PLAN = "workflows/plans/quanzhou-sasac-2024.yaml"
PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Release:
    """The code of one release, and the database on which it works."""

    code: Path
    database: str

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(*words),
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def does(self, *words: str) -> str:
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def daemon(self, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Run a daemon that writes its log to the file; stop it."""
        with log.open("wb") as opened:
            process = subprocess.Popen(
                self._command("daemon"),
                env=self._environment(),
                stdout=opened,
                stderr=subprocess.STDOUT,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, str(self.code / "cli.py"), "--database", self.database, *words]

    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.code), "DUBAN_LANG": "en"}


def code_of(commit: str, place: Path) -> Path:
    """Take a release out of the history, as it was."""
    command = ["git", "-C", str(ROOT), "archive", commit]
    try:
        found = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no git")
    if found.returncode != 0:
        pytest.skip(f"the history of this checkout does not reach back to {commit}")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(place, filter="data")
    return place


def may_go_on(code: Path) -> bool:
    """Whether all changes of the schema since that code are marked as safe for it."""
    known = {file.name.partition("_")[0] for file in (code / VERSIONS).glob("[0-9]*.py")}
    return all(is_safe for revision, is_safe in marks().items() if revision not in known)


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.2)


def fired(log: Path) -> int:
    """How many timers the daemon that writes this log let take effect."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert [line for line in lines if line["event"] in ("tick.failed", "timer.failed")] == []
    return sum(line["fired"] for line in lines if line["event"] == "tick.finished")


def test_the_previous_release_works_beside_this_one(tmp_path: Path) -> None:
    code = code_of(PREVIOUS, tmp_path / "code")
    if not may_go_on(code):
        pytest.skip("a change of the schema since the previous release is marked as unsafe")
    with empty_database() as url, ExitStack() as stack:
        old, new = Release(code, url), Release(ROOT, url)
        old.does("init", "--trial", "--clock", "2024-07-08")
        old.does("open", str(code / PLAN))
        old_log, new_log = tmp_path / "old.log", tmp_path / "new.log"
        veteran = stack.enter_context(old.daemon(old_log))
        until(lambda: "daemon.started" in old_log.read_text())
        new.does("init")

        # The schema is new; the only daemon and the next acts are of the previous release.
        before = fired(old_log)
        old.does("clock", "set", "2024-07-20")
        until(lambda: fired(old_log) > before)
        old.does("post", "assign", "group-office", "wang")

        recruit = stack.enter_context(new.daemon(new_log))
        until(lambda: "daemon.started" in new_log.read_text())
        both = fired(old_log) + fired(new_log)
        new.does("clock", "set", "2024-08-20")
        until(lambda: fired(old_log) + fired(new_log) > both)
        assert len(json.loads(new.does("status", "--json"))["daemons"]) == 2

        stop(veteran)
        before = fired(new_log)
        new.does("clock", "set", "2025-01-20")
        until(lambda: fired(new_log) > before)
        stop(recruit)
        new.does("verify")


def test_one_that_is_too_old_ends_with_one_clear_sentence(tmp_path: Path) -> None:
    code = code_of(OLDER, tmp_path / "code")
    assert not may_go_on(code)
    with empty_database() as url:
        old, new = Release(code, url), Release(ROOT, url)
        old.does("init", "--trial", "--clock", "2024-07-08")
        old.does("open", str(code / PLAN))
        log = tmp_path / "old.log"
        with old.daemon(log) as veteran:
            until(lambda: "daemon.started" in log.read_text())
            new.does("init")
            assert veteran.wait(PATIENCE_SECONDS) == 1
        assert "it was made by a newer duban. Install the newer duban" in log.read_text()
        refused = old.run("post", "assign", "group-office", "li")
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
        assert "it was made by a newer duban" in refused.stderr
        new.does("clock", "set", "2025-01-20")
        new.does("daemon", "--once")
        new.does("verify")


def stop(daemon: subprocess.Popen[bytes]) -> None:
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(PATIENCE_SECONDS) == 0
