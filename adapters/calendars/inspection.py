"""Looking at a calendar: which years are announced, and where sources contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from adapters.calendars.overrides import Overrides
from engine.calendar import Calendar, DayKind


@dataclass(frozen=True, slots=True)
class YearStanding:
    """How much of a year is settled."""

    year: int
    working_days: int
    open_days: int
    """Days of which a later edition may say otherwise."""

    @property
    def official(self) -> bool:
        """Return whether no day is open any more."""
        return self.open_days == 0


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources that say different things of one day."""

    day: date
    says: bool
    """Whether the day is worked, by the source that counts."""
    source: str
    other: str
    """The source that is overruled."""
    settled: bool
    """The overruled source is a package: overruling it is what overrides are for."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in a row of which the same is said."""

    first: date
    last: date
    kind: DayKind


def standing(calendar: Calendar, year: int) -> YearStanding:
    """Return how much of ``year`` is settled."""
    kinds = [calendar.day(day) for day in days_of(year)]
    return YearStanding(year, sum(k.working for k in kinds), sum(k.provisional for k in kinds))


def disagreements(
    base: Calendar, imported: Overrides | None, own: Overrides | None
) -> Iterator[Disagreement]:
    """Yield the days on which the layers of a calendar differ, those of people first.

    ``own`` are the days of the plan itself, which win over ``imported``,
    which win over ``base``; what ``base`` only guesses is no contradiction.
    """
    layers = [layer for layer in (own, imported) if layer is not None]
    days = sorted({day for layer in layers for day in layer.days})
    for settled in (False, True):
        for day in days:
            rows = [layer.days[day] for layer in layers if day in layer.days]
            counts, *rest = rows
            if not settled:
                yield from (
                    Disagreement(day, counts.working, counts.source, row.source, settled=False)
                    for row in rest
                    if row.working != counts.working
                )
                continue
            said = base.day(day)
            if not said.provisional and said.working != counts.working:
                yield Disagreement(day, counts.working, counts.source, said.source, settled=True)


def special_stretches(calendar: Calendar, days: Iterable[date]) -> Iterator[Stretch]:
    """Yield holidays and make-up days, those in a row with the same source as one.

    A weekend between two days off of one holiday belongs to it.
    """
    found: list[Stretch] = []
    for day in days:
        kind = calendar.day(day)
        if not kind.special and kind.working:
            continue
        previous = found[-1] if found else None
        if (
            previous is not None
            and previous.last + timedelta(days=1) == day
            and (previous.kind.working, previous.kind.source) == (kind.working, kind.source)
        ):
            special = previous.kind if previous.kind.special else kind
            found[-1] = Stretch(previous.first, day, special)
        else:
            found.append(Stretch(day, day, kind))
    yield from (stretch for stretch in found if stretch.kind.special)


def days_of(year: int, month: int = 0) -> list[date]:
    """Return every day of a year, or of one of its months."""
    first = date(year, month or 1, 1)
    days = []
    while first.year == year and month in (0, first.month):
        days.append(first)
        if first == date.max:
            break
        first += timedelta(days=1)
    return days
