"""An independent judge of promises 1 to 7: it reads the tables and the plan, and calls no store.

What it takes from the product is what the plan *means*: which condition says that a step is still
owed, and what a rung is to do. Histories it folds itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.facts import to_moment, to_text
from engine.guards import All, Guard, View, holds
from engine.ladder import Action, Behind, Rung
from tests.simulation.evidence import Evidence, Happened
from tests.simulation.folding import fold
from tests.simulation.order import Order
from workflows.plan.model import Plan, Scope, Step
from workflows.running.schedule import ladder_of
from workflows.running.steps import MACHINE_OF, owed

RELEASING = ("excused", "suspended", "resumed", "extended", "entered")
"""After these a step binds an instance otherwise than the others, or by a date of its own."""


class Checker:
    """Judges one run."""

    def __init__(self, found: Evidence, plan: Plan, until: datetime, *, straight: bool) -> None:
        """Judge what ``found`` holds at ``until``, when every daemon had had its time.

        ``straight``: no clock was ever set back.
        """
        self._found = found
        self._plan = plan
        self._until = to_text(until)
        self._straight = straight
        self._by_position = {e.position: e for e in found.events}
        self._histories: dict[str, list[Happened]] = defaultdict(list)
        for event in found.events:
            self._histories[event.key].append(event)
        self._folded = {key: fold(events) for key, events in self._histories.items()}
        self._short: dict[tuple[str, str, Guard], bool] = {}
        self._of_timer: dict[str, list[Happened]] = defaultdict(list)
        for event in found.events:
            if event.timer:
                self._of_timer[event.timer].append(event)

    def violations(self) -> list[str]:
        """Return every breach, one sentence each, the promise's number first."""
        return [
            *self._states(),
            *self._moves(),
            *self._timers(),
            *self._marks(),
            *self._completions(),
            *self._notices(),
            *Order(self._found, self._plan, self._folded).violations(),
        ]

    def _states(self) -> Iterator[str]:
        for key, stored in self._found.instances.items():
            events, made = self._histories[key], self._folded.get(key)
            if made is None:
                yield f"1: {key} has no history"
                continue
            if [e.sequence for e in events] != list(range(1, len(events) + 1)):
                yield f"1: the sequence of {key} has a gap"
            for name in ("state", "owner", "lamp", "facts", "moved_at", "sequence"):
                if stored[name] != getattr(made, name):
                    yield f"1: {name} of {key} is {stored[name]!r}, not {getattr(made, name)!r}"
        for key in self._histories.keys() - self._found.instances.keys():
            yield f"1: {key} has a history and is not there"

    def _moves(self) -> Iterator[str]:
        for key, events in self._histories.items():
            state = str(events[0].data.get("state"))
            for event in events:
                if event.kind == "moved":
                    edge = (event.edition, event.trigger, event.source, event.target)
                    if edge not in self._found.edges:
                        yield f"2: {key} moved where there is no edge: {edge}"
                    if event.source != state:
                        yield f"2: {key} moved from {event.source} and stood in {state}"
                    state = event.target
                if event.trigger.startswith("force:"):
                    if not event.authority.strip():
                        yield f"2: {key} was forced without authority"
                    if not event.cause and not event.reason.strip():
                        yield f"2: {key} was forced without reason"

    def _timers(self) -> Iterator[str]:
        for name, timer in self._found.timers.items():
            events = self._of_timer[name]
            deadline = self._found.deadlines[timer["deadline"]]
            if timer["state"] == "pending" and timer["fires_at"] <= self._until:
                yield f"3: {name} was due at {timer['fires_at']} and never fired"
            if timer["state"] == "fired" and timer["fires_at"] > self._until:
                yield f"4: {name} fired before its time"
            if timer["state"] == "cancelled" and deadline["current"]:
                yield f"3: {name} was cancelled, and its date still counts"
            if timer["state"] != "fired" and events:
                yield f"3: {name} is {timer['state']}, and had an effect"
            effects = Counter((e.key, e.part) for e in events)
            if effects and max(effects.values()) > 1:
                yield f"3: {name} took effect twice"
            for event in events:
                if event.recorded_at < timer["fires_at"]:
                    yield f"4: {name} took effect early, on {event.key}"
                if event.kind != "moved" and event.occurred_at != timer["fires_at"]:
                    yield f"4: {name} took effect on {event.key} as of another moment than its own"
            if timer["state"] == "fired" and deadline["current"]:
                yield from self._lost(name, timer, deadline)
        for event in self._found.events:
            if event.timer and event.timer not in self._found.timers:
                yield f"3: an event of {event.key} names a timer that is not there"
            if self._straight and event.occurred_at > event.recorded_at:
                yield f"4: an event of {event.key} lies in the future of its recording"

    def _lost(
        self, name: str, timer: Mapping[str, Any], deadline: Mapping[str, Any]
    ) -> Iterator[str]:
        """Find what a fired timer must have brought about, whenever it fired, and did not."""
        step = self._plan.step(deadline["step"])
        parts = {(e.key, e.part) for e in self._of_timer[name]}
        if step is None:
            return
        rung = _rung(self._plan, step, timer["rung"])
        if rung is None:
            edge = timer["rung"] in ("open", "close") and not deadline["instance"]
            if edge and (self._plan.key, timer["rung"]) not in parts:
                yield f"3: {name} fired, and no window moved"
            return
        bound = list(self._bound(step, deadline, name))
        short = [key for key in bound if self._always_short(key, step, rung)]
        if short and (self._plan.key, "rung") not in parts:
            yield f"3: {name} fired and is lost: {', '.join(short)} fell short all the time"
        if not timer["attempts"]:
            short += [key for key in bound if self._short_then(key, step, rung, name)]
        for key in dict.fromkeys(short):
            marks = rung.action in (Action.LATE, Action.SLIP, Action.PROPOSE)
            if marks and (key, str(rung.action)) not in parts:
                yield f"3: {name} fired and passed {key} by"
            if rung.lamp and (key, "lamp") not in parts:
                yield f"3: {name} fired and lit no lamp on {key}"

    def _bound(self, step: Step, deadline: Mapping[str, Any], name: str) -> Iterator[str]:
        """Yield the instances that the date binds without any doubt."""
        origin = deadline["step"] + (f"@{deadline['occurrence']}" if deadline["occurrence"] else "")
        first = self._of_timer[name][0].position if self._of_timer[name] else 0
        fires_at = self._found.timers[name]["fires_at"]
        for key, stored in self._found.instances.items():
            if stored["workflow"] != MACHINE_OF[step.scope]:
                continue
            if step.hand_in and stored["origin"] != origin:
                continue
            if step.scope is Scope.TARGETS and key.rpartition("/")[0] != self._plan.key:
                continue
            if deadline["instance"] not in ("", key):
                continue
            own = any(
                d["instance"] == key and d["step"] == step.id
                for d in self._found.deadlines.values()
            )
            if own != bool(deadline["instance"]) or self._released(key, step):
                continue
            born = self._histories[key][0]
            if born.position < first or (not first and born.recorded_at < fires_at):
                yield key

    def _released(self, key: str, step: Step) -> bool:
        events = (*self._histories[key], *self._histories[self._plan.key])
        return any(e.kind in RELEASING and e.data.get("step") == step.id for e in events)

    def _always_short(self, key: str, step: Step, rung: Rung) -> bool:
        """Return whether the instance fell short after each of its events: so at the firing too."""
        if isinstance(rung.when, Behind):  # it holds at one moment, not after each event
            return False
        asked = (key, step.id, rung.when)
        if asked not in self._short:
            condition = All((owed(self._plan, step), rung.when))
            views = self._views(self._folded[key].past)
            self._short[asked] = all(holds(condition, view) for view in views)
        return self._short[asked]

    def _short_then(self, key: str, step: Step, rung: Rung, timer: str) -> bool:
        """Return whether the instance fell short when the rung was recorded.

        Then nobody may have come before its mark, in however many units the rung was done.
        """
        recorded = [e.position for e in self._of_timer[timer] if e.part == "rung"]
        if isinstance(rung.when, Behind) or not recorded:
            return False
        before = sum(event.position < recorded[0] for event in self._histories[key])
        view = next(self._views(self._folded[key].past[before - 1 : before]), None)
        return view is not None and holds(All((owed(self._plan, step), rung.when)), view)

    def _marks(self) -> Iterator[str]:
        """Find whom a timer marked though they owed nothing at that moment."""
        for name, events in self._of_timer.items():
            timer = self._found.timers.get(name)
            if timer is None:
                continue
            step = self._plan.step(self._found.deadlines[timer["deadline"]]["step"])
            rung = _rung(self._plan, step, timer["rung"]) if step else None
            if step is None or rung is None:
                continue
            for event in events:
                if event.kind not in ("late", "slip", "proposed", "lamp") or event.sequence < 2:
                    continue
                past = self._folded[event.key].past[event.sequence - 2 : event.sequence - 1]
                if not all(holds(owed(self._plan, step), view) for view in self._views(past)):
                    yield f"3: {name} marked {event.key}, which owed nothing"

    def _completions(self) -> Iterator[str]:
        """Find moves behind which stands neither a person nor a step that fires of itself."""
        for event in self._found.events:
            if event.kind == "moved" and not self._wanted(event):
                yield f"5: time alone moved {event.key} by {event.trigger}"

    def _wanted(self, event: Happened) -> bool:
        behind: Happened | None = event
        while behind is not None:
            if behind.actor != "daemon":
                return True
            if behind.timer in self._found.timers:
                deadline = self._found.timers[behind.timer]["deadline"]
                step = self._plan.step(self._found.deadlines[deadline]["step"])
                return step is not None and bool(step.fires)
            if not behind.cause:
                return self._decided_by_states(behind)
            behind = self._by_position.get(behind.cause)
        return False

    def _decided_by_states(self, event: Happened) -> bool:
        """Return whether a person's act before it may have made an automatic move possible."""
        return any(e.actor != "daemon" and e.position < event.position for e in self._found.events)

    def _notices(self) -> Iterator[str]:
        told: dict[int, set[str]] = defaultdict(set)
        for position, recipient, notice in self._found.items:
            cause = self._by_position.get(position)
            if cause is None:
                yield f"6: {recipient} is told of an event that is not there"
                continue
            if recipient in told[position]:
                yield f"6: {recipient} is told twice of event {position}"
            told[position].add(recipient)
            if notice not in self._found.notices:
                yield f"6: nothing carries what {recipient} is told of event {position}"
        for event in self._found.events:
            speaks = event.kind == "reminded" and event.part == "rung"
            wanted = self._recipients(event) if speaks else set()
            if told[event.position] != wanted:
                yield (
                    f"6: event {event.position} ({event.kind} by {event.timer}) tells "
                    f"{sorted(told[event.position])}, not {sorted(wanted)}"
                )
        for key, state in self._found.notices.values():
            if state not in ("sent", "void"):
                yield f"6: notice {key} is {state} and not delivered"

    def _recipients(self, event: Happened) -> set[str]:
        """Return whom the plan's rung means: holders of posts, which nobody changes here."""
        step = self._plan.step(str(event.data["step"]))
        assert step is not None
        rung = ladder_of(self._plan, step).rungs[event.data["rung"]]
        owners = set(event.data.get("spoken_to", ())) or {o["owner"] for o in event.data["owed"]}
        found = set()
        for post in self._plan.posts:
            for role in rung.recipients:
                if role == "owner":
                    means = owners & {post.section, post.id, *post.roles} - {""}
                elif role == "vice_leader":
                    means = owners & set(post.in_charge_of)
                else:
                    means = {role} & {post.id, *post.roles}
                if means:
                    found |= {h.person for h in post.holders} or {f"post:{post.id}"}
        return found

    @staticmethod
    def _views(past: Sequence[tuple[str, dict[str, Any], str]]) -> Iterator[View]:
        for state, facts, moment in past:
            yield View(state=state, facts=facts, now=to_moment(moment))


