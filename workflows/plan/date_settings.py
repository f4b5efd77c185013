"""How a plan reads its dates, as the deadline language asks for it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from workflows.deadlines.days import Unit
from workflows.deadlines.resolution import Settings
from workflows.plan.days import read_time
from workflows.plan.model import Counting, Plan


def settings_of(plan: Plan) -> Settings:
    """Return how ``plan`` reads its deadlines."""
    dates = plan.dates
    return Settings(
        zone=ZoneInfo(plan.zone),
        inclusive=dates.inclusive,
        cutoff=read_time(dates.cutoff),
        roll_fixed=dates.roll_fixed,
        roll_relative=dates.roll_relative,
        counting_unit=Unit.WORKING_DAY if dates.days is Counting.WORKING else Unit.DAY,
    )
