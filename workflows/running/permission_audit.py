"""Permissions decided anew: whether whoever acted was allowed to, by roles and tenures of that day.

With what the act had to rest on: a reason, an authority, the fields of a
record, another person than who did what it confirms. Of which of two units of
one minute saw the other nobody can tell; there an act has the benefit of the doubt.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from engine.definition import ADMINISTRATOR, Move, RecordKind, Workflow
from engine.errors import N_, EngineError
from engine.events import DAEMON, Instance, Kind
from engine.facts import to_moment
from engine.footprint import Footprint, changes_of
from engine.judging import AT_ONCE
from engine.machine import Machine
from engine.ports import Reader, Tenure
from engine.replay import Break
from workflows import office
from workflows.roles import AUDITOR, GROUP_OFFICE, LEADING_GROUP
from workflows.running.desk import Desk
from workflows.running.hindsight import Hindsight
from workflows.running.people import authorities, is_administrator
from workflows.running.tenure_audit import tenures_of

_OFFICE = (GROUP_OFFICE, LEADING_GROUP)
_ROLES: Mapping[str, tuple[str, ...]] = {
    str(Kind.EXCUSED): _OFFICE,
    str(Kind.SUSPENDED): _OFFICE,
    str(Kind.RESUMED): _OFFICE,
    str(Kind.ENTERED): _OFFICE,
    str(Kind.CORRECTED): (GROUP_OFFICE, ADMINISTRATOR),
    str(Kind.AMENDED): (GROUP_OFFICE, ADMINISTRATOR),
    str(Kind.NOTED): (AUDITOR,),
}
"""Who may do what the plan leaves to nobody else."""

_WITH_REASON = {
    str(kind) for kind in (Kind.EXCUSED, Kind.SUSPENDED, Kind.RESUMED, Kind.ENTERED, Kind.EXTENDED)
}
_DECIDING = {str(Kind.ACT_CONFIRMED), str(Kind.ACT_DECLINED)}


@dataclass(frozen=True, slots=True)
class _Act:
    """One event that a person made, and how its instance stood before it."""

    key: str
    owner: str
    state: str
    machine: Machine
    step: Footprint
    made: Mapping[str, Footprint]
    """Trigger → the last move that it made before."""


class PermissionAudit:
    """Decides anew who may do what, with the tenures that were known."""

    def __init__(self, hindsight: Hindsight) -> None:
        """Decide about the acts of the cycle that ``hindsight`` looks back at."""
        self._hindsight = hindsight
        reader = hindsight.reader
        known = reader.history(office.KEY) if reader.find(office.KEY) else ()
        self._told = [e for e in known if e.kind is Kind.TENURE]
        self._positions = [e.position for e in self._told]
        self._moments = [e.recorded_at for e in self._told]
        self._decided: dict[Any, bool] = {}

    def breaks(self, instance: Instance, steps: Sequence[Footprint]) -> Iterator[Break]:
        """Yield each act of one history that was not allowed, or lacks what it must rest on."""
        owner, state, edition = "", "", ""
        made: dict[str, Footprint] = {}
        for step in steps:
            changes = changes_of(step.data)
            if step.sequence == 1:
                owner, edition = changes["owner"], changes["machine"]
            elif step.actor != DAEMON:
                machine = self._hindsight.reader.machine(edition)
                act = _Act(instance.key, owner, state, machine, step, made)
                problem = self._wrong(act, changes)
                if problem:
                    yield Break(
                        instance=instance.key,
                        sequence=step.sequence,
                        code="permission",
                        problem=problem,
                        found=f"{step.actor} {step.acting_for}".strip(),
                    )
            if "machine" in changes:
                edition, state = changes["machine"], changes["state"]
            owner, state = changes.get("owner", owner), step.target or state
            if step.trigger:
                made[step.trigger] = step

    def _wrong(self, act: _Act, changes: Mapping[str, Any]) -> str:
        kind = act.step.kind
        if kind == Kind.MOVED:
            return self._move(act)
        if kind == Kind.RECORDED:
            declared = act.machine.workflow.record(str(changes.get("record", "")))
            return self._record(act, declared, changes) if declared else ""
        roles: Sequence[str] | None = _ROLES.get(kind)
        plan = self._hindsight.plan_of(act.step.position)
        if kind == Kind.EXTENDED:
            roles = plan.dates.extended_by
        elif kind in _DECIDING:
            roles = plan.four_eyes.confirmed_by
            proposed = self._hindsight.event(int(changes["proposal"]))
            if proposed and act.step.actor in proposed.data["parties"]:
                return N_("who proposed it decided on it")
        if roles is None or self._follows(act):
            return ""
        if not self._may(act, roles):
            return N_("nobody of that name might do it on that day")
        if kind in _WITH_REASON and not self._has(act, "reason"):
            return N_("it needs a reason, and has none")
        return ""

    def _move(self, act: _Act) -> str:
        edge = act.machine.edge(act.step.trigger or "", act.step.source or "")
        if edge is None or self._follows(act):
            return ""
        if edge.forced:
            return self._forced(act)
        if not self._may(act, edge.by):
            return N_("nobody of that name might do it on that day")
        if edge.needs_reason and not self._has(act, "reason"):
            return N_("it needs a reason, and has none")
        return _same_person(act, edge)

    def _forced(self, act: _Act) -> str:
        if not any(
            is_administrator(desk.unit, act.step.actor, desk.today) for desk in self._desks(act)
        ):
            return N_("only an administrator may force")
        if not act.step.authority or not self._has(act, "reason"):
            return N_("it was forced without a reason or an authority")
        return ""

    def _record(self, act: _Act, declared: RecordKind, changes: Mapping[str, Any]) -> str:
        if not self._may(act, declared.by):
            return N_("nobody of that name might do it on that day")
        if act.state not in (declared.states or _not_void(act.machine.workflow)):
            return N_("it was recorded in a state in which it cannot be")
        facts = changes.get("set", {})
        stems = [f for f in facts if f == declared.kind or f.startswith(f"{declared.kind}:")]
        stem = min(stems, key=len, default=declared.kind)
        values = {f.name: facts.get(f"{stem}.{f.name}") for f in declared.fields}
        for field in declared.fields:
            value = values[field.name]
            if field.name == declared.per:
                continue
            if field.choices and value is not None and value not in field.choices:
                return N_("a field has none of its values")
            there = self._has(act, field.name) if field.personal else value is not None
            if field.needed(values) and not there:
                return N_("a field is missing that it must have")
        return ""

    def _follows(self, act: _Act) -> bool:
        """Return whether the act was part of another one of the same person, decided there."""
        step = act.step
        for event in self._hindsight.amended:
            if (event.actor, event.recorded_at) == (step.actor, to_moment(step.recorded_at)):
                return event.position != step.position
        cause = self._hindsight.event(step.cause) if step.cause else None
        if cause is None or cause.actor != step.actor or cause.position >= step.position:
            return False
        if cause.kind in (Kind.AMENDED, Kind.EXCUSED):
            return True
        if cause.kind is not Kind.MOVED or not step.trigger:
            return False
        if cause.forced:
            return step.trigger == cause.trigger
        parent = self._hindsight.reader.machine(cause.edition).workflow
        return any(
            (c.trigger, c.child, c.child_trigger)
            == (cause.trigger, act.machine.workflow.name, step.trigger)
            for c in parent.cascades
        )

    def _has(self, act: _Act, name: str) -> bool:
        """Return whether the event has a text of that name, be it removed or not."""
        return name in self._hindsight.reader.sealed_texts(act.step.position)

    def _may(self, act: _Act, roles: Sequence[str]) -> bool:
        known = self._known(act.step)
        plan = self._hindsight.plan_of(act.step.position)
        who = (act.step.actor, act.step.acting_for, act.owner, tuple(roles))
        day = act.step.recorded_at[:13]  # the hour: a day begins at one in any time zone
        asked = (*who, day, known, id(plan))
        if asked not in self._decided:
            self._decided[asked] = any(_allows(d, act, roles) for d in self._desks(act))
        return self._decided[asked]

    def _known(self, step: Footprint) -> tuple[int, ...]:
        """Return how many tenures may have been known to an act: by position, and by the clock."""
        moment = to_moment(step.recorded_at)
        counts = {
            bisect_left(self._positions, step.position),
            bisect_right(self._moments, moment),
            bisect_left(self._moments, moment - AT_ONCE),
            bisect_right(self._moments, moment + AT_ONCE),
        }
        return tuple(sorted(counts))

    def _desks(self, act: _Act) -> Iterator[Desk[Reader]]:
        """Yield the desk as it may have been, with each of the tenures that may have been known."""
        at = self._hindsight.desk
        for count in self._known(act.step):
            then = _Then(tenures_of(self._told[:count]), to_moment(act.step.recorded_at))
            yield Desk(
                unit=cast(Reader, then),
                key=at.key,
                plan=self._hindsight.plan_of(act.step.position),
                calendar=at.calendar,
            )


class _Then:
    """Who held which post, as far as was known at a moment."""

    def __init__(self, known: Sequence[Tenure], now: datetime) -> None:
        self._known, self.now = known, now

    def tenures(self, body: str = "", person: str = "") -> Sequence[Tenure]:
        return [
            t
            for t in self._known
            if (not body or t.body in ("", body)) and (not person or t.person == person)
        ]


def _allows(desk: Desk[Reader], act: _Act, roles: Sequence[str]) -> bool:
    """Return whether the actor might act on that behalf."""
    person, chain = act.step.actor, act.step.acting_for
    for asked in ("", chain.partition("/")[0]):
        try:
            if chain in authorities(desk, person, asked, act.owner, roles, "", act.key):
                return True
        except EngineError:
            continue
    return False


def _same_person(act: _Act, edge: Move) -> str:
    done = act.made.get(edge.not_by_maker_of) if edge.not_by_maker_of else None
    if done is not None and _people(act.step) & _people(done):
        return N_("who did it confirmed it, too")
    return ""


def _people(step: Footprint) -> frozenset[str]:
    person, stroke, _ = step.acting_for.partition("/")
    return frozenset({step.actor, person} if stroke else {step.actor})


def _not_void(workflow: Workflow) -> Sequence[str]:
    return [s for s in workflow.states if s not in workflow.void]
