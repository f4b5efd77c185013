"""A month of a working calendar as a grid, and what an examination of calendars found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from adapters.calendars.inspection import (
    Disagreement,
    YearStanding,
    days_of,
    special_stretches,
    standing,
)
from adapters.messages import Translator
from adapters.terminal.names import Names
from adapters.terminal.screen import BAD, FAINT, GOOD, STRONG, WARN, Cell, Screen, Span
from adapters.terminal.times import Times
from engine.calendar import Calendar, DayKind
from engine.deadline import Deadline
from engine.errors import N_
from engine.ports import Reader
from workflows.running.desk import Desk

WEEKDAYS = {
    "zh": ("一", "二", "三", "四", "五", "六", "日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
SATURDAY = 5
STATE_COUNCIL = "State Council announcement for "
HOLIDAYS_OF = "public holidays of "


def show_month(screen: Screen, calendar: Calendar, year: int, month: int) -> None:
    """Print the grid of a month, the number of its working days, and its special days."""
    t, days = screen.words, days_of(year, month)
    kinds = [calendar.day(day) for day in days]
    count = t.text("{count} working days", count=sum(kind.working for kind in kinds))
    open_days = sum(kind.provisional for kind in kinds)
    state: Span = (t.text("not announced: provisional"), WARN) if open_days else ""
    screen.heading(f"{year}-{month:02}", count)
    if state:
        screen.line(state, indent=2)
    cells: list[Cell] = [""] * days[0].weekday()
    cells += [_cell(t, day, kind) for day, kind in zip(days, kinds, strict=True)]
    cells += [""] * (-len(cells) % 7)
    weeks = [cells[n : n + 7] for n in range(0, len(cells), 7)]
    screen.table(WEEKDAYS[t.language], weeks, indent=2)
    rows = [
        (
            _period(t, stretch.first, stretch.last),
            _said(t, stretch.kind),
            source_words(t, stretch.kind.source),
        )
        for stretch in special_stretches(calendar, days)
    ]
    if rows:
        screen.table((), rows, indent=2)


def show_year(screen: Screen, calendar: Calendar, year: int) -> None:
    """Print the twelve months of a year."""
    for month in range(1, 13):
        show_month(screen, calendar, year, month)
    found = standing(calendar, year)
    text = screen.words.text("{year}: {count} working days", year=year, count=found.working_days)
    screen.gap()
    screen.line((text, STRONG))


def show_edition(screen: Screen, calendar: Calendar) -> None:
    """Print how to read the grid, and which edition it is of."""
    t = screen.words
    screen.gap()
    legend = t.text("off: a holiday; work: a make-up working day; ?: provisional, may still change")
    screen.line((legend, FAINT))
    screen.line((t.text("Edition: {edition}", edition=calendar.edition), FAINT))


def _cell(t: Translator, day: date, kind: DayKind) -> Cell:
    weekend = day.weekday() >= SATURDAY
    mark = "?" if kind.provisional else ""
    if kind.special:
        word = t.text("work") if kind.working else t.text("off")
        return (f"{day.day} {word}{mark}", BAD if kind.working else GOOD)
    return (f"{day.day}{mark}", FAINT if weekend else "")


def _said(t: Translator, kind: DayKind) -> Span:
    if kind.working:
        return (t.text("work"), BAD)
    return (t.text("off"), GOOD)


def _period(t: Translator, first: date, last: date) -> str:
    weekdays = WEEKDAYS[t.language]
    one = f"{first.isoformat()} {weekdays[first.weekday()]}"
    if first == last:
        return one
    return f"{one} – {last.isoformat()} {weekdays[last.weekday()]}"


def source_words(t: Translator, source: str) -> str:
    """Return who says what a day is; a package's own words in the reader's language."""
    if source.startswith(STATE_COUNCIL):
        year = source.removeprefix(STATE_COUNCIL)
        return t.text("State Council announcement for {year}", year=year)
    if source.startswith(HOLIDAYS_OF):
        return t.text("public holidays of {place}", place=source.removeprefix(HOLIDAYS_OF))
    return t.text(source) if source in OWN_WORDS else source


OWN_WORDS = (
    N_("law on festivals, make-up days not announced"),
    N_("Monday to Friday"),
)
"""What the calendars themselves say; anything else is a document's own name."""


def show_standings(screen: Screen, edition: str, found: Sequence[YearStanding]) -> None:
    """Print which years are announced and which are not."""
    t = screen.words
    screen.line((edition, STRONG))
    rows: list[Sequence[Cell]] = [
        (
            str(year.year),
            (t.text("official"), GOOD) if year.official else (t.text("provisional"), WARN),
            t.text("{count} working days", count=year.working_days),
            "" if year.official else t.text("{count} days may change", count=year.open_days),
        )
        for year in found
    ]
    screen.table((), rows, indent=2)


def show_disagreements(screen: Screen, found: Sequence[Disagreement]) -> None:
    """Print what contradicts what, day by day."""
    t = screen.words
    for settled, heading, style in (
        (False, t.text("Overrides that contradict each other"), BAD),
        (True, t.text("Overrides that differ from the announcement"), WARN),
    ):
        rows: list[Sequence[Cell]] = [
            (
                one.day.isoformat(),
                (t.text("work") if one.says else t.text("off"), style),
                one.source,
                t.text("not {other}", other=source_words(t, one.other)),
            )
            for one in found
            if one.settled is settled
        ]
        if rows:
            screen.heading(heading)
            screen.table((), rows, indent=2)


def show_provisional(screen: Screen, at: Desk[Reader], found: Sequence[Deadline]) -> None:
    """Print the dates of a cycle that may still move."""
    t, times = screen.words, Times(screen.words, at.zone)
    names = Names(t, at.plan)
    screen.heading(t.text("Provisional dates of {key}", key=at.key))
    rows: list[Sequence[Cell]] = [
        (
            (deadline.step, STRONG),
            times.last_day(deadline.due_at) if deadline.due_at else "",
            f"{names.step(deadline.step)} {deadline.occurrence}".rstrip(),
            (deadline.instance or deadline.rule, FAINT),
        )
        for deadline in found
    ]
    screen.table((), rows, indent=2)
