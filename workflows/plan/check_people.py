"""Checking who there is: roles, sections and vice leaders that nobody stands for."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition import ADMINISTRATOR
from engine.ladder import Ladder
from workflows.plan.diagnostics import Diagnostic
from workflows.plan.model import Plan, Scope, Step
from workflows.plan.places import Places
from workflows.roles import DAEMON, OWNER, ROLES, VICE_LEADER


def check_people(plan: Plan, places: Places) -> Iterator[Diagnostic]:
    """Yield what is wrong with the posts of ``plan``."""
    yield from _roles(plan, places)
    staffed = {post.section for post in plan.posts}
    for section in plan.sections:
        if section.id not in staffed:
            place = places.of("section", section.id)
            yield Diagnostic.at(place, "P302", section=section.id)
    yield from _vice_leaders(plan, places)


def _roles(plan: Plan, places: Places) -> Iterator[Diagnostic]:
    """Check that every role that is told or asked for is some post's."""
    held = {role for post in plan.posts for role in post.roles}
    held |= {OWNER, ADMINISTRATOR, DAEMON}  # sections have owners; init makes administrators
    needed: dict[str, tuple[str, str, str]] = {}
    used = {step.ladder for step in plan.steps}
    used |= {rung.reply_ladder for ladder in plan.ladders for rung in ladder.rungs}
    for ladder in plan.ladders:
        for role in _roles_of(ladder) if ladder.name in used else ():
            needed.setdefault(role, ("ladder", ladder.name, ladder.name))
    for step in plan.steps:
        if step.owner in ROLES:
            needed.setdefault(step.owner, ("step", step.id, step.id))
    for machine in plan.machines:
        for t in machine.transitions:
            if t.by and not held.intersection(t.by):
                use = f"{machine.name}: {t.trigger}"
                needed.setdefault(t.by[0], ("machine", machine.name, use))
    for role, (noun, name, use) in needed.items():
        if role not in held:
            yield Diagnostic.at(places.of(noun, name), "P301", role=role, use=use)


def _vice_leaders(plan: Plan, places: Places) -> Iterator[Diagnostic]:
    """Check that whoever a ladder would tell of a section is there to be told."""
    led = {s for post in plan.posts if VICE_LEADER in post.roles for s in post.in_charge_of}
    known = {section.id for section in plan.sections}
    by_target = {target.section for target in plan.targets} & known
    told: dict[str, str] = {}
    telling = {x.name for x in plan.ladders if VICE_LEADER in _roles_of(x)}
    works_in = {post.id: post.section for post in plan.posts}
    for step in plan.steps:
        if step.ladder in telling:
            owner = works_in.get(step.owner, step.owner)
            for section in _sections(step, owner, known, by_target):
                told.setdefault(section, step.ladder)
    for section, ladder in sorted(told.items()):
        if section not in led:
            place = places.of("section", section)
            yield Diagnostic.at(place, "P303", section=section, ladder=ladder)


def _sections(step: Step, owner: str, known: set[str], by_target: set[str]) -> set[str]:
    """Return the sections that the step binds."""
    if owner:
        return {owner} & known
    if step.scope is Scope.SECTIONS:
        return known
    return by_target if step.scope is Scope.TARGETS else set()


def _roles_of(ladder: Ladder) -> tuple[str, ...]:
    """Return the roles that the ladder tells."""
    told = (recipient for rung in ladder.rungs for recipient in rung.recipients)
    return tuple(dict.fromkeys(role for role in told if role in ROLES))
