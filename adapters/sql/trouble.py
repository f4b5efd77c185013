"""What a database that cannot be used says, turned into one clear sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError as SaidByDatabase
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from engine.errors import N_, EngineError, Interrupted

_SECRET = re.compile(r"(?<=://)([^/@]*):.*@|([?&](?:password|sslpassword)=)[^&]*")


def shown(database: str) -> str:
    """Return a file name or URL as it may be printed: without a password.

    >>> shown("postgresql://duban:s@cret@host/db?sslpassword=x&port=1")
    'postgresql://duban:***@host/db?sslpassword=***&port=1'
    """

    def hidden(found: re.Match[str]) -> str:
        return f"{found[2]}***" if found[2] else f"{found[1]}:***@"

    return _SECRET.sub(hidden, database)


class DatabaseTrouble(EngineError):
    """The database cannot be used."""

    code = "database"
    template = N_("The database {database} cannot be used: {problem}. {hint}")

    def __init__(self, *, database: str, **values: object) -> None:
        """Keep what is wrong; a password in ``database`` is kept from whoever reads it."""
        super().__init__(database=shown(database), **values)


class DatabaseForbidden(DatabaseTrouble):
    """The account has no right to that in the database."""

    code = "database-rights"


class DatabaseInterrupted(DatabaseTrouble, Interrupted):
    """A connection broke, the server was stopped, or others were in the way: try again."""

    code = "database-interrupted"


class OutcomeUnknown(DatabaseTrouble, Interrupted):
    """The connection broke between the commit and the answer."""

    code = "database-outcome"
    outcome_known = False


Hint = tuple[str, str]
"""What is wrong, and what next."""

_SQLITE: tuple[tuple[str, str, str], ...] = (
    (
        "readonly",
        N_("the file is read-only"),
        N_("Check the permissions of the file and its folder."),
    ),
    ("unable to open", N_("the file cannot be opened"), N_("Check the path and its permissions.")),
    ("disk is full", N_("the disk is full"), N_("Make room and repeat; nothing was changed.")),
    (
        "disk i/o",
        N_("the disk reports an error"),
        N_("Nothing was changed; check whether the disk is full or broken."),
    ),
    ("database is locked", N_("another process is writing"), N_("Repeat in a moment.")),
    ("not a database", N_("the file is not a duban database"), N_("Check the path.")),
    ("malformed", N_("the file is damaged"), N_("Restore a backup; see docs/operations.md.")),
    ("no such table", N_("it is not a duban database yet"), N_("Create it with: duban init")),
    ("no such column", N_("it has another schema"), N_("Upgrade it with: duban init")),
)

_REPEAT = N_("Nothing was changed; repeat in a moment.")
_ADDRESS = N_("Check host and port, and that PostgreSQL runs there.")

_LOST: Hint = (N_("the connection was lost"), _REPEAT)
_ONLY_READS: Hint = (
    N_("the server only reads"),
    N_("It may be a standby: name every host, and target_session_attrs=read-write."),
)
_ACCOUNT: Hint = (
    N_("the server refuses the account or its password"),
    N_("Check both; a password belongs into PGPASSWORD or the file ~/.pgpass."),
)
_NO_DATABASE: Hint = (
    N_("there is no such database on the server"),
    N_("Create it there with: createdb NAME, then: duban init"),
)
_FULL_HOUSE: Hint = (
    N_("the server has no connection left"),
    N_("Raise max_connections, or run fewer daemons."),
)
_BETWEEN: Hint = (N_("the server is being stopped or started"), _REPEAT)
_CONTENTION: Hint = (N_("others changed the same at the same time"), _REPEAT)
_FORBIDDEN = "42501"
_TEXTS = "event_text"
_NO_RIGHT: Hint = (
    N_("the account may not do that"),
    N_("See docs/operations.md on what each role may do."),
)
_NO_TEXTS: Hint = (
    N_("the account may not read free texts"),
    N_("Members of duban_audit read them; see docs/operations.md on roles."),
)

_STATES: tuple[tuple[str, Hint], ...] = (
    ("08", _LOST),
    ("25006", _ONLY_READS),
    ("28", _ACCOUNT),
    ("3D000", _NO_DATABASE),
    ("40001", _CONTENTION),
    ("40P01", _CONTENTION),
    ("42P01", (N_("it is not a duban database yet"), N_("Create it with: duban init"))),
    ("42703", (N_("it has another schema"), N_("Upgrade it with: duban init"))),
    ("53100", (N_("the disk is full"), N_("Make room and repeat; nothing was changed."))),
    ("53300", _FULL_HOUSE),
    ("53", (N_("the server is out of memory or space"), _REPEAT)),
    ("55P03", (N_("another process is writing"), N_("Repeat in a moment."))),
    ("57014", (N_("the server gave up because it took too long"), _REPEAT)),
    ("57P", _BETWEEN),
    ("XX", (N_("the data are damaged"), N_("Restore a backup; see docs/operations.md."))),
)
"""By the beginning of PostgreSQL's SQLSTATE, which is the same in every language of the server."""

