"""Checking dates: steps out of order, and steps that were past when the plan was issued."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.calendar import Calendar
from engine.errors import EngineError
from workflows.deadlines.errors import NoFestivals
from workflows.deadlines.recurrence import occurrences
from workflows.deadlines.resolution import Context, Resolution
from workflows.deadlines.resolve import resolve
from workflows.deadlines.rule import Recurring, Rule
from workflows.plan.date_settings import settings_of
from workflows.plan.diagnostics import Diagnostic
from workflows.plan.model import Plan, Step
from workflows.plan.places import Places
from workflows.plan.step_order import order_of_steps
from workflows.plan.weekdays import WEEKDAYS

MOST_RECURRENCES = 50
"""Different recurrences that are laid out to see whether they can be."""


def check_dates(plan: Plan, places: Places, calendar: Calendar) -> Iterator[Diagnostic]:
    """Yield what is wrong with the dates of ``plan``."""
    if not plan.year:
        return
    resolved = dates_of(plan, calendar)
    for step in plan.steps:
        place = places.of("step", step.id)
        found = resolved.get(step.id)
        if isinstance(found, NoFestivals) and calendar is WEEKDAYS:
            continue  # which calendar counts is not known here
        if isinstance(found, EngineError):
            yield Diagnostic.of_error(place, "P231", found)
            continue
        if found is None or found.due_at is None or found.last_day is None:
            continue
        yield from _order(step, found, resolved, places)
        issued = plan.document.issued
        if issued and found.last_day < issued and not step.done:
            values = {"due": found.last_day.isoformat(), "issued": issued.isoformat()}
            yield Diagnostic.at(place, "P308", step=step.id, **values)


def _order(
    step: Step,
    found: Resolution,
    resolved: Mapping[str, Resolution | EngineError],
    places: Places,
) -> Iterator[Diagnostic]:
    """Check that nothing that ``step`` needs is due later than ``step`` itself."""
    for needed in step.after:
        earlier = resolved.get(needed)
        if not isinstance(earlier, Resolution) or not earlier.due_at or not found.due_at:
            continue
        if earlier.due_at > found.due_at:
            yield Diagnostic.at(
                places.of("step", needed),
                "P246",
                step=needed,
                due=str(earlier.last_day),
                successor=step.id,
                before=str(found.last_day),
            )


def dates_of(plan: Plan, calendar: Calendar) -> Mapping[str, Resolution | EngineError]:
    """Return the date of each step that has one, or why it has none.

    Those that are needed come first, so that a step that counts from another
    finds it done, however long the chain.
    """
    steps = {step.id: step for step in plan.steps}
    found: dict[str, Resolution | EngineError] = {}

    def date_of(step_id: str) -> Resolution | None:
        resolution = found.get(step_id)
        return resolution if isinstance(resolution, Resolution) else None

    tried: set[Rule] = set()
    settings = settings_of(plan)
    context = Context(year=plan.year, calendar=calendar, settings=settings, steps=date_of)
    for step_id in order_of_steps(plan)[0]:
        rule = steps[step_id].due
        if rule is None:
            continue
        try:
            if isinstance(rule.deadline, Recurring):
                tried.add(rule)
                if len(tried) <= MOST_RECURRENCES:
                    occurrences(rule, context)
            else:
                found[step_id] = resolve(rule, context)
        except EngineError as error:
            found[step_id] = error
    return found
