"""Calendars by name, as a plan writes them: china, weekdays, holidays:DE."""

from __future__ import annotations

from datetime import date

from adapters.calendars.chinese import ChineseCalendar
from adapters.calendars.country import CountryCalendar
from adapters.calendars.overrides import OverriddenCalendar, Overrides
from engine.calendar import Calendar, DayKind
from engine.errors import N_, EngineError

SATURDAY = 5


class UnknownCalendar(EngineError):
    """A calendar by a name that means nothing here."""

    code = "unknown-calendar"
    template = N_(
        "There is no calendar {name}; write china, weekdays, or holidays: with a country, "
        "such as holidays:DE or holidays:DE-BY."
    )


class WeekdayCalendar:
    """Monday to Friday are worked, whatever the festival."""

    @property
    def edition(self) -> str:
        """Name the rule; it never changes."""
        return "weekdays"

    def day(self, day: date) -> DayKind:
        """Return what ``day`` is."""
        return DayKind(day.weekday() < SATURDAY, source="Monday to Friday")


def calendar_named(name: str, overrides: Overrides | None = None) -> Calendar:
    """Return the calendar that a plan calls ``name``, under an organisation's overrides.

    Raises:
        UnknownCalendar: the name is of no known form.
        UnknownCountry: the form is right, but there is no such country.

    """
    base = _base(name.strip())
    return base if overrides is None else OverriddenCalendar(base, overrides)


def _base(name: str) -> Calendar:
    match name.partition(":"):
        case ("china", "", ""):
            return ChineseCalendar()
        case ("weekdays", "", ""):
            return WeekdayCalendar()
        case ("holidays", ":", place) if place:
            country, _, part = place.partition("-")
            return CountryCalendar(country, part or None)
        case _:
            raise UnknownCalendar(name=name)
