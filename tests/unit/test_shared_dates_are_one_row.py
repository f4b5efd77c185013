"""Shared dates stay one row: opening and running cost rows by steps and rungs, not by targets."""

from __future__ import annotations

import pytest

from engine.events import Kind
from tests.unit.year import Year, begin, publish, small

FEW, MANY = 10, 1000


def rows(year: Year) -> tuple[int, int]:
    """Return how many deadlines and timers are kept, old versions and settled timers too."""
    with year.store.reading() as reader:
        deadlines = reader.deadlines(year.key, all_versions=True)
        return len(deadlines), len(reader.timers(year.key, pending=False))


@pytest.fixture(params=[2024, 2025])
def both(request: pytest.FixtureRequest) -> tuple[Year, Year]:
    opened = f"{request.param}-06-01 09:00"
    few, many = (begin(small(count, request.param), opened) for count in (FEW, MANY))
    return few, many


def test_opening_takes_as_many_rows_for_many_as_for_few(both: tuple[Year, Year]) -> None:
    few, many = both
    assert rows(few) == rows(many)
    deadlines, timers = rows(many)
    assert 0 < deadlines < timers < FEW * len(many.plan.steps)


def test_firing_and_doing_takes_no_more_rows_either(both: tuple[Year, Year]) -> None:
    for year in both:
        publish(year)
        year.tick(f"{year.plan.year + 1}-01-20 00:00")
    few, many = both
    assert rows(few) == rows(many)
    late = [len(year.history("T-1", Kind.LATE)) for year in both]
    assert late == [1, 1]


def test_only_a_date_of_its_own_is_a_row_of_its_own(both: tuple[Year, Year]) -> None:
    few, many = both
    for year in both:
        publish(year)
        year.record("T-1", "self_report", {"completion": 100})
        year.tick(f"{year.plan.year + 1}-01-20 00:00")
        year.move("T-1", "return_report", reason="自评不实")
        assert year.deadline("s4", "T-1").instance == year.name("T-1")
    assert rows(few) == rows(many)


def test_resolving_again_takes_one_row_for_each_date_that_moved(both: tuple[Year, Year]) -> None:
    few, many = both
    before = rows(many)
    for year in both:
        publish(year)
        year.record("", "circular", {"document": "通报1号"})
    assert rows(few) == rows(many)
    moved = many.history("", Kind.DEADLINE_SET)
    assert rows(many)[0] == before[0] + len(moved)
