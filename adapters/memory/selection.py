"""Populations and joins, decided instance by instance."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from adapters.memory.tables import ByState, Tables
from engine.definition import Counted, Join, Workflow
from engine.events import Instance
from engine.guards import Guard, Joined, View, holds, leaves
from engine.population import CHANGES, Population


def chosen(
    tables: Tables,
    population: Population,
    now: datetime,
    after: str = "",
    states: Collection[str] | None = None,
) -> list[Instance]:
    """Return the instances of ``population`` past ``after``, in order of key.

    Text sorts by code point, which is also the order of its bytes in UTF-8.
    """
    after, until = max(after, population.after), population.until
    found_keys = _candidates(tables, population, states)
    keys = (key for key in found_keys if key > after and (not until or key <= until))
    found = (tables.instances.rows[key] for key in sorted(keys))
    return [instance for instance in found if _belongs(tables, population, instance, now)]


def _candidates(
    tables: Tables, population: Population, states: Collection[str] | None
) -> Iterator[str]:
    if population.parent:
        found = tables.instances.by_parent.get((population.parent, population.workflow), {})
    else:
        found = tables.instances.by_cycle.get((population.cycle, population.workflow), {})
    for state, keys in found.items():
        if states is None or state in states:
            yield from ({population.key} & keys) if population.key else keys


def _belongs(tables: Tables, wanted: Population, found: Instance, now: datetime) -> bool:
    return (
        found.cycle == wanted.cycle
        and (not wanted.origin or found.origin == wanted.origin)
        and (not wanted.owner or found.owner == wanted.owner)
        and (not wanted.lit or bool(found.lamp))
        and (not wanted.changed_since or _changed(tables, found, wanted.changed_since))
        and wanted.bound_by not in tables.exemptions.rows.get(found.key, ())
        and holds(wanted.where, View(found.state, found.facts, wanted.as_of or now))
    )


def _changed(tables: Tables, found: Instance, since: int) -> bool:
    positions = (tables.positions.rows[found.key, n] for n in range(1, found.sequence + 1))
    return any(p > since and tables.events.rows[p].kind in CHANGES for p in positions)


def joined(tables: Tables, join: Join, instance: Instance, now: datetime) -> bool:
    """Return whether every child of ``instance`` that ``join`` counts has arrived.

    The first that counts in a state speaks for the state, so that asking
    after each move of a large cycle stays cheap.
    """
    any_counted = False
    for kind in join.counted:
        for state, keys in _below(tables, instance, kind).items():
            if any(_counts(tables, kind, key, now) for key in keys):
                if state not in kind.arrived:
                    return False
                any_counted = True
    return any_counted or join.may_be_empty


def awaited(tables: Tables, join: Join, instance: Instance, now: datetime) -> Sequence[Instance]:
    """Return the counted children that have not arrived, in order of key."""
    missing = {
        key
        for kind in join.counted
        for state, keys in _below(tables, instance, kind).items()
        if state not in kind.arrived
        for key in keys
        if _counts(tables, kind, key, now)
    }
    return [tables.instances.rows[key] for key in sorted(missing)]


def arrived(tables: Tables, join: Join, instance: Instance, now: datetime) -> int:
    """Return how many children of ``instance`` that ``join`` counts have arrived."""
    return len(
        {
            key
            for kind in join.counted
            for state, keys in _below(tables, instance, kind).items()
            if state in kind.arrived
            for key in keys
            if _counts(tables, kind, key, now)
        }
    )


def joins_read(
    tables: Tables, guard: Guard, workflow: Workflow, instance: Instance, now: datetime
) -> Mapping[str, bool]:
    """Return of each join that ``guard`` reads whether it holds for ``instance``."""
    names = {leaf.join for leaf in leaves(guard) if isinstance(leaf, Joined)}
    return {j.name: joined(tables, j, instance, now) for j in workflow.joins if j.name in names}


def _below(tables: Tables, instance: Instance, kind: Counted) -> ByState:
    """Return the children of the kind, in the states in which they count at all."""
    known = tables.instances
    index = known.by_parent if instance.parent else known.by_cycle
    states = index.get((instance.key, kind.workflow), {})
    return {
        state: keys - {instance.key} if instance.key in keys else keys
        for state, keys in states.items()
        if state not in kind.left_out
    }


def _counts(tables: Tables, kind: Counted, key: str, now: datetime) -> bool:
    child = tables.instances.rows[key]
    return holds(kind.when, View(child.state, child.facts, now))
