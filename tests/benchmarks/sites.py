"""Where the measured databases are: files in a folder, or databases on a server of PostgreSQL.

The cases name a database by the stage at which it stands, and ask no further.
"""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar
from zlib import crc32

import psycopg
from sqlalchemy import make_url

from tests.benchmarks.floor import Floor, SqliteFloor
from tests.benchmarks.postgresql_floor import PostgresqlFloor
from tests.postgres.databases import say, url_of

STAGES = ("opened", "published", "before_late", "late")
"""What some cases leave and others use."""


class Site(ABC):
    """Makes, copies and drops databases, and the floor's among them."""

    set_based_aim: ClassVar[float]
    """The ratio to the floor that is hoped for where many move at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @abstractmethod
    def database(self, name: str) -> str:
        """Return what `--database` is given."""

    @abstractmethod
    def make(self, name: str) -> str:
        """Make an empty one, instead of an earlier one."""

    @abstractmethod
    def copy(self, source: str, name: str) -> str:
        """Copy one that nobody has open, over an earlier copy."""

    @abstractmethod
    def rest(self, database: str) -> None:
        """Do what a server does of itself in the minutes after many rows have changed."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Remove one, if it is there."""

    @abstractmethod
    def floor(self) -> Floor:
        """Open the floor that `a_floor` made: each caller has a connection of its own."""

    @contextmanager
    def a_floor(self) -> Iterator[Floor]:
        """Return a floor beside the databases, with its tables and nothing in them."""
        self.make("floor")
        floor = self.floor()
        floor.make()
        yield floor
        floor.close()
        self.drop("floor")

    @contextmanager
    def copied(self, source: str) -> Iterator[str]:
        """Return a copy that may be spoilt."""
        name = f"copy_of_{source}"
        yield self.copy(source, name)
        self.drop(name)

    def clear(self) -> None:
        """Remove what the cases left."""
        for name in STAGES:
            self.drop(name)


class _Files(Site):
    set_based_aim = 0.25

    def database(self, name: str) -> str:
        return str(self._folder / f"{name}.db")

    def make(self, name: str) -> str:
        self.drop(name)
        return self.database(name)

    def copy(self, source: str, name: str) -> str:
        self.drop(name)
        return str(shutil.copy(self.database(source), self.database(name)))

    def rest(self, database: str) -> None:
        """A file does nothing of itself."""

    def drop(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(self.database(name) + suffix).unlink(missing_ok=True)

    def floor(self) -> Floor:
        return SqliteFloor(self.database("floor"))


class _Served(Site):
    set_based_aim = 0.4

    def database(self, name: str) -> str:
        return url_of(self._name(name))

    def make(self, name: str) -> str:
        return self._created(name, "template0")

    def copy(self, source: str, name: str) -> str:
        return self._created(name, self._name(source))

    def rest(self, database: str) -> None:
        url = make_url(database).set(drivername="postgresql")
        with psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=True
        ) as connection:
            connection.execute("VACUUM (ANALYZE)")

    def drop(self, name: str) -> None:
        say(f"DROP DATABASE IF EXISTS {self._name(name)} WITH (FORCE)")

    def floor(self) -> Floor:
        url = make_url(self.database("floor")).set(drivername="postgresql")
        return PostgresqlFloor(url.render_as_string(hide_password=False))

    def _created(self, name: str, template: str) -> str:
        self.drop(name)
        say(f"CREATE DATABASE {self._name(name)} TEMPLATE {template}")
        return self.database(name)

    def _name(self, name: str) -> str:
        """Return a name that no other folder's measuring has on the same server."""
        return f"duban_bench_{crc32(str(self._folder).encode()):08x}_{name}"


SITES: dict[str, type[Site]] = {"sqlite": _Files, "postgresql": _Served}
