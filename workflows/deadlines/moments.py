"""From days to moments: midnights and cut-offs of the plan's zone, as UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from engine.calendar import ONE_DAY
from workflows.deadlines.resolution import Context, Reason
from workflows.deadlines.rule import Rule
from workflows.deadlines.words import clock_time

WHOLE_DAY = timedelta(days=1)


def start_of(day: date, context: Context) -> datetime:
    """Return the first moment of ``day``."""
    return datetime.combine(day, time.min, context.zone).astimezone(UTC)


def late_from(last_day: date, rule: Rule, context: Context) -> datetime:
    """Return the first moment at which it is late, if ``last_day`` is the last in time."""
    cutoff = cutoff_of(rule, context)
    if cutoff == WHOLE_DAY:
        return start_of(last_day + ONE_DAY, context)
    # A wall-clock hour, not midnight plus hours: they differ on a day of a clock change.
    hour = (datetime.combine(last_day, time.min) + cutoff).time()
    return datetime.combine(last_day, hour, context.zone).astimezone(UTC)


def cutoff_of(rule: Rule, context: Context) -> timedelta:
    """Return the hour at which a last day ends, as time since its midnight."""
    if rule.cutoff is not None:
        return rule.cutoff
    hour = context.settings.cutoff
    if hour is None:
        return WHOLE_DAY
    return timedelta(hours=hour.hour, minutes=hour.minute, seconds=hour.second)


def cutoff_reasons(rule: Rule, context: Context) -> tuple[Reason, ...]:
    """Say so where the last day ends before midnight."""
    cutoff = cutoff_of(rule, context)
    return () if cutoff == WHOLE_DAY else (Reason.of("cutoff", hour=clock_time(cutoff)),)
