"""The channels file: by which channels whom duban tells what, and the settings of each channel.

Who is told by what is read by everybody who works with the database; the
secrets of the channels only by the daemon, which alone sends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from adapters.messages import Translator, translator
from adapters.notify.http import Address
from adapters.notify.kinds import MAKERS, Making
from adapters.notify.outside import Messenger, Outside, recipient
from adapters.notify.settings import ChannelsTrouble, Settings
from adapters.notify.time_stamps import Authority
from engine.clock import Clock, SystemClock
from engine.errors import N_
from engine.ports import Notifier

SUFFIX = ".channels.yaml"
LOG = "log"
LARGEST_FILE = 1024 * 1024
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Configuration:
    """Channels by name, and who is told by which."""

    file: Path = Path()
    channels: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {LOG: {"kind": LOG}})
    people: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Recipient → channel → address."""
    default: tuple[str, ...] = (LOG,)
    checkpoints: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Where checkpoints of the log go, by name."""
    stamps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Time-stamping authorities that are asked, by name."""

    def channels_of(self, recipient: str) -> Sequence[str]:
        """Return the channels by which ``recipient`` is told."""
        return tuple(self.people.get(recipient, ())) or self.default

    @property
    def authorities(self) -> Mapping[str, Path | None]:
        """Return the time-stamping authorities, with the certificates that they are trusted by."""
        places = self._outside(translator("en"), SystemClock(), resolving=False)
        return {p.name: p.trust for p in places if isinstance(p, Authority)}

    def open(self, words: Translator, clock: Clock | None = None) -> dict[str, Notifier]:
        """Return the channels, ready to send.

        Raises:
            ChannelsTrouble: a secret is not where the file says.

        """
        return self._made(words, clock or SystemClock(), resolving=True)

    def check(self) -> None:
        """Look at every setting, but not for secrets.

        Raises:
            ChannelsTrouble: a setting is wrong.
            UnknownSetting: a key or kind that means nothing.

        """
        self._made(translator("en"), SystemClock(), resolving=False)
        self._outside(translator("en"), SystemClock(), resolving=False)

    def outside(self, words: Translator, clock: Clock | None = None) -> list[Outside]:
        """Return the places outside that are told of checkpoints.

        Raises:
            ChannelsTrouble: a secret is not where the file says.

        """
        return self._outside(words, clock or SystemClock(), resolving=True)

    def _outside(self, words: Translator, clock: Clock, *, resolving: bool) -> list[Outside]:
        found: list[Outside] = []
        for name, values in self.checkpoints.items():
            place = Settings(self.file, f"checkpoints.{name}", values, resolving)
            place.text("channel")
            channel = place.choice("channel", tuple(self.channels))
            settings = Settings(self.file, f"channels.{channel}", self.channels[channel], resolving)
            people = {recipient(name): place.text("to", "")}
            making = Making(name=channel, people=people, clock=clock, words=words)
            notifier = MAKERS[settings.choice("kind", tuple(MAKERS))](settings, making)
            found.append(Messenger(name, _interval(place), channel, notifier, words))
            place.close()
        for name, values in self.stamps.items():
            place = Settings(self.file, f"stamps.{name}", values, resolving)
            trust = place.path("trust") if place.text("trust", "") else None
            address = Address(place.url("url"), name, place.timeout())
            found.append(Authority(name, _interval(place), address, trust))
            place.close()
        return found

    def _made(self, words: Translator, clock: Clock, *, resolving: bool) -> dict[str, Notifier]:
        found = {}
        for name, values in self.channels.items():
            settings = Settings(self.file, f"channels.{name}", values, resolving)
            kind = settings.choice("kind", tuple(MAKERS))
            people = {who: by[name] for who, by in self.people.items() if name in by}
            making = Making(name=name, people=people, clock=clock, words=words)
            found[name] = MAKERS[kind](settings, making)
            settings.close()
        return found


def channels_file(database: Path | None, given: str | None) -> Path | None:
    """Return the channels file that was named, else the one beside the database, if any."""
    if given:
        return Path(given).expanduser()
    beside = database.with_name(f"{database.name}{SUFFIX}") if database else None
    return beside if beside is not None and beside.exists() else None


def read_configuration(file: Path | None) -> Configuration:
    """Return what the file says; without one, everything goes to the log.

    Raises:
        ChannelsTrouble: it cannot be read, or something in it is wrong.
        UnknownSetting: it names something that there is not.

    """
    if file is None:
        return Configuration()
    root = Settings(file, "", _map(Settings(file, "", {}), _content(file)))
    channels = {LOG: {"kind": LOG}} | _maps(root, "channels")
    people = {}
    for who, by in _maps(root, "people").items():
        place = Settings(file, f"people.{who}", by)
        for name in by:
            if name not in channels:
                raise place.unknown(name, channels)
        people[who] = {name: _address(place, by[name], name) for name in by}
    default = _names(root, channels)
    configuration = Configuration(
        file, channels, people, default, _maps(root, "checkpoints"), _maps(root, "stamps")
    )
    root.close()
    configuration.check()
    return configuration


def _content(file: Path) -> Any:
    """Return what the YAML says; an error tells the line and never what stands there."""

    def trouble(problem: str, error: Exception | None = None) -> ChannelsTrouble:
        mark = getattr(error, "problem_mark", None)
        where = f"{file.name}:{mark.line + 1}" if mark else file.name
        return ChannelsTrouble(where=where, problem=problem, hint="")

    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise trouble(N_("it is too large"))
        return YAML(typ="safe", pure=True).load(data.decode())
    except OSError as error:
        raise trouble(error.strerror or N_("it cannot be read")) from None
    except DuplicateKeyError as error:
        raise trouble(N_("a key stands there twice"), error) from None
    except MarkedYAMLError as error:
        raise trouble(N_("it is not valid YAML"), error) from None
    except (YAMLError, ValueError, RecursionError):
        raise trouble(N_("it is not valid YAML")) from None


def _map(settings: Settings, value: Any, key: str = "") -> dict[str, Any]:
    """Return a map whose keys are words."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise settings.trouble(N_("it should be a map"), key=key)
    for name in value:
        if not isinstance(name, str) or not name.isprintable() or len(name) > LONGEST_NAME:
            raise settings.trouble(N_("a key there is no plain word"), key=key)
    return value


def _maps(root: Settings, key: str) -> dict[str, dict[str, Any]]:
    """Return a map of maps."""
    root.ask(key)
    found = _map(root, root.values.get(key), key)
    return {name: _map(root, value, f"{key}.{name}") for name, value in found.items()}


def _address(place: Settings, value: Any, name: str) -> str:
    """Return an address; ``true`` where the channel reaches the person without one."""
    return "" if value is None or value is True else place.text(name)


INTERVALS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "checkpoint": timedelta(0)}


def _interval(place: Settings) -> timedelta:
    """Return how long a place waits after one checkpoint for the next; a day unless it says."""
    return INTERVALS[place.choice("every", tuple(INTERVALS))]


def _names(root: Settings, channels: Mapping[str, object]) -> tuple[str, ...]:
    """Return the channels of everybody who is not named."""
    root.ask("default")
    value = root.values.get("default", [LOG])
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names:
        raise root.trouble(N_("it should be a list of channels"), key="default")
    for name in names:
        if name not in channels:
            raise root.unknown(name, channels)
    return tuple(dict.fromkeys(names))
