"""Places: a store in which a cycle stands open, as several processes see it."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from shutil import copy, rmtree
from tempfile import mkdtemp

from sqlalchemy import Engine, text

from adapters.memory.store import MemoryStore
from adapters.sql.database import connect
from adapters.sql.store import SqlStore
from engine.clock import StandingClock
from engine.ports import Store
from tests.contract.stores import sqlite_file
from tests.postgres.databases import copied_database, fresh_database
from tests.property.moving_plan import plan_of
from tests.simulation.evidence import Evidence, of_database, of_memory
from tests.unit.year import Year, begin, local
from workflows.plan.model import Plan

OPENED = "2025-06-10 09:00"


class InMemory:
    """All see one store in memory."""

    def __init__(self, *, silence_counts: bool) -> None:
        base = _opened(silence_counts=silence_counts).store
        assert isinstance(base, MemoryStore)
        self.plan: Plan = plan_of(silence_counts=silence_counts)
        self.clock = StandingClock(local(OPENED))
        self._store = MemoryStore(self.clock)
        self._store._tables = base._tables.copy()

    def store(self) -> Store:
        """Return the store as one more process sees it."""
        return self._store

    def evidence(self) -> Evidence:
        return of_memory(self._store)

    def carried(self, key: str) -> tuple[int, ...] | None:
        """Return of which events the notice tells that is committed under the key."""
        with self._store.reading() as reader:
            items = reader._tables.items.rows
            for notice in reader._tables.notices.rows.values():
                if notice.key == key:
                    return tuple(sorted(items[i].item.event for i in notice.items))
        return None

    def close(self) -> None:
        """Leave nothing behind."""


class OnSqlite:
    """Each process has its own connections to one file."""

    def __init__(self, *, silence_counts: bool) -> None:
        self.plan: Plan = plan_of(silence_counts=silence_counts)
        self.clock = StandingClock(local(OPENED))
        self._folder = Path(mkdtemp(prefix="duban-life-"))
        self._file = self._folder / "life.db"
        copy(_file(silence_counts=silence_counts), self._file)
        self._engines = [connect(str(self._file), durable=False)]

    def store(self) -> Store:
        self._engines.append(connect(str(self._file), durable=False))
        return SqlStore(self._engines[-1], self.clock)

    def evidence(self) -> Evidence:
        return of_database(self._engines[0])

    def carried(self, key: str) -> tuple[int, ...] | None:
        return _carried(self._engines[0], key)

    def close(self) -> None:
        for engine in self._engines:
            engine.dispose()
        rmtree(self._folder)


class OnPostgresql:
    """Each process has its own connections to one server."""

    def __init__(self, *, silence_counts: bool) -> None:
        self.plan: Plan = plan_of(silence_counts=silence_counts)
        self.clock = StandingClock(local(OPENED))
        self._stack = ExitStack()
        base = _on_server(silence_counts=silence_counts)
        self._url = self._stack.enter_context(copied_database(base))
        self._engines = [connect(self._url)]

    def store(self) -> Store:
        self._engines.append(connect(self._url))
        return SqlStore(self._engines[-1], self.clock)

    def evidence(self) -> Evidence:
        return of_database(self._engines[0])

    def carried(self, key: str) -> tuple[int, ...] | None:
        return _carried(self._engines[0], key)

    def close(self) -> None:
        for engine in self._engines:
            engine.dispose()
        self._stack.close()


Place = InMemory | OnSqlite | OnPostgresql


def _carried(engine: Engine, key: str) -> tuple[int, ...] | None:
    query = text(
        "SELECT i.event FROM notice_item i JOIN notice n ON n.id = i.notice "
        "WHERE n.key = :key ORDER BY i.event"
    )
    with engine.connect() as connection:
        return tuple(connection.scalars(query, {"key": key})) or None


@cache
def _opened(*, silence_counts: bool) -> Year:
    year = begin(plan_of(silence_counts=silence_counts), OPENED)
    assert year.clock.moment < datetime(2026, 1, 1, tzinfo=UTC)
    return year


@cache
def _file(*, silence_counts: bool) -> Path:
    folder = Path(mkdtemp(prefix="duban-lives-"))
    atexit.register(rmtree, folder)
    file = sqlite_file(folder)
    engine = connect(str(file))
    begin(plan_of(silence_counts=silence_counts), OPENED, partial(SqlStore, engine))
    engine.dispose()
    return file


@cache
def _on_server(*, silence_counts: bool) -> str:
    stack = ExitStack()
    url = stack.enter_context(fresh_database())
    atexit.register(stack.close)  # after the server's own farewell was registered: so before it
    engine = connect(url)
    begin(plan_of(silence_counts=silence_counts), OPENED, partial(SqlStore, engine))
    engine.dispose()
    return url
