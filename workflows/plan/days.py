"""Days and times of day as a plan writes them, beside its deadlines."""

from __future__ import annotations

import re
from datetime import date, datetime, time

_DAY = re.compile(
    r"(?:(?P<year>\d{4})[-/.年]|(?P<ahead>next year |次年|翌年)?)"
    r"(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?",
    re.ASCII,
)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
END_OF_DAY = "24:00"


class NoDate(ValueError):
    """The text has not the shape of a date."""


class NoSuchDate(ValueError):
    """The text has the shape of a date, but the calendar has no such day."""


def read_day(text: str, year: int) -> date:
    """Return the day that ``text`` writes; ``year`` is meant where it names none.

    Raises:
        NoDate: it is no date.
        NoSuchDate: there is no such day.

    >>> read_day("2024年7月10日", 2023), read_day("07-10", 2023), read_day("次年2月28日", 2023)
    (datetime.date(2024, 7, 10), datetime.date(2023, 7, 10), datetime.date(2024, 2, 28))
    """
    found = _DAY.fullmatch(text.strip())
    if not found:
        raise NoDate
    number = int(found["year"]) if found["year"] else year + bool(found["ahead"])
    try:
        return date(number, int(found["month"]), int(found["day"]))
    except ValueError:
        raise NoSuchDate from None


def read_moment(text: str, year: int) -> date | datetime:
    """Return the day that ``text`` writes, or with a time of day the moment, without a zone.

    Raises:
        NoDate: it is neither.
        NoSuchDate: there is no such day.

    >>> read_moment("2024-07-10 15:30", 2024)
    datetime.datetime(2024, 7, 10, 15, 30)
    """
    day, _, clock = text.strip().replace("T", " ").rpartition(" ")
    at = read_time(clock) if day else None
    if at is None:
        return read_day(text, year)
    return datetime.combine(read_day(day, year), at)


def read_time(text: str) -> time | None:
    """Return the time of day that ``text`` writes, or None.

    >>> read_time("17:30"), read_time("25:00")
    (datetime.time(17, 30), None)
    """
    found = _TIME.fullmatch(text.strip())
    return time(int(found[1]), int(found[2])) if found else None
