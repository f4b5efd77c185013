"""From the draft to the internal plan: requirements R-15 and R-17 to R-22."""

from __future__ import annotations

from datetime import date

import pytest

from engine.errors import BadRecord, GuardRejected, IllegalTransition
from engine.events import Event, Kind
from tests.unit.year import (
    INSTANT,
    OFFICE,
    Year,
    answer,
    begin,
    hand_in,
    local,
    proofs,
    publish,
    shipped,
    small,
    submit,
)
from workflows.running.backfill import Entry, backfill
from workflows.running.correcting import correct
from workflows.running.obligations import Standing
from workflows.running.requests import Grounds

OPENED = "2024-06-20 09:00"
PEERS = ("泉州市财政局", "泉州市审计局")


def at_peer_review(on: str = "2024-07-18 16:00") -> Year:
    """A year whose plan was drafted and reviewed in time."""
    year = begin(small(), OPENED).at("2024-07-09 10:00")
    year.move("", "draft")
    year.at(on).move("", "peer_review")
    return year


def test_a_cycle_runs_from_end_to_end_without_a_single_number() -> None:
    """R-15: no weights, no grades; "scoring must be optional"."""
    year = begin(small(), OPENED)
    publish(year)
    year.at("2024-12-20 09:00")
    for name in ("T-1", "T-2", "T-3"):
        year.record(name, "self_report", {"document": f"自评报告 {name}"})
    hand_in(year, [s.id for s in year.plan.sections])
    year.at("2025-02-20 09:00").record("", "evaluation_result", {"document": "通报1号"})
    year.record("", "circular", {"document": "通报2号"})
    assert year.state() == "rectified"
    numbers = {
        (key, fact)
        for key in year.histories()
        for fact, value in year.find(key.partition("/")[2]).facts.items()
        if isinstance(value, int)
    }
    assert numbers == {(year.key, "year")}


def test_the_day_itself_is_in_time_to_its_last_instant() -> None:
    """R-17: "due = end of day (inclusive), Asia/Shanghai"."""
    year = begin(small(), OPENED).at(local("2024-07-11") - INSTANT)
    year.move("", "draft")
    year.tick("2024-07-11")
    assert "s1a" not in year.late()
    assert year.standing("s1a") is Standing.MET


def test_the_first_instant_after_the_day_is_late() -> None:
    """R-17: exactly at the end of 10 July: the act itself finds that it is late."""
    year = begin(small(), OPENED).at("2024-07-11")
    assert year.standing("s1a") is Standing.LATE
    year.move("", "draft")
    (late,) = (e for e in year.history("", Kind.LATE) if e.data["step"] == "s1a")
    assert late.occurred_at == local("2024-07-11")
    assert year.standing("s1a") is Standing.MET_LATE


def test_nobody_is_late_one_instant_before() -> None:
    """R-17: a daemon that passes in the last instant of the day finds nothing."""
    year = begin(small(), OPENED)
    year.tick(local("2024-07-11") - INSTANT)
    assert (year.late(), year.overview().late) == ([], [])
    year.tick("2024-07-11")
    assert year.late() == ["s1a"]


def opinion(year: Year, peer: str, disposition: str, grounds: str = "") -> Event:
    values = {"peer": peer, "opinion": "指标偏低", "disposition": disposition}
    if grounds:
        values["grounds"] = grounds
    return year.record("", "peer_opinion", values)[0]


def test_an_opinion_of_a_peer_needs_a_disposition() -> None:
    """R-18: "opinions each need a disposition", per peer; "no opinion" allowed."""
    year = begin(small(), OPENED)
    year.move("", "draft")
    with pytest.raises(BadRecord) as refused:
        year.record("", "peer_opinion", {"peer": PEERS[0], "opinion": "指标偏低"})
    assert refused.value.values["field"] == "disposition"
    with pytest.raises(BadRecord):
        opinion(year, PEERS[0], "以后再说")
    opinion(year, PEERS[0], "adopted")
    opinion(year, PEERS[1], "no_opinion")
    facts = year.find().facts
    assert [facts[f"peer_opinion:{peer}.disposition"] for peer in PEERS] == [
        "adopted",
        "no_opinion",
    ]


