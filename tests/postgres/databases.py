"""Databases for tests on PostgreSQL, each fresh, made from one that was migrated once.

The server is our own, one per process of the tests, or the one that
``DUBAN_TEST_DATABASE`` names: a URL whose account may create databases there.
Where that account is no superuser, tests that need one are skipped.
"""

from __future__ import annotations

import atexit
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from adapters.sql.database import connect
from adapters.sql.schema import upgrade
from adapters.sql.tables import METADATA
from tests.postgres.server import Server

GIVEN = "DUBAN_TEST_DATABASE"
MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
MAY_NOT = "its account may not create databases. Let it: ALTER ROLE … CREATEDB"
IS_SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"


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
    try:
        with engine.connect() as connection:
            may = connection.exec_driver_sql(MAY_CREATE).scalar_one()
    except DBAPIError as error:
        pytest.fail(f"{GIVEN} cannot be used: {error.orig}", pytrace=False)
    if not may:
        pytest.fail(f"{GIVEN} cannot be used: {MAY_NOT}", pytrace=False)
    return engine


@cache
def superuser() -> bool:
    """Whether the account of the tests may do anything on the server."""
    with _maintenance().connect() as connection:
        return bool(connection.exec_driver_sql(IS_SUPERUSER).scalar_one())


def require_superuser() -> None:
    """Skip the test where its account is none."""
    if not superuser():
        pytest.skip(f"the account of {GIVEN} is not superuser; this sets foreign keys aside")


def asking(url: str, **options: str) -> str:
    """Return the URL with more options of the connection."""
    asked = make_url(url).update_query_dict(options)
    return asked.render_as_string(hide_password=False)


def say(statement: str) -> None:
    """Tell the server something outside any transaction."""
    with _maintenance().connect() as connection:
        connection.exec_driver_sql(statement)


@cache
def _template() -> str:
    name = f"duban_template_{secrets.token_hex(4)}"
    say(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    atexit.register(_drop, name)
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
    atexit.register(_drop, name)
    return name


def _empty(name: str) -> None:
    """Delete every row, the guards of history set aside.

    A superuser sets them aside for himself; an owner takes them off and puts them on again.
    """
    engine = create_engine(url_of(name), poolclass=NullPool)
    tables = METADATA.sorted_tables
    with engine.begin() as connection:
        statements = [f"DELETE FROM {table.name}" for table in reversed(tables)]  # noqa: S608 - our own
        statements += [
            f"ALTER SEQUENCE {table.name}_{table.autoincrement_column.name}_seq RESTART"
            for table in tables
            if table.autoincrement_column is not None
        ]
        with guards_set_aside(connection):
            connection.exec_driver_sql("; ".join(statements))
    engine.dispose()


@contextmanager
def guards_set_aside(connection: Connection) -> Iterator[None]:
    """Let what the connection changes pass by the triggers that keep history."""
    if superuser():
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield
        return
    connection.exec_driver_sql(_with_triggers("DISABLE"))
    yield
    connection.exec_driver_sql(_with_triggers("ENABLE"))


def _with_triggers(act: str) -> str:
    names = [table.name for table in METADATA.sorted_tables]
    return "; ".join(f"ALTER TABLE {name} {act} TRIGGER USER" for name in names)


def _made(template: str) -> Iterator[str]:
    name = f"duban_{secrets.token_hex(6)}"
    say(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield url_of(name)
    finally:
        _drop(name)


def _drop(name: str) -> None:
    """Remove a database and whoever is still connected to it.

    The server's own words for that are not for all: somebody who is no superuser may not send
    away a vacuum that happens to be there.
    """
    if superuser():
        say(f"DROP DATABASE {name} WITH (FORCE)")
        return
    say(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "  # noqa: S608 - our own name
        f"WHERE datname = '{name}' AND usename = current_user"
    )
    say(f"DROP DATABASE {name}")
