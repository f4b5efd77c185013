"""The schema: tables equal their declarations, revisions are what Alembic finds, twice is once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects import sqlite

from adapters.sql import schema
from adapters.sql.collation import compared_otherwise
from adapters.sql.database import connect, reading, writing
from adapters.sql.tables import METADATA, ONLY_ON_POSTGRESQL, ONLY_ON_SQLITE
from adapters.sql.trouble import DatabaseTrouble
from adapters.sql.types import Moment
from tests.postgres.databases import empty_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database in which nothing is."""
    if request.param == "sqlite":
        engine = connect(str(tmp_path / "d.db"))
        yield engine
        engine.dispose()
        return
    with empty_database() as url:
        engine = connect(url)
        yield engine
        engine.dispose()


def test_the_numbers_of_the_files_are_the_revisions_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema._SCRIPTS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert schema.revisions()[-1] == scripts.get_current_head()
    assert set(schema.revisions()) == {s.revision for s in scripts.walk_revisions()}


def test_migrating_gives_the_tables_that_are_declared(database: Engine) -> None:
    assert schema.upgrade(database)
    assert not schema.upgrade(database)
    schema.ensure_current(database)
    with reading(database) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        missing = compare_metadata(context, METADATA)
    absent = ONLY_ON_POSTGRESQL if database.dialect.name == "sqlite" else ONLY_ON_SQLITE
    assert {act for act, _ in missing} <= {"add_index", "add_fk"}
    assert sorted(_name(thing) for _, thing in missing) == sorted(absent)


def _name(thing: Index | ForeignKeyConstraint) -> str:
    """The name that PostgreSQL gives to what we gave none."""
    if isinstance(thing, Index) or thing.name:
        return str(thing.name)
    return f"{thing.table}_{'_'.join(thing.column_keys)}_fkey"


def test_postgresql_compares_every_text_byte_by_byte() -> None:
    with empty_database() as url:
        database = connect(url)
        schema.upgrade(database)
        with reading(database) as connection:
            assert compared_otherwise(connection) == []
        database.dispose()


@pytest.mark.parametrize(
    ("revision", "problem"),
    [("9999", "it was made by a newer duban"), ("0000", "it was made by a newer duban")],
)
def test_a_database_of_another_duban_is_left_alone(
    database: Engine, revision: str, problem: str
) -> None:
    schema.upgrade(database)
    with writing(database) as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))  # noqa: S608 - the test's own
        connection.execute(text("DELETE FROM setting"))  # it does not say who may run on
    for act in (schema.ensure_current, schema.upgrade):
        with pytest.raises(DatabaseTrouble) as refused:
            act(database)
        assert refused.value.values["problem"] == problem


def test_what_has_no_schema_is_told_so(database: Engine) -> None:
    with pytest.raises(DatabaseTrouble, match="not a duban database yet"):
        schema.ensure_current(database)


@pytest.mark.parametrize(
    "text", ["2024-08-01U16:00:00.000000Z", "2024-08-01T16:00:00,000000Z", "2024-08-01T16:00:00Z"]
)
def test_a_moment_that_sorts_otherwise_than_it_reads_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no moment as it is stored"):
        Moment().process_result_value(text, sqlite.dialect())
