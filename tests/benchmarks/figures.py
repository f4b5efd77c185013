"""Figures: what was measured, beside the floor and the aim, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH = 120
"""A narrower terminal, or a pipe, may break lines itself."""

THOUSANDS = 1000
"""From here on a figure needs no decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing measured."""

    what: str
    value: float
    unit: str
    floor: float | None = None
    """What the database's driver alone does, in the same unit and the same run."""
    aim: float | None = None
    """The ratio to the floor, or the value where there is none, that is hoped for."""
    more_is_better: bool = True
    targets: int = 0
    database: str = ""

    @property
    def ratio(self) -> float | None:
        """Return our figure as a part of the floor's."""
        return self.value / self.floor if self.floor else None

    @property
    def reached(self) -> bool | None:
        """Return whether the aim is reached; nothing where there is none."""
        if self.aim is None:
            return None
        found = self.value if self.floor is None else self.value / self.floor
        return found >= self.aim if self.more_is_better else found <= self.aim

    def as_data(self) -> dict[str, Any]:
        """Return the figure as JSON data."""
        return {**asdict(self), "ratio": self.ratio, "reached": self.reached}


def seconds(work: Callable[[], object]) -> float:
    """Return how long ``work`` takes."""
    begun = perf_counter()
    work()
    return perf_counter() - begun


def typical(times: Sequence[float]) -> float:
    """Return the median, never quite zero."""
    return max(median(times), 1e-9)


def show(figures: Sequence[Figure]) -> None:
    """Print the table."""
    table = Table(title="duban against the floor")
    for name in ("database", "targets", "what", "figure", "unit", "floor", "ratio", "aim", ""):
        table.add_column(name, justify="left" if name in ("database", "what", "unit") else "right")
    for figure in figures:
        table.add_row(
            figure.database,
            f"{figure.targets:,}" if figure.targets else "",
            figure.what,
            _number(figure.value),
            figure.unit,
            _number(figure.floor),
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            _aim(figure),
            {True: "reached", False: "MISSED", None: ""}[figure.reached],
        )
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= THOUSANDS else f"{value:,.1f}"


def _aim(figure: Figure) -> str:
    if figure.aim is None:
        return ""
    sign = "≥" if figure.more_is_better else "≤"
    return f"{sign} {figure.aim:g}" if figure.floor else f"{sign} {_number(figure.aim)}"
