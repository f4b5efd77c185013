"""The order of the chain, for the cycle and its targets: requirement R-28."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.errors import GuardRejected, IllegalTransition, NotNow, UnknownTrigger
from engine.events import Kind
from tests.unit.year import (
    Year,
    answer,
    begin,
    hand_in,
    proofs,
    publish,
    self_assess,
    shipped,
    small,
    submit,
)

OPENED = "2024-06-20 09:00"
ALL = ("T-1", "T-2", "T-3")


def to_its_end(year: Year) -> None:
    """Let everybody do everything, in time."""
    publish(year)
    year.at("2024-12-20 09:00")
    self_assess(year, [target.id for target in year.plan.targets])
    hand_in(year, [section.id for section in year.plan.sections])
    year.at("2025-02-20 09:00").record("", "evaluation_result", {"document": "通报1号"})
    year.record("", "circular", {"document": "通报2号"})


def test_the_cycle_goes_through_its_seven_states_in_their_order() -> None:
    """R-28: drafted → peer-reviewed → … → rectified; targets along with it."""
    year = begin(small(), OPENED)
    to_its_end(year)
    line = [
        "drafted",
        "peer_reviewed",
        "approved",
        "published",
        "self_assessed",
        "evaluated",
        "rectified",
    ]
    for name in ("", *ALL):
        assert [event.target for event in year.history(name, Kind.MOVED)] == line


@pytest.mark.parametrize(
    "trigger", ["peer_review", "approve", "publish", "self_assess", "evaluate", "rectify"]
)
def test_no_state_can_be_reached_out_of_turn(trigger: str) -> None:
    """R-28: the order of the chain."""
    year = begin(small(), OPENED)
    with pytest.raises(IllegalTransition) as refused:
        year.move("", trigger)
    assert refused.value.values["allowed"] == ["draft"]
    assert year.state() == "drafting"


def test_a_target_does_not_run_ahead_of_its_cycle() -> None:
    """R-28: "guards tie target states to cycle state"."""
    year = begin(small(), OPENED)
    year.move("T-1", "draft")
    with pytest.raises(GuardRejected):
        year.move("T-1", "peer_review")
    with pytest.raises(UnknownTrigger):
        year.move("T-1", "no_such_trigger")


EARLY: list[Callable[[Year], object]] = [
    submit,
    answer,
    proofs,
    lambda year: year.record("", "evaluation_result", {"document": "1"}),
]


@pytest.mark.parametrize("act", EARLY)
def test_records_belong_to_their_states(act: Callable[[Year], object]) -> None:
    """R-28: no answer before the review, no result before the self-assessment."""
    with pytest.raises(NotNow):
        act(begin(small(), OPENED))


def test_the_reference_plan_runs_to_its_end() -> None:
    """R-28: with all its targets."""
    plan = shipped()
    year = begin(plan, OPENED)
    to_its_end(year)
    assert year.overview().targets == {"rectified": len(plan.targets)}
    assert year.state() == "rectified"
    year.assert_sound()


def test_no_target_reports_before_the_plan_is_public() -> None:
    """R-28: guards tie the states of targets to that of their cycle."""
    year = begin(small(), OPENED)
    publish(year, "peer_reviewed")
    with pytest.raises(NotNow):
        self_assess(year, ["T-1"])
