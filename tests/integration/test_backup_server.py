"""Backup and restore on PostgreSQL, by the server's own tools, as docs/operations.md has them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url

from adapters.application import application
from adapters.sql.database import connect, writing
from adapters.sql.examination import examine_copy
from adapters.sql.store import SqlStore
from tests.postgres.databases import (
    copied_database,
    empty_database,
    fresh_database,
    require_superuser,
)
from tests.postgres.server import binaries
from tests.unit.year import begin, small
from workflows.running.tick import tick

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def tool(name: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's tools on the database at ``url``."""
    parsed = make_url(url).set(drivername="postgresql")
    address = parsed.render_as_string(hide_password=False)
    subprocess.run([str(binaries() / name), f"--dbname={address}", *arguments], check=True)


def wrong(url: str) -> list[str]:
    return [one.subject for one in examine_copy(url) if not one.sound]


@pytest.fixture(scope="module")
def lived() -> Iterator[str]:
    """A database in which a year has come to July, and to which nobody is connected."""
    with fresh_database() as url:
        engine = connect(url)
        year = begin(small(2), "2024-07-01 09:00", partial(SqlStore, engine))
        year.tick("2024-07-20 09:00")
        engine.dispose()
        yield url


def test_a_dump_is_restored_whole_and_the_year_goes_on(lived: str, tmp_path: Path) -> None:
    dump = tmp_path / "duban.dump"
    assert "pg_dump --format=custom --file=" in PAGE
    tool("pg_dump", lived, "--format=custom", f"--file={dump}")
    options = re.findall(r"pg_restore ((?:--[\w-]+ )+)--dbname", PAGE)
    assert options
    with empty_database() as restored:
        tool("pg_restore", restored, *options[0].split(), str(dump))
        assert wrong(restored) == []
        app = application(restored)
        assert isinstance(app.store, SqlStore)
        with closing(app.store):
            assert tick(app).failed == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DROP TRIGGER event_append_only ON event", "triggers that keep history"),
        ("ALTER TABLE event DISABLE TRIGGER event_append_only", "triggers that keep history"),
        ("UPDATE instance SET lamp = '红'", "histories"),
        (
            "SET LOCAL session_replication_role = replica; UPDATE timer SET deadline = 'gone'",
            "foreign keys",
        ),
        ("ALTER TABLE timer DISABLE TRIGGER ALL", "foreign keys are enforced"),
        ("UPDATE alembic_version SET version_num = 'x'; DELETE FROM setting", "schema"),
    ],
)
def test_a_copy_that_is_not_whole_is_found(lived: str, damage: str, found: str) -> None:
    if found.startswith("foreign keys"):
        require_superuser()
    with copied_database(lived) as copy:
        engine = connect(copy)
        with writing(engine) as connection:
            connection.exec_driver_sql(damage)
        engine.dispose()
        assert found in wrong(copy)
