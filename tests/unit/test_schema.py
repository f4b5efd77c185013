"""The schema: tables equal their declarations, revisions are what Alembic finds, twice is once."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from adapters.sql import schema
from adapters.sql.database import DatabaseTrouble, connect, reading, writing
from adapters.sql.tables import METADATA


def test_the_numbers_of_the_files_are_the_revisions_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema._SCRIPTS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert schema.revisions()[-1] == scripts.get_current_head()
    assert set(schema.revisions()) == {s.revision for s in scripts.walk_revisions()}


def test_migrating_gives_the_tables_that_are_declared(tmp_path: Path) -> None:
    database = connect(str(tmp_path / "d.db"))
    assert schema.upgrade(database)
    assert not schema.upgrade(database)
    schema.ensure_current(database)
    with reading(database) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, METADATA) == []
    database.dispose()


@pytest.mark.parametrize(
    ("revision", "problem"),
    [("9999", "it was made by a newer duban"), ("0000", "it was made by a newer duban")],
)
def test_a_database_of_another_duban_is_left_alone(
    tmp_path: Path, revision: str, problem: str
) -> None:
    database = connect(str(tmp_path / "d.db"))
    schema.upgrade(database)
    with writing(database) as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))  # noqa: S608 - the test's own
        connection.execute(text("DELETE FROM setting"))  # it does not say who may run on
    for act in (schema.ensure_current, schema.upgrade):
        with pytest.raises(DatabaseTrouble) as refused:
            act(database)
        assert refused.value.values["problem"] == problem
    database.dispose()


def test_what_has_no_schema_is_told_so(tmp_path: Path) -> None:
    database = connect(str(tmp_path / "d.db"))
    with pytest.raises(DatabaseTrouble, match="not a duban database yet"):
        schema.ensure_current(database)
    database.dispose()
