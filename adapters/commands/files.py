"""Files that commands read and keep: plan files, back-fills, the database, where evidence is."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from adapters.evidence.trouble import FileTrouble, told
from adapters.sql.trouble import DatabaseTrouble
from engine.errors import N_, Refused

LARGEST_INPUT = 8 * 1024 * 1024
"""Bytes of a plan or back-fill that are read at all; the reader of plans has a smaller limit."""


class FileName(click.ParamType[str]):
    """The name of a file; whether it can be used is said when it is."""

    name = "file"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Let the shell complete names of files."""
        return [CompletionItem(incomplete, type="file")]


FILE = FileName()


class NoEvidenceFolder(Refused):
    """A database on a server has no place beside it."""

    code = "no-evidence-folder"
    template = N_(
        "This database is no file, so evidence has no place beside it; name a folder "
        "with --evidence or DUBAN_EVIDENCE."
    )


def database_file(database: str) -> Path | None:
    """Return the file of a SQLite database; nothing for one in memory or on a server."""
    if "://" not in database:
        return Path(database)
    if not database.startswith("sqlite:///") or database.startswith("sqlite:///file:"):
        return None
    name = database.removeprefix("sqlite:///").partition("?")[0]
    return Path(name) if name and name != ":memory:" else None


def require_database(database: str) -> None:
    """Make sure that a database file is there; opening it would create an empty one.

    Raises:
        DatabaseTrouble: there is no such file, or it is a folder.

    """
    try:
        path = database_file(database)
        missing = path is not None and not path.exists()
        folder = path is not None and path.is_dir()
    except (OSError, ValueError):
        raise DatabaseTrouble(
            database=database[:80],
            problem=N_("the name is no file name"),
            hint=N_("Check the path."),
        ) from None
    if missing:
        raise DatabaseTrouble(
            database=database,
            problem=N_("there is no such file"),
            hint=N_("Create it with: duban init"),
        )
    if folder:
        raise DatabaseTrouble(
            database=database, problem=N_("it is a folder"), hint=N_("Check the path.")
        )


def read_input(path: Path) -> bytes:
    """Return the content of a plan or back-fill.

    Raises:
        FileTrouble: it cannot be read, or is far too large.

    """
    with told(path), path.open("rb") as file:
        data = file.read(LARGEST_INPUT + 1)
    if len(data) > LARGEST_INPUT:
        raise FileTrouble(
            file=path, problem=N_("it is too large"), hint=N_("Was another file meant?")
        )
    return data


def write_output(path: Path, data: bytes) -> None:
    """Write a file that was asked for, whole or not at all.

    Raises:
        FileTrouble: it cannot be written.

    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        hint = N_("Check the path.")
        raise FileTrouble(file=path, problem=str(error.strerror), hint=hint) from None


def evidence_folder(database: str, named: str | None = None) -> Path:
    """Return where evidence is kept: the folder that was named, else beside the database file.

    Raises:
        NoEvidenceFolder: the database is on a server, and no folder was named.

    """
    if named:
        return Path(named).expanduser()
    path = database_file(database)
    if path is None:
        raise NoEvidenceFolder
    return path.with_name(f"{path.name}.files")
