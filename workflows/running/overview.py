"""The overview of a cycle: the year on one screen, right with no daemon alive.

Computed from states, dates, events and the calendar; cost grows with those
who fall short, not with those who are on time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.deadline import Deadline, Exempt, Timer
from engine.events import Event, Instance
from engine.facts import to_moment
from engine.guards import All, Joined, leaves
from engine.moves import held_back
from engine.population import Tally
from engine.ports import Reader
from workflows import assignment, finding, target
from workflows.plan.model import Plan, Step
from workflows.running.desk import Desk
from workflows.running.obligations import SOON, Standing, days_late
from workflows.running.proposals import Outcome, Proposal, open_proposals, unnoted
from workflows.running.steps import concerned, laggards, outside, owner_of

COMING = 8
"""How many coming dates an overview names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A deadline with those who still owe what it asks, counted per owner."""

    step: Step
    deadline: Deadline
    standing: Standing
    tallies: Sequence[Tally]
    days_late: int = 0

    @property
    def count(self) -> int:
        """Return how many instances owe it."""
        return sum(tally.count for tally in self.tallies)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiesOutside:
    """A matter that an outside body has to answer."""

    step: Step
    body: str
    since: datetime | None
    instance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Something that will happen on a date."""

    moment: datetime
    step: Step
    what: str
    """``opens``, ``closes``, ``due`` or ``moves``."""
    occurrence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Where one cycle stands."""

    cycle: Instance
    plan: Plan
    moment: datetime
    targets: Mapping[str, int]
    assignments: Mapping[str, int]
    findings: Mapping[str, int]
    lamps: Mapping[str, int]
    late: Sequence[Owed]
    soon: Sequence[Owed]
    unrecorded: Sequence[Owed]
    outside: Sequence[LiesOutside]
    coming: Sequence[Coming]
    held_up: Sequence[str]
    """Keys of those that hold up the cycle's next automatic move, the first few."""
    held_up_count: int
    held_back: str
    """The move that the cycle would make of itself, had it not been forced back."""
    failing: Sequence[Timer]
    """Timers that failed and are tried again."""
    undone: int
    """Timers that are due and not yet fired."""
    proposals: Sequence[Proposal] = ()
    """What waits for a second person."""
    alone: Sequence[Event] = ()
    """What one person did alone and no auditor has noted yet."""


def overview(desk: Desk[Reader]) -> Overview:
    """Return where the cycle stands at the desk's moment."""
    cycle = desk.cycle()
    owed = list(all_owed(desk))
    awaited, awaited_count = _held_up(desk, cycle)
    due = desk.unit.due(desk.now, desk.key)
    return Overview(
        cycle=cycle,
        plan=desk.plan,
        moment=desk.now,
        targets=desk.unit.by_state(desk.key, target.NAME),
        assignments=desk.unit.by_state(desk.key, assignment.NAME),
        findings=desk.unit.by_state(desk.key, finding.NAME),
        lamps=desk.unit.by_lamp(desk.key),
        late=[o for o in owed if o.standing is Standing.LATE],
        soon=[o for o in owed if o.standing is Standing.DUE_SOON],
        unrecorded=[o for o in owed if o.standing is Standing.UNRECORDED],
        outside=list(_outside(desk)),
        coming=coming(desk)[:COMING],
        held_up=awaited,
        held_up_count=awaited_count,
        held_back=held_back(desk.unit, cycle),
        failing=[t for t in desk.unit.timers(desk.key) if t.last_error],
        undone=len(due),
        proposals=[p for p in open_proposals(desk) if p.outcome is Outcome.OPEN],
        alone=unnoted(desk),
    )


def all_owed(desk: Desk[Reader], first: int = 20, *, within: timedelta = SOON) -> Sequence[Owed]:
    """Return every deadline up to ``within`` from now that somebody owes, in order of date."""
    now = desk.now
    found = []
    for deadline in desk.unit.deadlines(desk.key):
        step = desk.plan.step(deadline.step)
        due = deadline.due_at
        if step is None or step.attend or due is None or due - now > within:
            continue
        if deadline.opens_at is not None and now < deadline.opens_at:
            continue
        if deadline.instance and _released(desk, deadline):
            continue
        tallies = [
            t
            if not step.owner
            else Tally(owner=owner_of(step, t.owner), count=t.count, first=t.first)
            for t in desk.unit.tally(laggards(desk.plan, step, deadline), first)
        ]
        if not tallies:
            continue
        if due <= desk.loaded_at(deadline.step):
            standing = Standing.UNRECORDED
        elif due > now:
            standing = Standing.DUE_SOON if due - now <= SOON else Standing.OPEN
        elif deadline.soft:
            continue
        else:
            standing = Standing.LATE
        late = days_late(desk, deadline) if standing is Standing.LATE else 0
        found.append(
            Owed(step=step, deadline=deadline, standing=standing, tallies=tallies, days_late=late)
        )
    return sorted(found, key=lambda o: (str(o.deadline.due_at), o.deadline.id))


def coming(desk: Desk[Reader]) -> list[Coming]:
    """Return what the calendar holds from now on, in order of time."""
    found = []
    for deadline in desk.unit.deadlines(desk.key, instance=""):
        step = desk.plan.step(deadline.step)
        if step is None:
            continue
        moments = [(deadline.opens_at, "opens")]
        if deadline.due_at is not None:
            closing = "closes" if step.attend else "moves" if step.fires else "due"
            moments.append((deadline.due_at, closing))
        for moment, what in moments:
            if moment is None or moment <= desk.now:
                continue
            if (
                what in ("due", "moves")
                and not deadline.occurrence
                and not desk.unit.select(concerned(step, deadline, All()), limit=1)
            ):
                continue
            found.append(
                Coming(moment=moment, step=step, what=what, occurrence=deadline.occurrence)
            )
    return sorted(found, key=lambda c: (c.moment, c.what == "opens", c.step.id))


def _released(desk: Desk[Reader], deadline: Deadline) -> bool:
    kind = desk.unit.exemptions(deadline.instance).get(deadline.step)
    return kind in (Exempt.EXCUSED, Exempt.SUSPENDED)


def _outside(desk: Desk[Reader]) -> Sequence[LiesOutside]:
    found = []
    for step in desk.plan.steps:
        if step.wait is None or not step.records:
            continue
        for deadline in desk.unit.deadlines(desk.key, step.id, instance=""):
            population = concerned(step, deadline, outside(step))
            for instance in desk.unit.select(population, limit=50):
                since = [
                    to_moment(str(instance.facts[r])) for r in step.records if r in instance.facts
                ]
                found.append(
                    LiesOutside(
                        step=step,
                        body=step.wait.body,
                        since=max(since, default=None),
                        instance=instance.key,
                    )
                )
    return found


def _held_up(desk: Desk[Reader], cycle: Instance) -> tuple[Sequence[str], int]:
    """Return who holds up the next automatic move of the cycle, and how many they are."""
    machine = desk.unit.machine(cycle.edition)
    for edge in machine.leaving(cycle.state):
        for leaf in leaves(edge.guard) if edge.automatic else ():
            join = machine.workflow.join(leaf.join) if isinstance(leaf, Joined) else None
            if join is None:
                continue
            count = desk.unit.count_awaited(join, cycle)
            names = [i.key for i in desk.unit.awaited(join, cycle, limit=5)]
            return names, count
    return (), 0
