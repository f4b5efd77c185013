"""What was forced back stays where it was put until something changes.

An automatic move is made as soon as its guard holds, and the guard that had
brought an instance forward still holds after an administrator forced it back.
Whether anything has changed since is read from histories alone, so that it
does not matter which daemon looks, or when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.content import content
from engine.definition import Move, Workflow
from engine.events import Event, Instance, Kind
from engine.guards import Compare, Guard, Joined, Known, ParentIn, ParentKnows, Reached, leaves
from engine.population import Population
from engine.ports import Reader

FORCED_BACK = "forced_back"
"""Fact of an instance that was forced back at some time: whether it still is, its history tells."""


def goes_back(workflow: Workflow, source: str, target: str) -> bool:
    """Return whether ``target`` lies before ``source`` on the main line."""
    line = workflow.line
    return source in line and target in line and line.index(target) < line.index(source)


def is_held(reader: Reader, instance: Instance, edge: Move) -> bool:
    """Return whether the automatic move ``edge`` of an instance that was forced back still waits.

    It waits until a fact that its guard reads is recorded anew, a child that
    its join counts has changed, or the parent has, where it reads the parent.
    """
    if FORCED_BACK not in instance.facts:
        return False
    workflow = reader.machine(instance.edition).workflow
    history = reader.history(instance.key)
    last = next((e for e in reversed(history) if e.kind is Kind.MOVED), None)
    if last is None or not last.forced or not goes_back(workflow, last.source, last.target):
        return False
    parts = list(leaves(edge.guard))
    return not (
        _tells(history, last.position, _facts(parts, Known, Compare, Reached))
        or _children_changed(reader, workflow, instance, parts, last.position)
        or _parent_changed(reader, instance, parts, last.position)
    )


def _facts(parts: Iterable[Guard], *kinds: type) -> set[str]:
    return {str(leaf.fact) for leaf in parts if isinstance(leaf, kinds)}  # type: ignore[union-attr]


def _tells(history: Sequence[Event], since: int, facts: set[str]) -> bool:
    """Return whether something recorded ``since`` then tells one of ``facts`` anew."""
    return any(e.position > since and facts & set(content(e)) for e in history)


def _children_changed(
    reader: Reader, workflow: Workflow, instance: Instance, parts: Iterable[Guard], since: int
) -> bool:
    joins = (workflow.join(leaf.join) for leaf in parts if isinstance(leaf, Joined))
    below = instance.key if instance.parent else ""  # a cycle's join counts all within it
    return any(
        reader.select(
            Population(
                cycle=instance.cycle, workflow=kind.workflow, parent=below, changed_since=since
            ),
            limit=1,
        )
        for join in joins
        if join is not None
        for kind in join.counted
    )


def _parent_changed(reader: Reader, instance: Instance, parts: Sequence[Guard], since: int) -> bool:
    facts = _facts(parts, ParentKnows)
    states = {state for leaf in parts if isinstance(leaf, ParentIn) for state in leaf.states}
    if not instance.parent or not (facts or states):
        return False
    history = reader.history(instance.parent)
    return _tells(history, since, facts) or any(
        e.position > since and e.kind is Kind.MOVED and e.target in states for e in history
    )
