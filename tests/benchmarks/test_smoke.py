"""The benchmarks run; what they measure is their own affair."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.figures import show
from tests.benchmarks.run import CASES, cases

FEW = 50


def test_every_case_runs_on_a_few_targets(tmp_path: Path) -> None:
    figures = [figure for name in CASES for figure in cases()[name](tmp_path, FEW)]
    assert all(figure.value > 0 for figure in figures)
    show(figures)
