"""Rules of RFC 5545, through python-dateutil, kept to whole days and to a bounded effort."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from dateutil.rrule import rrulestr

from engine.errors import N_, Worded
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
            problem = N_("it may have {known}, not {name}; bounds are from and until")
            raise _bad(canonical, problem, known=known, name=name)
        if names.count(name) > 1:
            raise _bad(canonical, N_("it has {name} twice"), name=name)
        if name in {"INTERVAL", "COUNT"} and not (
            re.fullmatch(r"[0-9]{1,3}", value) and 1 <= int(value) <= LARGEST_INTERVAL
        ):
            problem = N_("{name} must be from 1 to {most}")
            raise _bad(canonical, problem, name=name, most=LARGEST_INTERVAL)
        if name == "FREQ" and value not in FREQUENCIES:
            known = ", ".join(sorted(FREQUENCIES))
            raise _bad(canonical, N_("FREQ must be one of {known}"), known=known)
    if "FREQ" not in names:
        raise _bad(canonical, N_("it needs FREQ"))
    try:
        rrulestr(canonical, dtstart=datetime(2024, 1, 1, tzinfo=UTC))
    except (ValueError, TypeError, IndexError, KeyError) as error:
        problem = N_("its parts do not fit together ({said})")
        said = str(error) or type(error).__name__
        raise _bad(canonical, problem, said=said) from None
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


def _bad(text: str, problem: str, **values: str | int) -> BadRecurrence:
    return BadRecurrence(text=f"rrule {text}", problem=Worded(problem, **values))
