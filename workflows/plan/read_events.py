"""Reading how the plan's dates call events: 人代会闭会 is a record, under a name for typing."""

from __future__ import annotations

from engine.definition import Workflow
from workflows.plan.diagnostics import brief
from workflows.plan.element import Element
from workflows.plan.names import nearest
from workflows.plan.record_names import RecordNames
from workflows.plan.source import Mapping

LONGEST_NAME = 60


def read_events(plan: Element, machines: tuple[Workflow, ...]) -> tuple[tuple[str, str], ...]:
    """Return name and what it stands for: a record or a state of some machine."""
    node = plan.get("events")
    if node is None:
        return ()
    with plan.reading.element(node, "events") as e:
        if e is None or not isinstance(node, Mapping):
            return ()
        kinds = RecordNames(*machines)
        states = [state for machine in machines for state in machine.states]
        found = []
        for name, (key, _) in node.entries.items():
            stands_for = e.text(name, required=True)
            if len(name) > LONGEST_NAME:
                e.note("P126", key.place, key=brief(name), limit=LONGEST_NAME)
            elif stands_for and stands_for not in states and kinds.kind(stands_for) is None:
                known = nearest(stands_for, [*kinds.known(), *states])
                e.note("P227", e.at(name), name=brief(name), id=brief(stands_for), known=known)
            elif stands_for:
                found.append((name.strip(), stands_for))
        return tuple(found)
