"""Hindsight: a cycle's desk as it was when an event was recorded, for deciding anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from engine.deadline import Deadline
from engine.events import Event, Instance, Kind
from engine.facts import to_text
from engine.ports import Reader
from workflows import office
from workflows.plan.model import Plan, Step
from workflows.plan.store_form import from_data
from workflows.running.desk import CALENDAR, LOADED_AT, Application, Desk, desk

_SET_DATES = (Kind.DEADLINE_SET, Kind.EXTENDED, Kind.ENTERED, Kind.ACT_PROPOSED)


def adopted(events: Sequence[Event]) -> list[Event]:
    """Return those events of the office by which other working days began to count."""
    return [e for e in events if e.kind is Kind.CALENDAR]


class Hindsight:
    """One cycle, its dates, and its desk as of any of its events."""

    def __init__(self, app: Application, reader: Reader, cycle: str) -> None:
        """Look back at ``cycle``."""
        self._app = app
        self.reader = reader
        self.cycle = cycle
        self.desk = desk(app, reader, cycle)
        self.deadlines = reader.deadlines(cycle, all_versions=True)
        self._histories: dict[str, Sequence[Event]] = {}
        self._events: dict[int, Event | None] = {}
        self._desks: dict[int, Desk[Reader]] = {}
        self.adopted = adopted(reader.history(office.KEY) if reader.find(office.KEY) else ())
        self.own = self.history(cycle)
        self.setting = list(reader.recorded(_SET_DATES, cycle))
        """The events that set dates, read together: there may be one for each instance."""
        self._events |= {e.position: e for e in self.setting}
        self.amended = [e for e in self.own if e.kind is Kind.AMENDED and "plan" in e.data]

    def history(self, key: str) -> Sequence[Event]:
        """Return the whole history of an instance, read once."""
        if key not in self._histories:
            self._histories[key] = self.reader.history(key)
        return self._histories[key]

    def event(self, position: int) -> Event | None:
        """Return the event at ``position``; none at 0."""
        if position not in self._events:
            self._events[position] = self.reader.event(position) if position else None
        return self._events[position]

    def step_of(self, deadline: Deadline) -> Step | None:
        """Return the step of a date by the plan under which it was set."""
        return self.desk_of(deadline.event).plan.step(deadline.step)

    def desk_of(self, position: int) -> Desk[Reader]:
        """Return the desk as it was when the event at ``position`` was recorded."""
        if position not in self._desks:
            edition = self.reader.setting(CALENDAR)
            if self.adopted:
                edition = str(self.adopted[0].data["before"])
            for event in self.adopted:
                if event.position < position:
                    edition = str(event.data["edition"])
            plan = self.plan_of(position)
            days: Mapping[str, Any] = self.reader.calendar(edition) if edition else {}
            self._desks[position] = Desk(
                unit=cast(Reader, _UpTo(self, position)),
                key=self.cycle,
                plan=plan,
                calendar=self._app.calendar_of(plan.calendar, edition, days),
            )
        return self._desks[position]

    def desk_at(self, moment: str) -> Desk[Reader]:
        """Return the desk as it was at a moment, under the plan that was in force by then."""
        passed = [e.position for e in self.amended if to_text(e.recorded_at) <= moment]
        return self.desk_of(max([self.own[0].position, *(p + 1 for p in passed)]))

    def plan_of(self, position: int) -> Plan:
        """Return the plan under which the cycle ran when the event at ``position`` was recorded."""
        edition = ""
        for event in self.amended:
            if not edition:
                edition = str(event.data["before"])
            if event.position < position:
                edition = str(event.data["plan"])
        if not edition:
            return self.desk.plan
        if edition not in self._app.plans:
            self._app.plans[edition] = from_data(dict(self.reader.published_plan(edition)))
        return self._app.plans[edition]


class _UpTo:
    """A reader whose histories end with what had been recorded at a position."""

    def __init__(self, hindsight: Hindsight, position: int) -> None:
        self._hindsight, self._position = hindsight, position
        self._cycle: Instance | None = None

    def history(self, key: str) -> Sequence[Event]:
        return [e for e in self._hindsight.history(key) if e.position <= self._position]

    def find(self, key: str) -> Instance | None:
        """Return the instance; the cycle with what its facts said then of loading its plan."""
        found = self._hindsight.reader.find(key)
        if key != self._hindsight.cycle or found is None:
            return found
        if self._cycle is None:
            facts = dict(found.facts)
            for name in [n for n in facts if n.partition(":")[0] == LOADED_AT]:
                del facts[name]
            for event in self.history(key):
                for name in event.data.get("unset", ()):
                    facts.pop(name, None)
                said = event.data.get("set", {}).items()
                facts |= {n: v for n, v in said if n.partition(":")[0] == LOADED_AT}
            self._cycle = replace(found, facts=facts)
        return self._cycle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hindsight.reader, name)
