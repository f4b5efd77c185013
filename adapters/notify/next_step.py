"""The command by which the reader of a notice gets on with what is owed."""

from __future__ import annotations

from engine.events import Instance
from engine.ports import Reader
from workflows.plan.model import Step
from workflows.running.desk import Desk


def next_step(at: Desk[Reader], step: Step, key: str) -> str:
    """Return the command that brings ``step`` forward for the instance ``key``.

    A field that must be filled in shows as ``--field document=…``.
    """
    instance = at.unit.find(key)
    if instance is None:
        return f"duban due {at.key}"
    missing = [name for name in step.records if instance.facts.get(name) is None]
    if step.hand_in or missing:
        return _record(at, instance, "handed_in" if step.hand_in else missing[0])
    edges = at.unit.machine(instance.edition).leaving(instance.state)
    for edge in edges:
        if edge.target == step.brings and not (edge.forced or edge.automatic):
            return f"duban move {key} {edge.trigger}"
    return f"duban show {key}"


def _record(at: Desk[Reader], instance: Instance, name: str) -> str:
    """Return the command that makes the record ``name``, such as ``publication:website``."""
    kind, _, which = name.partition(":")
    declared = at.unit.machine(instance.edition).workflow.record(kind)
    if declared and declared.states and instance.state not in declared.states:
        return f"duban show {instance.key}"  # another move comes first; there it says which
    words = [f"duban record {instance.key} {kind}"]
    for part in declared.fields if declared else ():
        if declared and part.name == declared.per and which:
            words.append(f"--field {part.name}={which}")
        elif part.required:
            words.append(f"--field {part.name}=…")
    return " ".join(words)
