"""Judging in which order things came about, and whom they still concerned by then.

As the checker, it reads rows and the plan, and calls no store.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from engine.facts import to_moment
from engine.guards import Joined, View, holds, leaves
from tests.simulation.evidence import Evidence, Happened
from tests.simulation.folding import Folded
from workflows.plan.model import Plan
from workflows.running.schedule import ladder_of

MARKS = ("late", "slip", "proposed", "lamp")
PAUSES = {"excused": True, "suspended": True, "resumed": False}


class Order:
    """What happened, timer by timer and instance by instance."""

    def __init__(self, found: Evidence, plan: Plan, folded: Mapping[str, Folded]) -> None:
        """``folded``: each instance as its events make it."""
        self._found = found
        self._plan = plan
        self._folded = folded
        self._positions: dict[str, list[int]] = defaultdict(list)
        self._effects: dict[str, list[Happened]] = defaultdict(list)
        for event in found.events:
            self._positions[event.key].append(event.position)
            if event.timer in found.timers:
                self._effects[event.timer].append(event)

    def violations(self) -> Iterator[str]:
        """Yield every breach, one sentence each, the promise's number first."""
        yield from self._catching_up()
        yield from self._dates()
        yield from self._exemptions()
        yield from self._joins()

    def _catching_up(self) -> Iterator[str]:
        """Find what fell due first and came later: after another date, or after an act."""
        acts = [e for e in self._found.events if e.actor != "daemon"]
        recorded = {e.position: e.recorded_at for e in self._found.events}
        latest, of, at = "", "", 0
        for name, events in self._effects.items():  # in the order in which they took effect
            timer, first = self._found.timers[name], events[0].position
            moment = timer["fires_at"]
            since = self._found.deadlines[timer["deadline"]]["event"]
            if not timer["attempts"] and not self._armed_late(timer):
                if moment < latest and since < at:
                    yield f"4: {name} was due before {of}, and took effect after it"
                for act in acts:
                    if act.recorded_at == recorded.get(since):  # the unit that set the date
                        continue
                    if since < act.position < first and act.recorded_at >= moment:
                        yield f"10: {act.key} was changed when {name} was due and had not fired"
                        break
            if not timer["attempts"]:
                last = events[-1].position
                for act in acts:
                    if first < act.position < last and act.recorded_at >= moment:
                        yield f"10: {act.key} was changed when {name} had not reached everybody"
                        break
            if moment > latest:
                latest, of, at = moment, name, first

    def _armed_late(self, timer: Mapping[str, Any]) -> bool:
        """Return whether a timer may have been armed after its date was set."""
        step = self._plan.step(self._found.deadlines[timer["deadline"]]["step"])
        number = timer["rung"][1:]
        if step is None or not number.isdigit():
            return bool(timer["rung"] == "lapse")
        return ladder_of(self._plan, step).rungs[int(number)].after_previous

    def _dates(self) -> Iterator[str]:
        """Find what took effect by a date after another had taken its place."""
        last: dict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
        for date in self._found.deadlines.values():
            which = date["step"], date["occurrence"], date["instance"]
            last[which].append((date["version"], date["event"]))
        for name, events in self._effects.items():
            timer = self._found.timers[name]
            date = self._found.deadlines[timer["deadline"]]
            # What has begun in chunks goes on to the end, and counts from its beginning.
            effect = events[0] if timer["cursor"] else events[-1]
            for version, event in last[date["step"], date["occurrence"], date["instance"]]:
                if version > date["version"] and effect.position > event > 0:
                    yield f"3: {name} took effect, and its date counted no more"

    def _exemptions(self) -> Iterator[str]:
        """Find marks on those who were excused, paused, or had a date of their own."""
        released: dict[tuple[str, str], bool] = {}
        extended: set[tuple[str, str]] = set()
        for event in self._found.events:
            which = event.key, str(event.data.get("step", ""))
            if event.kind in PAUSES:
                released[which] = PAUSES[event.kind]
            elif event.kind == "extended":
                extended.add(which)
            elif event.kind in MARKS and event.timer in self._found.timers:
                date = self._found.deadlines[self._found.timers[event.timer]["deadline"]]
                if released.get(which):
                    yield f"3: {event.timer} marked {event.key}, which was released from it"
                elif which in extended and not date["instance"]:
                    yield f"3: {event.timer} marked {event.key}, which had a date of its own"

    def _joins(self) -> Iterator[str]:
        """Find moves of the cycle whose join did not hold, and joins that nobody decided."""
        key = self._plan.key
        machine = self._plan.machine("cycle")
        guards = {(t.trigger, t.target): t.guard for t in machine.transitions if t.automatic}
        for event in self._found.events:
            guard = guards.get((event.trigger, event.target))
            if event.key != key or event.kind != "moved" or guard is None:
                continue
            read = {leaf.join for leaf in leaves(guard) if isinstance(leaf, Joined)}
            for name in read:
                if not self._joined(name, event.position):
                    yield f"2: {key} moved by {event.trigger}, and {name} did not hold"
        now = self._folded[key]
        if "forced_back" in now.facts:
            return
        end = self._found.events[-1].position + 1
        joins = {join.name: self._joined(join.name, end) for join in machine.joins}
        view = View(now.state, now.facts, to_moment(now.past[-1][2]), joins=joins)
        for edge in machine.transitions:
            if edge.automatic and now.state in edge.sources and holds(edge.guard, view):
                yield f"3: {key} stands in {now.state}, and nobody decided {edge.trigger}"

    def _joined(self, name: str, before: int) -> bool:
        """Return whether a join of the cycle held just before the event at a position."""
        join = next(j for j in self._plan.machine("cycle").joins if j.name == name)
        counted = False
        for kind in join.counted:
            for key, stored in self._found.instances.items():
                past = self._folded[key].past[: bisect_left(self._positions[key], before)]
                if stored["workflow"] != kind.workflow or not past:
                    continue
                state, facts, moment = past[-1]
                if state in kind.left_out:
                    continue
                if holds(kind.when, View(state, facts, to_moment(moment))):
                    counted = True
                    if state not in kind.arrived:
                        return False
        return counted or join.may_be_empty
