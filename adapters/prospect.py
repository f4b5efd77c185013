"""Prospects: the moves that leave a state, what each still needs, and who may make it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.events import Instance
from engine.guards import Guard, unmet
from engine.moves import parent_of, view
from engine.ports import Reader
from workflows.running.desk import Desk
from workflows.running.people import recipients


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """One move that leaves the present state."""

    trigger: str
    target: str
    by: tuple[str, ...]
    people: tuple[str, ...]
    """Who may make it now: the holders, or ``post:`` and a post that nobody holds."""
    unmet: tuple[Guard, ...]
    automatic: bool
    needs_reason: bool

    @property
    def possible(self) -> bool:
        """Return whether nothing stands against it but the word of a person."""
        return not self.unmet


def prospects(desk: Desk[Reader], instance: Instance) -> Sequence[Prospect]:
    """Return the moves that leave the instance's state, those that are possible first."""
    machine = desk.unit.machine(instance.edition)
    parent = parent_of(desk.unit, instance)
    found = []
    for edge in machine.leaving(instance.state):
        if edge.forced:
            continue
        seen = view(desk.unit, instance, edge.guard, parent)
        people = recipients(desk, edge.by, [instance.owner])
        found.append(
            Prospect(
                trigger=edge.trigger,
                target=edge.target,
                by=edge.by,
                people=tuple(people),
                unmet=tuple(unmet(edge.guard, seen)),
                automatic=edge.automatic,
                needs_reason=edge.needs_reason,
            )
        )
    return sorted(found, key=lambda p: not p.possible)
