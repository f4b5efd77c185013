"""What is left open when a cycle ends stays owed, and the ended cycle still takes it."""

from __future__ import annotations

import pytest

from engine.population import Population
from tests.unit.year import OFFICE, Year, begin, hand_in, publish, self_assess, small
from workflows import assignment, cycle
from workflows.running import exceptions
from workflows.running.obligations import Standing
from workflows.running.requests import Grounds


@pytest.fixture(scope="module")
def template() -> str:
    year = ended()
    with year.store.reading() as reader:
        found = reader.select(Population(cycle=year.key, workflow=assignment.NAME))
    return next(i.key for i in found if i.origin.startswith("quarterly-progress"))


def ended() -> Year:
    """A cycle that came to its end with quarterly reports still open, and its ladders climbed."""
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    year.tick_daily("2024-11-20")
    self_assess(year, ("T-1", "T-2", "T-3"))
    hand_in(year, [section.id for section in year.plan.sections])
    year.record("", "evaluation_result", {"document": "结果1号"})
    year.record("", "circular", {"document": "通报1号"})
    assert year.state() == cycle.RECTIFIED
    return year


def test_what_was_left_open_stays_late_and_may_still_come(template: str) -> None:
    year = ended()
    name = template.partition("/")[2]
    assert year.standing("quarterly-progress", name) is Standing.LATE
    year.record(name, "handed_in")
    assert year.state(name) == assignment.SUBMITTED
    assert year.standing("quarterly-progress", name) is Standing.MET_LATE
    year.assert_sound()


def test_or_the_office_excuses_it(template: str) -> None:
    year = ended()
    name = template.partition("/")[2]
    exceptions.excuse(year.app, template, "quarterly-progress", OFFICE, Grounds(reason="并入年报"))
    assert year.state(name) == assignment.EXCUSED
    assert year.find(name).lamp == ""


def test_chasing_ends_with_its_ladder() -> None:
    year = ended()
    year.tick_daily("2025-01-20")
    year.told()
    year.at("2025-06-30 09:00").tick()
    rungs = [t for t in year.timers() if "quarterly-progress@2024Q3" in t.deadline]
    assert rungs == []