def test_what_is_not_adopted_needs_its_grounds() -> None:
    """R-18: "采纳/部分/不采纳+理由"."""
    year = begin(small(), OPENED)
    year.move("", "draft")
    with pytest.raises(BadRecord) as refused:
        opinion(year, PEERS[0], "not_adopted")
    assert refused.value.values["field"] == "grounds"
    kept = opinion(year, PEERS[0], "not_adopted", grounds="与市委要点一致")
    assert kept.texts["grounds"] == "与市委要点一致"
    assert not any("grounds" in fact for fact in year.find().facts), "a text that can be removed"


def test_submitted_in_time_and_answered_later_is_not_late() -> None:
    """R-19: "submitted 07-25, reply 07-30 → not late"; outside in between, and it shows."""
    year = at_peer_review().at("2024-07-25 15:00")
    assert year.standing("s1c") is Standing.DUE_SOON
    submit(year)
    year.tick_daily("2024-07-30")
    year.at("2024-07-30 10:00")
    assert {year.standing(step) for step in ("s1c", "s1d")} == {Standing.OUTSIDE}
    assert [(o.step.id, o.body, o.since) for o in year.overview().outside] == [
        ("s1c", "city-vice-leader", local("2024-07-25 15:00")),
        ("s1d", "performance-office", local("2024-07-25 15:00")),
    ]
    answer(year)
    assert {year.standing(step) for step in ("s1c", "s1d")} == {Standing.MET}
    year.tick_daily("2024-08-02")
    assert (year.state(), year.late(), year.overview().outside) == ("approved", [], [])


def test_what_was_not_submitted_is_late_whoever_would_have_answered() -> None:
    """R-19: own clock and outside clock are apart: one submitted, the other not."""
    year = at_peer_review().at("2024-07-25 15:00")
    year.record("", "submitted_for_decision", {"document": "请示1号"})
    year.tick("2024-07-27")
    assert year.late() == ["s1d"]


def test_an_answer_recorded_days_later_keeps_its_own_date() -> None:
    """R-19: `replied_at` is the date of the reply, not of its entry."""
    year = at_peer_review().at("2024-07-25 15:00")
    submit(year)
    year.at("2024-08-05 09:00")
    answer(year, on="2024-07-30")
    (moved,) = (e for e in year.history("", Kind.MOVED) if e.target == "approved")
    assert moved.occurred_at == local("2024-07-30 12:00")
    assert moved.recorded_at == local("2024-08-05 09:00")


@pytest.fixture
def loaded_late() -> Year:
    """The reference plan, loaded on the day of its issue."""
    return begin(shipped(), "2024-08-02 10:00", loaded_on="2024-08-02")


def test_a_late_loading_alarms_nobody_and_lists_exactly_four(loaded_late: Year) -> None:
    """R-20: "load on 08-02 → 0 notices, 4 items in the back-fill list"."""
    year = loaded_late
    year.tick_daily("2024-08-11")
    assert year.told() == []
    assert year.waiting() == {}
    stands = year.overview()
    assert [(o.step.id, o.count) for o in stands.unrecorded] == [
        ("s1a", 1),
        ("s1b", 1),
        ("s1c", 1),
        ("s1d", 1),
    ]
    assert (year.late(), stands.late) == ([], [])


def test_what_is_back_filled_late_is_marked_late_and_tells_nobody(loaded_late: Year) -> None:
    """R-20: "what was late is marked late, what is unknown is 未补录"."""
    year = loaded_late
    entries = [
        Entry(step="s1a", on=date(2024, 7, 12)),
        Entry(step="s1b", on=date(2024, 7, 19)),
        Entry(step="s1c", on=date(2024, 7, 25), document="请示1号"),
    ]
    backfill(year.app, year.key, entries, OFFICE)
    (late,) = year.history("", Kind.LATE)
    assert (late.data["step"], late.occurred_at) == ("s1a", local("2024-07-11"))
    assert year.standing("s1a") is Standing.MET_LATE
    assert year.standing("s1b") is Standing.MET
    assert year.standing("s1d") is Standing.UNRECORDED
    year.tick_daily("2024-08-11")
    assert year.told() == []
    assert year.waiting() == {}


