"""The roles of deploy/postgresql-roles.sql, tried: what each may do, and what it may not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from adapters.sql.tables import HISTORY, METADATA
from engine.clock import SystemClock
from tests.cli.office import ADMINISTRATOR, REFERENCE, Office
from tests.postgres.server import Server

TODAY = f"{SystemClock().now().astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d}"
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
        connection.execute("CREATE ROLE reader LOGIN IN ROLE duban_read")
        connection.execute("CREATE ROLE auditor LOGIN IN ROLE duban_audit")
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
    with server.connect("year", user="reader") as connection:
        (events,) = connection.execute("SELECT count(*) FROM event").fetchall()
        assert events[0] > 10
        connection.execute("SELECT event, name, hash FROM event_text")
    refused(server, "reader", "SELECT text FROM event_text")
    refused(server, "reader", "SELECT salt FROM event_text")


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("list",),
        ("due",),
        ("replay", "qz-2024"),
        ("checkpoint", "--list"),
        ("notices", "list"),
        ("daemon", "--plan"),
        ("diagram", "qz-2024"),
    ],
    ids=" ".join,
)
def test_what_needs_no_texts_a_reader_can_ask(server: Server, words: tuple[str, ...]) -> None:
    seen = does(server, "reader", *words)
    assert seen.count("\n") == does(server, "auditor", *words).count("\n")


@pytest.mark.parametrize(
    "words",
    [
        ("history", "qz-2024"),
        ("show", "qz-2024"),
        ("status", "--as-of", TODAY),
        ("replay", "qz-2024", "--step"),
        ("verify",),
        ("verify", "--jobs", "2"),
        ("export", "qz-2024", "--bundle"),
    ],
    ids=" ".join,
)
def test_what_needs_the_texts_is_for_the_auditor(
    server: Server, tmp_path: Path, words: tuple[str, ...]
) -> None:
    if "--bundle" in words:
        words = (*words, str(tmp_path / "bundle.zip"))
    said = refusal(server, "reader", *words)
    assert "the account may not read free texts. Members of duban_audit read them" in said
    assert not list(tmp_path.iterdir())
    does(server, "auditor", *words)


@pytest.mark.parametrize("account", ["reader", "auditor"])
@pytest.mark.parametrize(
    "words",
    [
        ("move", "qz-2024", "draft"),
        ("post", "assign", "administrator", "li", "--beside"),
        ("force", "qz-2024", "drafted", "--reason", "x", "--authority", "y", "--yes"),
        ("daemon", "--once"),
        ("daemon", "--apply"),
        ("notices", "retry", "--all-dead"),
    ],
    ids=" ".join,
)
def test_who_only_reads_changes_nothing(
    server: Server, account: str, words: tuple[str, ...]
) -> None:
    before = counted(server)
    assert "[database-rights]" in refusal(server, account, *words)
    assert counted(server) == before


def test_the_tables_refuse_who_only_reads(server: Server) -> None:
    for account in ("reader", "auditor"):
        refused(server, account, "INSERT INTO setting VALUES ('x', 'y')")
        refused(server, account, "UPDATE instance SET state = 'rectified'")
        refused(server, account, "SELECT nextval('event_position_seq')")


def refusal(server: Server, account: str, *words: str) -> str:
    """The last line of what a command says that is refused; a daemon says more before."""
    url = server.url("year", user=account)
    result = Office(Path("ignored")).run("--database", url, *words, as_=ADMINISTRATOR)
    assert result.exit_code == 1, (result.output, result.exception)
    return result.stderr.splitlines()[-1]


def counted(server: Server) -> list[int]:
    """How many rows each table has."""
    with server.connect("year") as connection:
        counts = (
            connection.execute(f"SELECT count(*) FROM {table.name}".encode()).fetchone()  # noqa: S608 - ours
            for table in METADATA.sorted_tables
        )
        return [count[0] for count in counts if count]
