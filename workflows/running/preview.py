"""Previews: what an act would change, found by doing it and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.events import Event, Instance
from engine.population import Population
from engine.ports import UnitOfWork
from workflows.running.asking import at_desk
from workflows.running.desk import Application, Desk
from workflows.running.obligations import obligations

Act = Callable[[Desk[UnitOfWork]], Sequence[Event]]

MOST_LOOKED_AT = 2000
"""Instances whose obligations are compared; beyond it only counts by state are."""


class _TakeBack(Exception):
    """Raised inside the unit of work so that nothing of it becomes durable."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would be otherwise."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an act would bring about."""

    events: Sequence[Event]
    states: Sequence[Change]
    """``machine:state`` → how many."""
    joins: Sequence[Change]
    obligations: Sequence[Change]
    """``instance step`` → standing."""
    timers: Sequence[Change]
    """Timer → moment, or nothing where there is none."""
    notices: Sequence[Change]
    """How many notices wait, by what they wait for."""
    stands: Instance | None = None
    """The instance as it was before; nothing where the act is above it."""


@dataclass(frozen=True, slots=True)
class _World:
    states: Mapping[str, str]
    joins: Mapping[str, str]
    obligations: Mapping[str, str]
    timers: Mapping[str, str]
    notices: Mapping[str, str]


def preview(app: Application, key: str, act: Act, *, above: bool = False) -> Preview:
    """Return what ``act`` would change for ``key``, its parents and children; nothing is kept.

    Of one that is ``above`` its cycle, the timers of every cycle are looked at.

    Raises:
        EngineError: the act would be refused.

    """
    found: list[Preview] = []
    try:
        with at_desk(app, key, above=above) as at:
            found.append(watched(at, key, act, above=above))
            raise _TakeBack  # noqa: TRY301 - this is how a unit is taken back
    except _TakeBack:
        return found[0]


def watched(at: Desk[UnitOfWork], key: str, act: Act, *, above: bool = False) -> Preview:
    """Do ``act`` at an open desk and return what it has changed.

    Raises:
        EngineError: the act is refused.

    """
    stands = None if above else at.unit.find(key)
    before = _world(at, key, "" if above else at.key)
    events = act(at)
    after = _world(at, key, "" if above else at.key)
    return Preview(
        events=events,
        states=_changes(before.states, after.states),
        joins=_changes(before.joins, after.joins),
        obligations=_changes(before.obligations, after.obligations),
        timers=_changes(before.timers, after.timers),
        notices=_changes(before.notices, after.notices),
        stands=stands,
    )


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[Change]:
    names = [*before, *(name for name in after if name not in before)]
    return [
        Change(name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    ]


def _world(at: Desk[UnitOfWork], key: str, timed: str) -> _World:
    states, owed = {}, {}
    for machine in at.plan.machines:
        for state, count in at.unit.by_state(at.key, machine.name).items():
            states[f"{machine.name}:{state}"] = str(count)
    for instance in _near(at, key)[:MOST_LOOKED_AT]:
        for obligation in obligations(at, instance):
            owed[f"{instance.key} {obligation.step.id}"] = str(obligation.standing)
    timers = {
        t.id: t.fires_at.astimezone(at.zone).isoformat(sep=" ", timespec="minutes")
        for t in at.unit.timers(timed)
    }
    notices = {state: str(count) for state, count in at.unit.waiting_notices().items()}
    return _World(states, _joins(at), owed, timers, notices)


def _near(at: Desk[UnitOfWork], key: str) -> Sequence[Instance]:
    """Return the instance, what is above it and what is directly below it."""
    found = []
    path = key
    while path:
        instance = at.unit.find(path)
        if instance is not None:
            found.append(instance)
        path = path.rpartition("/")[0]
    for machine in at.plan.machines:
        children = Population(cycle=at.key, workflow=machine.name, parent=key)
        found += at.unit.select(children, limit=MOST_LOOKED_AT)
    return found


def _joins(at: Desk[UnitOfWork]) -> Mapping[str, str]:
    cycle = at.cycle()
    joins = at.unit.machine(cycle.edition).workflow.joins
    return {
        join.name: HOLDS
        if at.unit.joined(join, cycle)
        else f"-{at.unit.count_awaited(join, cycle)}"
        for join in joins
    }


HOLDS = "yes"
"""Of a join, in a preview; otherwise how many are awaited."""
