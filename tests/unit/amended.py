"""New plans for a running year, and how it stands under them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.definition import Transition
from engine.events import Event
from tests.unit.year import (
    OFFICE,
    Year,
    begin,
    publish,
    small,
)
from workflows.deadlines.parse import parse
from workflows.plan.model import Plan, Step
from workflows.running.alterations import Alteration
from workflows.running.amending import amend, preview_amendment
from workflows.running.desk import desk
from workflows.running.obligations import Standing, obligations
from workflows.running.requests import Grounds, Who

WHY = Grounds(reason="市里调整部署", authority="泉委〔2024〕9号")
LEADER = Who(person="p.group-head")


def november() -> Year:
    found = begin(small(4), "2024-07-01 09:00")
    publish(found)
    found.tick("2024-11-15 10:00")
    return found


def redated(plan: Plan, step: str, due: str, **changes: Any) -> Plan:
    steps = tuple(
        replace(s, due=parse(due), due_text=due, **changes) if s.id == step else s
        for s in plan.steps
    )
    return replace(plan, steps=steps)


def without(plan: Plan, *steps: str) -> Plan:
    return replace(plan, steps=tuple(s for s in plan.steps if s.id not in steps))


def with_step(plan: Plan, step: Step) -> Plan:
    return replace(plan, steps=(*plan.steps, step))


def apply(year: Year, plan: Plan, who: Who = OFFICE, **more: Any) -> list[Event]:
    events = list(amend(year.app, year.key, plan, who, WHY, **more))
    year.plan = plan
    year.assert_sound()
    return events


def shown(year: Year, plan: Plan, **more: Any) -> list[Alteration]:
    return list(preview_amendment(year.app, year.key, plan, OFFICE, WHY, **more))


def pending(year: Year) -> dict[str, str]:
    return {t.id: str(t.fires_at) for t in year.timers()}


def owed(year: Year) -> dict[str, Standing]:
    with year.store.reading() as reader:
        at = desk(year.app, reader, year.key)
        return {
            f"{i.key} {o.step.id}": o.standing
            for i, _ in reader.histories(year.key)
            for o in obligations(at, i)
        }


def renamed(plan: Plan, old: str = "evaluated", new: str = "scored") -> Plan:
    """Return the plan with a target machine in which one state has another name."""
    machine = plan.machine("target")

    def name(state: str) -> str:
        return new if state == old else state

    def names(states: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name(s) for s in states)

    transitions: tuple[Transition, ...] = tuple(
        replace(t, sources=names(t.sources), target=name(t.target)) for t in machine.transitions
    )
    other = replace(
        machine,
        states=names(machine.states),
        line=names(machine.line),
        forcible=names(machine.forcible),
        transitions=transitions,
        final=names(machine.final),
    )
    machines = tuple(other if m.name == "target" else m for m in plan.machines)
    return replace(plan, machines=machines)
