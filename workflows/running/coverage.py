"""Coverage: which source document led to which target, and what has no counterpart (R-09, R-10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.population import Population
from engine.ports import Reader
from workflows import target
from workflows.plan.model import Plan, Source
from workflows.running.desk import Desk

PAGE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One target, by what one calls it, and the sources that it was taken from."""

    id: str
    title: str
    sources: tuple[str, ...]
    basis: str = ""
    """The document behind a dynamic one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One source and the targets that were taken from it."""

    source: Source
    targets: tuple[Covered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The matrix, and what is left over on either side."""

    lines: tuple[Line, ...]
    without_source: tuple[Covered, ...]
    """Targets that name neither source nor basis."""
    unknown: tuple[tuple[str, str], ...]
    """Target and a source that it names and the plan does not have."""

    @property
    def uncovered(self) -> tuple[Source, ...]:
        """Return the sources that led to no target."""
        return tuple(line.source for line in self.lines if not line.targets)


def coverage(sources: Sequence[Source], targets: Iterable[Covered]) -> Coverage:
    """Return how ``sources`` and ``targets`` answer each other."""
    known = {source.id for source in sources}
    of: dict[str, list[Covered]] = {ident: [] for ident in known}
    without, unknown = [], []
    for one in targets:
        if not one.sources and not one.basis:
            without.append(one)
        for ident in one.sources:
            if ident in known:
                of[ident].append(one)
            else:
                unknown.append((one.id, ident))
    return Coverage(
        lines=tuple(Line(source=s, targets=tuple(of[s.id])) for s in sources),
        without_source=tuple(without),
        unknown=tuple(unknown),
    )


def planned(plan: Plan) -> Iterator[Covered]:
    """Yield the targets as a plan file has them."""
    for one in plan.targets:
        yield Covered(id=one.id, title=one.name.zh, sources=one.sources, basis=one.basis)


def running(at: Desk[Reader]) -> Iterator[Covered]:
    """Yield the targets of a running cycle as they are now, the withdrawn left out."""
    void = at.plan.machine(target.NAME).void
    population = Population(cycle=at.key, workflow=target.NAME, parent=at.key)
    after = ""
    while page := at.unit.select(population, limit=PAGE, after=after):
        after = page[-1].key
        for one in page:
            if one.state not in void:
                yield Covered(
                    id=one.key,
                    title=str(one.facts.get("title", "")),
                    sources=tuple(str(one.facts.get("sources", "")).split()),
                    basis=str(one.facts.get("basis", "")),
                )
