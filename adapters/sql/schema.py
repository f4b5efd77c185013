"""Creating, upgrading and recognising the schema, by Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from adapters.sql.database import DatabaseTrouble, reading, writing
from engine.errors import N_

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(database: Engine) -> bool:
    """Create the schema, or bring it up to date; return whether anything changed.

    Raises:
        DatabaseTrouble: the database is of a newer duban, or cannot be written.

    """
    with writing(database) as connection:
        before = _revision(connection)
        _refuse_newer(database, before)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return before != _revision(connection)


def ensure_current(database: Engine) -> None:
    """Make sure that this duban can use the database as it is.

    Raises:
        DatabaseTrouble: it has no schema yet, an older one, or a newer one.

    """
    with reading(database) as connection:
        revision = _revision(connection)
    _refuse_newer(database, revision)
    if revision is None:
        raise DatabaseTrouble(
            database=_shown(database),
            problem=N_("it is not a duban database yet"),
            hint=N_("Create it with: duban init"),
        )
    if revision != _head():
        raise DatabaseTrouble(
            database=_shown(database),
            problem=N_("it was made by an older duban"),
            hint=N_("Upgrade it with: duban init"),
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    return config


def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(database: Engine, revision: str | None) -> None:
    scripts = ScriptDirectory.from_config(_config())
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise DatabaseTrouble(
            database=_shown(database),
            problem=N_("it was made by a newer duban"),
            hint=N_("Install the newer duban; nothing was changed."),
        )


def _shown(database: Engine) -> str:
    return database.url.render_as_string(hide_password=True)
