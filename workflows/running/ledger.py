"""The ledger: instances of a cycle with what each owes next, in a few queries for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.deadline import Deadline, Exempt
from engine.events import Instance
from engine.guards import ALWAYS, Guard, StateIn, View, holds
from engine.population import Population
from engine.ports import Reader
from workflows import cycle
from workflows.plan.model import Step
from workflows.running.desk import Desk
from workflows.running.obligations import Standing, days_late, standing_of
from workflows.running.steps import owed, steps_binding

_PAGE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One instance with the obligation that presses most."""

    instance: Instance
    step: Step | None = None
    """The step that it owes next; nothing where it owes none with a date."""
    standing: Standing | None = None
    due_at: datetime | None = None
    days_late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which rows are asked for; what is empty does not narrow."""

    workflow: str = ""
    state: str = ""
    owner: str = ""
    lamp: str = ""
    late: bool = False


def ledger(desk: Desk[Reader], filters: Filters) -> Iterator[Row]:
    """Yield the instances of the cycle in order of machine and key, the cycle itself first."""
    dates = _Dates(desk)
    names = [w.name for w in desk.plan.machines]
    for name in sorted(names, key=lambda n: (n != cycle.NAME, names.index(n))):
        if filters.workflow and filters.workflow != name:
            continue
        for instance in _instances(desk, name, filters):
            if filters.lamp and instance.lamp != filters.lamp:
                continue
            row = dates.row(instance)
            if not filters.late or row.standing is Standing.LATE:
                yield row


def _instances(desk: Desk[Reader], workflow: str, filters: Filters) -> Iterator[Instance]:
    where: Guard = StateIn((filters.state,)) if filters.state else ALWAYS
    population = Population(cycle=desk.key, workflow=workflow, owner=filters.owner, where=where)
    after = ""
    while page := desk.unit.select(population, limit=_PAGE, after=after):
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].key


class _Dates:
    """The deadlines and exemptions of a cycle, read once for all of its instances."""

    def __init__(self, desk: Desk[Reader]) -> None:
        self._desk = desk
        self._shared: dict[tuple[str, str], Deadline] = {}
        self._own: dict[tuple[str, str, str], Deadline] = {}
        for deadline in desk.unit.deadlines(desk.key):
            if deadline.instance:
                self._own[deadline.step, deadline.occurrence, deadline.instance] = deadline
            else:
                self._shared[deadline.step, deadline.occurrence] = deadline
        self._exempt: dict[tuple[str, str], Exempt] = {}
        for kind in (Exempt.EXCUSED, Exempt.SUSPENDED):
            self._exempt |= dict.fromkeys(desk.unit.exempt(desk.key, kind), kind)

    def row(self, instance: Instance) -> Row:
        """Return the instance with the first of what it still owes."""
        owing = list(self._owing(instance))
        if not owing:
            return Row(instance=instance)
        step, standing, deadline = min(owing, key=_urgency)
        return Row(
            instance=instance,
            step=step,
            standing=standing,
            due_at=deadline.due_at if deadline else None,
            days_late=days_late(self._desk, deadline) if standing is Standing.LATE else 0,
        )

    def _owing(self, instance: Instance) -> Iterator[tuple[Step, Standing, Deadline | None]]:
        view = View(state=instance.state, facts=instance.facts, now=self._desk.now)
        occurrence = instance.origin.partition("@")[2]
        for step in steps_binding(self._desk.plan, instance):
            exempt = self._exempt.get((instance.key, step.id))
            if exempt is not None or not holds(owed(self._desk.plan, step), view):
                continue
            own = self._own.get((step.id, occurrence, instance.key))
            deadline = own or self._shared.get((step.id, occurrence))
            yield step, standing_of(self._desk, step, instance, deadline), deadline


def _urgency(owing: tuple[Step, Standing, Deadline | None]) -> tuple[bool, bool, str, str]:
    """Return how much it presses: what is late first, then what has a date, in order of date."""
    step, standing, deadline = owing
    due_at = deadline.due_at if deadline else None
    return (
        standing is not Standing.LATE,
        due_at is None or standing is Standing.UNRECORDED,
        due_at.isoformat() if due_at else "",
        step.id,
    )
