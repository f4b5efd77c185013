"""One map of the channels file, read key by key; secrets come from elsewhere or not at all."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from adapters.notify.http import is_loopback
from adapters.notify.secret import Secret
from engine.errors import N_, Refused
from workflows.plan.names import nearest

LONGEST_TEXT = 1000
LONGEST_SECRET = 4096
LONGEST_WAIT_SECONDS = 300

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FILE = "file:"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class ChannelsTrouble(Refused):
    """The channels file cannot be used; the message never repeats a value."""

    code = "channels"
    template = N_("{where}: {problem}. {hint}")


class UnknownSetting(Refused):
    """A key, kind or name that means nothing there."""

    code = "channels-unknown"
    template = N_("{where} knows no {key}. Did you mean: {known}?")


@dataclass(slots=True)
class Settings:
    """One map; what is asked of it is what it may hold."""

    file: Path
    place: str
    values: Mapping[str, Any]
    resolving: bool = False
    """Whether secrets are looked up; whoever only asks who is told by what has no need of them."""
    _asked: dict[str, None] = field(default_factory=dict)

    def trouble(self, problem: str, hint: str = "", key: str = "") -> ChannelsTrouble:
        """Return the refusal for what is wrong here, or with one key."""
        return ChannelsTrouble(where=self.where(key), problem=problem, hint=hint)

    def where(self, key: str = "") -> str:
        """Return the file and the place in it, for errors."""
        place = ".".join(part for part in (self.place, key) if part)
        return f"{self.file.name}: {place}" if place else self.file.name

    def ask(self, key: str) -> None:
        """Note that ``key`` may stand here."""
        self._asked[key] = None

    def close(self) -> None:
        """Refuse a key that nobody asked for."""
        for key in self.values:
            if key not in self._asked:
                raise self.unknown(key, self._asked)

    def unknown(self, key: object, known: Mapping[str, object]) -> UnknownSetting:
        """Return the refusal for a name that means nothing here."""
        shown = str(key)[:40]
        return UnknownSetting(where=self.where(), key=shown, known=nearest(shown, known))

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; required where there is no default."""
        self.ask(key)
        value = self.values.get(key, default)
        if value is None:
            raise self.trouble(N_("it is missing"), key=key)
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise self.trouble(N_("it should be a text"), key=key)
        text = str(value).strip()
        if len(text) > LONGEST_TEXT or not text.isprintable():
            raise self.trouble(N_("it is too long, or holds what cannot be printed"), key=key)
        return text

    def number(self, key: str, default: int, most: int) -> int:
        """Return a whole number from 1 to ``most``."""
        self.ask(key)
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise self.trouble(N_("it should be a whole number from 1"), f"… {most}", key=key)
        return value

    def timeout(self) -> timedelta:
        """Return for how long an answer is waited for."""
        return timedelta(seconds=self.number("timeout", 20, LONGEST_WAIT_SECONDS))

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        """Return one of the ``known`` words, the first where none is given."""
        text = self.text(key, known[0])
        if text not in known:
            near = nearest(text, known)
            raise UnknownSetting(where=self.where(key), key=text[:40], known=near)
        return text

    def url(self, key: str, default: str | None = None) -> str:
        """Return an address: https, or http on this very machine; without a query."""
        text = self.text(key, default)
        try:
            parts = urlsplit(text)
            local = is_loopback(parts.hostname or "")
            sound = bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            local = sound = False
        if not sound or parts.scheme not in ("https", "http") or parts.username:
            raise self.trouble(N_("it should be an address such as https://host/path"), key=key)
        if parts.scheme == "http" and not local:
            raise self.trouble(N_("only https keeps what is sent to itself"), key=key)
        return text

    def path(self, key: str) -> Path:
        """Return a path; a relative one counts from where the channels file lies."""
        return self.file.parent / Path(self.text(key)).expanduser()

    def secret(self, key: str) -> Secret:
        """Return a secret from the environment or from a file that nobody else may read."""
        found = self.secret_if_given(key)
        if found is None:
            raise self.trouble(N_("it is missing"), _HOW, key=key)
        return found

    def secret_if_given(self, key: str) -> Secret | None:
        """Return a secret, or None where the channel has none."""
        if self.values.get(key) is None:
            self.ask(key)
            return None
        text = self.text(key)
        variable = _VARIABLE.fullmatch(text)
        if not variable and not text.startswith(_FILE):
            raise self.trouble(N_("a secret does not stand in this file"), _HOW, key=key)
        if not self.resolving:
            return Secret("")
        if variable:
            value = os.environ.get(variable[1], "")
            if not value:
                problem = N_("the environment of this process does not have it")
                raise self.trouble(problem, variable[1], key=key)
            return Secret(value)
        return Secret(self._from_file(key, self.file.parent / text.removeprefix(_FILE)))

    def _from_file(self, key: str, path: Path) -> str:
        try:
            with path.open("rb") as file:
                about = os.fstat(file.fileno())
                if not stat.S_ISREG(about.st_mode):
                    raise self.trouble(N_("the file of the secret is no file"), path.name, key=key)
                if os.name == "posix" and about.st_mode & _OTHERS:
                    problem = N_("others may read the file of the secret")
                    raise self.trouble(problem, f"chmod 600 {path}", key=key)
                value = file.read(LONGEST_SECRET + 1).decode().strip()
        except (OSError, ValueError):
            problem = N_("the file of the secret cannot be read")
            raise self.trouble(problem, str(path), key=key) from None
        if not value or len(value) > LONGEST_SECRET:
            raise self.trouble(N_("the file of the secret holds none"), str(path), key=key)
        return value


_HOW = N_("Write ${NAME} for a variable of the environment, or file:PATH for a file of mode 600.")
