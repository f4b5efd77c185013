"""Lives of all instances of a cycle, gone through once: who was released, who was passed over.

A rung that concerns nobody leaves no event, and one that marks somebody as
late leaves one on each. One that is marked as fired is therefore held against
everybody whom it could have concerned: whoever fell short at its moment, and
until a person acted, and of whom no event tells, shows that it never fired.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.deadline import Deadline, Exempt, Timer
from engine.errors import N_
from engine.events import DAEMON, Instance, Kind
from engine.facts import to_text
from engine.footprint import Footprint, changes_of
from engine.guards import Guard, View, holds
from engine.population import Population
from engine.replay import Break
from workflows.running.chunks import MARKS
from workflows.running.hindsight import Hindsight
from workflows.running.permission_audit import PermissionAudit
from workflows.running.pro_rata import condition_of
from workflows.running.schedule import ladder_of, rung_number
from workflows.running.steps import falling_short

_RELEASES = {
    str(Kind.EXCUSED): Exempt.EXCUSED,
    str(Kind.SUSPENDED): Exempt.SUSPENDED,
    str(Kind.RESUMED): None,
}


@dataclass(frozen=True, slots=True)
class _Rung:
    """A rung that is marked as fired, and that left no event on some whom it concerned."""

    timer: Timer
    since: str
    """Its moment, or when its date was set, or when it is known to have fired."""
    step: str
    population: Population


@dataclass(slots=True)
class _Stage:
    """How an instance stood between two of its events."""

    state: str
    facts: dict[str, Any]
    released: dict[str, Exempt]
    until: str
    """When the event after it was recorded; empty for now."""
    by_person: bool
    """Whether a person made that event."""


@dataclass(slots=True)
class Lives:
    """What one pass over all histories of a cycle has shown."""

    hindsight: Hindsight
    fired: Sequence[tuple[Timer, Deadline, str]]
    """The rungs to look at, with when each is known to have fired; empty where no event tells."""
    exemptions: dict[tuple[str, str], Exempt] = field(default_factory=dict)
    """Instance and step → why the step does not bind it as it binds others."""
    _own: dict[tuple[str, str], int] = field(default_factory=dict)

    def breaks(self) -> Iterator[Break]:
        """Go through all, and yield each rung that passed somebody over."""
        for d in self.hindsight.deadlines:
            if d.instance:
                place = (d.instance, d.step)
                self._own[place] = min(d.event, self._own.get(place, d.event))
                self.exemptions[place] = Exempt.OWN_DATE
        rungs: dict[str, list[_Rung]] = {}
        for timer, d, told in self.fired:
            found = self._rung(timer, d, told)
            if found is not None:
                rungs.setdefault(found.population.workflow, []).append(found)
        passed_over: dict[str, tuple[Timer, str]] = {}
        permissions = PermissionAudit(self.hindsight)
        for instance, steps in self.hindsight.reader.footprints(self.hindsight.cycle):
            yield from permissions.breaks(instance, steps)
            mine = [s for s in rungs.get(instance.workflow, ()) if s.timer.id not in passed_over]
            for rung in self._gone_through(instance, steps, mine):
                passed_over[rung.timer.id] = rung.timer, instance.key
        for timer, key in passed_over.values():
            yield Break(
                instance=key,
                sequence=0,
                code="timer",
                problem=N_("a timer is marked as fired, and passed it over"),
                found=f"{timer.id}: {to_text(timer.fires_at)} {timer.state}",
            )

    def _rung(self, timer: Timer, d: Deadline, told: str) -> _Rung | None:
        event, number = self.hindsight.event(d.event), rung_number(timer)
        if event is None or number is None:
            return None
        since = told or to_text(max(timer.fires_at, event.recorded_at))
        at = self.hindsight.desk_at(since)  # whom it concerns is asked when it fires
        step = at.plan.step(d.step)
        if step is None:
            return None
        rungs = ladder_of(at.plan, step).rungs
        if number >= len(rungs) or (told and rungs[number].action not in MARKS):
            return None
        when: Guard = condition_of(at, d, rungs[number], timer.fires_at)
        return _Rung(timer, since, step.id, falling_short(at.plan, step, d, when))

    def _gone_through(
        self, instance: Instance, steps: Sequence[Footprint], rungs: Sequence[_Rung]
    ) -> Iterator[_Rung]:
        """Keep the releases of one instance, and yield the rungs that passed it over."""
        if not steps:
            return
        rungs = [r for r in rungs if _may_concern(r.population, instance)]
        stages = list(_stages(steps)) if rungs else []
        released = stages[-1].released if stages else _released(steps)
        for step, kind in released.items():
            self.exemptions[instance.key, step] = kind
        for rung in rungs:
            if steps[0].recorded_at > rung.since or any(s.timer == rung.timer.id for s in steps):
                continue
            own = self._own.get((instance.key, rung.step))
            if rung.population.bound_by and own is not None:
                continue
            if all(self._falls_short(instance, stage, rung) for stage in _seen(stages, rung)):
                yield rung

    def _falls_short(self, instance: Instance, stage: _Stage, rung: _Rung) -> bool:
        if rung.step in stage.released:
            return False
        view = View(state=stage.state, facts=stage.facts, now=rung.timer.fires_at)
        return holds(rung.population.where, view)


def _may_concern(population: Population, instance: Instance) -> bool:
    return (
        (not population.parent or population.parent == instance.parent)
        and (not population.key or population.key == instance.key)
        and (not population.origin or population.origin == instance.origin)
    )


def _seen(stages: Sequence[_Stage], rung: _Rung) -> Iterator[_Stage]:
    """Yield how an instance stood when the rung may have fired: until a person's next act.

    Whoever acts fires first what is due. One that failed once may have fired at any time since.
    """
    for stage in stages:
        if stage.until and stage.until <= rung.since:
            continue
        yield stage
        if stage.by_person and not rung.timer.attempts:
            return


def _released(steps: Sequence[Footprint]) -> dict[str, Exempt]:
    released: dict[str, Exempt] = {}
    for step in steps:
        if step.kind in _RELEASES:
            _release(released, step)
    return released


def _release(released: dict[str, Exempt], step: Footprint) -> None:
    kind, of = _RELEASES[step.kind], str(changes_of(step.data)["step"])
    if kind is None:
        released.pop(of, None)
    else:
        released[of] = kind


def _stages(steps: Sequence[Footprint]) -> Iterator[_Stage]:
    """Yield how an instance stood after each of its events."""
    state = ""
    facts: dict[str, Any] = {}
    released: dict[str, Exempt] = {}
    for number, step in enumerate(steps):
        changes = changes_of(step.data)
        state = str(changes["state"]) if "machine" in changes else step.target or state
        facts = {k: v for k, v in facts.items() if k not in changes.get("unset", ())}
        facts |= changes.get("set", {})
        if step.kind in _RELEASES:
            released = dict(released)
            _release(released, step)
        following = steps[number + 1] if number + 1 < len(steps) else None
        yield _Stage(
            state,
            facts,
            released,
            following.recorded_at if following else "",
            following is not None and following.actor != DAEMON,
        )
