"""Populations and joins as SQL conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from adapters.sql.guards import Setting, compile_guard
from adapters.sql.tables import EVENT, EXEMPTION, INSTANCE
from engine.definition import Join, Workflow
from engine.guards import ALWAYS, All, Guard, Not, StateIn
from engine.population import CHANGES, Population


def within(
    population: Population,
    cycle_id: int,
    parent_id: int | None,
    setting: Setting,
    states: Sequence[str],
) -> ColumnElement[bool]:
    """Return the condition on `INSTANCE` that selects ``population``.

    ``states`` are all those that an instance of its workflow can be in.
    """
    parts: list[ColumnElement[bool]] = [
        INSTANCE.c.cycle_id == cycle_id,
        INSTANCE.c.workflow == population.workflow,
    ]
    if population.parent == population.cycle:
        # All that lies directly below a cycle: no use looking it up by its parent.
        parts.append(INSTANCE.c.parent_id + 0 == parent_id)
    elif population.parent:
        parts.append(INSTANCE.c.parent_id == parent_id)
    if population.key:
        parts.append(INSTANCE.c.key == population.key)
    if population.origin:
        parts.append(INSTANCE.c.origin == population.origin)
    if population.owner:
        parts.append(INSTANCE.c.owner == population.owner)
    if population.where != ALWAYS:
        asked = replace(setting, now=population.as_of or setting.now)
        parts.append(compile_guard(listed(population.where, states), asked))
    if population.bound_by:
        parts.append(
            ~exists(
                select(EXEMPTION.c.instance_id).where(
                    EXEMPTION.c.instance_id == INSTANCE.c.id,
                    EXEMPTION.c.step == population.bound_by,
                )
            )
        )
    if population.after:
        parts.append(INSTANCE.c.key > population.after)
    if population.until:
        parts.append(INSTANCE.c.key <= population.until)
    if population.lit:
        parts.append(INSTANCE.c.lamp != "")
    if population.changed_since:
        changed = select(EVENT.c.position).where(
            EVENT.c.instance_id == INSTANCE.c.id,
            EVENT.c.position > population.changed_since,
            EVENT.c.kind.in_([str(kind) for kind in CHANGES]),
        )
        parts.append(exists(changed))
    return and_(*parts)


def listed(guard: Guard, states: Sequence[str]) -> Guard:
    """Return ``guard`` with the states that it denies said as those that remain.

    So the index on state finds the few that fall short without passing over
    the many that do not.
    """
    parts = guard.parts if isinstance(guard, All) else (guard,)
    denied: set[str] = set()
    others: list[Guard] = []
    for part in parts:
        if isinstance(part, Not) and isinstance(part.guard, StateIn):
            denied |= set(part.guard.states)
        else:
            others.append(listed(part, states) if isinstance(part, All) else part)
    remaining = (StateIn(tuple(s for s in states if s not in denied)),) if denied else ()
    return All((*remaining, *others))


def counted(
    join: Join,
    machines: Sequence[Workflow],
    child: Any,
    below: ColumnElement[bool],
    setting: Setting,
    *,
    arrived: bool,
) -> ColumnElement[bool]:
    """Return the condition on ``child`` for the children that ``join`` counts.

    The states are listed, never negated: so the index on state finds the few
    that have not arrived without passing over the many that have.
    """
    options = []
    for kind in join.counted:
        declared = {s for m in machines if m.name == kind.workflow for s in m.states}
        counted_states = declared - set(kind.left_out)
        there = set(kind.arrived) & counted_states
        states = there if arrived else counted_states - there
        local = Setting(setting.now, facts=child.c.facts, state=child.c.state)
        options.append(
            and_(
                child.c.workflow == kind.workflow,
                child.c.state.in_(sorted(states)),
                compile_guard(kind.when, local) if kind.when != ALWAYS else true(),
            )
        )
    return and_(below, or_(*options))


def joins_of(
    workflow: Workflow, machines: Sequence[Workflow], setting: Setting, *, of_cycles: bool
) -> dict[str, ColumnElement[bool]]:
    """Return, per join of ``workflow``, its condition on a row of `INSTANCE`.

    Counted are direct children, and with ``of_cycles`` for a cycle all within it.
    """
    conditions = {}
    for join in workflow.joins:
        child = INSTANCE.alias(f"child_{join.name}")
        below = child.c.parent_id == INSTANCE.c.id
        if of_cycles:
            within_cycle = and_(
                INSTANCE.c.parent_id.is_(None),
                child.c.cycle_id == INSTANCE.c.id,
                child.c.id != INSTANCE.c.id,
            )
            below = or_(below, within_cycle)
        missing = exists(
            select(child.c.id).where(counted(join, machines, child, below, setting, arrived=False))
        )
        held = ~missing
        if not join.may_be_empty:
            there = counted(join, machines, child, below, setting, arrived=True)
            held = and_(held, exists(select(child.c.id).where(there)))
        conditions[join.name] = held
    return conditions
