"""A year on every PostgreSQL that this machine happens to have beside the one of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sql.database import connect
from adapters.sql.schema import upgrade
from adapters.sql.store import SqlStore
from engine.verification import verify
from tests.cli.office import ADMINISTRATOR, REFERENCE, Office
from tests.postgres.server import Server
from tests.unit.year import begin, small

INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
"""Where Debian keeps them."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not INSTALLED, reason="no other PostgreSQL is installed here"),
]


@pytest.fixture(params=INSTALLED, ids=lambda program: program.parts[-3])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(programs=request.param.parent)
    made.start()
    try:
        with made.connect() as connection:
            connection.execute("CREATE ROLE owner LOGIN")
            connection.execute("CREATE DATABASE year OWNER owner")
        yield made
    finally:
        made.stop()


def test_a_year_goes_as_anywhere_by_an_owner_who_is_nothing_else(server: Server) -> None:
    engine = connect(server.url("year", user="owner"))
    upgrade(engine)
    try:
        year = begin(small(2), "2024-07-01 09:00", lambda clock: SqlStore(engine, clock))
        for moment in ("2024-07-20 09:00", "2024-10-12 09:00", "2025-02-01 09:00"):
            assert year.tick(moment).failed == []
        with year.store.reading() as reader:
            assert list(verify(reader)) == []
            histories = sum(len(events) for _, events in reader.histories())
        assert histories > 20
    finally:
        engine.dispose()


def test_commands_and_a_pass_work_there(server: Server) -> None:
    def does(*words: str) -> str:
        url = server.url("year", user="owner")
        return Office(Path("ignored")).does("--database", url, *words, as_=ADMINISTRATOR)

    does("init", "--trial", "--clock", "2024-07-08")
    does("open", str(REFERENCE))
    does("clock", "set", "2024-08-20")
    does("daemon", "--once")
    assert "qz-2024" in does("status")
    does("verify")
