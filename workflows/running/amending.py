"""Amending: a running cycle goes on under a new edition of its plan, from now on.

What is past keeps the edition and the date under which it happened. A date
that the new plan says otherwise becomes a new version, with timers for what
is still to come; a step that is new is never late for what is past; one that
is gone is owed no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from engine import moves
from engine.act import Act
from engine.definition import ADMINISTRATOR
from engine.errors import N_, AuthorityRequired, ReasonRequired, Refused
from engine.events import DAEMON, Event, Kind
from engine.facts import to_text
from engine.population import Population
from engine.ports import UnitOfWork
from workflows import target
from workflows.plan.model import Plan
from workflows.plan.oversight import Guarded
from workflows.plan.store_form import edition, from_data, to_data
from workflows.roles import GROUP_OFFICE
from workflows.running.alterations import REMOVED, STAYS, Alteration, alterations
from workflows.running.amended_steps import AmendedSteps
from workflows.running.amended_targets import amend_targets
from workflows.running.asking import Asked, Grounds, Who, act_of, at_desk
from workflows.running.consequences import follow
from workflows.running.desk import LOADED_AT, Application, Desk
from workflows.running.editions import by_owner, move_to_editions
from workflows.running.people import permit
from workflows.running.proposals import Doing, carry_out
from workflows.running.sealing import require_hash
from workflows.running.tenures import appoint_holders, new_holders

AMEND = "amend"


class NotAmendable(Refused):
    """The new plan cannot take the place of the one under which the cycle runs."""

    code = "not-amendable"
    template = N_("{key} cannot go on under that plan: {problem}: {what}.")


@dataclass(slots=True)
class Amendment:
    """What an amendment came to."""

    events: list[Event] = field(default_factory=list)
    """Its own event first."""
    alterations: list[Alteration] = field(default_factory=list)


def amend(
    app: Application,
    cycle: str,
    plan: Plan,
    who: Who,
    grounds: Grounds,
    mapping: Mapping[str, Mapping[str, str]] | None = None,
) -> Sequence[Event]:
    """Let a cycle go on under ``plan``, whose check found no error.

    Args:
        app: the application.
        cycle: which cycle.
        plan: the new plan, whole.
        who: an administrator, or of the group office.
        grounds: why, and on what document.
        mapping: machine → old state → new state, for machines of which the
            instances that run move to the new edition, beside those that the
            plan itself names. A state of the same name needs no entry; a machine
            that is not named keeps its instances on the edition on which they are.

    Raises:
        NotPermitted: the person may not.
        ReasonRequired, AuthorityRequired: one of the two texts is missing.
        NotAmendable: the plan is that of another cycle, or changes nothing.
        NotMapped: an instance stands in a state without mapping.

    """
    with app.store.unit_of_work(app.clock.now()) as unit:
        unit.publish_plan(edition(plan), to_data(plan))
    asked = asked_for(cycle, plan, who, grounds, mapping or {})

    def guard(at: Desk[UnitOfWork]) -> Guarded:
        acts = at.plan.four_eyes.acts
        posts = Guarded.AMEND not in acts and new_holders(at.unit, plan)
        return Guarded.POSTS if posts else Guarded.AMEND

    return carry_out(app, asked, _amend, guard)


def preview_amendment(
    app: Application,
    cycle: str,
    plan: Plan,
    who: Who,
    grounds: Grounds,
    mapping: Mapping[str, Mapping[str, str]] | None = None,
) -> Sequence[Alteration]:
    """Return what `amend` would change, for whom; nothing is kept.

    Raises:
        EngineError: it would be refused.

    """
    asked = asked_for(cycle, plan, who, grounds, mapping or {})
    found: list[Alteration] = []
    try:
        with at_desk(app, cycle) as at:
            at.unit.publish_plan(edition(plan), to_data(plan))
            found += amend_at(at, asked).alterations
            raise _TakeBack  # noqa: TRY301 - this is how a unit is taken back
    except _TakeBack:
        return found


class _TakeBack(Exception):
    """Raised inside the unit of work so that nothing of it becomes durable."""


def asked_for(
    cycle: str, plan: Plan, who: Who, grounds: Grounds, mapping: Mapping[str, Mapping[str, str]]
) -> Asked:
    """Return an amendment as an act by name."""
    said = {machine: dict(states) for machine, states in plan.amends} | {
        machine: dict(states) for machine, states in mapping.items()
    }
    values = {"plan": edition(plan), "map": dict(sorted(said.items()))}
    grounds = replace(grounds, occurred_at=None)
    return Asked(act=AMEND, key=cycle, values=values, who=who, grounds=grounds)


def _amend(at: Desk[UnitOfWork], asked: Asked) -> Sequence[Event]:
    return amend_at(at, asked).events


ACTS: Mapping[str, Doing] = MappingProxyType({AMEND: _amend})
"""What can be proposed, by name."""


def amend_at(at: Desk[UnitOfWork], asked: Asked) -> Amendment:
    """Amend at an open desk; `amend` says the rest."""
    stands = at.unit.load(at.key)
    who, grounds = asked.who, asked.grounds
    roles = (GROUP_OFFICE, ADMINISTRATOR)
    acting_for = permit(at, who.person, who.acting_for, stands.owner, roles, AMEND, at.key)
    if not grounds.reason.strip():
        raise ReasonRequired(act=AMEND, key=at.key)
    if not grounds.authority.strip():
        raise AuthorityRequired(act=AMEND, key=at.key)
    whole = from_data(dict(at.unit.published_plan(asked.values["plan"])))
    require_hash(at.unit, whole)
    act = act_of(at, stands, who, grounds, acting_for)
    return _Amending(at, whole, act).carry_out(asked.values["map"])


class _Amending:
    """One amendment while it is carried out."""

    def __init__(self, at: Desk[UnitOfWork], whole: Plan, act: Act) -> None:
        self.old = at
        self.whole, self.act = whole, act
        plan = replace(whole, targets=())
        self.new = replace(at, plan=plan, calendar=at.calendar_of(plan))
        self.unit = at.unit
        self.done = Amendment()
        _fits(at, whole)

    def carry_out(self, mapping: Mapping[str, Mapping[str, str]]) -> Amendment:
        """Make the amendment: its event first, then what follows of it."""
        old, new, unit, say = self.old, self.new, self.unit, self.done.alterations
        for machine in new.plan.machines:
            unit.publish_workflow(machine)
        steps = AmendedSteps(old, new, self.act)
        for said in alterations(old.plan, new.plan):
            owing = steps.owed.get(said.name, ()) if said.what == REMOVED else ()
            say.append(replace(said, touched=by_owner(owing)))
        say += steps.dates()
        cause = self._record(steps, mapping)
        self._bind()
        say += move_to_editions(old, new, mapping, self.act, cause)
        steps.end(cause)
        steps.redate(cause)
        steps.begin(cause)
        said_of_targets = list(amend_targets(new, self.whole, self.act, cause))
        if not say and all(said.what == STAYS for said in said_of_targets):
            raise NotAmendable(key=old.key, problem=N_("it says the same"), what=new.plan.id)
        say += said_of_targets
        appoint_holders(unit, self.whole, self.act.actor)
        stands = unit.load(old.key)
        events = moves.settle(unit, stands, cause)
        if events:
            follow(new, stands, events, DAEMON)
        self.done.events += events
        return self.done

    def _record(self, steps: AmendedSteps, mapping: Mapping[str, Mapping[str, str]]) -> Event:
        """Record the amendment on the cycle; steps that it puts into the past are not late."""
        now = self.old.now
        past = [
            r.step.id
            for r in steps.redated
            if not r.before.instance and r.after.due_at is not None and r.after.due_at <= now
        ]
        new_or_past = [*(s.id for s in steps.added), *past]
        before, _ = self.unit.plan(self.old.key)
        data: dict[str, Any] = {
            "plan": edition(self.new.plan),
            "before": before,
            "added": [s.id for s in steps.added],
            "removed": [s.id for s in steps.removed],
            "redated": steps.restated(),
            "map": {machine: dict(states) for machine, states in mapping.items()},
        }
        facts: dict[str, Any] = {f"{LOADED_AT}:{s}": to_text(now) for s in new_or_past}
        stands = self.unit.load(self.old.key)
        if stands.facts.get("title") != self.new.plan.name.zh:
            facts["title"] = self.new.plan.name.zh
        if facts:
            data["set"] = facts
        event = self.unit.append(self.act.on(self.unit, stands, Kind.AMENDED, data))
        self.done.events.append(event)
        return event

    def _bind(self) -> None:
        name = edition(self.new.plan)
        self.unit.publish_plan(name, to_data(self.new.plan))
        self.unit.bind_plan(self.old.key, name)


def _fits(at: Desk[UnitOfWork], plan: Plan) -> None:
    for name in ("key", "body", "year", "zone"):
        if getattr(plan, name) != getattr(at.plan, name):
            raise NotAmendable(
                key=at.key,
                problem=N_("it is the plan of something else"),
                what=f"{name}: {getattr(plan, name)}",
            )
    gone = {s.id for s in at.plan.sections} - {s.id for s in plan.sections}
    kept = {f"{plan.key}/{goal.id}" for goal in plan.targets}
    for section in sorted(gone):
        owned = Population(cycle=at.key, workflow=target.NAME, parent=at.key, owner=section)
        for instance in at.unit.select(owned):
            void = at.unit.machine(instance.edition).workflow.void
            if instance.key not in kept and instance.state not in void:
                raise NotAmendable(
                    key=at.key,
                    problem=N_("it leaves out a section that answers for targets"),
                    what=f"{section} ({instance.key})",
                )
