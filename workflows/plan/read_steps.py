"""Reading steps: who must bring what to which state, or hand in which record, by when."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition import Workflow
from engine.errors import N_, EngineError
from workflows import assignment, cycle, target
from workflows.deadlines.parse import parse
from workflows.deadlines.rule import Rule, renamed, steps_of
from workflows.plan.diagnostics import Diagnostic
from workflows.plan.element import LONGEST_ID, Element
from workflows.plan.model import Scope, Step, Wait
from workflows.plan.read_done import read_done
from workflows.plan.read_ladders import LADDER
from workflows.plan.read_people import OUTSIDE, POST, ROLE, SECTION
from workflows.plan.record_names import RecordNames
from workflows.plan.source import Mapping, Scalar
from workflows.roles import DAEMON

STEP = N_("step")

MACHINE_OF = {
    Scope.CYCLE: cycle.NAME,
    Scope.TARGETS: target.NAME,
    Scope.SECTIONS: assignment.NAME,
    Scope.OFFICE: assignment.NAME,
}
"""The machine of the instances that a step of each scope concerns."""

DUTIES = ("brings", "records", "hand_in", "attend")
_FITTING = {
    cycle.NAME: ("brings", "records", "attend"),
    target.NAME: ("brings", "records", "attend"),
    assignment.NAME: ("hand_in", "attend", "gate"),
}
LONGEST_DEADLINE = 200
"""Characters of a deadline."""


def read_steps(
    plan: Element, machines: tuple[Workflow, ...], events: dict[str, str]
) -> tuple[Step, ...]:
    """Return the steps; everything that they can name must have been read.

    ``events`` are the names by which their dates may call what happens.
    """
    family = {workflow.name: workflow for workflow in machines}
    nodes = plan.nodes("steps")
    for node in nodes:  # first, so that steps can name those that come later
        entry = node.entries.get("id") if isinstance(node, Mapping) else None
        if entry and isinstance(entry[1], Scalar):
            plan.reading.names.declare(STEP, entry[1].text.strip(), entry[1].place)
    return tuple(_steps(plan, family, events))


def _steps(plan: Element, family: dict[str, Workflow], events: dict[str, str]) -> Iterator[Step]:
    for node in plan.nodes("steps"):
        with plan.reading.element(node, "steps") as e:
            if e is not None:
                yield _Reader(e, family, events).step()


class _Reader:
    """One step while it is read."""

    def __init__(
        self, element: Element, family: dict[str, Workflow], events: dict[str, str]
    ) -> None:
        self.events = events
        self.e = element
        self.names = element.reading.names
        self.id = element.id()
        self.scope = element.choice("on", Scope, Scope.CYCLE)
        self.machine = family[MACHINE_OF[self.scope]]
        self.cycle = family[cycle.NAME]

    def step(self) -> Step:
        """Return the step."""
        e = self.e
        name, clause, note = e.name(required=True), e.text("clause"), e.name("note")
        duties = self._duties()
        records = self._records()
        wait = self._wait()
        due_text = e.text("due", longest=LONGEST_DEADLINE)
        return Step(
            id=self.id,
            name=name,
            clause=clause,
            scope=self.scope,
            owner=self._named("owner", "P225", SECTION, POST, ROLE),
            brings=self._state("brings", self.machine),
            records=records,
            hand_in="hand_in" in duties,
            attend="attend" in duties,
            gate=self._state("gate", self.cycle),
            due=self._due(due_text),
            due_text=due_text,
            after=tuple(
                step
                for step, place in e.placed("after")
                if self.names.refer("P218", (STEP,), step, place)
            ),
            wait=wait,
            ladder=self._named("ladder", "P216", LADDER),
            takes=self.e.number("takes", 0, 366),
            proof=self.e.name("proof"),
            fires=self._fires(),
            done=read_done(e, self._done_kinds(records, wait), self.machine, self.cycle),
            note=note,
            line=e.place.line,
        )

    def _duties(self) -> set[str]:
        """Return which of the four ways the step asks for; it must be exactly one."""
        e = self.e
        found = {key for key in ("brings", "records") if e.get(key) is not None}
        found |= {key for key in ("hand_in", "attend") if e.flag(key)}
        if len(found) != 1:
            shown = tuple(key for key in DUTIES if key in found) or ("—",)
            e.note("P232", e.place, step=self.id, found=shown)
        fitting = _FITTING[self.machine.name]
        for key in (*sorted(found), "gate"):
            if key not in fitting and e.get(key) is not None:
                known = tuple(key for key in fitting if key != "gate")
                scope = str(self.scope)
                e.note("P233", e.at(key), step=self.id, scope=scope, key=key, known=known)
        return found

    def _state(self, key: str, machine: Workflow) -> str:
        text = self.e.text(key)
        if text and text not in machine.states:
            place = self.e.at(key)
            self.names.unknown("P213", text, machine.states, place, machine=machine.name)
            return ""
        return text

    def _named(self, key: str, code: str, *nouns: str) -> str:
        text = self.e.text(key)
        return text if text and self.names.refer(code, nouns, text, self.e.at(key)) else ""

    def _records(self) -> tuple[str, ...]:
        known = RecordNames(self.machine)
        placed = self.e.placed("records")
        return tuple(text for text, place in placed if known.check(text, place, self.e.reading))

    def _wait(self) -> Wait | None:
        node = self.e.get("wait")
        if node is None:
            return None
        with self.e.reading.element(node, "wait") as e:
            if e is None:
                return None
            body, record = e.text("body", required=True), e.text("record", required=True)
            if body:
                self.names.refer("P220", (OUTSIDE,), body, e.at("body"))
            if record:
                RecordNames(self.machine, self.cycle).check(record, e.at("record"), e.reading)
            return Wait(body=body, record=record)

    def _due(self, text: str) -> Rule | None:
        if not text:
            if self.e.get("due") is None:
                self.e.note("P230", self.e.place, step=self.id)
            return None
        try:
            rule = renamed(parse(text), self.events)
        except EngineError as error:
            self.e.reading.notes.note(Diagnostic.of_error(self.e.at("due"), "P231", error))
            return None
        for step in sorted(steps_of(rule)):
            self.names.refer("P218", (STEP,), step, self.e.at("due"))
        return rule

    def _fires(self) -> str:
        trigger = self.e.text("fires", longest=LONGEST_ID)
        if not trigger:
            return ""
        place = self.e.at("fires")
        transitions = self.machine.transitions
        own = [t for t in transitions if t.trigger == trigger]
        if not own:
            known = tuple(dict.fromkeys(t.trigger for t in transitions))
            self.names.unknown("P215", trigger, known, place, machine=self.machine.name)
        elif not any(DAEMON in t.by for t in own):
            self.e.note("P243", place, trigger=trigger, machine=self.machine.name)
        return trigger

    def _done_kinds(self, records: tuple[str, ...], wait: Wait | None) -> tuple[str, ...]:
        """Return the records that can be said to be done: the step's own, and the answer."""
        handed_in = ("handed_in",) if self.machine.name == assignment.NAME else ()
        return (*records, *handed_in, *((wait.record,) if wait else ()))
