"""Checking targets: coverage of the sources, overlap, and what publication will ask for."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import N_
from workflows.likeness import alike, pairs
from workflows.plan.diagnostics import Diagnostic
from workflows.plan.model import Plan, Target
from workflows.plan.places import Places

MOST_PAIRS = 100_000
"""Pairs of names that are compared letter by letter."""


def check_targets(plan: Plan, places: Places) -> Iterator[Diagnostic]:
    """Yield what is wrong with the targets of ``plan``."""
    dynamic = {category.id for category in plan.categories if category.dynamic}
    for target in plan.targets:
        place = places.of("target", target.id)
        if target.category in dynamic:
            if not target.basis:
                yield Diagnostic.at(place, "P244", target=target.id)
        elif plan.sources and not target.sources:
            yield Diagnostic.at(place, "P304", target=target.id)
        missing = _missing(target)
        if missing:
            yield Diagnostic.at(place, "P307", target=target.id, missing=missing)
    used = {source for target in plan.targets for source in target.sources}
    for source in plan.sources:
        if source.id not in used:
            yield Diagnostic.at(places.of("source", source.id), "P305", source=source.id)
    yield from _overlaps(plan, places, dynamic)
    yield from _same_names(plan, places)
    yield from _similar_names(plan, places, dynamic)


def _missing(target: Target) -> tuple[str, ...]:
    asked = {
        N_("pace"): target.pace,
        N_("quality"): target.quality,
        N_("finish_by"): target.finish_by,
    }
    return tuple(name for name, value in asked.items() if not value)


def _overlaps(plan: Plan, places: Places, dynamic: set[str]) -> Iterator[Diagnostic]:
    """Check that no dynamic target shares a source with one that was planned."""
    planned: dict[str, str] = {}
    for target in plan.targets:
        if target.category not in dynamic:
            for source in target.sources:
                planned.setdefault(source, target.id)
    for target in plan.targets:
        if target.category in dynamic:
            for source in target.sources:
                if source in planned:
                    values = {"target": target.id, "source": source, "other": planned[source]}
                    yield Diagnostic.at(places.of("target", target.id), "P245", **values)


def _same_names(plan: Plan, places: Places) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for target in plan.targets:
        name = "".join(target.name.zh.split()).casefold()
        other = seen.setdefault(name, target.id)
        if name and other != target.id:
            place = places.of("target", target.id)
            yield Diagnostic.at(place, "P306", target=target.id, other=other)


def _similar_names(plan: Plan, places: Places, dynamic: set[str]) -> Iterator[Diagnostic]:
    """Ask about dynamic targets whose names come near those that were planned."""
    planned = [(t, pairs(t.name.zh)) for t in plan.targets if t.category not in dynamic]
    added = [t for t in plan.targets if t.category in dynamic]
    if len(planned) * len(added) > MOST_PAIRS:
        yield Diagnostic.at(places.of("target", added[0].id), "P311")
        return
    for target in added:
        mine = pairs(target.name.zh)
        for other, known in planned:
            if target.name != other.name and alike(mine, known):
                place = places.of("target", target.id)
                yield Diagnostic.at(place, "P306", target=target.id, other=other.id)
