"""Taking an amendment back, until the first event under it: all stands again as it stood."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from engine import moves
from engine.act import Act
from engine.deadline import Deadline, Timer, TimerState
from engine.definition import ADMINISTRATOR
from engine.errors import N_, NotFound, ReasonRequired, Refused
from engine.events import Event, Kind
from engine.ports import Reader, UnitOfWork
from workflows.plan.model import REPLY
from workflows.plan.oversight import Guarded
from workflows.plan.store_form import from_data
from workflows.roles import GROUP_OFFICE
from workflows.running.asking import Asked, Grounds, Who, act_of
from workflows.running.desk import Application, Desk
from workflows.running.people import permit
from workflows.running.proposals import Doing, carry_out
from workflows.running.redating import set_deadline

REVERT = "amend back"

BESIDE = (
    Kind.ACT_PROPOSED,
    Kind.ACT_CONFIRMED,
    Kind.ACT_DECLINED,
    Kind.ACT_LAPSED,
    Kind.GLASS_BROKEN,
    Kind.NOTED,
)
"""Events that decide on acts, and are none under a plan."""


class NotReversible(Refused):
    """Something has happened under the amendment already."""

    code = "not-reversible"
    template = N_(
        "The amendment {amendment} of {key} cannot be taken back: {problem} "
        "(event {event} of {instance}). Amend the plan once more instead."
    )


def revert(app: Application, cycle: str, who: Who, grounds: Grounds) -> Sequence[Event]:
    """Take the last amendment of a cycle back, if nothing has happened under it yet.

    Raises:
        NotFound: the cycle was not amended, or that was taken back.
        NotReversible: something has happened under it.
        ReasonRequired: no reason was given.
        NotPermitted: the person may not.

    """
    grounds = replace(grounds, occurred_at=None)
    asked = Asked(act=REVERT, key=cycle, values={}, who=who, grounds=grounds)
    return carry_out(app, asked, _revert, lambda _at: Guarded.AMEND)


def amendments(reader: Reader, cycle: str) -> list[Event]:
    """Return the amendments of a cycle's plan that stand, oldest first."""
    events = [e for e in reader.history(cycle) if e.kind is Kind.AMENDED and "plan" in e.data]
    gone = {int(e.data["reverts"]) for e in events if "reverts" in e.data}
    return [e for e in events if e.position not in gone and "reverts" not in e.data]


def _revert(at: Desk[UnitOfWork], asked: Asked) -> Sequence[Event]:
    stands = at.unit.load(at.key)
    who, grounds = asked.who, asked.grounds
    roles = (GROUP_OFFICE, ADMINISTRATOR)
    acting_for = permit(at, who.person, who.acting_for, stands.owner, roles, REVERT, at.key)
    if not grounds.reason.strip():
        raise ReasonRequired(act=REVERT, key=at.key)
    last = amendments(at.unit, at.key)[-1:]
    if not last:
        raise NotFound(what="amendment", key=at.key, hint=f"duban history {at.key}")
    act = act_of(at, stands, who, grounds, acting_for)
    return _Reverting(at, last[0], act).carry_out()


ACTS: Mapping[str, Doing] = MappingProxyType({REVERT: _revert})
"""What can be proposed, by name."""


