"""`duban history` and `duban verify`: the events, and whether they hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from adapters.commands.files import FILE, read_input
from adapters.commands.lazy import BROKEN
from adapters.commands.looking_back import past_options
from adapters.commands.moments import json_option
from adapters.commands.removals import breaks_of_removals
from adapters.commands.session import Session, pass_session, unknown
from adapters.commands.words import command, option
from adapters.json_shapes import break_shape, dump, event_shape
from adapters.keys import verifies
from adapters.liveness import living
from adapters.log_health import seals_late
from adapters.notify.outside import unwrapped
from adapters.notify.time_stamps import NoStamps, check
from adapters.terminal.history import show_breaks, show_dates, show_history
from adapters.terminal.progress import count_bars
from adapters.terminal.sealing import Stamped, show_audit, show_stamps
from adapters.verifying import Verified, Work, verify_all
from engine.checkpoint_chain import Audit
from engine.errors import N_
from engine.facts import to_text
from engine.log import Sealed, Stamp
from engine.note import BadNote, Checkpoint, Note
from engine.past import visible
from engine.ports import Reader
from engine.replay import Break
from workflows import office
from workflows.running.log_audit import audit_log, audit_stamps


@command(
    "history",
    N_("The events of INSTANCE, oldest first: what, when, by whom, on what paper and why."),
)
@click.argument("instance")
@json_option
@pass_session
@past_options
def history(session: Session, instance: str, as_json: bool) -> None:
    """Print a history."""
    zone = session.zone(instance)
    with session.app.store.reading() as reader:
        found = reader.find(instance)
        if found is None:
            raise unknown(reader, instance)
        events = reader.history(instance)
    horizon = session.past.horizon(instance) if session.past else None
    if horizon is not None:
        events = visible(events, horizon)
    if as_json:
        click.echo(dump([event_shape(e, zone) | session.moments(instance) for e in events]))
        return
    screen = session.marked_screen
    session.say_past_of(instance, zone)
    show_history(screen, found, events, zone)


@command(
    "verify",
    N_(
        "Replay every history through its machine, decide each guard on the facts of its moment, "
        "compute each date with the plan and the calendar of its day, and compare all with what is "
        "shown; hash the whole log anew and check who signed it; read every file of "
        "evidence.\n\n"
        "Ends with 0 when all hold, with 3 naming each break. With CYCLE, only its histories. "
        "What the log cannot show of itself, such as a tail cut off, a checkpoint shows that was "
        "kept elsewhere: --checkpoint."
    ),
)
@click.argument("cycle", required=False)
@option(
    "--checkpoint",
    "outside",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help=N_("A checkpoint that was kept elsewhere; may be given several times."),
)
@option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help=N_("Processes; else as many as there are cores, where that pays."),
)
@json_option
@pass_session
def verify(
    session: Session, cycle: str | None, outside: Sequence[str], jobs: int | None, as_json: bool
) -> None:
    """Verify histories, and the log."""
    notes = [read_note(name) for name in outside]
    seen, log = Verified(), Audit()
    # A forgery concerns everybody: all is verified, whoever asks; what may not be read is not told.
    with session.whole.store.reading() as reader:
        if cycle is not None and cycle != office.KEY:
            with session.app.store.reading() as mine:
                require_cycle(mine, cycle)
        stamped = Stamped()
        work = Work(session.database, cycle or "", jobs or 0)
        with count_bars(session.screen) as begin:
            breaks = list(verify_all(session.whole, reader, work, seen, begin))
        breaks += breaks_of_removals(session, reader, cycle or "")
        if cycle is None or notes:
            with count_bars(session.screen) as begin:
                advance = _advancing(begin(reader.log_size(), N_("Hashing")))
                breaks += audit_log(reader, verifies, notes, log, advance)
            stamped, stamp_breaks = _stamps(session, reader)
            breaks += stamp_breaks
        breaks = _told(session, breaks)
        unsealed, oldest = reader.count_unsealed()
        waits = seals_late(
            reader, alive=bool(living(reader, session.app.wall)) and not session.trial
        )
    if as_json:
        shape = {
            "events": seen.events,
            "dates": {"verified": seen.dates.decided, "undecided": seen.dates.undecided},
            "breaks": [break_shape(b) for b in breaks],
            "log": {
                "leaves": log.leaves,
                "checkpoints": log.checkpoints,
                "signed": log.signed,
                "stamps": stamped.sound,
                "unsealed": unsealed,
                "oldest_unsealed": to_text(oldest) if oldest else None,
            },
        }
        click.echo(dump(shape))
    else:
        screen = session.marked_screen
        show_breaks(screen, breaks, seen.events)
        show_dates(screen, seen.dates)
        if cycle is None or notes:
            show_audit(screen, log, unsealed, waits=waits)
            show_stamps(screen, stamped)
    if breaks:
        raise click.exceptions.Exit(BROKEN)


def _told(session: Session, breaks: Sequence[Break]) -> list[Break]:
    """Return breaks without what the account may not read: only that there is one, and where."""
    if session.app is session.whole:
        return list(breaks)
    with session.app.store.reading() as reader:
        return [
            b
            if "/" not in b.instance or reader.find(b.instance) is not None
            else replace(b, found="", expected="")
            for b in breaks
        ]


def require_cycle(reader: Reader, key: str) -> None:
    """Refuse a cycle that is not there.

    Raises:
        NotFound: there is none of that key.

    """
    if key not in {c.key for c in reader.cycles()}:
        raise unknown(reader, key)


def _stamps(session: Session, reader: Reader) -> tuple[Stamped, list[Break]]:
    """Look at every time stamp, with the certificates that the channels file names."""
    seen = Stamped()
    trusted = session.channels.authorities

    def look(stamp: Stamp, sealed: Sealed) -> None:
        trust = trusted.get(stamp.authority)
        try:
            check(stamp, sealed, trust)
        except NoStamps:
            seen.unread += 1
            return
        seen.sound += trust is not None
        seen.untrusted += trust is None

    return seen, list(audit_stamps(reader, look))


def read_note(name: str) -> Note:
    """Return the checkpoint in a file.

    Raises:
        FileTrouble: it cannot be read.
        BadNote: it is no checkpoint.

    """
    try:
        text = read_input(Path(name)).decode()
    except UnicodeDecodeError:
        raise BadNote(problem=N_("it is not valid Unicode")) from None
    note = Note.parse(unwrapped(text.replace("\r\n", "\n")))  # as mail may have written it
    Checkpoint.parse(note.text)
    return note


def _advancing(advance: Callable[[int], None]) -> Callable[[int], None]:
    """Return what is told how many there are by now, where a bar is told how many more."""
    seen = 0

    def so_far(count: int) -> None:
        nonlocal seen
        advance(count - seen)
        seen = count

    return so_far
