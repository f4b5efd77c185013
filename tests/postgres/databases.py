"""Databases for tests on PostgreSQL, each fresh, made from one that was migrated once.

The server is our own, one per process of the tests, or the one that
``DUBAN_TEST_DATABASE`` names: a URL of a database from which others may be made.
"""

from __future__ import annotations

import atexit
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.pool import NullPool

from adapters.sql.database import connect
from adapters.sql.schema import upgrade
from adapters.sql.tables import METADATA
from tests.postgres.server import Server

GIVEN = "DUBAN_TEST_DATABASE"


@cache
def server() -> Server:
    """This process's own server, started when the first test asks for it."""
    made = Server()
    made.start()
    atexit.register(made.stop)
    return made


def url_of(database: str) -> str:
    """The URL of a database on the server that the tests use."""
    given = os.environ.get(GIVEN)
    if not given:
        return server().url(database)
    parsed = make_url(given).set(drivername="postgresql+psycopg", database=database)
    return parsed.render_as_string(hide_password=False)


@cache
def _maintenance() -> Engine:
    given = os.environ.get(GIVEN)
    database = (make_url(given).database if given else None) or "postgres"
    engine = create_engine(url_of(database), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    atexit.register(engine.dispose)
    return engine


def say(statement: str) -> None:
    """Tell the server something outside any transaction."""
    with _maintenance().connect() as connection:
        connection.exec_driver_sql(statement)


@cache
def _template() -> str:
    name = f"duban_template_{secrets.token_hex(4)}"
    say(f"CREATE DATABASE {name}")
    atexit.register(say, f"DROP DATABASE {name} WITH (FORCE)")
    database = connect(url_of(name))
    upgrade(database)
    database.dispose()
    return name


@contextmanager
def empty_database() -> Iterator[str]:
    """The URL of a database in which there is nothing, not even a schema."""
    yield from _made("template0")


@contextmanager
def fresh_database() -> Iterator[str]:
    """The URL of a database with its schema, and nothing in it."""
    yield from _made(_template())


@contextmanager
def copied_database(url: str) -> Iterator[str]:
    """The URL of a copy of the database at ``url``, to which nobody may be connected."""
    name = make_url(url).database
    assert name
    yield from _made(name)


@contextmanager
def lent_database() -> Iterator[str]:
    """The URL of a database with its schema and nothing in it, which is emptied and lent again.

    Copying one takes twenty times as long. Whoever changes the schema takes a fresh one.
    """
    name = _free.pop() if _free else _new()
    yield url_of(name)
    _empty(name)
    _free.append(name)


_free: list[str] = []


def _new() -> str:
    name = f"duban_lent_{secrets.token_hex(6)}"
    say(f"CREATE DATABASE {name} TEMPLATE {_template()}")
    atexit.register(say, f"DROP DATABASE {name} WITH (FORCE)")
    return name


def _empty(name: str) -> None:
    """Delete every row: only a superuser can, who may set the guards of history aside."""
    engine = create_engine(url_of(name), poolclass=NullPool)
    tables = METADATA.sorted_tables
    with engine.begin() as connection:
        statements = [f"DELETE FROM {table.name}" for table in reversed(tables)]  # noqa: S608 - our own
        statements += [
            f"ALTER SEQUENCE {table.name}_{table.autoincrement_column.name}_seq RESTART"
            for table in tables
            if table.autoincrement_column is not None
        ]
        connection.exec_driver_sql(
            "; ".join(["SET LOCAL session_replication_role = replica", *statements])
        )
    engine.dispose()


def _made(template: str) -> Iterator[str]:
    name = f"duban_{secrets.token_hex(6)}"
    say(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield url_of(name)
    finally:
        say(f"DROP DATABASE {name} WITH (FORCE)")
