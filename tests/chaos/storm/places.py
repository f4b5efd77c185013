"""Where a storm happens: a SQLite file, or two PostgreSQL servers of which one stands by."""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Protocol

from sqlalchemy import text

from adapters.sql.database import connect
from adapters.sql.schema import upgrade
from adapters.sql.store import SqlStore
from tests.chaos.storm.actors import forked
from tests.chaos.storm.proxy import MODES, PASS, Relay
from tests.contract.stores import sqlite_file
from tests.postgres.server import Server, free_port
from tests.property.moving_plan import plan_of
from tests.simulation.evidence import Evidence, of_database
from tests.simulation.places import OPENED
from tests.unit.year import begin

Strike = Callable[[Random], None]

WRITTEN_DOWN = """
DO $$ DECLARE name regclass; BEGIN
    FOR name IN SELECT seqrelid FROM pg_sequence LOOP
        PERFORM setval(name, nextval(name));
    END LOOP;
END $$
"""
"""A copied database believes that its log holds the next numbers of its sequences, as the
original's does; after a crash it would give them out again."""

STRATEGIES_FROM = 150000
"""Before this version PostgreSQL knows only the sound way to copy a database."""

FOLLOWED = """
SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND flush_lsn >= pg_current_wal_lsn()
"""


class Place(Protocol):
    """A database that can be made anew for each life, and struck."""

    counts: Counter[str]

    def fresh(self, number: int, *, silence_counts: bool) -> str:
        """Return the URL of a database in which the cycle stands open."""
        ...

    def evidence(self) -> Evidence:
        """Return what stands in the tables."""
        ...

    def strikes(self) -> Mapping[str, Strike]:
        """Return what can be done to the place itself, by name."""
        ...

    def calm(self) -> None:
        """Mend everything."""
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


def opened(url: str, *, silence_counts: bool) -> None:
    """Open the cycle in the database at ``url``, which has its schema."""
    engine = connect(url)
    begin(plan_of(silence_counts=silence_counts), OPENED, partial(SqlStore, engine))
    engine.dispose()


class OnSqlite:
    """A file; what can happen to it happens to the processes that write it."""

    def __init__(self, folder: Path, _acts: Path) -> None:
        self.counts: Counter[str] = Counter()
        self._folder = folder
        self._file = folder

    def fresh(self, number: int, *, silence_counts: bool) -> str:
        template = self._folder / f"template-{silence_counts}"
        if not template.exists():
            template.mkdir()
            opened(str(sqlite_file(template)), silence_counts=silence_counts)
        self._file = self._folder / f"life-{number}.db"
        shutil.copy(template / "duban.db", self._file)
        return str(self._file)

    def evidence(self) -> Evidence:
        engine = connect(str(self._file))
        try:
            return of_database(engine)
        finally:
            engine.dispose()

    def strikes(self) -> Mapping[str, Strike]:
        return {}

    def calm(self) -> None:
        """Nothing of it was broken."""

    def close(self) -> None:
        """The folder goes with whoever made it."""


class OnPostgresql:
    """A primary and its standby, both behind a network that fails."""

    def __init__(self, folder: Path, acts: Path) -> None:
        self.counts: Counter[str] = Counter()
        self._database = ""
        settings = {
            "fsync": "off",
            "synchronous_commit": "on",
            "wal_retrieve_retry_interval": "200ms",
        }
        self.primary, self._standby = (
            Server(settings=settings, host="127.0.0.1", port=free_port()) for _ in range(2)
        )
        self.primary.start()
        with self.primary.connect() as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self._stand_by()
        with self.primary.connect() as connection:
            connection.execute("SELECT pg_reload_conf()")
        self._ports = {free_port(): server.port for server in (self.primary, self._standby)}
        mode_file = folder / "network-mode"
        mode_file.write_bytes(bytes([PASS]))
        with mode_file.open("r+b") as opened_file:
            self._mode = mmap.mmap(opened_file.fileno(), 1)
        self._relay = forked(Relay(mode_file, acts, self._ports).run)
        self._templates: set[str] = set()

    def fresh(self, number: int, *, silence_counts: bool) -> str:
        template = f"template_{silence_counts}".lower()
        if template not in self._templates:
            self._say(f"CREATE DATABASE {template}")
            url = self.primary.url(template)
            engine = connect(url)
            upgrade(engine)
            engine.dispose()
            opened(url, silence_counts=silence_counts)
            self._templates.add(template)
        if self._database:
            self._say(f"DROP DATABASE {self._database} WITH (FORCE)")
        self._database = f"life_{number}"
        with self.primary.connect() as connection:
            chosen = connection.info.server_version >= STRATEGIES_FROM
        # PostgreSQL's other way to copy hands out numbers a second time after a crash.
        strategy = "STRATEGY FILE_COPY" if chosen else ""
        self._say(f"CREATE DATABASE {self._database} TEMPLATE {template} {strategy}")
        with self.primary.connect(self._database) as connection:
            connection.execute(WRITTEN_DOWN)
        ports = list(self._ports)
        return (
            f"postgresql+psycopg://duban@/{self._database}?host=127.0.0.1:{ports[0]}"
            f"&host=127.0.0.1:{ports[1]}&target_session_attrs=read-write&connect_timeout=3"
        )

    def evidence(self) -> Evidence:
        engine = connect(self.primary.url(self._database))
        try:
            return of_database(engine)
        finally:
            engine.dispose()

    def strikes(self) -> Mapping[str, Strike]:
        return {
            "server killed and restarted": self._kill_server,
            "primary lost, standby promoted": self._fail_over,
            **{name: partial(self._disturb, mode) for mode, name in MODES.items()},
        }

    def calm(self) -> None:
        self._mode[0] = PASS

    def close(self) -> None:
        os.kill(self._relay, signal.SIGKILL)
        os.waitpid(self._relay, 0)
        for server in (self._standby, self.primary):
            server.stop()

    def _disturb(self, mode: int, rng: Random) -> None:
        self._mode[0] = mode
        time.sleep(rng.uniform(0.2, 1.0))
        self._mode[0] = PASS

    def _kill_server(self, _rng: Random) -> None:
        """Let the server crash; the next failure waits until its standby follows again.

        What was committed here and had not reached the standby is seen after the
        restart, though nobody was told that it is safe: a primary lost before the
        standby has caught up takes it along. One failure at a time is what one
        standby is good for.
        """
        self.primary.kill()
        self.primary.start()
        with self.primary.connect() as connection:
            while not connection.execute(FOLLOWED).fetchone():
                time.sleep(0.05)

    def _fail_over(self, _rng: Random) -> None:
        self.primary.kill()
        with self._standby.connect() as connection:
            connection.execute("SELECT pg_promote()")
        self.primary, self._standby = self._standby, self.primary
        shutil.rmtree(self._standby.data)
        self._stand_by()

    def _stand_by(self) -> None:
        """Make the second server a copy of the first that follows it."""
        self._standby._own()
        self.primary.run(
            "pg_basebackup", "-D", str(self._standby.data), "-U", "duban", "-R", "-c", "fast"
        )
        self._standby.start()

    def _say(self, statement: str) -> None:
        with self.primary.connect() as connection:
            connection.execute(text(statement).text)


PLACES: Mapping[str, type[OnSqlite | OnPostgresql]] = {
    "sqlite": OnSqlite,
    "postgresql": OnPostgresql,
}


@contextmanager
def place_named(name: str, folder: Path, acts: Path) -> Iterator[Place]:
    """Make a place, and leave nothing of it."""
    made = PLACES[name](folder, acts)
    try:
        yield made
    finally:
        made.close()
