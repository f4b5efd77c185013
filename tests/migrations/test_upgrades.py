"""Upgrades: data of every release arrive whole; releases know beside which others they may run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from adapters.application import application, calendar_of, create
from adapters.daemon import Daemon
from adapters.messages import translator
from adapters.sql import schema
from adapters.sql.database import connect, reading, writing
from adapters.sql.schema import RUNS_FROM, Unfit, ensure_current, ensure_fit, marks, upgrade
from adapters.sql.store import SqlStore
from adapters.sql.transfer import set_sequences
from adapters.sql.trouble import DatabaseInterrupted
from engine.clock import StandingClock
from engine.verification import verify
from tests.contract.stores import sqlite_file
from tests.postgres.databases import empty_database
from tests.unit.year import local
from workflows.running.desk import Application
from workflows.running.tick import tick

ROOT = Path(__file__).parents[2]
DUMPS = {file.stem.removeprefix("data-"): file for file in Path(__file__).parent.glob("data-*.sql")}
PATIENCE = 60


@contextmanager
def in_a_file(place: Path) -> Iterator[str]:
    yield str(place / "old.db")


@contextmanager
def on_a_server(_place: Path) -> Iterator[str]:
    with empty_database() as url:
        yield url


EMPTY = {"sqlite": in_a_file, "postgresql": on_a_server}


@pytest.fixture(params=EMPTY)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with EMPTY[request.param](tmp_path) as url:
        engine = connect(url)
        yield engine
        engine.dispose()


def load(database: Engine, revision: str) -> None:
    """Make the database as the code of ``revision`` left it."""
    upgrade(database, revision)
    lines = DUMPS[revision].read_text(encoding="utf-8").splitlines()
    with writing(database) as connection:
        connection.exec_driver_sql("DELETE FROM setting")
        for line in lines[1:]:
            connection.exec_driver_sql(line.replace("%", "%%") if _percents(database) else line)
        if database.dialect.name == "postgresql":
            set_sequences(connection)


def _percents(database: Engine) -> bool:
    """Return whether the driver reads a percent sign as the beginning of a parameter."""
    return database.dialect.name == "postgresql"


@pytest.mark.parametrize("revision", sorted(DUMPS))
def test_the_data_of_every_release_arrive_whole(empty: Engine, revision: str) -> None:
    load(empty, revision)
    with pytest.raises(Unfit, match="older duban") if _is_old(revision) else _nothing():
        ensure_current(empty)
    assert upgrade(empty) == _is_old(revision)
    ensure_current(empty)
    clock = StandingClock(local("2024-10-12 09:00"))
    store = SqlStore(empty, clock)
    with store.reading() as reader:
        before = {i.key: len(events) for i, events in reader.histories()}
        assert list(verify(reader)) == []
    assert sum(before.values()) > 100
    clock.moment = local("2025-04-01 09:00")
    done = tick(Application(store=store, clock=clock, calendar_of=calendar_of))
    assert done.failed == []
    assert done.fired > 10
    with store.reading() as reader:
        assert list(verify(reader)) == []


def test_there_are_data_of_the_first_schema() -> None:
    assert "0001" in DUMPS


def test_every_revision_says_whether_the_release_before_it_may_run_on() -> None:
    assert list(marks()) == list(schema.revisions())


def test_a_revision_that_does_not_say_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "0001_x.py").write_text('"""Do it.\n\nQuite safe, I think.\n"""\n')
    monkeypatch.setattr(schema, "_SCRIPTS", tmp_path)
    with pytest.raises(ValueError, match="0001_x"):
        marks()


def test_a_release_runs_on_beside_changes_that_are_safe(tmp_path: Path) -> None:
    database = connect(str(sqlite_file(tmp_path)))
    newer(database, runs_from=schema.revisions()[-1])
    ensure_current(database)
    ensure_fit(database)
    with pytest.raises(Unfit, match="newer duban"):
        upgrade(database)  # `duban init` of the older release leaves it alone
    newer(database, runs_from="9999")
    with pytest.raises(Unfit, match="newer duban"):
        ensure_fit(database)
    database.dispose()


def test_what_an_older_release_said_of_its_own_schema_says_nothing_of_a_newer_one(
    tmp_path: Path,
) -> None:
    database = connect(str(sqlite_file(tmp_path)))
    with writing(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unfit, match="newer duban"):
        ensure_current(database)
    database.dispose()


def newer(database: Engine, runs_from: str) -> None:
    """Let the database be as a newer release left it, beside which those of a revision may run."""
    with writing(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("DELETE FROM setting WHERE name = :n"), {"n": RUNS_FROM})
        row = {"n": RUNS_FROM, "v": f"9999 {runs_from}"}
        connection.execute(text("INSERT INTO setting (name, value) VALUES (:n, :v)"), row)


def test_what_may_run_on_is_kept_from_the_last_unsafe_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = list(schema.revisions())
    monkeypatch.setattr(schema, "marks", lambda: {name: name != known[-1] for name in known})
    database = connect(str(tmp_path / "d.db"))
    upgrade(database)
    with reading(database) as connection:
        query = text("SELECT value FROM setting WHERE name = :name")
        assert connection.scalar(query, {"name": RUNS_FROM}) == f"{known[-1]} {known[-1]}"
    database.dispose()


def test_a_daemon_stops_when_its_release_does_not_fit_any_more(tmp_path: Path) -> None:
    create(str(tmp_path / "d.db"), "root")
    database = connect(str(tmp_path / "d.db"))
    app = application(str(tmp_path / "d.db"))
    daemon = Daemon(app, words=translator("en"), ensure_fit=lambda: ensure_fit(database))
    daemon.run_pass()
    assert daemon.unfit is None
    newer(database, runs_from="9999")
    daemon.run_pass()
    assert "newer duban" in str(daemon.unfit)
    with pytest.raises(Unfit):
        daemon.serve()
    database.dispose()


@pytest.mark.slow
def test_a_running_daemon_ends_with_one_clear_sentence(tmp_path: Path) -> None:
    place = tmp_path / "d.db"
    create(str(place), "root", trial=True)
    name = f"duban-upgrade-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}")
        listener.settimeout(PATIENCE)
        arguments = ["--lang", "en", "--database", str(place), "daemon"]
        with subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), *arguments],
            env={**os.environ, "NOTIFY_SOCKET": f"@{name}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                while "STATUS" not in listener.recv(4096).decode():
                    pass
                database = connect(str(place))
                newer(database, runs_from="9999")
                database.dispose()
                said, _ = process.communicate(timeout=PATIENCE)
            finally:
                process.send_signal(signal.SIGKILL)
    assert process.returncode == 1
    assert "it was made by a newer duban. Install the newer duban" in said.splitlines()[-1]


def _is_old(revision: str) -> bool:
    return revision != schema.revisions()[-1]


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def test_an_upgrade_that_daemons_are_in_the_way_of_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = schema._upgraded
    refused: list[str] = []

    def deadlocked_once(database: Engine, to: str) -> bool:
        if not refused:
            refused.append(to)
            raise DatabaseInterrupted(database="", problem="deadlock", hint="")
        return made(database, to)

    monkeypatch.setattr(schema, "_upgraded", deadlocked_once)
    database = connect(str(tmp_path / "new.db"))
    assert upgrade(database)
    assert refused
    database.dispose()