def check_received(
    found: Evidence, received: Sequence[tuple[str, tuple[int, ...]]]
) -> Iterator[str]:
    """Find what was delivered otherwise than the tables say."""
    carried: dict[int, list[int]] = defaultdict(list)
    for event, _, notice in found.items:
        carried[notice].append(event)
    kept = {
        key: (state, tuple(sorted(carried[number])))
        for number, (key, state) in found.notices.items()
    }
    for key, items in received:
        if key not in kept:
            yield f"6: {key} was delivered, and there is no such notice"
        elif kept[key][1] != items:
            yield f"6: {key} was delivered with {items} and carries {kept[key][1]}"
    arrived = {key for key, _ in received}
    for key, (state, _) in kept.items():
        if state == "sent" and key not in arrived:
            yield f"6: {key} counts as sent and never arrived"


def check_unchanged(found: Evidence, witnessed: Mapping[int, Happened]) -> Iterator[str]:
    """Find what a witness saw in the history while it was being made, and is gone or different."""
    for position, event in witnessed.items():
        now = next((e for e in found.events if e.position == position), None)
        if now != event:
            yield f"7: event {position} of {event.key} was changed or removed"


def _rung(plan: Plan, step: Step, name: str) -> Rung | None:
    if not name[1:].isdigit():
        return None
    return ladder_of(plan, step).rungs[int(name[1:])]