class _Reverting:
    """One amendment while it is taken back."""

    def __init__(self, at: Desk[UnitOfWork], amended: Event, act: Act) -> None:
        self.at, self.unit, self.amended = at, at.unit, amended
        self.own = self._own_events()
        content = self.unit.published_plan(str(amended.data["before"]))
        plan = from_data(dict(content))
        self.old = replace(at, plan=plan, calendar=at.calendar_of(plan))
        self.act = act

    def carry_out(self) -> Sequence[Event]:
        """Record that it is taken back, and bring each thing back."""
        self.unit.bind_plan(self.at.key, str(self.amended.data["before"]))
        facts = dict(self.amended.data.get("set", {}))
        data: dict[str, Any] = {
            "plan": self.amended.data["before"],
            "before": self.amended.data["plan"],
            "reverts": self.amended.position,
        }
        if "title" in facts:
            data["set"] = {"title": self.old.plan.name.zh}
            del facts["title"]
        if facts:
            data["unset"] = sorted(facts)
        stands = self.unit.load(self.at.key)
        event = self.unit.append(self.act.on(self.unit, stands, Kind.AMENDED, data))
        self.act = replace(self.act, cause=event.position)
        for own in reversed(self.own):
            self._take_back(own)
        self._dates(event)
        return [event]

    def _own_events(self) -> list[Event]:
        """Return what the amendment itself brought about, in order.

        Raises:
            NotReversible: something else has happened since.

        """
        since = sorted(
            (
                event
                for _, events in self.unit.histories(self.at.key)
                for event in events
                if event.position > self.amended.position and event.kind not in BESIDE
            ),
            key=lambda e: e.position,
        )
        own = {self.amended.position}
        for event in since:
            if event.cause not in own:
                raise self._refusal(event, N_("something has happened under it"))
            moved = event.kind is Kind.MOVED
            void = moved and event.target in self.unit.machine(event.edition).workflow.void
            if moved and not void:
                raise self._refusal(event, N_("something has moved on because of it"))
            own.add(event.position)
        return since

    def _refusal(self, event: Event, problem: str) -> NotReversible:
        return NotReversible(
            amendment=self.amended.position,
            key=self.at.key,
            problem=problem,
            event=event.position,
            instance=event.instance,
        )

    def _take_back(self, own: Event) -> None:
        if own.kind is Kind.AMENDED and "machine" in own.data:
            self._state(own, own.data["from"], own.data["was"])
        elif own.kind is Kind.MOVED:
            self._state(own, own.edition, own.source)
        elif own.kind is Kind.AMENDED:
            self._target(own)
        elif own.kind is Kind.OPENED:
            self._leave(own.instance)
        elif own.kind is Kind.LAMP:
            earlier = [
                e.data["lamp"]
                for e in self.unit.history(own.instance)
                if "lamp" in e.data and e.position < own.position
            ]
            self._append(own.instance, Kind.LAMP, {"lamp": earlier[-1] if earlier else ""})

    def _state(self, own: Event, edition: str, state: str) -> None:
        """Bring an instance back to the edition and state from which the amendment took it."""
        now = self.unit.load(own.instance)
        data = {
            "machine": edition,
            "from": now.edition,
            "state": state,
            "was": now.state,
            "reverts": own.position,
        }
        self._append(own.instance, Kind.AMENDED, data)

    def _target(self, own: Event) -> None:
        was = dict(own.data["was"])
        data: dict[str, Any] = {"was": {}, "reverts": own.position}
        if "owner" in was:
            data["owner"] = was.pop("owner")
        data["set"] = {name: value for name, value in was.items() if value is not None}
        data["unset"] = sorted(name for name, value in was.items() if value is None)
        self._append(own.instance, Kind.AMENDED, data)

    def _leave(self, key: str) -> None:
        """Let what the amendment created be owed no more: nothing that was there is deleted."""
        instance = self.unit.load(key)
        machine = self.unit.machine(instance.edition)
        for edge in machine.leaving(instance.state):
            if edge.target in machine.workflow.void and not edge.forced:
                moves.move(self.unit, instance, edge.trigger, self.act)
                return

    def _append(self, key: str, kind: Kind, data: Mapping[str, Any]) -> None:
        self.unit.append(self.act.on(self.unit, self.unit.load(key), kind, data))

    def _dates(self, event: Event) -> None:
        """Let the dates of before stand again, with the timers that they had."""
        known = self.unit.timers(self.at.key, pending=False)
        set_by = {e.position for e in self.own if e.kind is Kind.DEADLINE_SET}
        removed = set(self.amended.data["removed"])
        every = self.unit.deadlines(self.at.key, all_versions=True)
        for current in [d for d in every if d.current]:
            earlier = current
            if current.event in set_by:
                versions = [
                    d
                    for d in every
                    if (d.step, d.occurrence, d.instance)
                    == (current.step, current.occurrence, current.instance)
                    and d.version == current.version - 1
                ]
                if not versions:
                    self.unit.cancel_timers(self.at.key, current.id)
                    continue
                earlier = versions[0]
            elif current.step.partition(REPLY)[0] not in removed:
                continue
            step = self.old.plan.step(current.step)
            if step is None:
                self.unit.cancel_timers(self.at.key, current.id)
                continue
            before = replace(current, reasons=earlier.reasons)
            arm = _again(earlier, known)
            again = replace(earlier, current=True)
            set_deadline(self.old, step, again, before, event, known, arm)


def _again(earlier: Deadline, known: Sequence[Timer]) -> Callable[[Deadline], Sequence[Timer]]:
    """Return how a date is armed that stands again: with what still waited for it."""

    def arm(fixed: Deadline) -> Sequence[Timer]:
        return [
            replace(
                timer,
                id=f"{fixed.id}:{timer.rung}",
                deadline=fixed.id,
                state=TimerState.PENDING,
                attempts=0,
                next_attempt_at=None,
                last_error="",
            )
            for timer in known
            if timer.deadline == earlier.id and timer.state is TimerState.CANCELLED
        ]

    return arm
