"""Creating, upgrading and recognising the schema, by Alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from adapters.sql.database import DatabaseTrouble, reading, writing
from adapters.sql.moving import FILLING, setting
from engine.errors import N_

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(database: Engine) -> bool:
    """Create the schema, or bring it up to date; return whether anything changed.

    Raises:
        DatabaseTrouble: the database is of a newer duban, or cannot be written.

    """
    from alembic import command  # noqa: PLC0415 - a quarter of a second, for one command only
    from alembic.config import Config  # noqa: PLC0415 - likewise

    with writing(database) as connection:
        before = _revision(connection)
        _refuse_newer(database, before)
        config = Config()
        config.set_main_option("script_location", str(_SCRIPTS))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return before != _revision(connection)


def ensure_current(database: Engine) -> None:
    """Make sure that this duban can use the database as it is.

    Raises:
        DatabaseTrouble: it has no schema yet, an older one, or a newer one, or is half a copy.

    """
    with reading(database) as connection:
        revision = _revision(connection)
        _refuse_newer(database, revision)
        filling = revision is not None and setting(connection, FILLING)
    if filling:
        raise DatabaseTrouble(
            database=_shown(database),
            problem=N_("it is a copy that is not complete"),
            hint=N_("Let the move that fills it go on: duban migrate-to"),
        )
    if revision is None:
        raise DatabaseTrouble(
            database=_shown(database),
            problem=N_("it is not a duban database yet"),
            hint=N_("Create it with: duban init"),
        )
    if revision != revisions()[-1]:
        raise DatabaseTrouble(
            database=_shown(database),
            problem=N_("it was made by an older duban"),
            hint=N_("Upgrade it with: duban init"),
        )


def revisions() -> tuple[str, ...]:
    """Return every revision that this duban knows, in order; a file's number is its revision."""
    found = (_SCRIPTS / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(path.name.partition("_")[0] for path in found))


def _revision(connection: Connection) -> str | None:
    """Return the revision of the database, as Alembic keeps it; None for one without a schema."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _refuse_newer(database: Engine, revision: str | None) -> None:
    if revision is not None and revision not in revisions():
        raise DatabaseTrouble(
            database=_shown(database),
            problem=N_("it was made by a newer duban"),
            hint=N_("Install the newer duban; nothing was changed."),
        )


def _shown(database: Engine) -> str:
    return database.url.render_as_string(hide_password=True)
