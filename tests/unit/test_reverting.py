"""Taking an amendment back: all stands again as it stood, until something has happened under it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import NotFound, ReasonRequired
from engine.events import Kind
from tests.unit.amended import (
    WHY,
    apply,
    november,
    owed,
    redated,
    renamed,
    without,
)
from tests.unit.year import (
    OFFICE,
    Year,
    goal,
    self_assess,
)
from workflows.running.requests import Grounds
from workflows.running.reverting import NotReversible, revert


@pytest.fixture
def year() -> Year:
    """Published, four targets, in the middle of November."""
    return november()


def moments(year: Year) -> list[tuple[str, str, str]]:
    """Return what waits, by step and rung, whatever the version of the date."""
    return sorted((t.deadline.partition("#")[0], t.rung, str(t.fires_at)) for t in year.timers())


def dates(year: Year) -> dict[tuple[str, str, str], object]:
    with year.store.reading() as reader:
        found = reader.deadlines(year.key)
    return {(d.step, d.occurrence, d.instance): (d.due_at, d.certainty) for d in found}


def standing(year: Year) -> dict[str, tuple[str, str, str, object]]:
    with year.store.reading() as reader:
        return {
            i.key: (i.state, i.edition, i.owner, dict(i.facts))
            for i, _ in reader.histories(year.key)
        }


def test_it_can_be_taken_back_until_the_first_event_under_it(year: Year) -> None:
    year.force("T-2", "evaluated")
    old = year.plan
    before, waiting, stood, dated = owed(year), moments(year), standing(year), dates(year)
    plan = renamed(without(redated(old, "s5", "次年3月20日前"), "s4", "s4-incentive"))
    plan = replace(plan, targets=(replace(old.targets[0], quality="更高"), *old.targets[1:]))
    apply(year, plan, mapping={"target": {"evaluated": "scored"}})
    assert owed(year) != before
    with pytest.raises(ReasonRequired):
        revert(year.app, year.key, OFFICE, Grounds())
    (event,) = revert(year.app, year.key, OFFICE, WHY)
    assert event.kind is Kind.AMENDED
    year.plan = old
    year.assert_sound()
    assert (owed(year), moments(year), standing(year)) == (before, waiting, stood)
    assert dates(year) == dated
    with pytest.raises(NotFound):
        revert(year.app, year.key, OFFICE, WHY)
    year.tick("2025-01-01")
    assert year.late("T-1") == ["s4"]


def test_what_has_happened_under_it_keeps_it(year: Year) -> None:
    apply(year, redated(year.plan, "s4", "2024-12-20前"))
    self_assess(year, ["T-1"])
    with pytest.raises(NotReversible) as refused:
        revert(year.app, year.key, OFFICE, WHY)
    assert refused.value.values["instance"] == f"{year.key}/T-1"


def test_what_it_created_is_left_behind_when_it_is_taken_back(year: Year) -> None:
    apply(year, replace(year.plan, targets=(*year.plan.targets, goal(year.plan, 20))))
    revert(year.app, year.key, OFFICE, WHY)
    assert year.state("T-21") == "withdrawn"
    year.assert_sound()
