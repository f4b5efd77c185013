"""A bundle's files, out of a zip or a folder, whatever somebody made of either."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from adapters.bundle.verifier.trouble import Bad, brief

MOST_FILES = 200_000
LONGEST_LINE = 16 * 1024 * 1024
LARGEST_DOCUMENT = 128 * 1024 * 1024
"""Bytes of a file that is held whole."""

_PIECE = 1024 * 1024
_FLOOR, _RATIO = 1024**3, 100
"""How much a zip may unpack to: so many bytes, and so many times its own size."""

_SEE_ELSEWHERE = 0xFFFFFFFF
_LARGEST_DIRECTORY = 64 * 1024 * 1024
_NAME = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.@+-]*/)?[A-Za-z0-9_][A-Za-z0-9_.@+-]*", re.ASCII)


class Archive:
    """The files of a bundle by name; reading never goes beyond what was declared."""

    def __init__(self, place: str) -> None:
        """Open the zip or folder at ``place``."""
        self.place = place
        self._zip: zipfile.ZipFile | None = None
        self._found: dict[str, zipfile.ZipInfo] = {}
        self.sizes: dict[str, int] = {}
        if Path(place).is_dir():
            self._folder(place)
        else:
            self._opened(place)

    def _folder(self, place: str) -> None:
        for folder, folders, names in os.walk(place):
            for name in [*folders, *names]:
                path = Path(folder, name)
                status, inside = path.lstat(), path.relative_to(place).as_posix()
                if stat.S_ISDIR(status.st_mode):
                    continue
                if not stat.S_ISREG(status.st_mode):
                    raise Bad(brief(inside), "no-file")
                self._declare(inside, status.st_size)

    def _opened(self, place: str) -> None:
        try:
            _require_small_directory(place)
            self._zip = zipfile.ZipFile(place)
        except OSError as error:
            raise Bad(brief(place), "unreadable", brief(error.strerror)) from None
        for info in self._zip.infolist():
            if info.flag_bits & 0x1 or info.compress_type not in (0, 8):
                raise Bad(brief(info.filename), "odd-zip")
            if info.orig_filename != info.filename:
                raise Bad(brief(info.orig_filename), "bad-name")
            self._declare(info.filename, info.file_size)
            self._found[info.filename] = info
        if sum(self.sizes.values()) > _FLOOR + _RATIO * Path(place).stat().st_size:
            raise Bad(brief(place), "bomb", str(sum(self.sizes.values())))

    def _declare(self, name: str, size: int) -> None:
        if not _NAME.fullmatch(name) or len(name) > 200:  # noqa: PLR2004 - no name of ours is so long
            raise Bad(brief(name), "bad-name")
        if name in self.sizes:
            raise Bad(name, "twice")
        self.sizes[name] = size
        if len(self.sizes) > MOST_FILES:
            raise Bad(brief(self.place), "too-many")

    @contextmanager
    def _reading(self, name: str) -> Iterator[IO[bytes]]:
        if name not in self.sizes:
            raise Bad(name, "missing")
        if self._zip is not None:
            with self._zip.open(self._found[name]) as file:
                yield file
        else:
            with Path(self.place, name).open("rb") as file:
                yield file

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file, piece by piece."""
        left = self.sizes.get(name, 0)
        with self._reading(name) as file:
            while left > 0:
                piece = file.read(min(_PIECE, left))
                if not piece:
                    break
                left -= len(piece)
                yield piece
            if left or file.read(1):
                raise Bad(name, "wrong-size")

    def read(self, name: str, largest: int = LARGEST_DOCUMENT) -> bytes:
        """Return the whole content of a file."""
        if self.sizes.get(name, 0) > largest:
            raise Bad(name, "too-large", str(self.sizes[name]))
        return b"".join(self.pieces(name))

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file, without their ends."""
        rest = b""
        for piece in self.pieces(name):
            *whole, rest = (rest + piece).split(b"\n")
            yield from whole
            if len(rest) > LONGEST_LINE:
                raise Bad(name, "long-line")
        if rest:
            raise Bad(name, "no-end-of-line")


def _require_small_directory(place: str) -> None:
    """Refuse a zip whose table of contents would not fit into memory, before it is read."""
    with Path(place).open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 98))
        tail = file.read()
    end = tail[-22:]
    if len(end) < 22 or end[:4] != b"PK\5\6" or end[20:] != b"\0\0":  # noqa: PLR2004 - a zip's last record
        raise Bad(brief(place), "no-zip")
    directory = int.from_bytes(end[12:16], "little")
    if directory == _SEE_ELSEWHERE and tail[:4] == b"PK\6\6":
        directory = int.from_bytes(tail[40:48], "little")
    if directory > _LARGEST_DIRECTORY:
        raise Bad(brief(place), "too-many")
