"""A backup of a SQLite database: taken while everybody works, whole or not there, and examined."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from adapters.sql.database import bare, connect, file_of, reading
from adapters.sql.examination import Examined, examine_copy
from engine.errors import N_, Refused


class BackupRefused(Refused):
    """The backup was not made; nothing was left behind."""

    code = "backup"
    template = N_("The backup {file} was not made: {problem}. {hint}")


class BackedUpElsewhere(Refused):
    """A server's database is backed up with the server's own tools."""

    code = "backup-by-server"
    template = N_(
        "{database} lies on a server; back it up with PostgreSQL's own tools: "
        "pg_dump --format=custom, or a base backup; see docs/operations.md."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """A backup that was made."""

    file: Path
    events: int
    examined: tuple[Examined, ...]
    """What was looked at in the copy; all of it sound."""


def back_up(database: str, target: Path) -> BackedUp:
    """Copy the database to ``target`` as it stands at one moment, and examine the copy.

    The copy appears under its name when it is whole and on the disk, never before.

    Raises:
        BackedUpElsewhere: it is no SQLite file.
        BackupRefused: the file is there already, cannot be written, or the copy is not sound.
        DatabaseTrouble: the database cannot be read.

    """
    engine = connect(database)
    source = file_of(engine)
    try:
        if source is None:
            raise BackedUpElsewhere(database=engine.url.render_as_string(hide_password=True))
        if target.exists():
            raise _exists(target)
        with _draft(target, source) as draft:
            with reading(engine) as connection:
                connection.execute(text("SELECT 1 FROM alembic_version"))  # one of ours, or say so
            with bare(engine) as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (str(draft),))
            events, examined = _examined(draft, target)
            _keep(draft, target)
        return BackedUp(file=target, events=events, examined=examined)
    finally:
        engine.dispose()


def _exists(target: Path) -> BackupRefused:
    return BackupRefused(
        file=target,
        problem=N_("it is there already"),
        hint=N_("A backup overwrites nothing; name another file."),
    )


@contextmanager
def _draft(target: Path, source: Path) -> Iterator[Path]:
    """Make an empty file beside ``target``, readable by whom the database is; then remove it."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        mode = source.stat().st_mode & 0o666
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        draft.chmod(mode)
        yield draft
    except OSError as error:
        raise BackupRefused(
            file=target, problem=error.strerror or str(error), hint=N_("Check the path.")
        ) from None
    finally:
        draft.unlink(missing_ok=True)


def _examined(draft: Path, target: Path) -> tuple[int, tuple[Examined, ...]]:
    examined = tuple(examine_copy(str(draft)))
    wrong = [one for one in examined if not one.sound]
    if wrong:
        found = wrong[0].error or f"{wrong[0].subject}: {wrong[0].found}"
        raise BackupRefused(
            file=target, problem=str(found), hint=N_("Look at the database with: duban doctor")
        )
    engine = connect(str(draft), still=True)
    try:
        with reading(engine) as connection:
            return int(connection.scalar(text("SELECT count(*) FROM event")) or 0), examined
    finally:
        engine.dispose()


def _keep(draft: Path, target: Path) -> None:
    """Give the draft its name once it is on the disk; never that of a file that is there."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(draft, target)
    except FileExistsError:
        raise _exists(target) from None
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
