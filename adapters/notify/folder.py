"""A file drop: one text file per notice, for networks that have no other channel."""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path

from engine.errors import DeliveryFailed
from engine.message import Message
from engine.ports import Notice


class FolderNotifier:
    """Writes each notice into a folder; the same notice twice is the same file."""

    def __init__(self, folder: Path) -> None:
        """Drop into ``folder``, which is made when needed."""
        self._folder = folder

    def send(self, notice: Notice, message: Message) -> None:
        """Write the notice, whole or not at all.

        Raises:
            DeliveryFailed: the folder cannot be written.

        """
        stem = re.sub(r"[^\w.-]+", "_", notice.recipient)[:60]
        name = f"{stem}-{sha256(notice.key.encode()).hexdigest()[:12]}.txt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f".{name}.{os.getpid()}"
            draft.write_text(f"{message.subject}\n\n{message.text}", encoding="utf-8")
            draft.replace(self._folder / name)
        except OSError as error:
            raise DeliveryFailed(
                key=notice.key, channel="folder", problem=error.strerror or str(error)
            ) from error
