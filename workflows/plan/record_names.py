"""The names by which steps speak of records: ``reply``, or ``publication:website``."""

from __future__ import annotations

from engine.definition import RecordKind, Workflow
from engine.guards import Known, leaves
from workflows.plan.diagnostics import Place, brief
from workflows.plan.element import Reading


class RecordNames:
    """What can be recorded on instances of some machines."""

    def __init__(self, *machines: Workflow) -> None:
        self._machines = machines

    def kind(self, name: str) -> RecordKind | None:
        """Return the kind of record that ``name`` is of."""
        stem = name.partition(":")[0]
        found = (machine.record(stem) for machine in self._machines)
        return next((kind for kind in found if kind is not None), None)

    def known(self) -> tuple[str, ...]:
        """Return every name, with those values that some guard asks for."""
        return tuple(
            name
            for machine in self._machines
            for kind in machine.records
            for name in (_asked(machine, kind.kind) or (_example(kind),))
        )

    def check(self, name: str, place: Place, reading: Reading) -> bool:
        """Return whether ``name`` is a record; note it when it is not."""
        kind = self.kind(name)
        stem, colon, value = name.partition(":")
        asked = {n for machine in self._machines for n in _asked(machine, stem)}
        if kind and kind.per and not value:
            example = min(asked, default=_example(kind))
            reading.notes.add("P252", place, kind=stem, per=kind.per, example=example)
            return False
        if kind is None or (colon and not kind.per) or (asked and name not in asked):
            names, machine = self.known(), self._machines[0].name
            reading.names.unknown("P214", brief(name), names, place, machine=machine)
            return False
        return True


def _example(kind: RecordKind) -> str:
    return f"{kind.kind}:{kind.per}" if kind.per else kind.kind


def _asked(machine: Workflow, kind: str) -> tuple[str, ...]:
    """Return the facts of the kind, one per value, that guards of the machine ask for."""
    found = (
        leaf.fact
        for transition in machine.transitions
        for leaf in leaves(transition.guard)
        if isinstance(leaf, Known) and leaf.fact.startswith(f"{kind}:")
    )
    return tuple(dict.fromkeys(found))
