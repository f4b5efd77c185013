"""What joins a running cycle later: targets (R-11, R-12, R-30) and findings (R-41)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.errors import N_, AlreadyExists, BadFact, Refused
from engine.events import Event, Instance, Kind
from engine.facts import Value, clean_text
from engine.moves import settle
from engine.population import Population
from engine.ports import Reader, UnitOfWork
from workflows import finding, target
from workflows.likeness import alike, pairs
from workflows.plan.model import Target, Text
from workflows.roles import GROUP_OFFICE, LEADING_GROUP, REVIEWER
from workflows.running.consequences import follow
from workflows.running.desk import Application, Desk
from workflows.running.opening import new_instance, opening_event, target_instance
from workflows.running.people import permit
from workflows.running.requests import Grounds, Who, act_of, at_desk, record_at


class NotAdmitted(Refused):
    """A target cannot be admitted into the cycle."""

    code = "not-admitted"
    template = N_("Target {key} cannot be admitted: {problem}: {what}.")


class Overlapping(Refused):
    """A dynamic target reads like another; a person decides whether it is the same matter."""

    code = "overlapping"
    template = N_(
        "Target {key} reads much like {other}: {title}. If it is another matter, "
        "say why with --no-overlap; that is kept with it."
    )


def add_target(
    app: Application,
    cycle: str,
    goal: Target,
    who: Who,
    grounds: Grounds,
    *,
    no_overlap: str = "",
) -> Sequence[Event]:
    """Admit a target into a running cycle; a dynamic one needs the document behind it.

    ``no_overlap`` says why it is another matter than one that reads alike.

    Raises:
        NotAdmitted: its section, category or sources do not fit.
        Overlapping: it reads like another one, and nobody said why it is not.
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
        _admissible(at, goal, key, decided=bool(no_overlap))
        instance = target_instance(at.plan, goal)
        event = _create(at, instance, who, acting_for, grounds)
        follow(at, None, [event], who.person)
        return [event, *_no_overlap(at, key, no_overlap, who, grounds)]


def _no_overlap(
    at: Desk[UnitOfWork], key: str, because: str, who: Who, grounds: Grounds
) -> Sequence[Event]:
    """Keep why a target is another matter than those that read alike."""
    if not because:
        return ()
    return record_at(at, key, "no_overlap", {"because": because}, who, grounds)


def amend_target(
    app: Application,
    key: str,
    changes: Mapping[str, Any],
    who: Who,
    grounds: Grounds,
    *,
    no_overlap: str = "",
) -> Sequence[Event]:
    """Change what a target says of itself: title, section, sources, work plan.

    Raises:
        NotFound: there is no such instance.
        NotAdmitted: the new section, category or sources do not fit.
        Overlapping: it now reads like another one, and nobody said why it is not.
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
        if instance.workflow == target.NAME and {"title", "category", "sources", "section"} & {
            *changes
        }:
            said_before = "no_overlap" in instance.facts and "title" not in changes
            goal = _as_amended(instance, data)
            _admissible(at, goal, key, decided=said_before or bool(no_overlap))
        act = act_of(at, instance, who, grounds, acting_for)
        event = at.unit.append(replace(act.on(at.unit, instance, Kind.AMENDED), data=data))
        events = [event, *settle(at.unit, at.unit.load(key), event)]
        follow(at, instance, events, who.person)
        return [event, *_no_overlap(at, key, no_overlap, who, grounds)]


def _as_amended(instance: Instance, data: Mapping[str, Any]) -> Target:
    """Return what an amended target will say of itself."""
    facts = {**instance.facts, **data.get("set", {})}
    return Target(
        id=instance.key.rpartition("/")[2],
        name=Text(str(facts.get("title", ""))),
        category=str(facts.get("category", "")),
        section=data.get("owner", instance.owner),
        sources=tuple(str(facts.get("sources", "")).split()),
        basis=str(facts.get("basis", "")),
    )


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


def _admissible(at: Desk[Reader], goal: Target, key: str, *, decided: bool) -> None:
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
    _apart_from_others(at, goal, key, decided=decided)


def _apart_from_others(at: Desk[Reader], goal: Target, key: str, *, decided: bool) -> None:
    """Make sure that a dynamic target is no other one again: by source, and by name (R-12)."""
    wanted, mine = set(goal.sources), pairs(goal.name.zh)
    void = at.plan.machine(target.NAME).void
    for other in at.unit.select(Population(cycle=at.key, workflow=target.NAME, parent=at.key)):
        if other.key == key or other.state in void:
            continue
        shared = wanted & set(str(other.facts.get("sources", "")).split())
        if shared:
            raise NotAdmitted(
                key=key,
                problem=N_("it overlaps another target with the same source"),
                what=f"{other.key} ({', '.join(sorted(shared))})",
            )
        title = str(other.facts.get("title", ""))
        if not decided and alike(mine, pairs(title)):
            raise Overlapping(key=key, other=other.key, title=title)
