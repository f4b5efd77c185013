"""Near misses: which instance may have been meant by a key that is none."""

from __future__ import annotations

import difflib

from engine.population import Population
from engine.ports import Reader

MOST_COMPARED = 2000
LONGEST_KEY = 200


def near_keys(reader: Reader, key: str) -> list[str]:
    """Return up to three keys that look like ``key``."""
    if len(key) > LONGEST_KEY:
        return []
    cycles = [c.key for c in reader.cycles()]
    cycle, _, rest = key.partition("/")
    if cycle not in cycles:
        # The bare id of a target is typed sooner than its whole key.
        owners = [c for c in cycles if reader.find(f"{c}/{key}") is not None]
        if owners:
            return [f"{c}/{key}" for c in owners[:3]]
        near = difflib.get_close_matches(cycle, cycles, n=3, cutoff=0.5)
        return [f"{c}/{rest}" if rest and reader.find(f"{c}/{rest}") else c for c in near]
    known: list[str] = []
    root = reader.find(cycle)
    for workflow in _workflows(reader, root.edition if root else ""):
        found = reader.select(Population(cycle=cycle, workflow=workflow), limit=MOST_COMPARED)
        known += [instance.key for instance in found]
    return difflib.get_close_matches(key, known, n=3, cutoff=0.6)


def _workflows(reader: Reader, edition: str) -> list[str]:
    if not edition:
        return []
    workflow = reader.machine(edition).workflow
    names = {c.child for c in workflow.cascades}
    return sorted(names | {c.workflow for j in workflow.joins for c in j.counted})
