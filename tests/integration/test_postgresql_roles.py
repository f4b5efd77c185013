"""The roles of deploy/postgresql-roles.sql, tried: what each may do, and what it may not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from adapters.sql.tables import HISTORY
from tests.cli.office import ADMINISTRATOR, REFERENCE, Office
from tests.postgres.server import Server

SCRIPT = Path(__file__).parents[2] / "deploy" / "postgresql-roles.sql"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with a year of which one account is a member of each role."""
    made = Server()
    made.start()
    with made.connect() as connection:
        connection.execute("CREATE DATABASE year")
    Office(Path("ignored")).does("--database", made.url("year"), "init", as_=ADMINISTRATOR)
    for _ in range(2):  # repeating it does no harm
        with psycopg.connect(host=str(made.folder), user="duban", dbname="year") as owner:
            owner.execute(SCRIPT.read_text(encoding="utf-8"))
    with made.connect() as connection:
        connection.execute("CREATE ROLE zhang LOGIN IN ROLE duban_app")
        connection.execute("CREATE ROLE auditor LOGIN IN ROLE duban_read")
    does(made, "zhang", "open", str(REFERENCE))
    yield made
    made.stop()


def does(server: Server, account: str, *words: str) -> str:
    url = server.url("year", user=account)
    return Office(Path("ignored")).does("--database", url, *words, as_=ADMINISTRATOR)


def refused(server: Server, account: str, statement: str) -> None:
    with server.connect("year", user=account) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement.encode())


def test_the_app_does_a_days_work(server: Server) -> None:
    does(
        server, "zhang", "force", "qz-2024", "drafted", "--reason", "x", "--authority", "y", "--yes"
    )
    does(server, "zhang", "post", "assign", "administrator", "li", "--beside")
    does(server, "zhang", "daemon", "--once")
    does(server, "zhang", "daemon", "--apply")
    does(server, "zhang", "verify")


def test_the_app_cannot_touch_history_nor_what_guards_it(server: Server) -> None:
    for table in HISTORY:
        column = table.columns.keys()[0]
        refused(server, "zhang", f'UPDATE {table.name} SET "{column}" = "{column}"')  # noqa: S608
        refused(server, "zhang", f"DELETE FROM {table.name}")  # noqa: S608 - our own table
        refused(server, "zhang", f"TRUNCATE {table.name} CASCADE")
        refused(server, "zhang", f"ALTER TABLE {table.name} DISABLE TRIGGER ALL")
    for statement in (
        "DELETE FROM event_text",
        "UPDATE event_text SET hash = 'x'",
        "DELETE FROM instance",
        "DROP TABLE timer",
        "UPDATE alembic_version SET version_num = '9999'",
        "CREATE OR REPLACE FUNCTION duban_append_only() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET session_replication_role = replica",
    ):
        refused(server, "zhang", statement)


def test_a_reader_sees_the_year_and_no_private_word(server: Server) -> None:
    assert "qz-2024" in does(server, "auditor", "status")
    with server.connect("year", user="auditor") as connection:
        (events,) = connection.execute("SELECT count(*) FROM event").fetchall()
        assert events[0] > 10
        connection.execute("SELECT event, name, hash FROM event_text")
    refused(server, "auditor", "SELECT text FROM event_text")


def test_a_reader_changes_nothing(server: Server) -> None:
    url = server.url("year", user="auditor")
    said = Office(Path("ignored")).refused(
        "--database", url, "move", "qz-2024", "draft", as_=ADMINISTRATOR
    )
    assert "the account may not do that" in said
    refused(server, "auditor", "INSERT INTO setting VALUES ('x', 'y')")
    refused(server, "auditor", "UPDATE instance SET state = 'rectified'")
