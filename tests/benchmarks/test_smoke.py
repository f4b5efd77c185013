"""The benchmarks run; what they measure is their own affair."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.figures import show
from tests.benchmarks.peers import ours, work
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


@pytest.mark.slow
def test_duban_does_the_work_of_its_contenders(tmp_path: Path) -> None:
    """Contenders themselves are measured where they can be installed; no test asks for them."""
    asked = work.Asked(str(tmp_path / "peer.db"), targets=FEW, singles=3, seconds=60)
    ours.prepare(asked)
    assert ours.single(asked)["done"] == 3
    assert ours.deadline(asked, few=False)["done"] == FEW


def test_a_move_of_contenders_is_on_record(tmp_path: Path) -> None:
    targets = work.Targets(str(tmp_path / "work.db"))
    targets.make(FEW)
    for number in (1, FEW):
        targets.expire(number)
    assert targets.moved() == 2
