"""The working calendar of any country, through the `holidays` package.

Countries that move working days around by yearly decree, and holidays that are
estimates of the moon, give provisional answers where no decree is known.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.metadata import version
from inspect import signature
from types import ModuleType
from typing import TYPE_CHECKING

from engine.calendar import DayKind
from engine.errors import N_, EngineError

if TYPE_CHECKING:
    from holidays import HolidayBase


class UnknownCountry(EngineError):
    """A country, or a part of one, that the package does not know."""

    code = "unknown-country"
    template = N_("There is no holiday calendar for {asked}. Near to it: {near}.")


@dataclass(frozen=True, slots=True)
class CountryYear:
    """The days of one year that differ from its weekends."""

    off: frozenset[date]
    """Public holidays, whatever their weekday."""
    worked: frozenset[date]
    """Weekend days that are worked."""
    weekend: frozenset[date]
    estimated: frozenset[date]
    """Holidays computed from the moon, with the days around them: sighting shifts them by one."""
    announced: bool
    """False where a yearly decree is usual and none is known, or no year is covered at all."""


class CountryCalendar:
    """Weekends and public holidays of a country, or of a part of it."""

    def __init__(self, country: str, part: str | None = None) -> None:
        """Take a country by name or code, and a part of it by its code.

        Raises:
            UnknownCountry: the package knows no such country or part.

        """
        self.country = _country_code(country)
        self.part = _part_code(self.country, part)

    @property
    def edition(self) -> str:
        """Name the country and the package."""
        place = self.country if self.part is None else f"{self.country}-{self.part}"
        return f"holidays:{place} holidays-{_package()}"

    def day(self, day: date) -> DayKind:
        """Return what ``day`` is."""
        year = country_year(self.country, self.part, day.year)
        weekend = day in year.weekend
        working = day in year.worked if weekend else day not in year.off
        return DayKind(
            working=working,
            provisional=not year.announced or day in year.estimated,
            source=f"public holidays of {self.country}",
            special=working == weekend,
        )


@cache
def country_year(country: str, part: str | None, year: int) -> CountryYear:
    """Return what `holidays` knows of one year; a year that it does not cover has no holidays."""
    holidays = importlib.import_module("holidays")
    # The year after may move a day of this one: its first make-up day can lie in December.
    years = [y for y in (year, year + 1) if y <= date.max.year]
    found: HolidayBase = holidays.country_holidays(
        country, subdiv=part, years=years, **_marking_estimates(holidays, country)
    )
    days = [date.fromordinal(n) for n in range(*_ordinals(year))]
    off = frozenset(day for day in found if day.year == year)
    decreed = getattr(found, "special_public_holidays", None) or {}
    return CountryYear(
        off=off,
        worked=frozenset(day for day in found.weekend_workdays if day.year == year),
        weekend=frozenset(day for day in days if found.is_weekend(day)),
        estimated=frozenset(
            day for day in days if any(_is_estimate(found, near) for near in _around(day))
        ),
        announced=found.start_year <= year <= found.end_year
        and (year in decreed or not found.has_substituted_holidays),
    )


@cache
def _package() -> str:
    return version("holidays")


def _ordinals(year: int) -> tuple[int, int]:
    return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1


def _marking_estimates(holidays: ModuleType, country: str) -> dict[str, bool]:
    """Return the option that makes a country tell estimates apart, where it has one."""
    option = "islamic_show_estimated"
    known = signature(type(holidays.country_holidays(country)).__init__).parameters
    return {option: True} if option in known else {}


def _around(day: date) -> list[date]:
    """Return ``day`` and its neighbours within the years that a date can have."""
    ordinals = (day.toordinal() - 1, day.toordinal(), day.toordinal() + 1)
    return [date.fromordinal(n) for n in ordinals if 1 <= n <= date.max.toordinal()]


def _is_estimate(found: HolidayBase, day: date) -> bool:
    """Tell whether the name of the holiday carries the country's mark for an estimate."""
    label = getattr(found, "estimated_label", None)
    # `keys` asks only what is known: `in` would compute the neighbouring year as well.
    if label is None or day not in found.keys():  # noqa: SIM118
        return False
    mark = found.tr(label).replace("%s", "").strip(" ()（）")
    return bool(mark) and mark in found[day]


def _country_code(asked: str) -> str:
    registry = importlib.import_module("holidays.registry")
    for module, (name, *codes) in registry.COUNTRIES.items():
        if asked.casefold() in {module, name.casefold(), *(code.casefold() for code in codes)}:
            return str(codes[0])
    names = [name for name, *_ in registry.COUNTRIES.values()]
    raise UnknownCountry(asked=asked, near=_near(asked, names))


def _part_code(country: str, asked: str | None) -> str | None:
    if asked is None:
        return None
    holidays = importlib.import_module("holidays")
    known: list[str] = holidays.list_supported_countries(include_aliases=False)[country]
    for part in known:
        if part.casefold() == asked.casefold():
            return part
    raise UnknownCountry(asked=f"{country}-{asked}", near=_near(asked, known))


def _near(asked: str, names: list[str]) -> str:
    return ", ".join(get_close_matches(asked.title(), names, n=3, cutoff=0.5)) or "none"
