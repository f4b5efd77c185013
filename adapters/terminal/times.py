"""Days and moments as people read them: in the plan's zone, with the weekday."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from adapters.messages import Translator
from engine.deadline import Certainty, Deadline

_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_INSTANT = timedelta(microseconds=1)


class Times:
    """Tells days and moments of one zone to one reader."""

    def __init__(self, words: Translator, zone: ZoneInfo) -> None:
        """Tell them in ``zone``."""
        self.words = words
        self.zone = zone

    def local(self, moment: datetime) -> datetime:
        """Return the moment in the zone."""
        return moment.astimezone(self.zone)

    def day(self, day: date) -> str:
        """Return a day with its weekday: ``2024-07-10 Wed``."""
        return f"{day.isoformat()} {_WEEKDAYS[self.words.language][day.weekday()]}"

    def moment(self, moment: datetime) -> str:
        """Return a moment to the minute: ``2024-07-10 14:30``."""
        return f"{self.local(moment):%Y-%m-%d %H:%M}"

    def full(self, moment: datetime) -> str:
        """Return a moment with its weekday: ``2024-07-10 Wed 14:30``."""
        local = self.local(moment)
        return f"{self.day(local.date())} {local:%H:%M}"

    def last_day(self, due_at: datetime) -> str:
        """Return the last day on which it is in time; with the hour where a plan sets one."""
        local = self.local(due_at)
        if local.time() == time():
            return self.day((local - _INSTANT).date())
        return f"{self.day(local.date())} {local:%H:%M}"

    def due(self, deadline: Deadline | None) -> str:
        """Return until when something is in time, or why there is no date."""
        if deadline is None:
            return "-"
        if deadline.due_at is None:
            if deadline.certainty is Certainty.WAITING:
                return self.words.text("waits for an event")
            return self.words.text("undated")
        text = self.last_day(deadline.due_at)
        if deadline.certainty is Certainty.PROVISIONAL:
            return self.words.text("{date} (provisional)", date=text)
        return text

    def opening(self, moment: datetime) -> str:
        """Return when something opens: a day, with the hour where it is not midnight."""
        local = self.local(moment)
        return self.day(local.date()) if local.time() == time() else self.full(moment)

    def iso(self, moment: datetime | None) -> str | None:
        """Return a moment for programs: ISO 8601 with the zone's offset."""
        return None if moment is None else self.local(moment).isoformat()
