"""The working calendar of China: announced years exactly, other years provisionally.

Announced days come from the `chinesecalendar` package. For other years the
statutory festivals follow the law, through `holidays`; the make-up days that a
year's announcement will bring are unknown, so such days are provisional.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.metadata import version

from adapters.calendars.country import country_year
from engine.calendar import DayKind

SATURDAY = 5

CORRECTED: Mapping[date, tuple[bool, str]] = {
    date(2005, 12, 31): (
        True,
        "State Council announcement of 22 December 2005: 12月31日（星期六）上班",
    ),
}
"""Days of which the package's tables say other than the announcement: worked or not, and why.

For 2006 the announcement gave 1 to 3 January off, and had Saturday, 31 December 2005,
worked in exchange: `chinesecalendar` has the days off and leaves out the day before them.
"""
CORRECTIONS = "corrected-1"
"""Part of the edition; counts up with `CORRECTED`."""


FIXED: Mapping[str, tuple[int, int]] = {
    "new-year": (1, 1),
    "labour-day": (5, 1),
    "national-day": (10, 1),
}
"""Festivals of the solar calendar."""
MOVING: Mapping[str, str] = {
    "spring-festival": "lunar_new_year_date",
    "qingming": "qingming_date",
    "dragon-boat": "dragon_boat_date",
    "mid-autumn": "mid_autumn_date",
}
"""Festivals of the moon and of the solar terms, and what `holidays` calls their dates."""


@dataclass(frozen=True, slots=True)
class _Announced:
    """The days that the State Council announced, and the years for which it did."""

    off: frozenset[date]
    worked: frozenset[date]
    first_year: int
    last_year: int


class ChineseCalendar:
    """Days as the State Council announced them, else as the law on festivals has them."""

    @property
    def edition(self) -> str:
        """Name both packages: one decides announced years, the other the rest."""
        return _edition()

    def day(self, day: date) -> DayKind:
        """Return what ``day`` is."""
        return _day(day)

    def festival(self, name: str, year: int) -> date | None:
        """Return the day of a statutory festival; the days off around it are another matter."""
        if name in FIXED:
            return date(year, *FIXED[name]) if date.min.year <= year <= date.max.year else None
        return _moving(MOVING[name], year) if name in MOVING else None


@lru_cache(maxsize=4096)  # some ten years: counting working days asks for the same ones all day
def _day(day: date) -> DayKind:
    announced = _announced()
    if announced.first_year <= day.year <= announced.last_year:
        return _announced_day(announced, day)
    weekday = day.weekday() < SATURDAY
    festival = day in country_year("CN", None, day.year).off
    return DayKind(
        working=weekday and not festival,
        provisional=True,
        source="law on festivals, make-up days not announced",
        special=weekday and festival,
    )


@cache
def _moving(name: str, year: int) -> date | None:
    tables = importlib.import_module("holidays.calendars")._ChineseLunisolar()  # noqa: SLF001 - tables only
    try:
        found, _ = getattr(tables, name)(year)
    except (ValueError, KeyError):
        return None
    return found if isinstance(found, date) else None


@cache
def _edition() -> str:
    packages = f"chinesecalendar-{version('chinesecalendar')} holidays-{version('holidays')}"
    return f"china {packages} {CORRECTIONS}"


def _announced_day(announced: _Announced, day: date) -> DayKind:
    weekday = day.weekday() < SATURDAY
    if day in CORRECTED:
        corrected, source = CORRECTED[day]
        return DayKind(working=corrected, source=source, special=corrected != weekday)
    working = day in announced.worked or (weekday and day not in announced.off)
    return DayKind(
        working=working,
        source=f"State Council announcement for {day.year}",
        special=working != weekday,
    )


@cache
def _announced() -> _Announced:
    # Imported on first use: its tables take time that `duban --help` does not have.
    tables = importlib.import_module("chinese_calendar.constants")
    off = frozenset(tables.holidays)
    return _Announced(
        off=off,
        worked=frozenset(tables.workdays),
        first_year=min(off).year,
        last_year=max(off).year,
    )
