"""Days and moments as people type them, and the options that every writing command has."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Any, cast
from zoneinfo import ZoneInfo

import click

from adapters.commands.words import Declare, option, words
from engine.errors import N_

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?", re.ASCII)
_TIME = re.compile(
    r"[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_SPAN = re.compile(r"(\d{1,4})\s*([dw天日周]?)", re.ASCII)


class Moment(click.ParamType["date | datetime"]):
    """A day, or a local date and time in the plan's zone; an offset may be added."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> date | datetime:
        """Read ``value``."""
        if isinstance(value, date):
            return value
        text = str(value).strip()
        found = _read(text)
        if found is None:
            self.fail(
                words().text(
                    N_("'{text}' is no date; write it as 2024-07-10, or 2024-07-10 14:30."),
                    text=repr(text[:40])[1:-1],
                ),
                param,
                ctx,
            )
        return found


class Day(click.ParamType[date]):
    """A day."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read ``value``."""
        if isinstance(value, date):
            return value
        found = _read(str(value).strip())
        if found is None or isinstance(found, datetime):
            self.fail(
                words().text(
                    N_("'{text}' is no day; write it as 2024-07-10."),
                    text=repr(str(value)[:40])[1:-1],
                ),
                param,
                ctx,
            )
        return found


class Span(click.ParamType[timedelta]):
    """How long: 14d, 2w, or a number of days."""

    name = "days"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read ``value``."""
        if isinstance(value, timedelta):
            return value
        found = _SPAN.fullmatch(str(value).strip())
        if found is None:
            self.fail(
                words().text(
                    N_("'{text}' is no time span; write it as 14d or 2w."),
                    text=repr(str(value)[:40])[1:-1],
                ),
                param,
                ctx,
            )
        number, unit = int(found[1]), found[2]
        return timedelta(weeks=number) if unit in ("w", "周") else timedelta(days=number)


MOMENT = Moment()
DAY = Day()
SPAN = Span()


def localised(given: date | datetime, zone: ZoneInfo, *, end: bool = False) -> datetime:
    """Return what was typed as a moment of ``zone``.

    >>> localised(date(2024, 7, 10), ZoneInfo("Asia/Shanghai")).isoformat()
    '2024-07-10T00:00:00+08:00'
    """
    if isinstance(given, datetime):
        return given if given.tzinfo else given.replace(tzinfo=zone)
    beginning = datetime.combine(given, time(), zone)
    if not end:
        return beginning
    return datetime.combine(given, time.max, zone)


def _read(text: str) -> date | datetime | None:
    found = _DAY.match(text)
    if found is None:
        return None
    try:
        day = date(*(int(part) for part in found.groups()))
        rest = text[found.end() :]
        if not rest:
            return day
        clock = _TIME.fullmatch(rest)
        if clock is None:
            return None
        hour, minute, second = (int(part or 0) for part in clock.groups()[:3])
        moment = datetime.combine(day, time(hour, minute, second))
        if clock[4]:
            offset = clock[4].replace("Z", "+00:00")
            return datetime.fromisoformat(f"{moment.isoformat()}{offset}")
    except ValueError:
        return None
    return moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was typed of an act: on whose behalf, when, why, on what paper."""

    acting_for: str = ""
    occurred_at: date | datetime | None = None
    reason: str = ""
    authority: str = ""
    alone: bool = False


_REASON = option("--reason", default="", metavar="TEXT", help=N_("Why."))
_OCCURRED = option(
    "--occurred-at",
    type=MOMENT,
    metavar="WHEN",
    help=N_("When it really happened: a day, or a local date and time of the plan."),
)
_AUTHORITY = option(
    "--authority",
    "--document",
    default="",
    metavar="DOC",
    help=N_("The document that it rests on, with its number."),
)
_AS = option(
    "--as",
    "acting_for",
    default="",
    metavar="POST",
    help=N_("On behalf of a post or a person; for administrators, both are recorded."),
)


ALONE = option(
    "--break-glass",
    "alone",
    is_flag=True,
    help=N_(
        "Do alone what needs two, where the plan allows it; flagged until an auditor notes it."
    ),
)


def writing_options(
    *, reason: bool = True, occurred_at: bool = True, alone: bool = False
) -> Declare[Any]:
    """Add the options that acts have in common; the command gets them as ``said``."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def told(*args: Any, **kwargs: Any) -> Any:
            said = Said(
                acting_for=kwargs.pop("acting_for"),
                occurred_at=kwargs.pop("occurred_at", None),
                reason=kwargs.pop("reason", ""),
                authority=kwargs.pop("authority"),
                alone=kwargs.pop("alone", False),
            )
            return function(*args, said=said, **kwargs)

        found = _AUTHORITY(told)
        if occurred_at:
            found = _OCCURRED(found)
        if reason:
            found = _REASON(found)
        if alone:
            found = ALONE(found)
        return cast("Callable[..., Any]", _AS(found))

    return add


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json`` to a reading command."""
    declare = option(
        "--json", "as_json", is_flag=True, help=N_("For programs: shapes in docs/json.md.")
    )
    return cast("Callable[..., Any]", declare(function))
