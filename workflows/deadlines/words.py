"""Words of the deadline language that its renderers share."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from workflows.deadlines.days import LAST

ORDINAL_WORDS: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", LAST: "last"}
WEEKDAY_WORDS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


def clock_time(since_midnight: timedelta) -> str:
    """Return an hour of the day as people write it; 24:00 is the day's end.

    >>> clock_time(timedelta(hours=17, minutes=30)), clock_time(timedelta(days=1))
    ('17:30', '24:00')
    """
    minutes = since_midnight // timedelta(minutes=1)
    return f"{minutes // 60:02}:{minutes % 60:02}"
