"""Running instances on a new edition of their machine: only where their states are mapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.act import Act
from engine.definition import Workflow
from engine.errors import N_, Refused
from engine.events import Event, Instance, Kind
from engine.population import Population, Tally
from engine.ports import UnitOfWork
from workflows.running.alterations import MOVES, STAYS, Alteration
from workflows.running.desk import Desk

BATCH = 500


class NotMapped(Refused):
    """Instances stand in states of which nobody said what they become."""

    code = "not-mapped"
    template = N_(
        "The new machine {machine} has no state {state}, in which {count} stand: {names}. "
        "Say what it becomes, one of {known}: --map {machine}:{state}=…"
    )


class UnknownMapping(Refused):
    """A mapping names what is not there."""

    code = "unknown-mapping"
    template = N_("--map {given}: {problem}; there are: {known}.")


def move_to_editions(
    old: Desk[UnitOfWork],
    new: Desk[UnitOfWork],
    mapping: Mapping[str, Mapping[str, str]],
    act: Act,
    cause: Event,
) -> Sequence[Alteration]:
    """Move the instances of mapped machines to the new editions; say of all what becomes of them.

    Raises:
        NotMapped: one stands in a state that the new edition has not, and that is not mapped.
        UnknownMapping: a mapping names a machine or a state that is not there.

    """
    names = [w.name for w in new.plan.machines]
    for machine, states in mapping.items():
        _known(machine, machine, names, N_("there is no such machine"))
        for state in states.values():
            known = new.plan.machine(machine).states
            _known(f"{machine}:{state}", state, known, N_("the new machine has no such state"))
    found: list[Alteration] = []
    for workflow in new.plan.machines:
        before = old.plan.machine(workflow.name)
        if before.edition == workflow.edition and workflow.name not in mapping:
            continue
        mine = [i for i in _running(old, workflow) if i.edition != workflow.edition]
        mapped = mapping.get(workflow.name)
        if mapped is not None:
            _move(old.unit, workflow, mine, mapped, act, cause)
        found.append(
            Alteration(
                part="machine",
                name=workflow.name,
                what=STAYS if mapped is None else MOVES,
                before=before.edition,
                after=workflow.edition,
                touched=by_owner(mine),
            )
        )
    return found


def _known(given: str, name: str, known: Sequence[str], problem: str) -> None:
    if name not in known:
        raise UnknownMapping(given=given, problem=problem, known=list(known))


def _running(at: Desk[UnitOfWork], workflow: Workflow) -> Iterator[Instance]:
    population = Population(cycle=at.key, workflow=workflow.name)
    found = at.unit.select(population, BATCH)
    while found:
        yield from found
        found = at.unit.select(population, BATCH, found[-1].key)


def _move(
    unit: UnitOfWork,
    workflow: Workflow,
    mine: Sequence[Instance],
    states: Mapping[str, str],
    act: Act,
    cause: Event,
) -> None:
    becomes = {s: states.get(s, s) for s in {i.state for i in mine}}
    for state, after in sorted(becomes.items()):
        if after not in workflow.states:
            there = [i.key for i in mine if i.state == state]
            raise NotMapped(
                machine=workflow.name,
                state=state,
                count=len(there),
                names=there[:5],
                known=list(workflow.states),
            )
    act = replace(act, cause=cause.position)
    for one in mine:
        instance = unit.load(one.key)
        data = {
            "machine": workflow.edition,
            "from": instance.edition,
            "state": becomes[instance.state],
            "was": instance.state,
        }
        unit.append(act.on(unit, instance, Kind.AMENDED, data))


def by_owner(instances: Sequence[Instance]) -> tuple[Tally, ...]:
    """Return per owner how many there are, and the first of them."""
    found: dict[str, list[str]] = {}
    for instance in instances:
        found.setdefault(instance.owner, []).append(instance.key)
    return tuple(
        Tally(owner=owner, count=len(keys), first=tuple(keys[:5]))
        for owner, keys in sorted(found.items())
    )
