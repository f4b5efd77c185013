"""Random lives of a cycle: whatever people ask and whenever, the promises hold (1, 2, 5, 6, 11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from adapters.memory.store import MemoryStore
from engine.definition import Workflow
from engine.errors import EngineError
from engine.events import DAEMON, Event, Instance, Kind
from engine.guards import View, holds
from engine.replay import walk
from engine.verification import verify
from tests.property.moving_plan import plan_of
from tests.property.onward import ONWARD
from tests.unit.year import (
    ADMINISTRATOR,
    OFFICE,
    ROOT,
    ZONE,
    Year,
    begin,
    goal,
)
from workflows.running.additions import add_target, amend_target, raise_finding
from workflows.running.correcting import correct
from workflows.running.exceptions import excuse, extend, resume, suspend
from workflows.running.requests import Grounds, Who
from workflows.running.steps import outside

PEOPLE = [
    OFFICE,
    ADMINISTRATOR,
    Who(person="p.office-head"),
    Who(person="p.projects-head"),
    Who(person="p.group-head"),
    Who(person="nobody"),
    Who(person=ROOT, acting_for="group-office"),
    Who(person=ROOT, acting_for="p.policy-head"),
    Who(person=ROOT, acting_for="nothing"),
    Who(person="p.office-head", acting_for="group-office"),
]
"""The office twice as likely as others to be asked first: a refused life tests little."""

people = st.one_of(st.just(OFFICE), st.sampled_from(PEOPLE))
reasons = st.sampled_from(["", " ", "情况说明"])
documents = st.sampled_from(["", "泉审〔2024〕3号"])
days_back = st.sampled_from([None, None, None, -1, 0, 1, 5, 40])
STATES = ["drafting", "drafted", "approved", "published", "self_assessed", "open", "closed"]
STEPS = ["s1a", "s1c", "s4", "s4-incentive", "quarterly-progress", "nothing"]


class OneYear(RuleBasedStateMachine):
    """A year of three targets, and whoever asks for whatever."""

    year: Year

    @initialize(stage=st.integers(0, 9), silence_counts=st.booleans(), lacks=st.booleans())
    def open(self, stage: int, *, silence_counts: bool, lacks: bool) -> None:
        plan = plan_of(silence_counts=silence_counts, lacks_quality=lacks)
        self.year = begin(plan, "2025-06-10 09:00")
        self.checked = 0
        self.added = 3
        for _ in range(stage):
            self.go_on(0)

    @rule(days=st.integers(0, 60), hours=st.integers(0, 23))
    def wait(self, days: int, hours: int) -> None:
        self.year.clock.moment += timedelta(days=days, hours=hours)

    @rule()
    def tick(self) -> None:
        self.year.tick()

    @rule()
    def deliver(self) -> None:
        self.year.told()

    @rule(number=st.integers(0, 2))
    def go_on(self, number: int) -> None:
        possible = ONWARD[self.year.state()]
        with suppress(EngineError):
            possible[number % len(possible)](self.year)

    @rule(name=st.sampled_from(["T-1", "T-2"]))
    def complete(self, name: str) -> None:
        values = {"pace": "按季", "quality": "合格", "finish_by": "2025-12-20"}
        with suppress(EngineError):
            self.year.record(name, "work_plan", values)
        self.year.tick()

    @rule(data=st.data(), who=people, reason=reasons, back=days_back, behind=st.booleans())
    def move(
        self, data: st.DataObject, who: Who, reason: str, back: int | None, *, behind: bool
    ) -> None:
        instance, machine = self._drawn(data)
        trigger = data.draw(st.sampled_from(sorted({t.trigger for t in machine.transitions})))
        self._ask(
            lambda y, on: y.move(
                _name(instance), trigger, who, on, reason=reason, leave_behind=behind
            ),
            back,
        )

    @rule(data=st.data(), who=people, back=days_back, whole=st.booleans())
    def record(self, data: st.DataObject, who: Who, back: int | None, *, whole: bool) -> None:
        instance, machine = self._drawn(data)
        if not machine.records:
            return
        declared = data.draw(st.sampled_from(machine.records))
        values = {
            field.name: data.draw(st.sampled_from(_values(field.type, field.choices)))
            for field in declared.fields
            if whole or data.draw(st.booleans())
        }
        self._ask(lambda y, on: y.record(_name(instance), declared.kind, values, who, on), back)

    @rule(
        data=st.data(),
        who=st.sampled_from([ADMINISTRATOR, ADMINISTRATOR, *PEOPLE]),
        reason=reasons,
        authority=documents,
        cascade=st.booleans(),
    )
    def force(
        self, data: st.DataObject, who: Who, reason: str, authority: str, *, cascade: bool
    ) -> None:
        instance, _ = self._drawn(data)
        state = data.draw(st.sampled_from(STATES))
        self._ask(
            lambda y, _: y.force(
                _name(instance), state, who, reason=reason, authority=authority, cascade=cascade
            )
        )

    @rule(data=st.data(), who=people, reason=reasons, back=days_back, void=st.booleans())
    def correct(
        self, data: st.DataObject, who: Who, reason: str, back: int | None, *, void: bool
    ) -> None:
        instance, _ = self._drawn(data)
        wrong = data.draw(st.sampled_from(self.year.history(_name(instance))))
        values: Mapping[str, Any] | None = data.draw(
            st.sampled_from([None, {"document": "更正1号"}, {"nonsense": "x"}])
        )
        self._ask(
            lambda y, on: correct(
                y.app,
                wrong.position,
                who,
                Grounds(occurred_at=date.fromisoformat(on) if on else None, reason=reason),
                values=values,
                void=void,
            ),
            back,
        )

    @rule(
        data=st.data(),
        who=people,
        reason=reasons,
        step=st.sampled_from(STEPS),
        what=st.sampled_from([excuse, suspend, resume]),
    )
    def release(
        self, data: st.DataObject, who: Who, reason: str, step: str, what: Callable[..., Event]
    ) -> None:
        instance, _ = self._drawn(data)
        self._ask(lambda y, _: what(y.app, instance.key, step, who, Grounds(reason=reason)))

    @rule(data=st.data(), who=people, step=st.sampled_from(STEPS), days=st.integers(-5, 60))
    def extend(self, data: st.DataObject, who: Who, step: str, days: int) -> None:
        instance, _ = self._drawn(data)
        until = self.year.clock.moment.astimezone(ZONE).date() + timedelta(days=days)
        grounds = Grounds(reason="情况说明")
        self._ask(lambda y, _: extend(y.app, instance.key, step, until, who, grounds))

    @rule(who=people, dynamic=st.booleans(), basis=documents)
    def add(self, who: Who, basis: str, *, dynamic: bool) -> None:
        target = goal(self.year.plan, self.added, basis=basis)
        if dynamic:
            target = replace(target, category="dynamic", sources=(f"doc-{self.added}",))
        self.added += 1
        self._ask(lambda y, _: add_target(y.app, y.key, target, who, Grounds()))

    @rule(data=st.data(), who=people, section=st.sampled_from(["", "safety", "nowhere"]))
    def amend(self, data: st.DataObject, who: Who, section: str) -> None:
        instance, _ = self._drawn(data)
        changes = {"section": section, "quality": "群众满意"}
        self._ask(lambda y, _: amend_target(y.app, instance.key, changes, who, Grounds()))

    @rule(data=st.data(), who=people)
    def find(self, data: st.DataObject, who: Who) -> None:
        instance, _ = self._drawn(data)
        self._ask(lambda y, _: raise_finding(y.app, instance.key, "台账不全", who, Grounds()))

    @invariant()
    def every_history_leads_to_what_is_stored(self) -> None:
        with self.year.store.reading() as reader:
            assert list(verify(reader)) == []

    @invariant()
    def every_new_event_keeps_the_promises(self) -> None:
        with self.year.store.reading() as reader:
            position = self.checked
            while event := reader.event(position + 1):
                position += 1
                self._check(event)
            self.checked = position

    @invariant()
    def no_notice_lacks_its_event(self) -> None:
        items = _tables(self.year)["items"].values()
        events = _tables(self.year)["events"]
        assert all(kept.item.event in events for kept in items)

    def _check(self, event: Event) -> None:
        assert event.occurred_at <= event.recorded_at <= self.year.clock.moment
        if event.forced:
            assert event.authority.strip()
            if event.cause is None:
                assert event.texts["reason"].strip()
        if event.kind is Kind.MOVED:
            assert self._wanted(event), f"time alone moved {event}"
        if event.kind is Kind.LATE and not event.data.get("backfilled"):
            assert not self._lies_outside(event)

    def _wanted(self, event: Event) -> bool:
        """Return whether a person's act, or a step that fires, stands behind a move."""
        events = _tables(self.year)["events"]
        behind: Event | None = event
        while behind is not None:
            if behind.actor != DAEMON:
                return True
            if behind.timer:
                step = self.year.plan.step(behind.timer.split(":")[1].split("#")[0])
                return step is not None and bool(step.fires)
            behind = events.get(behind.cause)
        return False

    def _lies_outside(self, late: Event) -> bool:
        """Return whether the matter lay with an outside body when lateness was recorded."""
        step = self.year.plan.step(str(late.data["step"]))
        if step is None or step.wait is None or not step.records:
            return False
        with self.year.store.reading() as reader:
            past = [e for e in reader.history(late.instance) if e.sequence < late.sequence]
            *_, (_, instance) = walk(past, reader.machine)
        assert instance is not None
        return holds(outside(step), View(instance.state, instance.facts, late.recorded_at))

    def _drawn(self, data: st.DataObject) -> tuple[Instance, Workflow]:
        """Draw an instance, the cycle and its first target as often as all others."""
        first = [self.year.find(), self.year.find("T-1")]
        with self.year.store.reading() as reader:
            everyone = [i for i, _ in reader.histories(self.year.key)]
            instance = data.draw(st.one_of(st.sampled_from(first), st.sampled_from(everyone)))
            return instance, reader.machine(instance.edition).workflow

    def _ask(self, act: Callable[[Year, str], object], back: int | None = None) -> None:
        """Ask for it; a refusal must change nothing at all."""
        on = ""
        if back is not None:
            today = self.year.clock.moment.astimezone(ZONE).date()
            on = (today - timedelta(days=back)).isoformat()
        before = _tables(self.year)
        try:
            act(self.year, on)
        except EngineError:
            assert _tables(self.year) == before, "a refusal changed something"


def _tables(year: Year) -> dict[str, dict[Any, Any]]:
    """Return all that the store knows; rows are frozen, so that a shallow copy will do."""
    assert isinstance(year.store, MemoryStore)
    return {name: dict(t.rows) for name, t in year.store._tables._named.items()}


def _name(instance: Instance) -> str:
    return instance.key.partition("/")[2]


def _values(kind: str, choices: tuple[str, ...]) -> list[Any]:
    if choices:
        return [*choices, "无此选项"]
    if kind == "integer":
        return [40, "很多", -1]
    if kind == "day":
        return ["2025-12-20", "2025-02-30"]
    return ["website", "notice_board", " website ", "www.a.gov.cn", "", "a\0b"]


OneYear.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestOneYear = OneYear.TestCase
