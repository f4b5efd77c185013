"""Examining a database: what `duban doctor` asks of it below the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from adapters.sql.database import connect, reading
from adapters.sql.history_triggers import sqlite_trigger_names
from adapters.sql.schema import ensure_current
from engine.errors import N_, EngineError


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
        try:
            ensure_current(engine)
        except EngineError as error:
            yield Examined(subject=N_("schema"), sound=False, error=error)
            return
        yield Examined(subject=N_("schema"), sound=True)
        if engine.dialect.name != "sqlite":
            return
        with reading(engine) as connection:
            yield from _sqlite(connection)
    finally:
        engine.dispose()


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
    query = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    there = {str(name) for (name,) in connection.execute(query)}
    wanted = sqlite_trigger_names()
    yield Examined(
        subject=N_("triggers that keep history"),
        sound=wanted <= there,
        found=", ".join(sorted(wanted - there)),
        mend=N_("Somebody removed them; restore a backup and run: duban verify"),
    )
