"""The order in which steps need each other, and the circles in which they would wait for ever."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from workflows.deadlines.rule import steps_of
from workflows.plan.model import Plan

MOST_CIRCLES = 20


def order_of_steps(plan: Plan) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the steps, each after those that it needs, and the circles among them.

    A circle is opened at its first step to go on, so every step is in the order.
    """
    known = {step.id for step in plan.steps}
    needs = {
        step.id: sorted(known & {*step.after, *(steps_of(step.due) if step.due else ())})
        for step in plan.steps
    }
    circles: list[tuple[str, ...]] = []
    while True:
        try:
            return tuple(TopologicalSorter(needs).static_order()), tuple(circles)
        except CycleError as error:
            circle = tuple(reversed(error.args[1][1:]))
            start = circle.index(min(circle))
            circle = (*circle[start:], *circle[:start])
            circles.append(circle)
            opened = {circle[0]} if len(circles) < MOST_CIRCLES else known
            needs = {step: [] if step in opened else need for step, need in needs.items()}