_PASSING = ("08", "40001", "40P01", "57P01", "57P02", "57P03")
"""States after which the same may be tried again: connection, contention, restart."""

_UNCONNECTED: tuple[tuple[str, Hint, bool], ...] = (
    ("password authentication failed|no password supplied|role .* does not exist", _ACCOUNT, False),
    (
        "no pg_hba.conf entry",
        (
            N_("the server does not let this machine in with this account"),
            N_("Add a line to its pg_hba.conf."),
        ),
        False,
    ),
    ("database .* does not exist", _NO_DATABASE, False),
    (
        "name or service not known|failed to resolve|could not translate host|nodename nor",
        (N_("there is no host of that name"), _ADDRESS),
        False,
    ),
    ("too many clients|remaining connection slots", _FULL_HOUSE, True),
    ("starting up|shutting down|in recovery mode|not yet accepting", _BETWEEN, True),
    ("session is read-only|in hot standby|not in hot standby", _ONLY_READS, True),
    ("timeout|timed out", (N_("the server does not answer in time"), _ADDRESS), True),
    (
        "connection refused|no such file or directory|no route to host|unreachable",
        (N_("no server answers there"), _ADDRESS),
        True,
    ),
    ("closed the connection|connection is closed|connection not open|lost|reset|pipe", _LOST, True),
)
"""Where no session came about there is no state: what the client says, and whether it may pass.

A server that says it in another language is quoted as it is.
"""


def state_of(error: BaseException) -> str:
    """Return PostgreSQL's SQLSTATE of an error; empty where there is none."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


def is_duplicate(error: IntegrityError) -> bool:
    """Return whether the error says that something unique is there already."""
    state = state_of(error)
    return state == "23505" if state else "unique" in str(error.orig).lower()


@contextmanager
def translated(database: Engine, *, committing: bool = False) -> Iterator[None]:
    """Turn what the driver says of a database it cannot use into one clear sentence."""
    try:
        yield
    except DBAPIError as error:
        where = database.url.render_as_string(hide_password=True)
        found = (
            _of_sqlite(error, where)
            if database.dialect.name == "sqlite"
            else _of_postgresql(error, where, committing=committing)
        )
        if found is None:
            raise  # a broken rule of the schema: ours to explain, not the database's
        raise found from error


def _of_sqlite(error: DBAPIError, where: str) -> DatabaseTrouble | None:
    if type(error) not in (SaidByDatabase, OperationalError):
        return None
    said = str(error.orig).lower()
    for part, problem, hint in _SQLITE:
        if part in said:
            return DatabaseTrouble(database=where, problem=problem, hint=hint)
    return DatabaseTrouble(database=where, problem=str(error.orig), hint=N_("Nothing was changed."))


def _of_postgresql(error: DBAPIError, where: str, *, committing: bool) -> DatabaseTrouble | None:
    state = state_of(error)
    lost = error.connection_invalidated or (not state and isinstance(error, OperationalError))
    if lost and committing:
        return OutcomeUnknown(
            database=where,
            problem=N_("the connection was lost while the change was being kept"),
            hint=N_("Look whether it was done before you repeat it."),
        )
    if state == _FORBIDDEN:
        problem, hint = _NO_TEXTS if _TEXTS in str(error.orig) else _NO_RIGHT
        return DatabaseForbidden(database=where, problem=problem, hint=hint)
    for beginning, (problem, hint) in _STATES:
        if state and state.startswith(beginning):
            kind = DatabaseInterrupted if state.startswith(_PASSING) else DatabaseTrouble
            return kind(database=where, problem=problem, hint=hint)
    if not lost:
        return None
    said = " ".join(str(error.orig).split())
    for pattern, (problem, hint), passes in _UNCONNECTED:
        if re.search(pattern, said, re.IGNORECASE):
            kind = DatabaseInterrupted if passes else DatabaseTrouble
            return kind(database=where, problem=problem, hint=hint)
    return DatabaseInterrupted(database=where, problem=said, hint=_REPEAT)
