"""The folder in which evidence lies: each file under the SHA-256 of its content.

A name in it says what the file must contain, so that a file is never
replaced, only found to be what it was or not. Files are written beside and
put in place whole; what was only half written when the power went is swept
away later. They are read as bytes and never opened as anything else.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from io import FileIO
from pathlib import Path

from adapters.evidence.kinds import HEAD, agrees, ending
from adapters.evidence.trouble import EvidenceRefused, FileTrouble, told
from engine.errors import N_, NotFound
from workflows.plan.model import EvidenceRules

PIECE = 1024 * 1024
"""Bytes that are held at a time, however large the file."""

MEGABYTE = 1024 * 1024
STALE_SECONDS = 24 * 3600
"""Age from which a half-written file is nobody's work any more."""

_LOCK = ".lock"
_PART = ".part"
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_READ_ONLY = 0o440
_LOCKABLE = 0o660
_SHARED = 0o2770
"""What of the permissions of the folder above is passed on: owner, group, and set-group-id."""


class Found(StrEnum):
    """How a file of evidence was found."""

    SOUND = "sound"
    MISSING = "missing"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies in the folder."""

    sha256: str
    name: str
    size: int
    new: bool


def is_hash(text: str) -> bool:
    """Return whether ``text`` can be the name of a kept file.

    >>> is_hash("a" * 64), is_hash("../" + "a" * 61), is_hash("A" * 64)
    (True, False, False)
    """
    return _HASH.fullmatch(text) is not None


class EvidenceFolder:
    """Evidence by the hash of its content."""

    def __init__(self, place: Path) -> None:
        """Keep files in ``place``, which is made when the first one comes."""
        self.place = place

    @contextmanager
    def keeping(self, path: Path, rules: EvidenceRules) -> Iterator[Kept]:
        """Keep a copy of the file at ``path`` while it is recorded; a refusal takes it away again.

        From putting it in place to the end of the block nobody else adds
        files: what one act takes away, another may not have counted on.

        Raises:
            FileTrouble: it cannot be read, or there is no room for it.
            EvidenceRefused: the plan does not take such a file.

        """
        with ExitStack() as stack:
            with told(path), _opened(path) as (source, expected):
                _require(path, expected, rules)
                self._make_place()
                part = self._part()
                stack.callback(part.unlink, missing_ok=True)
                digest, size = _copied(source, part, path, rules)
                stack.enter_context(self._locked())
                self._sweep(part)
                was = self.examine(digest)
                target = self.place / digest
                if was is not Found.SOUND:
                    part.replace(target)
                    _settle(self.place)
            try:
                yield Kept(digest, path.name, size, new=was is not Found.SOUND)
            except BaseException:
                if was is Found.MISSING:
                    target.unlink(missing_ok=True)
                raise

    def examine(self, sha256: str) -> Found:
        """Return whether the file of that hash is there and what it was."""
        digest = hashlib.sha256()
        try:
            with self._reading(sha256) as file:
                while piece := file.read(PIECE):
                    digest.update(piece)
        except FileNotFoundError:
            return Found.MISSING
        except OSError:
            return Found.ALTERED
        return Found.SOUND if digest.hexdigest() == sha256 else Found.ALTERED

    def size(self, sha256: str) -> int:
        """Return how many bytes the file has; 0 where there is none."""
        try:
            return (self.place / sha256).stat().st_size
        except OSError:
            return 0

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """Yield the file piece by piece; that it is what it was is known only at the end.

        Raises:
            NotFound: it is not there.
            FileTrouble: it is not what it was.

        """
        digest = hashlib.sha256()
        try:
            with self._reading(sha256) as file:
                while piece := file.read(PIECE):
                    digest.update(piece)
                    yield piece
        except FileNotFoundError:
            raise NotFound(what="file", key=sha256, hint="duban evidence check") from None
        except OSError as error:
            raise self._altered(sha256, error.strerror or "") from error
        if digest.hexdigest() != sha256:
            raise self._altered(sha256)

    def copy(self, sha256: str, target: Path) -> None:
        """Copy the file out; ``target`` appears only when all of it was found to be what it was.

        Raises:
            NotFound: it is not there.
            FileTrouble: it is not what it was, or the target is there or cannot be written.

        """
        with told(target):
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            part = Path(name)
            try:
                with os.fdopen(handle, "wb") as writing:
                    for piece in self.pieces(sha256):
                        writing.write(piece)
                    writing.flush()
                    os.fsync(writing.fileno())
                part.chmod(0o640)
                target.hardlink_to(part)  # refuses to replace what is there, unlike a renaming
            finally:
                part.unlink(missing_ok=True)

    def remove(self, sha256: str) -> bool:
        """Take the file away; return whether it was there."""
        if not self.place.is_dir():
            return False
        with told(self.place / sha256), self._locked():
            try:
                (self.place / sha256).unlink()
            except FileNotFoundError:
                return False
            _settle(self.place)
            return True

    def names(self) -> Iterator[str]:
        """Yield the hashes of all files, in order."""
        if self.place.is_dir():
            yield from sorted(p.name for p in self.place.iterdir() if is_hash(p.name))

    @contextmanager
    def _reading(self, sha256: str) -> Iterator[FileIO]:
        if not is_hash(sha256):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        with _opened(self.place / sha256) as (file, _):
            yield file

    def _altered(self, sha256: str, why: str = "") -> FileTrouble:
        return FileTrouble(
            file=self.place / sha256,
            problem=why or N_("it is not what it was when it was kept"),
            hint=N_("Restore it from a backup."),
        )

    def _make_place(self) -> None:
        """Make the folder, for whoever may write the one that it lies in, whatever the umask."""
        try:
            self.place.mkdir()
        except FileExistsError:
            return
        above = stat.S_IMODE(self.place.parent.stat().st_mode)
        self.place.chmod(above & _SHARED)

    def _part(self) -> Path:
        handle, name = tempfile.mkstemp(dir=self.place, prefix=".", suffix=_PART)
        os.close(handle)
        return Path(name)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Wait until nobody else puts files in place or takes them away."""
        handle = os.open(self.place / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o660)
        try:
            with suppress(PermissionError):  # it is another's, who has seen to that
                os.fchmod(handle, _LOCKABLE)
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _sweep(self, mine: Path) -> None:
        """Take away what others left half written; the file system's own clock says how old."""
        present = mine.stat().st_mtime
        for path in self.place.glob(f".*{_PART}"):
            with suppress(OSError):
                if present - path.lstat().st_mtime > STALE_SECONDS:
                    path.unlink()


