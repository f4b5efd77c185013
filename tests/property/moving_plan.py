"""A plan of a year in which, if wanted, time itself moves what silence decides."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from engine.ladder import Action, Ladder, Rung, Unit
from tests.unit.year import small
from workflows import cycle
from workflows.deadlines.parse import parse
from workflows.plan.model import Plan, Scope, Step, Text


@cache
def plan_of(*, silence_counts: bool = False, lacks_quality: bool = False) -> Plan:
    """Return a plan, if wanted with moves of time itself and dates that hang on them."""
    plan = small(3, 2025)
    if lacks_quality:
        plan = replace(plan, targets=(replace(plan.targets[0], quality=""), *plan.targets[1:]))
    if not silence_counts:
        return plan
    machines = tuple(
        cycle.cycle(publishes_by_date=True, silence_approves=True)
        if machine.name == cycle.NAME
        else machine
        for machine in plan.machines
    )
    soon = Ladder(
        name="soon",
        rungs=(
            Rung(offset=-2, unit=Unit.CALENDAR_DAY, lamp="黄", recipients=("owner",)),
            Rung(offset=0, action=Action.LATE, lamp="红", recipients=("owner",)),
        ),
    )

    def by(name: str, due: str, fires: str, brings: str) -> Step:
        return Step(
            id=name,
            name=Text(name),
            due=parse(due),
            due_text=due,
            fires=fires,
            brings=brings,
            ladder="soon",
        )

    after_it = Step(
        id="after-approval",
        name=Text("公布"),
        scope=Scope.CYCLE,
        records=("minutes",),
        due=parse("6 days after approved"),
        due_text="6 days after approved",
        ladder="soon",
    )
    extra = (
        by("deemed", "10 working days after submitted_for_reply", "deem_approved", cycle.APPROVED),
        by("by-date", "2025-08-31", "publish", cycle.PUBLISHED),
        after_it,
    )
    steps = (*plan.steps, *extra)
    return replace(plan, machines=machines, steps=steps, ladders=(*plan.ladders, soon))
