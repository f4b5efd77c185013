"""`duban doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import click

from adapters.commands.files import database_file, require_database
from adapters.commands.moments import json_option
from adapters.commands.removals import breaks_of_evidence
from adapters.commands.session import Session, pass_session
from adapters.commands.words import command, option
from adapters.json_shapes import dump
from adapters.liveness import is_skewed, living
from adapters.log_health import examine_log
from adapters.messages import LOCALE
from adapters.sql.examination import Examined, examine, examine_copy
from adapters.sql.trouble import shown
from adapters.terminal.doctor import show_examined
from engine.clock import SystemClock
from engine.errors import N_, EngineError

LANGUAGES = ("en", "zh")
OLDEST_YEAR = 2020


@command(
    "doctor",
    N_(
        "What is wrong with this installation, and how to mend it.\n\n"
        "It only looks. Ends with 1 where something is wrong. With --copy, whether the database "
        "is a whole copy: its file, its rules, and every history."
    ),
)
@option("--copy", is_flag=True, help=N_("The database is a copy that nobody works on."))
@json_option
@pass_session
def doctor(session: Session, copy: bool, as_json: bool) -> None:
    """Examine the installation."""
    found = list(_examine(session, copy=copy))
    if as_json:
        rows = [
            {
                "subject": e.subject,
                "sound": e.sound,
                "found": str(e.error) if e.error else e.found,
                "mend": e.mend,
            }
            for e in found
        ]
        click.echo(dump({"sound": all(e.sound for e in found), "examined": rows}))
    else:
        show_examined(session.screen, found)
    if not all(e.sound for e in found):
        raise click.exceptions.Exit(1)


def _examine(session: Session, *, copy: bool) -> Iterator[Examined]:
    yield from _installation()
    try:
        require_database(session.database)
        look = examine_copy if copy else examine
        database = list(look(session.database))
    except EngineError as error:
        yield Examined(subject=N_("database"), sound=False, error=error)
        return
    yield Examined(subject=N_("database"), sound=True, found=_place(session.database))
    yield from database
    if not copy and all(e.sound for e in database):
        yield from _running(session)


def _place(database: str) -> str:
    path = database_file(database)
    return str(path.resolve()) if path else shown(database)


def _installation() -> Iterator[Examined]:
    missing = [n for n in LANGUAGES if not (LOCALE / n / "LC_MESSAGES" / "duban.mo").is_file()]
    yield Examined(
        subject=N_("language catalogues"),
        sound=not missing,
        found=", ".join(missing),
        mend=N_("Install duban anew."),
    )
    year = SystemClock().now().year
    yield Examined(
        subject=N_("clock of this machine"),
        sound=year >= OLDEST_YEAR,
        found=str(year) if year < OLDEST_YEAR else "",
        mend=N_("Set the clock of this machine; every date depends on it."),
    )


def _running(session: Session) -> Iterator[Examined]:
    with session.app.store.reading() as reader:
        beats, alive = reader.heartbeats(), living(reader, session.app.wall)
        skewed = [beat for beat in alive if is_skewed(beat.skew)]
        failing = [timer for timer in reader.timers() if timer.last_error]
        waiting = reader.waiting_notices()
        now = reader.now
        log = list(examine_log(reader, session.keys, alive=bool(alive) and not session.trial))
        wrong = [f"{b.found[:16]} ({b.instance})" for b in breaks_of_evidence(session, reader)]
        latest = max((c.moved_at for c in reader.cycles() if c.moved_at), default=None)
    yield Examined(
        subject=N_("daemon"),
        sound=bool(alive),
        found=", ".join(f"{beat.daemon} {beat.version}" for beat in alive)
        or (beats[0].last_tick.isoformat() if beats else ""),
        mend=N_("Start it with: duban daemon; or let cron run: duban daemon --once"),
    )
    skew = SystemClock().now() - session.app.wall.now()
    yield Examined(
        subject=N_("clock of this machine against that of the database"),
        sound=not is_skewed(skew),
        found=_ahead(skew) if is_skewed(skew) else "",
        mend=N_("Moments are judged by the database's clock; set that of this machine right."),
    )
    yield Examined(
        subject=N_("clocks of the daemons' hosts"),
        sound=not skewed,
        found=", ".join(f"{beat.daemon} {_ahead(beat.skew)}" for beat in skewed),
        mend=N_("Moments are judged by the database's clock; set those of their hosts right."),
    )
    yield Examined(
        subject=N_("clock against the events"),
        sound=latest is None or latest <= now,
        found=latest.isoformat() if latest and latest > now else "",
        mend=N_("There are events in the future; set the clock right."),
    )
    yield Examined(
        subject=N_("evidence"),
        sound=not wrong,
        found=", ".join(wrong[:3]),
        mend=N_("Restore the files from a backup; see: duban evidence check"),
    )
    yield Examined(
        subject=N_("timers"),
        sound=not failing,
        found="; ".join(f"{t.id}: {t.last_error}" for t in failing[:3]),
        mend=N_("They are tried again; mend what the error says."),
    )
    yield from log
    for state, subject, mend in _NOTICES:
        count = waiting.get(state, 0)
        yield Examined(
            subject=subject, sound=not count, found=str(count) if count else "", mend=mend
        )


def _ahead(skew: timedelta | None) -> str:
    return f"{(skew or timedelta()).total_seconds():+.1f} s"


_NOTICES = (
    ("held", N_("notices held"), N_("Look at them, then: duban daemon --apply")),
    ("failing", N_("notices failing"), N_("They are tried again; see: duban notices")),
    ("dead", N_("notices given up"), N_("Mend the channel; see: duban notices")),
)
