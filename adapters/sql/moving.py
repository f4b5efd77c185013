"""A database that moves: while it is copied, and for good afterwards, nothing is written to it.

Triggers refuse, so that processes that run already are refused too, whatever their release.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, delete, insert, select, text
from sqlalchemy.exc import IntegrityError

from adapters.sql.database import writing
from adapters.sql.tables import METADATA, SETTING
from adapters.sql.trouble import DatabaseTrouble
from engine.errors import N_, Refused

TOKEN = "transfer/token"  # noqa: S105 - the name of a setting
"""Setting of a database that moves: by which it knows its copy."""
FILLING = "transfer/filling"
"""Setting of a copy that is not complete: the token of the database that it is made from."""
MOVED_TO = "transfer/moved_to"
"""Setting of a database that was moved: where to, without a password."""
PREFIX = "transfer/"

_MOVING = "duban: this database is being moved"
_MOVED = "duban: this database was moved"


class AlreadyMoved(Refused):
    """It was moved before, and is kept only to be read."""

    code = "already-moved"
    template = N_("{database} was moved to {target} already; use that one.")


def freeze(source: Engine) -> str:
    """Refuse whatever would change the database; return the token of this move.

    Doing it again, after a move that was interrupted, gives the same token.

    Raises:
        DatabaseTrouble: it cannot be written.

    """
    with writing(source) as connection:
        token = setting(connection, TOKEN)
        if not token:
            token = secrets.token_hex(16)
            connection.execute(insert(SETTING), {"name": TOKEN, "value": token})
            _refuse(connection, _MOVING)
        return token


def thaw(source: Engine) -> bool:
    """Let the database be used again, unless it was moved; return whether it had been frozen."""
    with writing(source) as connection:
        if setting(connection, MOVED_TO) or not setting(connection, TOKEN):
            return False
        _allow(connection)
        connection.execute(delete(SETTING).where(SETTING.c.name == TOKEN))
        return True


def leave(source: Engine, target: str) -> None:
    """Keep the database as one that was moved to ``target``: it may be read, and no more."""
    with writing(source) as connection:
        _allow(connection)
        connection.execute(insert(SETTING), {"name": MOVED_TO, "value": target})
        _refuse(connection, _MOVED)


def setting(connection: Connection, name: str) -> str:
    """Return a setting, empty when it is not set."""
    return connection.scalar(select(SETTING.c.value).where(SETTING.c.name == name)) or ""


@contextmanager
def explained(database: Engine) -> Iterator[None]:
    """Turn the triggers' refusal into one clear sentence."""
    try:
        yield
    except IntegrityError as error:
        said = str(error.orig)
        if _MOVING in said:
            problem, hint = (
                N_("it is being moved to another database"),
                N_("Wait until it is done, or give the move up: duban migrate-to --give-up"),
            )
        elif _MOVED in said:
            problem, hint = (
                N_("it was moved to another database"),
                N_("Let DUBAN_DATABASE name that one; duban doctor says where it is."),
            )
        else:
            raise
        name = database.url.render_as_string(hide_password=True)
        raise DatabaseTrouble(database=name, problem=problem, hint=hint) from error


def _refuse(connection: Connection, words: str) -> None:
    for table in METADATA.tables:
        for act in ("INSERT", "UPDATE", "DELETE"):
            connection.execute(text(_refusal(table, act, words)))


def refusals() -> set[str]:
    """Return what the triggers say of a file that moves or was moved: they are ours."""
    return {
        _refusal(table, act, words)
        for table in METADATA.tables
        for act in ("INSERT", "UPDATE", "DELETE")
        for words in (_MOVING, _MOVED)
    }


def _refusal(table: str, act: str, words: str) -> str:
    return (
        f"CREATE TRIGGER {_name(table, act)} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )


def _allow(connection: Connection) -> None:
    for table in METADATA.tables:
        for act in ("INSERT", "UPDATE", "DELETE"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {_name(table, act)}"))


def _name(table: str, act: str) -> str:
    return f"moving_refuses_{act.lower()}_{table}"
