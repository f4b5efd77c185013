"""`duban calendar import`: another edition of the working days, seen first and then applied."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import click

from adapters.application import overrides_content
from adapters.calendars.overrides import read_overrides
from adapters.commands.files import FILE
from adapters.commands.moments import ALONE, json_option
from adapters.commands.session import Session, pass_session, path_of
from adapters.commands.words import Command, option
from adapters.json_calendars import shift_shape
from adapters.json_shapes import dump
from adapters.terminal.acts import show_acts
from adapters.terminal.screen import FAINT, GOOD, WARN
from adapters.terminal.shifts import show_shifts
from engine.errors import N_
from engine.events import Data, Event, Kind
from workflows.roles import OWNER
from workflows.running.desk import CALENDAR
from workflows.running.people import recipients
from workflows.running.recalculation import Shift, adopt, preview
from workflows.running.requests import Grounds
from workflows.running.sight import scope_of


@dataclass(frozen=True, slots=True)
class _Edition:
    """The edition that shall count; without days the one that counts, on today's packages."""

    name: str
    days: Data | None
    before: str


@click.command(
    "import",
    cls=Command,
    help=N_(
        "Let the days of FILE (YAML or CSV) count from now on, in the place of those imported "
        "before; first shows which dates would move, by how much and whom it touches.\n\n"
        "Applied only with --apply, or after a yes on a terminal. Without FILE: what the "
        "calendars that are installed now would move, after an upgrade of theirs."
    ),
)
@click.argument("file", type=FILE, required=False)
@option("--apply", "applies", is_flag=True, help=N_("Apply it without asking."))
@option("--reason", default="", metavar="TEXT", help=N_("Why."))
@option(
    "--authority",
    "--document",
    default="",
    metavar="DOC",
    help=N_("The document that it rests on, with its number."),
)
@ALONE
@json_option
@pass_session
def import_(
    session: Session,
    file: str | None,
    applies: bool,
    reason: str,
    authority: str,
    alone: bool,
    as_json: bool,
) -> None:
    """Import a calendar edition."""
    edition = _edition(session, file)
    shifts = _readable(session, preview(session.app, edition.name, edition.days))
    same = not shifts and edition.name == edition.before
    events: Sequence[Event] = ()
    if not as_json:
        _show(session, edition, shifts)
    if not same and (applies or (not as_json and _agreed(session))):
        grounds = Grounds(reason=reason, authority=authority, alone=alone)
        events = adopt(session.app, edition.name, edition.days, session.who(), grounds)
    done = any(event.kind is Kind.CALENDAR for event in events)
    if as_json:
        moved = [shift_shape(s, session.zone(s.cycle)) for s in shifts]
        click.echo(
            dump(
                {
                    "edition": edition.name,
                    "before": edition.before,
                    "applied": done,
                    "proposal": next(
                        (e.position for e in events if e.kind is Kind.ACT_PROPOSED), None
                    ),
                    "moved": moved,
                }
            )
        )
        return
    t = session.words
    if same:
        session.marked_screen.line(t.text("This edition counts already; nothing was changed."))
    elif done:
        said = t.text("Applied: {count} dates were set anew.", count=len(shifts))
        session.marked_screen.line((said, GOOD))
    if events[:1] and events[0].kind is not Kind.CALENDAR:
        show_acts(session.marked_screen, events, session.zone(events[0].instance))
    elif not done and not same:
        session.marked_screen.line((t.text("Nothing was changed. To apply it: --apply"), WARN))


def _edition(session: Session, file: str | None) -> _Edition:
    with session.app.store.reading() as reader:
        before = reader.setting(CALENDAR)
    if file is None:
        return _Edition(before, None, before)
    overrides = read_overrides(path_of(file))
    return _Edition(overrides.edition, overrides_content(overrides), before)


def _readable(session: Session, shifts: Sequence[Shift]) -> Sequence[Shift]:
    """Return what would move as far as the account may read of it, and whom of those it touches."""
    found, seen = [], set(session.cycles())
    with session.whole.store.reading() as reader:
        for shift in shifts:
            if shift.cycle not in seen:
                continue
            scope = scope_of(session.whole, reader, shift.cycle, session.account)
            touched = [t for t in shift.touched if scope.everything or t.owner in scope.owners]
            if scope.everything or touched or not shift.before.instance:
                found.append(replace(shift, touched=touched))
    return found


def _agreed(session: Session) -> bool:
    """Ask where somebody can answer; a pipe is no yes."""
    if not sys.stdin.isatty():
        return False
    return session.confirmed(session.words.text("Apply it?"))


def _show(session: Session, edition: _Edition, shifts: Sequence[Shift]) -> None:
    t, screen = session.words, session.marked_screen
    screen.line(t.text("Edition: {edition}", edition=edition.name or "-"))
    if edition.days is not None:
        screen.line((_difference(session, edition), FAINT))
    if not shifts:
        screen.line((t.text("No date of an open cycle moves."), GOOD))
    for key, mine in groupby(shifts, key=lambda shift: shift.cycle):
        found = list(mine)
        with session.reading(key) as at:
            owners = {tally.owner for shift in found for tally in shift.touched}
            people: Mapping[str, Sequence[str]] = {
                owner: list(recipients(at, (OWNER,), [owner])) for owner in owners
            }
            show_shifts(screen, at.plan, found, people)
    screen.gap()


def _difference(session: Session, edition: _Edition) -> str:
    """Return how the days differ from those imported before, which they replace."""
    with session.app.store.reading() as reader:
        old = reader.calendar(edition.before).get("days", {}) if edition.before else {}
    new = edition.days["days"] if edition.days else {}
    return session.words.text(
        "Days: {come} come, {change} change, {go} of those imported before are dropped.",
        come=len(new.keys() - old.keys()),
        change=sum(new[day][0] != old[day][0] for day in new.keys() & old.keys()),
        go=len(old.keys() - new.keys()),
    )
