"""Checking a plan: what is legal but wrong, suspicious, or cannot be carried out."""

from __future__ import annotations

from engine.calendar import Calendar
from engine.checks import check_all
from workflows.plan.check_dates import check_dates
from workflows.plan.check_feasibility import check_feasibility
from workflows.plan.check_ladders import check_ladders
from workflows.plan.check_oversight import check_oversight
from workflows.plan.check_people import check_people
from workflows.plan.check_steps import check_steps
from workflows.plan.check_targets import check_targets
from workflows.plan.diagnostics import Diagnostic, Severity, in_order
from workflows.plan.model import Plan
from workflows.plan.places import Places
from workflows.plan.read import FILE_NAME, PlanReading, read_draft
from workflows.plan.read_machines import SHIPPED
from workflows.plan.weekdays import WEEKDAYS

CONTRADICTIONS = ("W104", "W105", "W106", "W107", "W108", "W109", "W111")
"""Flaws of a machine with which it cannot run as it reads; the others are suspicious."""


def check(
    plan: Plan, places: Places | None = None, calendar: Calendar = WEEKDAYS
) -> tuple[Diagnostic, ...]:
    """Return everything that is wrong with ``plan`` although it could be read.

    Args:
        plan: as it was read, or made in code.
        places: where its parts stand in the file; without, the line is 0.
        calendar: which days are worked; without, Monday to Friday.

    """
    places = places or Places()
    return in_order(
        [
            *_check_machines(plan, places),
            *check_people(plan, places),
            *check_oversight(plan, places),
            *check_ladders(plan, places),
            *check_steps(plan, places),
            *check_dates(plan, places, calendar),
            *check_feasibility(plan, places, calendar),
            *check_targets(plan, places),
        ]
    )


def check_file(
    data: bytes,
    year: int | None = None,
    name: str = FILE_NAME,
    calendar: Calendar = WEEKDAYS,
) -> PlanReading:
    """Read a plan file and check it; the plan is None when either found an error.

    Where the reading found errors, only further errors are looked for: what is
    missing from a plan that could not be read whole means nothing.
    """
    draft = read_draft(data, year)
    found = list(draft.notes.all())
    if draft.plan is not None:
        checked = check(draft.plan, draft.places(), calendar)
        errors = [d for d in checked if d.severity is Severity.ERROR]
        found += errors if draft.notes.failed else checked
    failed = any(d.severity is Severity.ERROR for d in found)
    return PlanReading(None if failed else draft.plan, in_order(found), name)


def _check_machines(plan: Plan, places: Places) -> list[Diagnostic]:
    """Return the flaws of the plan's machines; for those that ship it is not to blame."""
    if plan.machines == SHIPPED:
        return []
    shipped = check_all(SHIPPED)
    return [
        Diagnostic.worded(
            places.of("machine", flaw.values["workflow"]),
            "P240" if flaw.code in CONTRADICTIONS else "P241",
            flaw.template,
            {**flaw.values, "flaw": flaw.code},
        )
        for flaw in check_all(plan.machines)
        if flaw not in shipped
    ]
