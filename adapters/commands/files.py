"""Files that commands read and keep: plan files, back-fills, evidence, the database itself."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from adapters.sql.trouble import DatabaseTrouble
from engine.errors import N_, EngineError, Refused

LARGEST_EVIDENCE = 100 * 1024 * 1024
LARGEST_INPUT = 8 * 1024 * 1024
"""Bytes of a plan or back-fill that are read at all; the reader of plans has a smaller limit."""

_PIECE = 1024 * 1024


class FileName(click.ParamType[str]):
    """The name of a file; whether it can be used is said when it is."""

    name = "file"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Let the shell complete names of files."""
        return [CompletionItem(incomplete, type="file")]


FILE = FileName()


class FileTrouble(Refused):
    """A file cannot be read or kept."""

    code = "file"
    template = N_("The file {file} cannot be used: {problem}. {hint}")


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
    with _told(path), path.open("rb") as file:
        data = file.read(LARGEST_INPUT + 1)
    if len(data) > LARGEST_INPUT:
        raise FileTrouble(
            file=path, problem=N_("it is too large"), hint=N_("Was another file meant?")
        )
    return data


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece of evidence beside the database."""

    sha256: str
    name: str
    path: Path
    new: bool


def evidence_folder(database: str) -> Path:
    """Return where evidence is kept: beside the database file."""
    path = database_file(database)
    return path.with_name(f"{path.name}.files") if path else Path("duban.files")


@contextmanager
def keeping(path: Path, database: str) -> Iterator[Kept]:
    """Copy a file under its SHA-256 beside the database; taken away again if a refusal follows.

    Raises:
        FileTrouble: it cannot be read or kept, or is too large.

    """
    folder = evidence_folder(database)
    with _told(path):
        folder.mkdir(exist_ok=True)
        part = folder / f".{os.getpid()}.part"
    try:
        with _told(path):
            digest = _copy(path, part)
            kept = folder / digest
            new = not kept.exists()
            part.replace(kept)
    finally:
        part.unlink(missing_ok=True)
    try:
        yield Kept(digest, path.name, kept, new)
    except BaseException:
        if new:
            kept.unlink(missing_ok=True)
        raise


def _copy(source: Path, target: Path) -> str:
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reading, target.open("wb") as writing:
        while piece := reading.read(_PIECE):
            size += len(piece)
            if size > LARGEST_EVIDENCE:
                raise FileTrouble(
                    file=source,
                    problem=N_("it is larger than 100 MB"),
                    hint=N_("Keep it elsewhere and record its number."),
                )
            digest.update(piece)
            writing.write(piece)
        writing.flush()
        os.fsync(writing.fileno())
    return digest.hexdigest()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the operating system says of a file into one clear sentence."""
    try:
        yield
    except EngineError:
        raise
    except FileNotFoundError:
        problem = N_("there is no such file")
        raise FileTrouble(file=path, problem=problem, hint=N_("Check the path.")) from None
    except IsADirectoryError:
        raise FileTrouble(
            file=path, problem=N_("it is a folder"), hint=N_("Name a file in it.")
        ) from None
    except PermissionError:
        raise FileTrouble(
            file=path, problem=N_("you may not read it"), hint=N_("Check its permissions.")
        ) from None
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise FileTrouble(file=repr(str(path)[:80]), problem=said, hint="") from None
