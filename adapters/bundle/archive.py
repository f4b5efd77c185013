"""Writing a bundle: a zip whose bytes depend on its content alone, with the sum of every file."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

SUMS = "SHA256SUMS"
_LARGE = 2**31 - 1
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16
_UNIX = 3


class BundleWriter:
    """A zip that is being written, file by file, in the order in which they are added."""

    def __init__(self, path: Path) -> None:
        """Write to ``path``."""
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self._sums: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Add the sums and close."""
        if kind is None:
            lines = (f"{digest}  {name}\n" for name, digest in sorted(self._sums.items()))
            self.add(SUMS, ["".join(lines).encode()])
        self._zip.close()

    def add(self, name: str, pieces: Iterable[bytes], size: int = 0) -> None:
        """Add a file; ``size`` tells beforehand of one that may be very large.

        What was compressed before it was handed in is not compressed again.
        """
        info = zipfile.ZipInfo(name, _FIRST_DAY)
        info.create_system, info.external_attr = _UNIX, _READABLE
        info.compress_type = zipfile.ZIP_STORED if size else zipfile.ZIP_DEFLATED
        digest = hashlib.sha256()
        with self._zip.open(info, "w", force_zip64=size > _LARGE) as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
        self._sums[name] = digest.hexdigest()
