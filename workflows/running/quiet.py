"""Quiet time: until when nobody is told anything of a cycle; notices wait, dates never do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from engine.ports import Reader
from workflows.running.desk import Application, Desk, desk

LONGEST = 60
"""Days of rest after which somebody is told all the same: no office rests for longer."""


def quiet_until(desk: Desk[Reader]) -> datetime | None:
    """Return when the quiet time that reigns now ends; None when people may be told now."""
    quiet = desk.plan.quiet
    if not quiet.begins and not quiet.working_days_only:
        return None
    for ahead in range(LONGEST):
        day = desk.today + timedelta(days=ahead)
        if quiet.working_days_only and not desk.calendar.day(day).working:
            continue
        for begin, end in _speaking(desk, day):
            if desk.now < end:
                return begin if desk.now < begin else None
    return None


def hushed(app: Application, reader: Reader) -> dict[str, datetime]:
    """Return the cycles in their quiet time, each with the moment at which it ends."""
    found = {}
    for cycle in reader.cycles():
        until = quiet_until(desk(app, reader, cycle.key))
        if until is not None:
            found[cycle.key] = until
    return found


def _speaking(desk: Desk[Reader], day: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield the hours of a working day in which people are told things."""

    def at(hour: str) -> datetime:
        return datetime.combine(day, time.fromisoformat(hour), desk.zone).astimezone(UTC)

    quiet = desk.plan.quiet
    night = datetime.combine(day + timedelta(days=1), time(), desk.zone).astimezone(UTC)
    if not quiet.begins:
        yield at("00:00"), night
    elif quiet.begins < quiet.ends:
        yield at("00:00"), at(quiet.begins)
        yield at(quiet.ends), night
    else:
        yield at(quiet.ends), at(quiet.begins)
