"""Checking that a plan can be carried out: days off, collisions, time that is not there, proof."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta

from engine.calendar import Calendar, working_days_between
from engine.errors import EngineError
from engine.guards import Compare, Joined, Known, leaves
from workflows.deadlines.days import Unit
from workflows.deadlines.recurrence import occurrences
from workflows.deadlines.resolution import Context, Kind, Resolution
from workflows.deadlines.rule import EveryBefore, EveryPlus, EveryWorkday, Recurring, Rule
from workflows.plan.check_dates import dates_of
from workflows.plan.date_settings import settings_of
from workflows.plan.diagnostics import Diagnostic
from workflows.plan.model import Plan, Scope, Step
from workflows.plan.places import Places
from workflows.roles import GROUP_OFFICE

WORKING = Unit.WORKING_DAY
HEAVY = 2
"""Steps of one owner on one day that are worth a question."""


def check_feasibility(plan: Plan, places: Places, calendar: Calendar) -> Iterator[Diagnostic]:
    """Yield what makes a plan hard to carry out, though nothing contradicts itself."""
    for step in plan.steps:
        yield from _proof(plan, step, places)
    if not plan.year:
        return
    resolved = {
        step_id: found
        for step_id, found in dates_of(plan, calendar).items()
        if not isinstance(found, EngineError)
    }
    for step in plan.steps:
        yield from _open_years(plan, step, places, calendar)
        found = resolved.get(step.id)
        if found is None or found.last_day is None:
            continue
        yield from _day_off(step, found, found.last_day, places, calendar)
        yield from _room(step, found, found.last_day, resolved, places, calendar)
        yield from _outside(plan, step, found.last_day, resolved, places, calendar)
    yield from _collisions(plan, resolved, places)


def _open_years(plan: Plan, step: Step, places: Places, calendar: Calendar) -> Iterator[Diagnostic]:
    """Ask about the first date of a series that counts days of a year not announced yet."""
    context = Context(year=plan.year, calendar=calendar, settings=settings_of(plan))
    if step.due is None or not _counts_working_days(step.due, context):
        return
    with suppress(EngineError):  # what cannot be laid out was told already
        open_ones = [o for o in occurrences(step.due, context) if o.provisional]
        if open_ones:
            due = open_ones[0].last_day.isoformat()
            yield Diagnostic.at(places.of("step", step.id), "P320", step=step.id, due=due)


def _counts_working_days(rule: Rule, context: Context) -> bool:
    pattern = rule.deadline.pattern if isinstance(rule.deadline, Recurring) else None
    match pattern:
        case EveryPlus(unit=unit) | EveryBefore(unit=unit):
            return (context.settings.counting_unit if unit is Unit.DAY else unit) is WORKING
        case EveryWorkday():
            return True
        case _:
            return False


def _day_off(
    step: Step, found: Resolution, last: date, places: Places, calendar: Calendar
) -> Iterator[Diagnostic]:
    place = places.of("step", step.id)
    if found.kind is Kind.PROVISIONAL and not found.waits_for:
        yield Diagnostic.at(place, "P320", step=step.id, due=last.isoformat())
    elif not step.attend and not calendar.day(last).working:
        yield Diagnostic.at(place, "P316", step=step.id, due=last.isoformat())


def _room(
    step: Step,
    found: Resolution,
    last: date,
    resolved: Mapping[str, Resolution],
    places: Places,
    calendar: Calendar,
) -> Iterator[Diagnostic]:
    """Check that the working days that a step needs lie between its beginning and its date."""
    begins = [r.last_day for r in map(resolved.get, step.after) if r is not None and r.last_day]
    if found.opens_at is not None:
        begins.append(found.opens_at.date() - timedelta(days=1))
    if not step.takes or not begins:
        return
    since = max(begins)
    there = working_days_between(calendar, since, last).working_days
    if there < step.takes:
        yield Diagnostic.at(
            places.of("step", step.id),
            "P318",
            step=step.id,
            needs=step.takes,
            since=since.isoformat(),
            due=last.isoformat(),
            there=there,
        )


def _outside(
    plan: Plan,
    step: Step,
    last: date,
    resolved: Mapping[str, Resolution],
    places: Places,
    calendar: Calendar,
) -> Iterator[Diagnostic]:
    """Check that a body outside has a working day between a submission and what follows it."""
    for needed in step.after:
        earlier = plan.step(needed)
        found = resolved.get(needed)
        if earlier is None or earlier.wait is None or found is None or found.last_day is None:
            continue
        if working_days_between(calendar, found.last_day, last).working_days < 1:
            yield Diagnostic.at(
                places.of("step", step.id),
                "P319",
                step=step.id,
                due=last.isoformat(),
                needed=needed,
                before=found.last_day.isoformat(),
                body=earlier.wait.body,
            )


def _collisions(
    plan: Plan, resolved: Mapping[str, Resolution], places: Places
) -> Iterator[Diagnostic]:
    days: dict[tuple[str, date], list[str]] = defaultdict(list)
    for step in plan.steps:
        found = resolved.get(step.id)
        everybody = step.scope in (Scope.TARGETS, Scope.SECTIONS) and not step.owner
        if step.attend or everybody or found is None or found.last_day is None:
            continue
        days[step.owner or GROUP_OFFICE, found.last_day].append(step.id)
    for (owner, day), steps in days.items():
        if len(steps) >= HEAVY:
            place = places.of("step", steps[-1])
            due = day.isoformat()
            yield Diagnostic.at(place, "P317", owner=owner, steps=", ".join(steps), due=due)


def _proof(plan: Plan, step: Step, places: Places) -> Iterator[Diagnostic]:
    """Check that something on paper will show that the step was done, and that somebody answers."""
    place = places.of("step", step.id)
    if any(record.startswith("submitted") for record in step.records) and step.wait is None:
        yield Diagnostic.at(place, "P322", step=step.id)
    if not step.brings or step.scope is not Scope.CYCLE or step.proof.zh:
        return
    names = {machine.name: machine for machine in plan.machines}
    machine = names.get("cycle")
    edges = [m for m in machine.moves() if m.target == step.brings] if machine else []
    lawful = [edge for edge in edges if not edge.forced]
    if lawful and not any(
        isinstance(leaf, Known | Compare | Joined) for e in lawful for leaf in leaves(e.guard)
    ):
        yield Diagnostic.at(place, "P321", step=step.id)
