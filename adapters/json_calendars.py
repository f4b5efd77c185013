"""The shapes that `duban calendar` and `duban due --explain` print for programs."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from adapters.calendars.inspection import Disagreement, YearStanding
from adapters.json_shapes import Shape, moment
from engine.calendar import DayKind
from engine.deadline import Deadline
from workflows.running.provenance import Change
from workflows.running.recalculation import Shift


def day_shape(day: date, kind: DayKind) -> Shape:
    """Return what a calendar says of one day."""
    return {
        "day": day.isoformat(),
        "working": kind.working,
        "provisional": kind.provisional,
        "special": kind.special,
        "source": kind.source,
    }


def year_shape(found: YearStanding) -> Shape:
    """Return how much of a year is settled."""
    return {
        "year": found.year,
        "official": found.official,
        "working_days": found.working_days,
        "open_days": found.open_days,
    }


def disagreement_shape(found: Disagreement) -> Shape:
    """Return a day of which two sources say different things."""
    return {
        "day": found.day.isoformat(),
        "working": found.says,
        "source": found.source,
        "other": found.other,
        "contradiction": not found.settled,
    }


def provisional_shape(deadline: Deadline, zone: ZoneInfo) -> Shape:
    """Return a date that may still move."""
    return {
        "step": deadline.step,
        "occurrence": deadline.occurrence,
        "instance": deadline.instance,
        "due_at": moment(deadline.due_at, zone),
        "last_day": deadline.last_day,
        "rule": deadline.rule,
    }


def shift_shape(shift: Shift, zone: ZoneInfo) -> Shape:
    """Return what another calendar moves."""
    return {
        "cycle": shift.cycle,
        "step": shift.step.id,
        "occurrence": shift.before.occurrence,
        "instance": shift.before.instance,
        "before": moment(shift.before.due_at, zone),
        "after": moment(shift.after.due_at, zone),
        "certainty_before": str(shift.before.certainty),
        "certainty": str(shift.after.certainty),
        "days": shift.days,
        "timers": shift.timers,
        "owners": [
            {"owner": tally.owner, "count": tally.count, "instances": list(tally.first)}
            for tally in shift.touched
        ],
    }


def change_shape(change: Change, zone: ZoneInfo) -> Shape:
    """Return one thing that was done to a date, and by whom."""
    event = change.event
    return {
        "what": change.what,
        "instance": change.instance,
        "occurrence": change.occurrence,
        "version": change.version,
        "due_at": moment(change.due_at, zone),
        "opens_at": moment(change.opens_at, zone),
        "event": event.position if event else None,
        "moment": moment(event.recorded_at, zone) if event else None,
        "actor": event.actor if event else None,
        "acting_for": event.acting_for if event else None,
        "authority": event.authority if event else None,
        "kind": str(event.kind) if event else None,
    }
