"""A calendar for checks that were given none: Monday to Friday are worked, nothing is sure."""

from __future__ import annotations

from datetime import date

from engine.calendar import DayKind

_SATURDAY = 5


class Weekdays:
    """Knows weekends and no holidays."""

    edition = "weekdays"

    def day(self, day: date) -> DayKind:
        """Return whether ``day`` is worked, provisionally."""
        return DayKind(working=day.weekday() < _SATURDAY, provisional=True)


WEEKDAYS = Weekdays()