@contextmanager
def _opened(path: Path) -> Iterator[tuple[FileIO, int]]:
    """Open a regular file and nothing else; no link is followed, nothing waits for a writer."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb", buffering=0) as raw:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(status.st_mode):
            raise FileTrouble(
                file=path,
                problem=N_("it is no ordinary file"),
                hint=N_("Name a file, not a device or pipe."),
            )
        yield raw, status.st_size


def _require(path: Path, size: int, rules: EvidenceRules) -> None:
    if rules.types and ending(path.name) not in rules.types:
        raise EvidenceRefused(
            file=path.name,
            problem=N_("the plan takes no files of this kind"),
            allowed=list(rules.types),
        )
    if size > rules.largest_mb * MEGABYTE:
        raise _too_large(path, rules)


def _too_large(path: Path, rules: EvidenceRules) -> EvidenceRefused:
    return EvidenceRefused(
        file=path.name,
        problem=N_("it is larger than the plan allows"),
        allowed=[f"{rules.largest_mb} MB"],
    )


def _copied(source: FileIO, part: Path, path: Path, rules: EvidenceRules) -> tuple[str, int]:
    """Copy piece by piece; return hash and size of what was copied, whatever the file said."""
    digest, size, head = hashlib.sha256(), 0, b""
    with part.open("wb") as writing:
        while piece := source.read(PIECE):
            head = head or piece[:HEAD]
            size += len(piece)
            if size > rules.largest_mb * MEGABYTE:
                raise _too_large(path, rules)
            digest.update(piece)
            writing.write(piece)
        if not size:
            raise FileTrouble(
                file=path, problem=N_("it is empty"), hint=N_("Was another file meant?")
            )
        if not agrees(path.name, head):
            raise FileTrouble(
                file=path,
                problem=N_("its content is not what its name says"),
                hint=N_("Give it the name of what it is."),
            )
        writing.flush()
        os.fsync(writing.fileno())
    part.chmod(_READ_ONLY)
    return digest.hexdigest(), size


def _settle(folder: Path) -> None:
    """Make a name that was put into ``folder``, or taken from it, survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
