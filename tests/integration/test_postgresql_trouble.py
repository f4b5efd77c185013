"""A PostgreSQL server that cannot be used: one clear sentence, and no password in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from adapters.sql.database import connect, reading, writing
from adapters.sql.trouble import DatabaseInterrupted, DatabaseTrouble, OutcomeUnknown, shown
from tests.cli.office import ADMINISTRATOR, Office
from tests.postgres.server import Server, free_port

SECRET = "s3cr3t-word"  # noqa: S105 - of nobody
RULES = "local all all trust\nhost all locked 127.0.0.1/32 scram-sha-256\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of our own, which lets in some and not others."""
    made = Server(host="127.0.0.1", port=free_port())
    made.initialise()
    (made.data / "pg_hba.conf").write_text(RULES)
    made.start()
    with made.connect() as connection:
        connection.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
        connection.execute("CREATE ROLE guest LOGIN")
        connection.execute("CREATE DATABASE year")
        connection.execute("CREATE DATABASE bare")
        connection.execute("CREATE DATABASE still")
        connection.execute("ALTER DATABASE still SET default_transaction_read_only = on")
    Office(Path("ignored")).does("--database", inside(made, "year"), "init", as_=ADMINISTRATOR)
    yield made
    made.stop()


def inside(server: Server, database: str, user: str = "duban") -> str:
    """The URL by which the server lets anybody in: its socket."""
    return f"postgresql://{user}@/{database}?host={server.folder}&port={server.port}"


def outside(server: Server, user: str, password: str = SECRET) -> str:
    return f"postgresql://{user}:{password}@127.0.0.1:{server.port}/year"


def said(url: str, *words: str, language: str = "en") -> str:
    """The one line that a command says of the database."""
    line = Office(Path("ignored"), language=language).refused("--database", url, *words)
    assert SECRET not in line
    return line.replace(shown(url).replace("postgresql://", "postgresql+psycopg://"), "URL")


def test_each_refusal_has_its_own_sentence(server: Server) -> None:
    closed = f"postgresql://duban:{SECRET}@127.0.0.1:{free_port()}/year"
    for url, problem in (
        (closed, "no server answers there"),
        (outside(server, "locked"), "the server refuses the account or its password"),
        (outside(server, "duban"), "the server does not let this machine in with this account"),
        (inside(server, "year", "nobody-here"), "the server refuses the account or its password"),
        (inside(server, "none"), "there is no such database on the server"),
        (inside(server, "bare"), "it is not a duban database yet"),
        (inside(server, "year", "guest"), "the account may not do that"),
        (f"{inside(server, 'year')}&target_session_attrs=standby", "the server only reads"),
        (f"postgresql://duban:{SECRET}@no-such-host.invalid/year", "there is no host of that name"),
        (f"postgresql://duban:{SECRET}@127.0.0.1:port/year", "it is neither a file name nor a"),
        (f"mysql://duban:{SECRET}@127.0.0.1/year", "it is neither a file name nor a database URL"),
    ):
        assert f" cannot be used: {problem}" in said(url, "status"), url


def test_they_are_said_in_chinese_too(server: Server) -> None:
    assert said(outside(server, "locked"), "status", language="zh") == (
        "错误: 数据库 URL 无法使用：服务器不接受该账号或其口令。"
        "请核对账号和口令；口令应放在 PGPASSWORD 或 ~/.pgpass 文件中。 [database]\n"
    )


def test_a_server_that_only_reads_refuses_to_be_changed(server: Server) -> None:
    assert "the server only reads" in said(inside(server, "still"), "init")


def test_a_password_never_reaches_a_screen(server: Server) -> None:
    url = f"{inside(server, 'year')}&password={SECRET}"
    office = Office(Path("ignored"))
    for words in (("init",), ("doctor",), ("status",)):
        result = office.run("--database", url, *words, as_=ADMINISTRATOR)
        assert SECRET not in result.output, words


def cut_off(server: Server, connection: Connection) -> None:
    """Let the server end the connection, as it does when it is stopped."""
    session = connection.scalar(text("SELECT pg_backend_pid()"))
    with server.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s)", (session,))


def test_a_connection_that_breaks_is_told_and_what_follows_finds_a_new_one(server: Server) -> None:
    database = connect(inside(server, "year"))
    with pytest.raises(DatabaseInterrupted) as cut, writing(database) as connection:  # noqa: PT012 - both
        cut_off(server, connection)
        connection.execute(text("SELECT 1"))
    assert cut.value.code == "database-interrupted"
    with reading(database) as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    database.dispose()


def test_when_the_answer_to_a_commit_is_lost_nobody_claims_to_know(server: Server) -> None:
    database = connect(inside(server, "year"))
    with pytest.raises(OutcomeUnknown), writing(database) as connection:
        cut_off(server, connection)
    database.dispose()


def test_what_is_no_trouble_of_the_server_is_not_hidden(server: Server) -> None:
    database = connect(inside(server, "year"))
    with pytest.raises(Exception, match="syntax") as found, reading(database) as connection:
        connection.execute(text("SELEC 1"))
    assert not isinstance(found.value, DatabaseTrouble)
    database.dispose()
