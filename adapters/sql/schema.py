"""Creating, upgrading and recognising the schema, by Alembic."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from time import sleep

from sqlalchemy import Connection, Engine, delete, insert, inspect, text

from adapters.retrying import ATTEMPTS, pause_before
from adapters.sql.collation import compare_bytewise
from adapters.sql.database import reading, writing
from adapters.sql.locks import SCHEMA, hold_number
from adapters.sql.moving import FILLING, MOVED_TO, setting
from adapters.sql.tables import SETTING
from adapters.sql.trouble import DatabaseInterrupted, DatabaseTrouble
from engine.errors import N_

_SCRIPTS = Path(__file__).parent / "migrations"


class Unfit(DatabaseTrouble):
    """This release may not work on the database, or no longer."""

    code = "database-unfit"


RUNS_FROM = "schema/runs_from"
"""Setting: the revision that the schema has, and the oldest whose code may still work on it.

It counts only together with that revision: whoever changes the schema says who may go on.
"""

_MARK = re.compile(r"^(Safe|Unsafe) while the previous release still runs: \S.*\.$")
"""What the third line of a revision's docstring says of it."""


def upgrade(database: Engine, to: str = "head") -> bool:
    """Create the schema, or bring it up to date; return whether anything changed.

    ``to`` names an older revision for tests. Daemons may be at work: where they
    and a change of tables wait for each other, it is tried again.

    Raises:
        DatabaseTrouble: the database is of a newer duban, or cannot be written.

    """
    for attempt in range(ATTEMPTS - 1):
        try:
            return _upgraded(database, to)
        except DatabaseInterrupted:
            sleep(pause_before(attempt).total_seconds())
    return _upgraded(database, to)


def _upgraded(database: Engine, to: str) -> bool:
    from alembic import command  # noqa: PLC0415 - a quarter of a second, for one command only
    from alembic.config import Config  # noqa: PLC0415 - likewise

    with writing(database) as connection:
        hold_number(connection, SCHEMA)
        before = revision_of(connection)
        _refuse_newer(database, before)
        config = Config()
        config.set_main_option("script_location", str(_SCRIPTS))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        if connection.dialect.name == "postgresql":
            compare_bytewise(connection)
        after = revision_of(connection)
        if after != before:
            _keep_oldest(connection, after)
        return before != after


def ensure_fit(database: Engine) -> None:
    """Make sure that a daemon of this duban may go on working on the database.

    Raises:
        Unfit: another release has changed it too much, or it was moved away.
        DatabaseTrouble: it cannot be read.

    """
    ensure_current(database)
    with reading(database) as connection:
        target = setting(connection, MOVED_TO)
    if target:
        raise Unfit(
            database=_shown(database),
            problem=N_("it was moved to another database"),
            hint=N_("Let DUBAN_DATABASE name that one; duban doctor says where it is."),
        )


def ensure_current(database: Engine) -> None:
    """Make sure that this duban can use the database as it is.

    One that a newer duban has brought up to date can be used, if all that
    was changed since is marked as safe for the code that is here.

    Raises:
        Unfit: it has no schema yet, an older one, or a newer one, or is half a copy.

    """
    with reading(database) as connection:
        revision = revision_of(connection)
        if (
            revision is not None
            and revision not in revisions()
            and _may_go_on(connection, revision)
        ):
            return
        _refuse_newer(database, revision)
        filling = revision is not None and setting(connection, FILLING)
    if filling:
        raise Unfit(
            database=_shown(database),
            problem=N_("it is a copy that is not complete"),
            hint=N_("Let the move that fills it go on: duban migrate-to"),
        )
    if revision is None:
        raise Unfit(
            database=_shown(database),
            problem=N_("it is not a duban database yet"),
            hint=N_("Create it with: duban init"),
        )
    if revision != revisions()[-1]:
        raise Unfit(
            database=_shown(database),
            problem=N_("it was made by an older duban"),
            hint=N_("Upgrade it with: duban init"),
        )


def revisions() -> tuple[str, ...]:
    """Return every revision that this duban knows, in order; a file's number is its revision."""
    found = (_SCRIPTS / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(path.name.partition("_")[0] for path in found))


def marks() -> dict[str, bool]:
    """Return each revision, in order, and whether the release before it may run on beside it.

    Raises:
        ValueError: the docstring of a revision does not say so.

    """
    found = {}
    for path in sorted((_SCRIPTS / "versions").glob("[0-9]*_*.py")):
        said = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()
        mark = _MARK.match(said[2]) if len(said) > 2 else None  # noqa: PLR2004 - the third line
        if mark is None:
            raise ValueError(f"{path.name} does not say whether it is safe")
        found[path.name.partition("_")[0]] = mark[1] == "Safe"
    return found


def _may_go_on(connection: Connection, revision: str) -> bool:
    """Return whether the newer release that made ``revision`` says that this one may work on it."""
    schema, _, oldest = setting(connection, RUNS_FROM).partition(" ")
    return schema == revision and oldest in revisions()


def _keep_oldest(connection: Connection, revision: str | None) -> None:
    """Keep which code may go on: all from the last unsafe change on, or from the first revision."""
    connection.execute(delete(SETTING).where(SETTING.c.name == RUNS_FROM))
    connection.execute(insert(SETTING), {"name": RUNS_FROM, "value": runs_from(revision)})


def runs_from(revision: str | None) -> str:
    """Return what `RUNS_FROM` says in a database of ``revision``."""
    passed = [(name, safe) for name, safe in marks().items() if name <= (revision or "")]
    unsafe = [name for name, safe in passed if not safe]
    return f"{revision} {unsafe[-1] if unsafe else passed[0][0]}"


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the database, as Alembic keeps it; None for one without a schema."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _refuse_newer(database: Engine, revision: str | None) -> None:
    if revision is not None and revision not in revisions():
        raise Unfit(
            database=_shown(database),
            problem=N_("it was made by a newer duban"),
            hint=N_("Install the newer duban; nothing was changed."),
        )


def _shown(database: Engine) -> str:
    return database.url.render_as_string(hide_password=True)
