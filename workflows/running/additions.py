"""What joins a running cycle later: targets (R-11, R-12, R-30) and findings (R-41)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.errors import N_, AlreadyExists, BadFact, Refused
from engine.events import Event, Instance, Kind
from engine.facts import Value, clean_text
from engine.moves import settle
from engine.population import Population
from engine.ports import Reader, UnitOfWork
from workflows import finding, target
from workflows.plan.model import Target
from workflows.roles import GROUP_OFFICE, LEADING_GROUP, REVIEWER
from workflows.running.consequences import follow
from workflows.running.desk import Application, Desk
from workflows.running.opening import new_instance, opening_event, target_instance
from workflows.running.people import permit
from workflows.running.requests import Grounds, Who, act_of, at_desk


class NotAdmitted(Refused):
    """A target cannot be admitted into the cycle."""

    code = "not-admitted"
    template = N_("Target {key} cannot be admitted: {problem}: {what}.")


def add_target(app: Application, cycle: str, goal: Target, who: Who, grounds: Grounds) -> Event:
    """Admit a target into a running cycle; a dynamic one needs the document behind it.

    Raises:
        NotAdmitted: its section, category or sources do not fit.
        AlreadyExists: its key is taken.
        NotPermitted: the person is not of the group office.

    """
    with at_desk(app, cycle) as at:
        key = f"{at.key}/{goal.id}"
        acting_for = permit(
            at, who.person, who.acting_for, goal.section, (GROUP_OFFICE,), "target add", key
        )
        if at.unit.find(key) is not None:
            raise AlreadyExists(what="target", key=key, hint=f"duban show {key}")
        _admissible(at, goal, key)
        instance = target_instance(at.plan, goal)
        event = _create(at, instance, who, acting_for, grounds)
        follow(at, None, [event], who.person)
        return event


def amend_target(
    app: Application, key: str, changes: Mapping[str, Any], who: Who, grounds: Grounds
) -> Event:
    """Change what a target says of itself: title, section, sources, work plan.

    Raises:
        NotFound: there is no such instance.
        NotAdmitted: the new section does not exist.
        NotPermitted: the person is not of the group office.

    """
    with at_desk(app, key) as at:
        instance = at.unit.load(key)
        acting_for = permit(
            at, who.person, who.acting_for, instance.owner, (GROUP_OFFICE,), "target amend", key
        )
        data: dict[str, Any] = {}
        section = changes.get("section")
        if section:
            if section not in {s.id for s in at.plan.sections}:
                problem = N_("the plan has no such section")
                raise NotAdmitted(key=key, problem=problem, what=section)
            data["owner"] = section
        facts = {
            AMENDABLE[name]: clean_text(name, str(value))
            for name, value in changes.items()
            if name in AMENDABLE and value
        }
        unknown = sorted(set(changes) - set(AMENDABLE) - {"section"})
        if unknown:
            raise BadFact(
                fact=unknown[0], value=str(changes[unknown[0]]), problem=N_("it cannot be amended")
            )
        if facts:
            data["set"] = facts
        act = act_of(at, instance, who, grounds, acting_for)
        event = at.unit.append(replace(act.on(at.unit, instance, Kind.AMENDED), data=data))
        events = [event, *settle(at.unit, at.unit.load(key), event)]
        follow(at, instance, events, who.person)
        return event


AMENDABLE = {
    "title": "title",
    "category": "category",
    "sources": "sources",
    "pace": f"{target.WORK_PLAN}.pace",
    "quality": f"{target.WORK_PLAN}.quality",
    "finish_by": f"{target.WORK_PLAN}.finish_by",
}
"""What of a target can be amended, and the fact that holds it."""


def raise_finding(
    app: Application,
    key: str,
    title: str,
    who: Who,
    grounds: Grounds,
    *,
    method: str = "",
    document: str = "",
) -> Event:
    """Raise a finding on a target or on the whole cycle, at any time of the year.

    Raises:
        NotFound: there is no such instance.
        NotPermitted: neither office nor reviewer.

    """
    with at_desk(app, key) as at:
        parent = at.unit.load(key)
        allowed = (GROUP_OFFICE, REVIEWER, LEADING_GROUP)
        acting_for = permit(
            at, who.person, who.acting_for, parent.owner, allowed, "raise a finding on", key
        )
        number = at.unit.count(Population(cycle=at.key, workflow=finding.NAME, parent=key)) + 1
        facts: dict[str, Value] = {"title": clean_text("title", title)}
        if method:
            facts["method"] = clean_text("method", method, 100)
        if document:
            facts["document"] = clean_text("document", document, 400)
        machine = at.plan.machine(finding.NAME)
        instance = new_instance(machine, f"{key}/F-{number}", parent.owner, facts)
        return _create(at, instance, who, acting_for, grounds)


def _create(
    at: Desk[UnitOfWork], instance: Instance, who: Who, acting_for: str, grounds: Grounds
) -> Event:
    act = act_of(at, instance, who, grounds, acting_for)
    blank = act.on(at.unit, replace(instance, sequence=0), Kind.OPENED)
    opening = opening_event(at.unit, instance, who.person)
    event = replace(blank, data=opening.data)
    (position,) = at.unit.create([(instance, event)])
    return replace(event, position=position)


def _admissible(at: Desk[Reader], goal: Target, key: str) -> None:
    def refuse(problem: str, what: str) -> NotAdmitted:
        return NotAdmitted(key=key, problem=problem, what=what)

    if goal.section not in {s.id for s in at.plan.sections}:
        raise refuse(N_("the plan has no such section"), goal.section)
    category = next((c for c in at.plan.categories if c.id == goal.category), None)
    if category is None or any(c.parent == category.id for c in at.plan.categories):
        leaves = [c.id for c in at.plan.categories]
        raise refuse(
            N_("it needs exactly one leaf of the content tree"),
            f"{goal.category} ({', '.join(leaves)})",
        )
    if not category.dynamic:
        return
    issued = at.plan.document.issued
    if issued and at.today < issued:
        raise refuse(
            N_("a dynamic target comes only after the plan was issued"), issued.isoformat()
        )
    if not goal.basis:
        raise refuse(N_("a dynamic target needs the document behind it"), "--basis")
    wanted = set(goal.sources)
    for other in at.unit.select(Population(cycle=at.key, workflow=target.NAME, parent=at.key)):
        shared = wanted & set(str(other.facts.get("sources", "")).split())
        if shared and other.state not in at.plan.machine(target.NAME).void:
            raise refuse(
                N_("it overlaps another target with the same source"),
                f"{other.key} ({', '.join(sorted(shared))})",
            )
