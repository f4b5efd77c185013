"""One contract, every store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import StandingClock
from engine.ports import Store
from tests.contract.stores import STORES
from tests.contract.world import NOW, open_cycle


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


@pytest.fixture(params=STORES)
def blank(request: pytest.FixtureRequest, tmp_path: Path, clock: StandingClock) -> Iterator[Store]:
    """A store in which nothing is."""
    with STORES[request.param](tmp_path, clock) as made:
        yield made


@pytest.fixture
def store(blank: Store) -> Store:
    """A store in which the cycle qz-2024 was opened."""
    with blank.unit_of_work(NOW) as unit:
        open_cycle(unit)
    return blank


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, clock: StandingClock
) -> Iterator[Store]:
    """A SQL store with its cycle, for what only a database can refuse."""
    with STORES[request.param](tmp_path, clock) as made:
        with made.unit_of_work(NOW) as unit:
            open_cycle(unit)
        yield made
