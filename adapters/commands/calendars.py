"""`duban calendar`: the working days that count, and what another edition of them would move."""

from __future__ import annotations

from collections.abc import Sequence

import click

from adapters.application import calendar_of, overrides_from, own_days
from adapters.calendar_entries import entries
from adapters.calendar_feed import feed
from adapters.calendars.inspection import Disagreement, disagreements, standing
from adapters.calendars.registry import calendar_named
from adapters.commands.calendar_import import import_
from adapters.commands.files import FILE, write_output
from adapters.commands.looking_back import past_options
from adapters.commands.moments import json_option
from adapters.commands.periods import Period, period_and_cycle
from adapters.commands.session import Session, pass_session, path_of
from adapters.commands.words import group, option
from adapters.json_calendars import day_shape, disagreement_shape, provisional_shape, year_shape
from adapters.json_shapes import dump
from adapters.terminal.calendars import (
    show_disagreements,
    show_edition,
    show_month,
    show_provisional,
    show_standings,
    show_year,
)
from adapters.terminal.screen import GOOD
from engine.calendar import Calendar
from engine.deadline import Certainty, Deadline
from engine.errors import N_, NotFound
from engine.ports import Reader
from workflows.plan.model import CalendarChoice
from workflows.running.desk import CALENDAR, Desk

FIRST_YEAR, LAST_YEAR = 1900, 2200


@group("calendar", N_("The working days that count: see them, check them, import them."))
def calendar() -> None:
    """Working calendars."""


calendar.add_command(import_)


@calendar.part(
    "show",
    N_(
        "A month, or a year of them: working days, days off, make-up days, what is provisional.\n\n"
        "[YEAR|MONTH] is 2027 or 2027-02, the present month unless said; "
        "[CYCLE] is whose calendar, where there are several."
    ),
)
@click.argument("words", nargs=-1, metavar="[YEAR|MONTH] [CYCLE]")
@json_option
@pass_session
@past_options
def show(session: Session, words: tuple[str, ...], as_json: bool) -> None:
    """Show a calendar."""
    period, key = period_and_cycle(session, words)
    found, period = _calendar(session, key, period)
    if as_json:
        days = [day_shape(day, found.day(day)) for day in period.days()]
        shape = {"edition": found.edition, "days": days}
        click.echo(dump(shape | session.moments(key)))
        return
    session.say_past_of(key, session.zone(key))
    if period.month:
        show_month(session.marked_screen, found, period.year, period.month)
    else:
        show_year(session.marked_screen, found, period.year)
    show_edition(session.marked_screen, found)


@calendar.part(
    "check",
    N_(
        "Which years are official and which provisional, what contradicts what, and which dates "
        "of open cycles may still move. Ends with 1 where overrides contradict each other."
    ),
)
@option(
    "--year",
    "years",
    type=click.IntRange(FIRST_YEAR, LAST_YEAR),
    multiple=True,
    help=N_("This year; else those that open cycles touch."),
)
@json_option
@pass_session
def check(session: Session, years: tuple[int, ...], as_json: bool) -> None:
    """Check the calendars of the open cycles."""
    shapes, contradiction = [], False
    with session.app.store.reading() as reader:
        final = {c.key: reader.machine(c.edition).workflow.final for c in reader.cycles()}
        keys = [c.key for c in reader.cycles() if c.state not in final[c.key]]
    for key in keys:
        with session.reading(key) as at:
            asked = years or _years(at)
            standings = [standing(at.calendar, year) for year in sorted(set(asked))]
            differ = [d for d in _disagreements(at) if not years or d.day.year in years]
            loose = [d for d in at.unit.deadlines(key) if d.certainty is Certainty.PROVISIONAL]
            contradiction |= any(not one.settled for one in differ)
            if as_json:
                shapes.append(
                    {
                        "cycle": key,
                        "edition": at.calendar.edition,
                        "years": [year_shape(year) for year in standings],
                        "disagreements": [disagreement_shape(one) for one in differ],
                        "provisional": [provisional_shape(d, at.zone) for d in loose],
                    }
                )
                continue
            show_standings(session.marked_screen, f"{key}  {at.calendar.edition}", standings)
            show_disagreements(session.marked_screen, differ)
            if loose:
                show_provisional(session.marked_screen, at, loose)
            session.marked_screen.gap()
    if as_json:
        click.echo(dump(shapes))
    elif not keys:
        session.marked_screen.line((session.words.text("No cycle is open."), GOOD))
    if contradiction:
        raise click.exceptions.Exit(1)


@calendar.part(
    "export",
    N_(
        "All dates of a cycle as an iCalendar feed, for any calendar program.\n\n"
        "A date keeps its identity: reading the feed again replaces what has moved."
    ),
)
@click.argument("cycle", required=False)
@option("--person", default="", metavar="PERSON", help=N_("Only what this person answers for."))
@option("--output", type=FILE, metavar="FILE", help=N_("Into this file; else it is printed."))
@pass_session
def export(session: Session, cycle: str | None, person: str, output: str | None) -> None:
    """Write the feed of a cycle."""
    key = session.the_cycle(cycle)
    with session.foreseeing(key) as at:
        if person and not at.unit.tenures(person=person):
            raise NotFound(what="person", key=person, hint="duban post list")
        found = list(entries(at, session.words, person))
        name = at.plan.name.in_language(session.words.language)
        text = feed(f"{name} {person}".rstrip(), found, at.now)
    if output is None:
        click.echo(text, nl=False)
        return
    write_output(path_of(output), text)
    said = session.words.text(
        "{count} dates were written to {file}.", count=len(found), file=output
    )
    session.screen.line(said)


def _calendar(session: Session, key: str, period: Period | None) -> tuple[Calendar, Period]:
    """Return the calendar of a cycle, or that of a plan that says nothing; and what to show."""
    if key:
        with session.reading(key) as at:
            return at.calendar, period or Period(at.today.year, at.today.month)
    with session.app.store.reading() as reader:
        edition, today = reader.setting(CALENDAR), reader.now.date()
        days = reader.calendar(edition) if edition else {}
    return calendar_of(CalendarChoice(), edition, days), period or Period(today.year, today.month)


def _years(at: Desk[Reader]) -> Sequence[int]:
    """Return the years that the dates of a cycle touch."""
    dated: list[Deadline] = [d for d in at.unit.deadlines(at.key) if d.due_at is not None]
    return [at.plan.year, *(int(d.last_day[:4]) for d in dated if d.last_day)]


def _disagreements(at: Desk[Reader]) -> list[Disagreement]:
    edition = at.unit.setting(CALENDAR)
    imported = overrides_from(edition, at.unit.calendar(edition)) if edition else None
    own = own_days(at.plan.calendar) if at.plan.calendar.overrides else None
    return list(disagreements(calendar_named(at.plan.calendar.base), imported, own))
