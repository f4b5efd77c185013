"""What every command shares: the database, the reader's language, who asks, and the screen."""

from __future__ import annotations

import getpass
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from adapters.commands.moments import Said, localised
from adapters.commands.table import DEFAULT_DATABASE
from adapters.commands.words import words
from engine.errors import NotFound

if TYPE_CHECKING:
    from adapters.commands.looking_back import LookingBack
    from adapters.evidence.folder import EvidenceFolder
    from adapters.keys import KeyRing
    from adapters.messages import Translator
    from adapters.notify.configuration import Configuration
    from adapters.terminal.screen import Screen
    from engine.ports import Reader
    from workflows.running.desk import Application, Desk
    from workflows.running.requests import Grounds, Who


def account() -> str:
    """Return the operating system's name for whoever runs this; the environment has no say."""
    try:
        import pwd  # noqa: PLC0415 - not on every system
    except ImportError:
        return getpass.getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid:{os.getuid()}"


@dataclass(slots=True)
class Session:
    """One run of the command line."""

    database: str = DEFAULT_DATABASE
    language: str | None = None
    channels_file: str | None = None
    """Where it is written by what people are told; beside the database unless named."""
    evidence_folder: str | None = None
    """Where evidence is kept; beside the database unless named."""
    account: str = field(default_factory=account)
    _app: Application | None = None
    _whole: Application | None = None
    _channels: Configuration | None = None
    _close: Callable[[], None] | None = None
    _marked: bool = False
    past: LookingBack | None = None
    """The past that is asked for; nothing for the present."""
    _open: ExitStack = field(default_factory=ExitStack)

    @property
    def words(self) -> Translator:
        """Return the translator for the reader."""
        return words()

    @property
    def app(self) -> Application:
        """Return the application on the database, as the account may read it.

        Raises:
            DatabaseTrouble: there is none, or it cannot be used.

        """
        if self._app is None:
            from adapters.restricted import restricted  # noqa: PLC0415 - as below

            self._app = restricted(self.whole, self.account)
        return self._app

    @property
    def whole(self) -> Application:
        """Return the application with nothing kept from it: for the daemon, which acts for nobody.

        Raises:
            DatabaseTrouble: there is none, or it cannot be used.

        """
        if self._whole is None:
            from adapters.application import application  # noqa: PLC0415 - SQLAlchemy takes its time
            from adapters.commands.files import require_database  # noqa: PLC0415 - likewise

            require_database(self.database)
            opened = application(self.database)
            self._whole = replace(opened, channels_of=self._channels_of)
            self._close = getattr(self._whole.store, "close", None)
        return self._whole

    @property
    def channels(self) -> Configuration:
        """Return by which channels people are told, read when it is first needed.

        Raises:
            ChannelsTrouble: the file that says so cannot be used.

        """
        if self._channels is None:
            from adapters.commands.files import database_file  # noqa: PLC0415 - as above
            from adapters.notify import configuration  # noqa: PLC0415 - as above

            file = configuration.channels_file(database_file(self.database), self.channels_file)
            self._channels = configuration.read_configuration(file)
        return self._channels

    @property
    def keys(self) -> KeyRing:
        """Return where the keys are that sign the log."""
        from adapters.commands.files import database_file  # noqa: PLC0415 - as above
        from adapters.keys import KeyRing, key_file  # noqa: PLC0415 - as above

        file = key_file(database_file(self.database), os.environ.get("DUBAN_KEY_FILE"))
        return KeyRing(file, os.environ.get("DUBAN_SIGNING_COMMAND", ""))

    @property
    def evidence(self) -> EvidenceFolder:
        """Return the folder in which evidence is kept.

        Raises:
            NoEvidenceFolder: the database is on a server, and no folder was named.

        """
        from adapters.commands.files import evidence_folder  # noqa: PLC0415 - as above
        from adapters.evidence.folder import EvidenceFolder  # noqa: PLC0415 - as above

        return EvidenceFolder(evidence_folder(self.database, self.evidence_folder))

    def _channels_of(self, recipient: str) -> Sequence[str]:
        return self.channels.channels_of(recipient)

    def listen(self, woken: Callable[[], None], stopped: threading.Event) -> None:
        """Call ``woken`` whenever another process keeps what is due, where that can be known."""
        listen: Callable[..., None] | None = getattr(self.app.store, "listen", None)
        if listen is not None:
            listen(woken, stopped)

    @property
    def has_kept(self) -> bool:
        """Return whether this run has made anything durable yet."""
        return bool(getattr(self._app and self._app.store, "kept", 0))

    def close(self) -> None:
        """Close what was opened."""
        self._open.close()
        if self._close is not None:
            self._close()

    def look_back(self, as_of: date | datetime | None, known_at: date | datetime | None) -> None:
        """Let what is read from here on be as it was, where a moment of the past is given."""
        from adapters.commands.looking_back import LookingBack  # noqa: PLC0415 - rarely needed

        if as_of is not None or known_at is not None:
            # Closed by the command, so that what the database refuses meanwhile is said as always.
            reader = click.get_current_context().with_resource(self.app.store.reading())
            self.past = LookingBack(self.app, reader, as_of, known_at)

    def moments(self, key: str) -> dict[str, str | None]:
        """Return, for programs, the two moments that an answer about ``key`` is for."""
        from adapters.commands.looking_back import PRESENT  # noqa: PLC0415 - as above

        return PRESENT if self.past is None else self.past.shape(key)

    def app_of(self, key: str) -> Application:
        """Return the application to read ``key`` from: as it is, or as it was."""
        return self.app if self.past is None else self.past.application(key)

    def say_past(self, at: Desk[Reader]) -> None:
        """Say above a screen that it shows the past, where it does."""
        self.say_past_of(at.key, at.zone)

    def say_past_of(self, key: str, zone: ZoneInfo) -> None:
        """Say it above a screen about ``key``."""
        if self.past is not None:
            from adapters.terminal.past import show_horizon  # noqa: PLC0415 - rarely needed

            horizon, all_known = self.past.horizon(key), self.past.all_known
            show_horizon(self.screen, horizon, zone, all_known=all_known)

    @property
    def screen(self) -> Screen:
        """Return the screen to print on."""
        from adapters.terminal.screen import Screen  # noqa: PLC0415 - rich takes its time

        return Screen(words())

    @property
    def marked_screen(self) -> Screen:
        """Return the screen, after saying once that this is a trial, where it is one."""
        screen = self.screen
        if self.trial and not self._marked:
            self._marked = True
            screen.line((self.words.text("TRIAL"), "yellow"))
        return screen

    @property
    def trial(self) -> bool:
        """Return whether the database is one for trying things out."""
        from adapters.trial_clock import is_trial  # noqa: PLC0415 - with the application only

        return is_trial(self.app.store)

    def who(self, acting_for: str = "") -> Who:
        """Return who asks, and on whose behalf."""
        from workflows.running.requests import Who  # noqa: PLC0415 - --help has no use for it

        return Who(person=self.account, acting_for=acting_for)

    @contextmanager
    def reading(self, key: str, now: datetime | None = None) -> Iterator[Desk[Reader]]:
        """Open the desk of the cycle of ``key`` for reading, as of now or of another moment.

        Raises:
            NotFound: there is no such cycle; the answer names those that may have been meant.

        """
        from workflows.running.desk import desk  # noqa: PLC0415 - --help has no use for it

        with self.app_of(key).store.reading() as reader:
            if now is not None:
                reader.now = now
            cycle = key.partition("/")[0]
            if cycle not in {c.key for c in reader.cycles()}:
                raise unknown(reader, key)
            yield desk(self.app, reader, key)

    @contextmanager
    def foreseeing(self, key: str, now: datetime | None = None) -> Iterator[Desk[Reader]]:
        """Open the desk for reading, with all carried out that time has brought about by now.

        Where that cannot be found out (a database that is only read), as it is stored.

        Raises:
            NotFound: there is no such cycle.

        """
        from workflows.running.foresight import changing, foreseen  # noqa: PLC0415 - as above

        with self.reading(key, now) as at:
            moment, behind = at.now, bool(changing(at))
        with ExitStack() as stack:
            opened = None
            if behind:
                with suppress(Exception):  # one bad timer must not take the screens away
                    app = self.app_of(key)
                    opened = stack.enter_context(foreseen(app, key, moment))
                    narrowed = getattr(app.store, "narrowed", None)
                    opened = replace(opened, unit=narrowed(opened.unit)) if narrowed else opened
            yield opened or stack.enter_context(self.reading(key, now))

    def cycles(self) -> list[str]:
        """Return the keys of all cycles, in order of opening."""
        with self.app.store.reading() as reader:
            return [c.key for c in reader.cycles()]

    def chosen(self, cycle: str | None) -> list[str]:
        """Return the one cycle that was named, or all there are.

        Raises:
            NotFound: there is no such cycle, or none at all.

        """
        if cycle is None:
            known = self.cycles()
            return known if self.past is None else self.past.there(known)
        with self.reading(cycle) as at:
            return [at.key]

    def the_cycle(self, cycle: str | None) -> str:
        """Return the cycle that was named, or the only one there is."""
        if cycle is not None:
            return self.chosen(cycle)[0]
        known = self.cycles()
        if len(known) == 1:
            return known[0]
        if not known:
            raise NotFound(what="cycle", key="", hint="duban open PLAN")
        message = self.words.text(
            "There are several cycles; name one of: {cycles}", cycles=", ".join(known)
        )
        raise click.UsageError(message)

    def zone(self, key: str) -> ZoneInfo:
        """Return the time zone of the plan under which ``key`` runs; UTC for the office."""
        from workflows.running.desk import desk  # noqa: PLC0415 - --help has no use for it

        try:
            with self.app.store.reading() as reader:
                return desk(self.app, reader, key).zone
        except NotFound:
            return ZoneInfo("UTC")

    def moment(self, given: date | datetime | None, key: str) -> date | datetime | None:
        """Return a moment that was typed without a zone as one of the plan's zone."""
        if isinstance(given, datetime):
            return localised(given, self.zone(key))
        return given

    def instant(
        self, given: date | datetime | None, key: str, *, end: bool = False
    ) -> datetime | None:
        """Return the moment that was typed; a day means its beginning, or its last microsecond."""
        return None if given is None else localised(given, self.zone(key), end=end)

    def grounds(self, key: str, said: Said) -> Grounds:
        """Return when something happened and on what it rests, as typed for ``key``."""
        from workflows.running.requests import Grounds  # noqa: PLC0415 - --help has no use for it

        return Grounds(
            occurred_at=self.moment(said.occurred_at, key),
            reason=said.reason,
            authority=said.authority,
            alone=said.alone,
        )

    def confirmed(self, question: str) -> bool:
        """Ask whether to go on; no answer is no."""
        click.echo(f"{question} [y/N] ", nl=False, err=True)
        answer = sys.stdin.readline().strip().lower()
        return answer in ("y", "yes", "是", "好")


def unknown(reader: Reader, key: str) -> NotFound:
    """Return the refusal for an instance that is not there, with what may have been meant."""
    from adapters.commands.near import near_keys  # noqa: PLC0415 - only when something is missing

    shown = key if len(key) <= LONGEST_SHOWN else f"{key[:LONGEST_SHOWN]}…"
    near = near_keys(reader, key)
    what = "instance" if "/" in key else "cycle"
    hint = " / ".join(f"duban show {k}" for k in near) or (
        "duban list" if reader.cycles() else "duban open PLAN"
    )
    return NotFound(what=what, key=shown, hint=hint)


LONGEST_SHOWN = 80
"""Characters of a key that a refusal repeats."""


def path_of(text: str) -> Path:
    """Return a path as typed, the home directory spelled out."""
    return Path(text).expanduser()


def pass_session(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the session to a command as its first argument."""
    return click.make_pass_decorator(Session)(function)
