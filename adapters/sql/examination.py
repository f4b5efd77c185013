"""Examining a database: what `duban doctor` asks of it below the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from adapters.keys import verifies
from adapters.sql.database import connect, file_of, reading
from adapters.sql.moving import MOVED_TO, TOKEN, setting
from adapters.sql.schema import ensure_current
from adapters.sql.schema_comparison import differences, orphans
from adapters.sql.store import SqlStore
from engine.clock import SystemClock
from engine.errors import N_, EngineError
from engine.verification import verify
from workflows.running.log_audit import audit_log

SHOWN = 3
"""How many breaks are named; `duban verify` names all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One thing that was looked at, and how it was found."""

    subject: str
    sound: bool
    found: str = ""
    mend: str = ""
    error: EngineError | None = None
    """What a refusal said, where one did."""


_RESTORE = N_("Restore a backup, then: duban verify; see docs/operations.md")


def examine(database: str) -> Iterator[Examined]:
    """Yield what is right and wrong with the database itself; it is only read."""
    engine = connect(database)
    try:
        yield from _examined(engine)
    finally:
        engine.dispose()


def _examined(engine: Engine) -> Iterator[Examined]:
    try:
        ensure_current(engine)
    except EngineError as error:
        yield Examined(subject=N_("schema"), sound=False, error=error)
        return
    yield Examined(subject=N_("schema"), sound=True)
    with reading(engine) as connection:
        target, token = setting(connection, MOVED_TO), setting(connection, TOKEN)
    if token:
        yield Examined(
            subject=N_("moved away"),
            sound=False,
            found=target,
            mend=N_("Use that one; this one can only be read.")
            if target
            else N_("Call again, or give up: duban migrate-to"),
        )
    with reading(engine) as connection:
        yield from (_sqlite if engine.dialect.name == "sqlite" else _postgresql)(connection)


def examine_copy(database: str) -> Iterator[Examined]:
    """Yield what is right and wrong with a copy that lies still, its histories replayed.

    A file is not touched. One that was copied without its write-ahead log is
    not whole, and said to be so.
    """
    engine = connect(database)
    file = file_of(engine)
    engine.dispose()
    beside = [p for p in _beside(file) if p.exists() and p.stat().st_size] if file else []
    if file is not None:
        yield Examined(
            subject=N_("one file"),
            sound=not beside,
            found=", ".join(path.name for path in beside),
            mend=N_("Take the copy with: duban backup"),
        )
    engine = connect(database, still=not beside)
    try:
        found = list(_examined(engine))
        yield from found
        if all(one.sound for one in found):
            yield from _histories(engine)
    finally:
        engine.dispose()


def _beside(file: Path) -> Iterator[Path]:
    yield from (file.with_name(file.name + suffix) for suffix in ("-wal", "-journal"))


def _histories(engine: Engine) -> Iterator[Examined]:
    with SqlStore(engine, SystemClock()).reading() as reader:
        looked = (
            (N_("histories"), list(islice(verify(reader), SHOWN))),
            (N_("log of events"), list(islice(audit_log(reader, verifies), SHOWN))),
        )
    for subject, breaks in looked:
        yield Examined(
            subject=subject,
            sound=not breaks,
            found=", ".join(f"{b.instance}#{b.sequence} {b.code}" for b in breaks),
            mend=_RESTORE,
        )


def _postgresql(connection: Connection) -> Iterator[Examined]:
    torn = orphans(connection)
    yield Examined(subject=N_("foreign keys"), sound=not torn, found=", ".join(torn), mend=_RESTORE)
    off = text(
        "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND ("
        "NOT convalidated OR EXISTS (SELECT 1 FROM pg_trigger "
        "WHERE tgconstraint = pg_constraint.oid AND tgenabled = 'D'))"
    )
    idle = sorted(set(connection.scalars(off)))
    yield Examined(
        subject=N_("foreign keys are enforced"),
        sound=not idle,
        found=", ".join(idle),
        mend=N_("Somebody switched them off; restore a backup and run: duban verify"),
    )
    yield _made(connection)


def _made(connection: Connection) -> Examined:
    """Return whether the schema is as it was made, triggers that keep history among it."""
    found = differences(connection)
    return Examined(
        subject=N_("triggers that keep history"),
        sound=not found,
        found=", ".join(found),
        mend=N_("Somebody changed the schema; restore a backup and run: duban verify"),
    )


def _sqlite(connection: Connection) -> Iterator[Examined]:
    said = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(10)"))]
    yield Examined(
        subject=N_("file"),
        sound=said == ["ok"],
        found="" if said == ["ok"] else "; ".join(said),
        mend=_RESTORE,
    )
    torn = connection.execute(text("PRAGMA foreign_key_check")).all()
    yield Examined(
        subject=N_("foreign keys"),
        sound=not torn,
        found=", ".join(sorted({str(row[0]) for row in torn})),
        mend=_RESTORE,
    )
    enforced = connection.execute(text("PRAGMA foreign_keys")).scalar()
    yield Examined(
        subject=N_("foreign keys are enforced"),
        sound=bool(enforced),
        mend=N_("Install a SQLite that enforces foreign keys."),
    )
    yield _made(connection)
