"""Steps that an amendment changes: dates moved, ladders exchanged, steps added and ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine import moves
from engine.act import Act
from engine.deadline import Deadline, Timer, TimerState
from engine.events import Event, Instance
from engine.facts import to_text
from engine.ports import UnitOfWork
from workflows.deadlines.rule import Recurring
from workflows.plan.model import REPLY, Plan, Step
from workflows.running.alterations import Alteration
from workflows.running.desk import Desk
from workflows.running.exempting import put_out_lamp
from workflows.running.opening import assignment_instances, opening_event
from workflows.running.own_clocks import has_own_clock, own_date, start_at_opening
from workflows.running.recalculation import answer_again, days_moved, touched_by
from workflows.running.redating import set_deadline
from workflows.running.schedule import (
    AMENDED,
    happened_on,
    ladder_of,
    narrowed_rules,
    resolve_step,
    rung_number,
    same_date,
    timers_of,
)
from workflows.running.steps import laggards


@dataclass(frozen=True, slots=True, kw_only=True)
class Redated:
    """A deadline that the new plan says otherwise, or whose ladder it does."""

    step: Step
    before: Deadline
    after: Deadline
    ladder: bool
    """Whether its ladder is another."""


class AmendedSteps:
    """The steps of one amendment, between the desk of the old plan and that of the new."""

    def __init__(self, old: Desk[UnitOfWork], new: Desk[UnitOfWork], act: Act) -> None:
        """Compare the steps of two plans of one cycle."""
        self.old, self.new, self.act, self.unit = old, new, act, new.unit
        before, after = old.plan.steps, new.plan.steps
        self.added = [s for s in after if s.id not in {o.id for o in before}]
        self.removed = [s for s in before if s.id not in {o.id for o in after}]
        self.redated = list(self._redated())
        self.owed = {s.id: list(self._owing(s)) for s in self.removed}
        """Who owed what the removed steps asked, by step."""

    def _redated(self) -> Iterator[Redated]:
        """Yield the deadlines of steps that stay, where date or ladder is another."""
        at, now = self.new, self.old.now
        happened = happened_on(self.unit, at.key)
        narrowed = {
            name: rule
            for name, rule in narrowed_rules(at).items()
            if (one := self.old.plan.step(name))
            and (other := at.plan.step(name))
            and one.due == other.due
        }
        shared: dict[tuple[str, str], tuple[Deadline, Deadline]] = {}
        for before in sorted(self.unit.deadlines(at.key), key=lambda d: bool(d.instance)):
            old_step, step = self.old.plan.step(before.step), at.plan.step(before.step)
            if step is None or old_step is None:
                continue
            if before.instance:
                after = self._own(step, before, shared.get((before.step, before.occurrence)))
            elif REPLY in before.step:
                after = answer_again(at, before)
            else:
                resolved = resolve_step(at, step, happened, narrowed)
                after = next((d for d in resolved if d.occurrence == before.occurrence), before)
            if not _may_move(step, before, after, now):
                after = before
            shared[before.step, before.occurrence] = before, after
            ladder = _climbs_otherwise(self.old.plan, old_step, at.plan, step)
            if ladder or not same_date(before, after):
                yield Redated(step=step, before=before, after=after, ladder=ladder)

    def _own(
        self, step: Step, before: Deadline, shared: tuple[Deadline, Deadline] | None
    ) -> Deadline:
        if has_own_clock(step):
            instance = self.unit.find(before.instance)
            return own_date(self.new, instance, step) if instance else before
        if shared is not None and shared[0].due_at == before.due_at:
            return replace(before, due_at=shared[1].due_at, last_day=shared[1].last_day)
        return before  # somebody granted it, as a day

    def restated(self) -> list[str]:
        """Return the steps of which the new plan says the date in other words."""
        found = ((step, self.old.plan.step(step.id)) for step in self.new.plan.steps)
        return [step.id for step, before in found if before and before.due != step.due]

    def dates(self) -> Iterator[Alteration]:
        """Yield what becomes of dates, with those who still owe what they ask."""
        for one in self.redated:
            if not same_date(one.before, one.after):
                name = " ".join(
                    p for p in (one.step.id, one.before.occurrence, one.before.instance) if p
                )
                days = days_moved(self.new, one.before, one.after)
                yield Alteration(
                    part="date",
                    name=name,
                    what=f"{days:+}d" if days else str(one.after.certainty),
                    before=one.before.last_day or str(one.before.certainty),
                    after=one.after.last_day or str(one.after.certainty),
                    touched=touched_by(self.old, one.step, one.before),
                )

    def redate(self, cause: Event) -> None:
        """Give each date that is otherwise a new version; what has fired stays."""
        known = self.unit.timers(self.old.key, pending=False)
        for one in self.redated:
            after = one.after
            if not same_date(one.before, after):
                until = to_text(one.before.due_at) if one.before.due_at else ""
                reason = [AMENDED, {"at": to_text(self.old.now), "due": until}]
                after = replace(after, reasons=[*after.reasons, reason])
            arm = self._arming(one, known) if one.ladder else None
            set_deadline(self.new, one.step, after, one.before, cause, known, arm)

    def _arming(
        self, one: Redated, known: Sequence[Timer]
    ) -> Callable[[Deadline], Sequence[Timer]]:
        """Return how a date is armed whose ladder is another: with what is still to come.

        Days that an old rung granted go on where the new ladder has the same rung there.
        """
        old_step = self.old.plan.step(one.step.id)
        old = ladder_of(self.old.plan, old_step).rungs if old_step else ()
        new = ladder_of(self.new.plan, one.step).rungs

        def arm(fixed: Deadline) -> Sequence[Timer]:
            coming = [t for t in timers_of(self.new, one.step, fixed) if t.fires_at > self.old.now]
            granted = [
                replace(t, id=f"{fixed.id}:{t.rung}", deadline=fixed.id)
                for t in known
                if t.deadline == one.before.id
                and t.state is TimerState.PENDING
                and (n := rung_number(t)) is not None
                and n < min(len(old), len(new))
                and old[n].after_previous
                and old[n] == new[n]
            ]
            return [*coming, *granted]

        return arm

    def _owing(self, step: Step) -> Iterator[Instance]:
        """Yield who owes a step now."""
        for deadline in self.unit.deadlines(self.old.key, step.id):
            yield from self.unit.select(laggards(self.old.plan, step, deadline))

    def end(self, cause: Event) -> None:
        """Let removed steps be owed no more: timers fall away, what was to come is excused."""
        for step in self.removed:
            for deadline in self.unit.deadlines(self.old.key):
                if deadline.step == step.id or deadline.step.startswith(f"{step.id}{REPLY}"):
                    self.unit.cancel_timers(self.old.key, deadline.id)
            for instance in self.owed[step.id]:
                if step.hand_in:
                    self._excuse(instance, cause)
                put_out_lamp(self.new, replace(cause, instance=instance.key))

    def _excuse(self, instance: Instance, cause: Event) -> None:
        found = self.unit.load(instance.key)
        machine = self.unit.machine(found.edition)
        for edge in machine.leaving(found.state):
            if edge.target in machine.workflow.void and not edge.forced:
                act = replace(self.act, cause=cause.position)
                moves.move(self.unit, found, edge.trigger, act)
                return

    def begin(self, cause: Event) -> None:
        """Arm the new steps, and create what they ask to be handed in."""
        happened = happened_on(self.unit, self.new.key)
        until = [AMENDED, {"at": to_text(self.old.now), "due": ""}]
        for step in self.added:
            earlier = {
                d.occurrence: d for d in self.unit.deadlines(self.new.key, step.id, instance="")
            }
            for found in resolve_step(self.new, step, happened):
                dated = replace(found, reasons=[*found.reasons, until])
                before = earlier.get(found.occurrence)  # it was there once, under another amendment
                arm = self._fresh(step) if before else None
                set_deadline(self.new, step, dated, before, cause, None, arm)
            recurs = step.due is not None and isinstance(step.due.deadline, Recurring)
            if step.hand_in and not recurs:
                born = [
                    (i, replace(opening_event(self.unit, i, self.act.actor), cause=cause.position))
                    for i in assignment_instances(self.new.plan, step, step.id)
                    if self.unit.find(i.key) is None
                ]
                self.unit.create(born)
        if any(step.due and has_own_clock(step) for step in self.added):
            start_at_opening(self.new)

    def _fresh(self, step: Step) -> Callable[[Deadline], Sequence[Timer]]:
        return lambda fixed: [
            t for t in timers_of(self.new, step, fixed) if t.fires_at > self.old.now
        ]


def _may_move(step: Step, before: Deadline, after: Deadline, now: datetime) -> bool:
    """Return whether a date may be moved: one that has passed only to a date still to come."""
    if after.due_at is None or after.due_at > now:
        return True
    passed = before.due_at is not None and before.due_at <= now
    recurs = step.due is not None and isinstance(step.due.deadline, Recurring)
    return not passed and not recurs


def _climbs_otherwise(old: Plan, before: Step, new: Plan, after: Step) -> bool:
    """Return whether what time does for the step is otherwise: ladder, move of the date, chase."""
    return (ladder_of(old, before).rungs, before.fires, before.attend) != (
        ladder_of(new, after).rungs,
        after.fires,
        after.attend,
    )