def test_all_entries_of_a_back_fill_count_or_none(loaded_late: Year) -> None:
    """R-20: steps out of order are refused, and what stood before them too."""
    year = loaded_late
    before = year.histories()
    entries = [
        Entry(step="s1c", on=date(2024, 7, 25), document="请示1号"),
        Entry(step="s1a", on=date(2024, 7, 12)),
    ]
    with pytest.raises(Exception, match="submitted_for_decision cannot be recorded"):
        backfill(year.app, year.key, entries, OFFICE)
    assert year.histories() == before


def test_the_plan_is_public_only_on_both_channels_each_with_proof() -> None:
    """R-21: own website and notice board, "two channels, each with proof"."""
    year = at_peer_review()
    submit(year)
    answer(year)
    with pytest.raises(BadRecord) as refused:
        year.record("", "publication", {"channel": "website"})
    assert refused.value.values["field"] == "proof"
    proofs(year, ["website"])
    assert year.state() == "approved"
    with pytest.raises(GuardRejected):
        year.move("", "publish")
    proofs(year, ["notice_board"])
    assert year.state() == "published"
    assert {year.state(name) for name in ("T-1", "T-2", "T-3")} == {"published"}


def test_the_name_of_a_channel_is_kept_without_what_surrounds_it() -> None:
    """R-21: a blank typed behind the channel is no channel of its own."""
    year = at_peer_review()
    submit(year)
    answer(year)
    proofs(year, [" website", "notice_board "])
    assert year.state() == "published"


def test_a_channel_with_a_full_stop_in_its_name_can_be_corrected() -> None:
    """R-21: a website is called as it is called."""
    year = at_peer_review()
    submit(year)
    answer(year)
    (event,) = year.record("", "publication", {"channel": "www.qz.gov.cn", "proof": "页一"})
    correct(year.app, event.position, OFFICE, Grounds(reason="笔误"), values={"proof": "页二"})
    facts = year.find().facts
    assert facts["publication:www.qz.gov.cn.proof"] == "页二"
    assert "publication:www.qz.gov.cn" in facts
    year.assert_sound()


def test_publication_has_no_date_and_is_never_late() -> None:
    """R-21: "Undated → never overdue"."""
    year = at_peer_review()
    submit(year)
    answer(year)
    year.tick_daily("2025-06-30")
    assert "s2a" not in year.late()
    assert year.standing("s2a") is Standing.OPEN
    assert "s2a" not in {told.step for told in year.told()}


def test_publication_waits_for_the_reply() -> None:
    """R-21: event-triggered: nothing can be published before the reply."""
    year = at_peer_review()
    submit(year)
    assert year.standing("s2a") is Standing.WAITING
    with pytest.raises(IllegalTransition):
        year.move("", "publish")


def test_making_the_internal_plan_and_filing_it_are_two_acts() -> None:
    """R-22: by 08-15; "报备 needs no answer; a receipt number is optional"."""
    year = begin(small(), OPENED).at("2024-08-14 09:00")
    year.record("", "internal_plan", {"document": "内部方案"})
    assert year.standing("s2b") is Standing.DUE_SOON
    year.tick("2024-08-16")
    assert year.late().count("s2b") == 1
    year.record("", "filing")
    assert year.standing("s2b") is Standing.MET_LATE


def test_made_and_filed_in_time_is_in_time() -> None:
    """R-22."""
    year = begin(small(), OPENED).at("2024-08-15 23:00")
    year.record("", "internal_plan", {"document": "内部方案"})
    year.record("", "filing", {"receipt": "收〔2024〕7号"})
    year.tick("2024-08-16")
    assert "s2b" not in year.late()
