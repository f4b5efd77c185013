"""A year or a month as people type it, beside the name of a cycle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import click

from adapters.calendars.inspection import days_of
from adapters.commands.session import Session

_PERIOD = re.compile(r"(\d{4})\s*年?(?:[-/.]?\s*(\d{1,2})\s*月?)?", re.ASCII)
DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A year, or one of its months."""

    year: int
    month: int = 0

    def days(self) -> list[date]:
        """Return every day of it."""
        return days_of(self.year, self.month)


def read_period(text: str) -> Period | None:
    """Return the period that was typed, if it is one.

    >>> read_period("2027-02"), read_period("2027"), read_period("2027年2月").month
    (Period(year=2027, month=2), Period(year=2027, month=0), 2)
    >>> read_period("qz-2024"), read_period("2027-13")
    (None, None)
    """
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        return None
    year, month = int(found[1]), int(found[2] or 0)
    if not date.min.year <= year <= date.max.year or month > DECEMBER or (found[2] and not month):
        return None
    return Period(year, month)


def period_and_cycle(session: Session, words: Sequence[str]) -> tuple[Period | None, str]:
    """Return what was typed, in either order; the cycle is empty where there is none at all."""
    period, key = None, ""
    for word in words:
        read = read_period(word)
        if read is not None and period is None:
            period = read
        elif not key:
            key = session.chosen(word)[0]
        else:
            message = session.words.text(
                "Say a year or a month, and a cycle: duban calendar show 2027-02 CYCLE"
            )
            raise click.UsageError(message)
    if not key:
        known = session.cycles()
        key = session.the_cycle(None) if known else ""
    return period, key
