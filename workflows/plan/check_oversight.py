"""Checking who watches: whether a second person is there, and what one could get around."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition import ADMINISTRATOR
from workflows.plan.diagnostics import Diagnostic
from workflows.plan.model import Plan
from workflows.plan.oversight import Guarded
from workflows.plan.places import Places
from workflows.plan.read_oversight import FOUR_EYES
from workflows.roles import OWNER

WAYS_AROUND = (Guarded.AMEND, Guarded.POSTS)
"""Acts by which one person could take the rule away, or become a second one."""


def check_oversight(plan: Plan, places: Places) -> Iterator[Diagnostic]:
    """Yield what is odd about the acts that need a second person."""
    rule = plan.four_eyes
    if not rule.acts:
        return
    place = places.of("plan", FOUR_EYES)
    held = {role for post in plan.posts for role in post.roles} | {OWNER, ADMINISTRATOR}
    if not held.intersection(rule.confirmed_by):
        role = rule.confirmed_by[0] if rule.confirmed_by else "-"
        yield Diagnostic.at(place, "P301", role=role, use=FOUR_EYES)
    if missing := [str(act) for act in WAYS_AROUND if act not in rule.acts]:
        yield Diagnostic.at(place, "P323", missing=missing)
