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
from sqlalchemy import text

from adapters.sql import schema
from adapters.sql.database import connect, writing
from adapters.sql.schema import RUNS_FROM
from tests.postgres.databases import empty_database

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PREVIOUS = "adebc90fad894b368fed043ec4f81aee3a0055e2"
"""The commit of the previous release; before the first, the one that fixed what the log seals."""
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


@pytest.fixture(scope="module")
def previous_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The previous release, as it was."""
    command = ["git", "-C", str(ROOT), "archive", PREVIOUS]
    try:
        found = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no git")
    if found.returncode != 0:
        pytest.skip(f"the history of this checkout does not reach back to {PREVIOUS}")
    place = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(place, filter="data")
    return place


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


def test_the_previous_release_works_beside_this_one_until_it_is_too_old(
    previous_code: Path, tmp_path: Path
) -> None:
    with empty_database() as url, ExitStack() as stack:
        old, new = Release(previous_code, url), Release(ROOT, url)
        old.does("init", "--trial", "--clock", "2024-07-08")
        old.does("open", str(previous_code / PLAN))
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

        _let_go_on_from(url, schema.revisions()[-1])
        assert veteran.wait(PATIENCE_SECONDS) == 1
        assert "it was made by a newer duban. Install the newer duban" in old_log.read_text()
        refused = old.run("post", "assign", "group-office", "li")
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
        assert "it was made by a newer duban" in refused.stderr

        before = fired(new_log)
        new.does("clock", "set", "2025-01-20")
        until(lambda: fired(new_log) > before)
        recruit.send_signal(signal.SIGTERM)
        assert recruit.wait(PATIENCE_SECONDS) == 0
        new.does("verify")


def _let_go_on_from(url: str, revision: str) -> None:
    """Say, as an unsafe change would, that only code from ``revision`` on may work on it."""
    database = connect(url)
    with writing(database) as connection:
        row = {"n": RUNS_FROM, "v": f"{schema.revisions()[-1]} {revision}"}
        connection.execute(text("UPDATE setting SET value = :v WHERE name = :n"), row)
    database.dispose()
