"""Cascades and whom they would leave behind (R-28, R-36; design.md section 2)."""

from __future__ import annotations

import pytest

from engine.errors import GuardRejected, StragglersRefused
from engine.events import Kind
from tests.unit.year import Year, begin, hand_in, local, proofs, publish, self_assess, small

OPENED = "2024-06-20 09:00"
ALL = ("T-1", "T-2", "T-3")


@pytest.fixture
def straggling() -> Year:
    """All was published on both channels, but T-2 was sent back and redrafted."""
    year = begin(small(), OPENED)
    publish(year, "approved")
    year.move("T-2", "send_back", reason="重拟")
    proofs(year)
    assert year.state() == "approved"
    return year


def test_a_cascade_names_whom_it_would_leave_behind(straggling: Year) -> None:
    before = straggling.histories()
    with pytest.raises(StragglersRefused) as refused:
        straggling.move("", "publish")
    assert refused.value.values["names"] == [straggling.name("T-2")]
    assert refused.value.values["count"] == 1
    assert straggling.histories() == before


def test_it_names_the_first_few_and_counts_them_all() -> None:
    year = begin(small(8), OPENED)
    year.move("", "draft")
    for number in range(2, 9):
        year.move(f"T-{number}", "send_back", reason="重拟")
    with pytest.raises(StragglersRefused) as refused:
        year.move("", "peer_review")
    assert refused.value.values["count"] == 7
    assert refused.value.values["names"] == [year.name(f"T-{n}") for n in (2, 3, 4, 5, 6)]


def test_left_behind_on_purpose_it_follows_later(straggling: Year) -> None:
    year = straggling
    year.move("", "publish", leave_behind=True)
    states = [year.state(name) for name in ("", *ALL)]
    assert states == ["published", "published", "drafting", "published"]
    for trigger in ("draft", "peer_review", "approve", "publish"):
        year.move("T-2", trigger)
    assert year.state("T-2") == "published"
    year.assert_sound()


def test_it_follows_no_further_than_its_parent_is() -> None:
    year = begin(small(), OPENED)
    publish(year, "drafted")
    year.move("T-2", "send_back", reason="重拟")
    year.move("", "peer_review", leave_behind=True)
    for trigger in ("draft", "peer_review"):
        year.move("T-2", trigger)
    with pytest.raises(GuardRejected):
        year.move("T-2", "approve")


def test_a_straggler_holds_up_the_join_and_is_named(straggling: Year) -> None:
    year = straggling
    year.move("", "publish", leave_behind=True)
    year.at("2024-12-20 09:00")
    self_assess(year, ("T-1", "T-3"))
    hand_in(year, [section.id for section in year.plan.sections])
    assert (year.state(), year.overview().held_up) == ("published", [year.name("T-2")])


def test_what_the_cascade_moves_is_dated_and_caused_by_the_parent() -> None:
    year = begin(small(), OPENED).at("2024-07-12 09:00")
    year.move("", "draft", on="2024-07-09 10:00")
    (parent,) = year.history("", Kind.MOVED)
    for name in ALL:
        (child,) = year.history(name, Kind.MOVED)
        assert (child.cause, child.actor, child.acting_for, child.occurred_at) == (
            parent.position,
            "p.group-office",
            "group-office",
            local("2024-07-09 10:00"),
        )


def test_an_evaluation_waits_for_no_straggler() -> None:
    """The outside body evaluates the whole; who was returned meanwhile stays where it is."""
    year = begin(small(), OPENED)
    publish(year)
    year.at("2024-12-20 09:00")
    self_assess(year, ALL)
    hand_in(year, [section.id for section in year.plan.sections])
    year.move("T-2", "return_report", reason="数据不实")
    year.record("", "evaluation_result", {"document": "通报1号"})
    states = [year.state(name) for name in ("", *ALL)]
    assert states == ["evaluated", "evaluated", "published", "evaluated"]
