"""Reading machines: those that ship, as the plan asks for them, or its own, declared as data."""

from __future__ import annotations

from engine.definition import Workflow
from engine.errors import N_
from workflows.appeal import APPEAL
from workflows.assignment import ASSIGNMENT
from workflows.cycle import NAME as CYCLE
from workflows.cycle import cycle
from workflows.finding import FINDING
from workflows.plan.element import Element
from workflows.plan.read_definition import read_definition
from workflows.plan.source import Mapping
from workflows.target import TARGET

MACHINE = N_("machine")

SHIPPED = (cycle(), TARGET, ASSIGNMENT, FINDING, APPEAL)
"""The machines of a plan that says nothing about them."""


def read_machines(plan: Element) -> tuple[Workflow, ...]:
    """Return the five machines of the plan, its own in place of those that ship."""
    names = plan.reading.names
    node = plan.get("machines")
    entries = node.entries if isinstance(node, Mapping) else {}
    for workflow in SHIPPED:
        own = entries.get(workflow.name)
        place = own[0].place if own else plan.at("machines")
        names.declare(MACHINE, workflow.name, place)
    if node is None:
        return SHIPPED
    with plan.reading.element(node, "machines") as e:
        if e is None:
            return SHIPPED
        return tuple(_machine(e, workflow) for workflow in SHIPPED)


def _machine(machines: Element, shipped: Workflow) -> Workflow:
    node = machines.get(shipped.name)
    if node is None:
        return shipped
    own = isinstance(node, Mapping) and "states" in node.entries
    with machines.reading.element(node, shipped.name) as e:
        if e is None:
            return shipped
        if own or shipped.name != CYCLE:
            return read_definition(e, shipped.name)
        return cycle(
            channels=e.texts("channels") or ("website", "notice_board"),
            publishes_by_date=e.flag("publishes_by_date"),
            silence_approves=e.flag("silence_approves"),
        )


def read_amends(
    plan: Element, machines: tuple[Workflow, ...]
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return what becomes of the states of running instances when this plan amends another.

    A machine that is not named keeps its instances on the edition on which they are.
    """
    node = plan.get("amends")
    if node is None:
        return ()
    with plan.reading.element(node, "amends") as e:
        if e is None:
            return ()
        found = ((w, _becomes(e, w)) for w in machines if w.name in e.node.entries)
        return tuple((workflow.name, states) for workflow, states in found)


def _becomes(amends: Element, workflow: Workflow) -> tuple[tuple[str, str], ...]:
    node = amends.get(workflow.name)
    if node is None:  # all states keep their names
        return ()
    with amends.reading.element(node, workflow.name) as e:
        if e is None:
            return ()
        states = []
        for old in e.node.entries:
            new = e.text(old)
            if new in workflow.states:
                states.append((old, new))
            else:
                names = amends.reading.names
                names.unknown("P213", new, workflow.states, e.at(old), workflow.name)
        return tuple(states)
