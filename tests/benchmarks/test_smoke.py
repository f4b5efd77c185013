"""The benchmarks run; what they measure is their own affair."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.figures import show
from tests.benchmarks.run import CASES, cases
from tests.benchmarks.sites import SITES

FEW = 50
LONG = "start_up"
"""Starts the command line many times, on both databases alike."""


@pytest.mark.slow
@pytest.mark.parametrize("database", SITES)
def test_every_case_runs_on_a_few_targets(tmp_path: Path, database: str) -> None:
    site = SITES[database](tmp_path)
    try:
        ran = [name for name in CASES if database == "sqlite" or name != LONG]
        figures = [figure for name in ran for figure in cases()[name](site, FEW)]
    finally:
        site.clear()
    assert all(figure.value > 0 for figure in figures)
    show(figures)
