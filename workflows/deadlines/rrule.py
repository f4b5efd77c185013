"""Rules of RFC 5545, through python-dateutil, kept to whole days and to a bounded effort."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from dateutil.rrule import rrulestr

from workflows.deadlines.errors import BadRecurrence

PARTS: Final = frozenset(
    {
        "FREQ",
        "INTERVAL",
        "COUNT",
        "BYMONTH",
        "BYMONTHDAY",
        "BYDAY",
        "BYSETPOS",
        "BYWEEKNO",
        "BYYEARDAY",
        "WKST",
    }
)
FREQUENCIES: Final = frozenset({"YEARLY", "MONTHLY", "WEEKLY", "DAILY"})
LARGEST_INTERVAL: Final = 999
CENTURIES: Final = 400
"""Years after which the calendar repeats, weekdays and leap years included."""


def checked_rrule(text: str) -> str:
    """Return the canonical text of a rule that can be computed.

    Raises:
        BadRecurrence: a part is unknown, about hours, or the library refuses the rule.

    """
    canonical = text.upper()
    parts = [part.partition("=")[::2] for part in canonical.split(";")]
    names = [name for name, _ in parts]
    for name, value in parts:
        if name not in PARTS:
            known = ", ".join(sorted(PARTS))
            raise _bad(canonical, f"it may have {known}, not {name}; bounds are from and until")
        if names.count(name) > 1:
            raise _bad(canonical, f"it has {name} twice")
        if name in {"INTERVAL", "COUNT"} and not (
            re.fullmatch(r"[0-9]{1,3}", value) and 1 <= int(value) <= LARGEST_INTERVAL
        ):
            raise _bad(canonical, f"{name} must be from 1 to {LARGEST_INTERVAL}")
        if name == "FREQ" and value not in FREQUENCIES:
            raise _bad(canonical, f"FREQ must be one of {', '.join(sorted(FREQUENCIES))}")
    if "FREQ" not in names:
        raise _bad(canonical, "it needs FREQ")
    try:
        rrulestr(canonical, dtstart=datetime(2024, 1, 1, tzinfo=UTC))
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise _bad(canonical, str(error) or "the parts do not fit together") from None
    return canonical


@lru_cache(maxsize=256)
def days_of_rrule(text: str, first: date, last: date) -> tuple[date, ...]:
    """Return the days of a checked rule that starts on ``first``, up to and with ``last``.

    A rule that never matches would be searched for until the year 9999, so the
    search is moved to the last possible years: the calendar repeats every 400.
    """
    shift = (date.max.year - last.year) // CENTURIES * CENTURIES
    start, end = _moved(first, shift), _moved(last, shift)
    rule = rrulestr(text, dtstart=datetime(start.year, start.month, start.day, tzinfo=UTC))
    found: list[date] = []
    for moment in rule:
        if moment.date() > end:
            break
        found.append(_moved(moment.date(), -shift))
    return tuple(found)


def _moved(day: date, years: int) -> date:
    return day.replace(year=day.year + years)


def _bad(text: str, problem: str) -> BadRecurrence:
    return BadRecurrence(text=f"rrule {text}", problem=problem)
