"""The stores that the contract suite runs on; one more is one more entry."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import Engine

from adapters.memory.store import MemoryStore
from adapters.sql.database import connect
from adapters.sql.schema import upgrade
from adapters.sql.store import SqlStore
from engine.clock import Clock
from engine.ports import Store
from tests.postgres.databases import lent_database


@contextmanager
def memory(_place: Path, clock: Clock) -> Iterator[Store]:
    yield MemoryStore(clock)


@contextmanager
def sqlite(place: Path, clock: Clock) -> Iterator[Store]:
    store = SqlStore(connect(str(sqlite_file(place))), clock)
    yield store
    store.close()


def sqlite_file(place: Path) -> Path:
    """The database of the tests in ``place``, made from a template: migrations take a while."""
    file = place / "duban.db"
    if not file.exists():
        shutil.copy(_template(), file)
    return file


@cache
def _template() -> Path:
    folder = Path(mkdtemp(prefix="duban-template-"))
    atexit.register(shutil.rmtree, folder)
    file = folder / "duban.db"
    database = connect(str(file))
    upgrade(database)
    database.dispose()
    return file


@contextmanager
def postgresql(_place: Path, clock: Clock) -> Iterator[Store]:
    with lent_database() as url:
        store = SqlStore(connect(url), clock)
        yield store
        store.close()


@contextmanager
def sql_database(kind: str, place: Path) -> Iterator[Engine]:
    """A database of that kind with its schema, for stores made on it."""
    with ExitStack() as stack:
        file = sqlite_file(place) if kind == "sqlite" else stack.enter_context(lent_database())
        engine = connect(str(file))
        stack.callback(engine.dispose)
        yield engine


STORES = {"memory": memory, "sqlite": sqlite, "postgresql": postgresql}
