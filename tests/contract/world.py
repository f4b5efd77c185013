"""A small family of machines, and short words for making instances and events of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.deadline import Certainty, Deadline, Timer
from engine.definition import Counted, Join, Transition, Workflow
from engine.events import Event, Instance, Kind
from engine.facts import FactType, Value
from engine.guards import All, Compare, Joined, Known, Not, ParentIn, ParentKnows, Reached
from engine.machine import Machine
from engine.population import Population, Stamp
from engine.ports import Reader, Store, UnitOfWork

NOW = datetime(2024, 7, 10, 1, 2, 3, 456789, tzinfo=UTC)
HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
CYCLE = "qz-2024"

NO_GAP = Join(
    name="no_gap", counted=(Counted(workflow="gap", arrived=("closed",)),), may_be_empty=True
)
ALL_DONE = Join(
    name="all_done",
    counted=(
        Counted(workflow="goal", arrived=("high",), left_out=("dropped",)),
        Counted(workflow="task", arrived=("done",), when=Compare("gate", "==", "closed")),
    ),
)

YEAR = Workflow(
    name="year",
    states=("drafting", "published", "closed"),
    initial="drafting",
    line=("drafting", "published", "closed"),
    final=("closed",),
    transitions=(
        Transition(trigger="publish", sources=("drafting",), target="published"),
        Transition(
            trigger="close", sources=("published",), target="closed", guard=Joined("all_done")
        ),
    ),
    facts=(("circular", FactType.TEXT),),
    joins=(ALL_DONE, NO_GAP),
)

REPORT = ("report", "report.document", 'report."odd".$name')
"""Facts that `redo` clears; the last would break a path that is not quoted."""

GOAL = Workflow(
    name="goal",
    states=("low", "middle", "high", "dropped"),
    initial="low",
    line=("low", "middle", "high"),
    final=("high", "dropped"),
    void=("dropped",),
    transitions=(
        Transition(trigger="climb", sources=("low",), target="middle"),
        Transition(trigger="climb", sources=("middle",), target="high", guard=Not(Known("tired"))),
        Transition(trigger="pass", sources=("low",), target="high", guard=Compare("n", ">=", 60)),
        Transition(trigger="open", sources=("low",), target="middle", guard=Reached("opens")),
        Transition(
            trigger="follow",
            sources=("low",),
            target="middle",
            guard=All((ParentIn(("published",)), Not(ParentKnows("circular")))),
        ),
        Transition(trigger="settle", sources=("low",), target="high", guard=Joined("no_gap")),
        Transition(trigger="redo", sources=("middle",), target="low", clears=REPORT),
        Transition(trigger="redo", sources=("high",), target="low"),
        Transition(trigger="drop", sources=("low", "middle"), target="dropped"),
    ),
    forcible=("low", "high"),
    facts=(("n", FactType.INTEGER), ("tired", FactType.BOOLEAN), ("opens", FactType.MOMENT)),
    joins=(NO_GAP,),
)

GAP = Workflow(
    name="gap",
    states=("open", "closed"),
    initial="open",
    line=("open", "closed"),
    final=("closed",),
    transitions=(Transition(trigger="close", sources=("open",), target="closed"),),
)

TASK = Workflow(
    name="task",
    states=("open", "done"),
    initial="open",
    line=("open", "done"),
    final=("done",),
    transitions=(Transition(trigger="hand_in", sources=("open",), target="done"),),
    facts=(("gate", FactType.TEXT),),
)

FAMILY = {workflow.name: workflow for workflow in (YEAR, GOAL, GAP, TASK)}
MACHINES = {name: Machine(workflow) for name, workflow in FAMILY.items()}

GOALS = Population(cycle=CYCLE, workflow="goal")
STAMP = Stamp(occurred_at=NOW - HOUR, recorded_at=NOW)


def instance(
    key: str,
    state: str = "",
    workflow: str = "goal",
    owner: str = "section-1",
    origin: str = "",
    **facts: Value,
) -> Instance:
    """An instance as it stands after its first event."""
    made = FAMILY[workflow]
    return Instance(
        key=key,
        workflow=workflow,
        edition=made.edition,
        state=state or made.initial,
        sequence=1,
        owner=owner,
        origin=origin,
        facts=facts,
    )


def born(instance: Instance, **fields: Any) -> tuple[Instance, Event]:
    return instance, following(instance, sequence=1, kind=Kind.OPENED, **fields)


def following(instance: Instance, **fields: Any) -> Event:
    """The next event of the instance: a note, unless ``fields`` say otherwise."""
    given: dict[str, Any] = {
        "instance": instance.key,
        "sequence": instance.sequence + 1,
        "kind": Kind.RECORDED,
        "actor": "zhang",
        "occurred_at": NOW - HOUR,
        "recorded_at": NOW,
    }
    return Event(**{**given, **fields})


def moving(instance: Instance, trigger: str, **fields: Any) -> Event:
    """The event of the move that ``trigger`` makes."""
    move = MACHINES[instance.workflow].edge(trigger, instance.state)
    assert move is not None
    edge = {"trigger": trigger, "source": move.source, "target": move.target}
    return following(
        instance, **{"kind": Kind.MOVED, "edition": instance.edition, **edge, **fields}
    )


def create(unit: UnitOfWork, *instances: Instance) -> list[int]:
    return list(unit.create([born(one) for one in instances]))


def open_cycle(unit: UnitOfWork, key: str = CYCLE) -> None:
    """Open a cycle under a plan of its own, as the first thing in a store."""
    for workflow in FAMILY.values():
        unit.publish_workflow(workflow)
    create(unit, instance(key, workflow="year"))
    unit.publish_plan(f"plan@{key}", {"title": key})
    unit.bind_plan(key, f"plan@{key}")


def filled(store: Store, *instances: Instance) -> None:
    """Put instances into the store."""
    with store.unit_of_work(NOW) as unit:
        create(unit, *instances)


def states(reader: Reader, workflow: str = "goal") -> Mapping[str, str]:
    """State by the last part of the key."""
    found = reader.select(Population(cycle=CYCLE, workflow=workflow))
    return {one.key.rpartition("/")[2]: one.state for one in found}


def keys(reader: Reader, population: Population) -> list[str]:
    return [one.key for one in reader.select(population)]


def deadline(name: str, step: str = "draft", **fields: Any) -> Deadline:
    given: dict[str, Any] = {"id": name, "cycle": CYCLE, "step": step, "certainty": Certainty.FIXED}
    return Deadline(**{**given, **fields})


def timer(name: str, of: Deadline, hours: float = 0, **fields: Any) -> Timer:
    """A timer that fires ``hours`` from now."""
    given: dict[str, Any] = {
        "id": name,
        "deadline": of.id,
        "cycle": of.cycle,
        "rung": "r0",
        "fires_at": NOW + hours * HOUR,
    }
    return Timer(**{**given, **fields})
