"""What is right after a correction: as if every record had been made right from the start."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BadMoment, BadRecord, NothingToAnswer, StillAnswered
from engine.events import Event, Kind
from tests.unit.year import OFFICE, Year, begin, local, publish, small, submit
from workflows.running import correcting
from workflows.running.additions import amend_target
from workflows.running.requests import Grounds
from workflows.running.schedule import happened_on


@pytest.fixture
def year() -> Year:
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    return year


def progress(year: Year, percent: int, on: str) -> Event:
    return year.record("T-1", "progress", {"percent": percent}, on=on)[0]


def correct(year: Year, wrong: Event, on: str = "", **more: Any) -> Event:
    when = local(on) if on else None
    grounds = Grounds(occurred_at=when, reason="录入有误")
    return correcting.correct(year.app, wrong.position, OFFICE, grounds, **more)[0]


def percent(year: Year) -> object:
    return year.find("T-1").facts.get("progress.percent")


def test_putting_an_older_record_right_leaves_the_newer_one(year: Year) -> None:
    first = progress(year, 10, "2024-08-05 08:00")
    newer = progress(year, 40, "2024-08-05 08:30")
    corrected = correct(year, first, values={"percent": 15})
    assert percent(year) == 40
    assert year.find("T-1").facts["progress"] == newer.data["set"]["progress"]
    assert corrected.data["says"]["progress.percent"] == 15, "what is right stands in the history"
    year.assert_sound()


def test_the_newest_record_put_right_is_what_stands(year: Year) -> None:
    progress(year, 10, "2024-08-05 08:00")
    newest = progress(year, 40, "2024-08-05 08:30")
    correct(year, newest, values={"percent": 35})
    assert percent(year) == 35
    year.assert_sound()


def test_a_correction_is_corrected_and_the_newer_record_still_stands(year: Year) -> None:
    first = progress(year, 10, "2024-08-05 08:00")
    progress(year, 40, "2024-08-05 08:30")
    again = correct(year, correct(year, first, values={"percent": 15}), values={"percent": 20})
    assert again.data["says"]["progress.percent"] == 20
    assert percent(year) == 40


def test_voiding_the_newest_lets_the_one_before_it_stand_again(year: Year) -> None:
    first = progress(year, 10, "2024-08-05 08:00")
    correct(year, progress(year, 40, "2024-08-05 08:30"), void=True)
    assert percent(year) == 10
    assert year.find("T-1").facts["progress"] == first.data["set"]["progress"]
    correct(year, first, void=True)
    assert percent(year) is None
    year.assert_sound()


def test_voiding_an_older_record_leaves_the_newer_one(year: Year) -> None:
    first = progress(year, 10, "2024-08-05 08:00")
    progress(year, 40, "2024-08-05 08:30")
    correct(year, first, void=True)
    assert percent(year) == 40


def test_what_is_void_is_not_corrected_again(year: Year) -> None:
    voided = correct(year, progress(year, 10, "2024-08-05 08:00"), void=True)
    with pytest.raises(BadRecord):
        correct(year, voided, values={"percent": 1})


def test_a_work_plan_that_was_amended_since_stays_as_amended(year: Year) -> None:
    values = {"pace": "按月", "quality": "合格", "finish_by": "2024-12-01"}
    plan = year.record("T-1", "work_plan", values)[0]
    amend_target(year.app, year.name("T-1"), {"quality": "优良"}, OFFICE, Grounds())
    correct(year, plan, values={"pace": "按旬"})
    facts = year.find("T-1").facts
    assert (facts["work_plan.pace"], facts["work_plan.quality"]) == ("按旬", "优良")
    year.assert_sound()


def test_what_a_move_made_void_stays_void_when_it_is_put_right() -> None:
    year = begin(small(), "2024-07-01 09:00")
    publish(year, "peer_reviewed")
    submit(year)
    submitted = year.history("", Kind.RECORDED)[0]
    year.move("", "send_back", reason="补充指标")
    correct(year, submitted, values={"document": "请示9号"})
    assert "submitted_for_decision" not in year.find().facts
    year.assert_sound()


def test_dates_follow_the_last_record_not_the_last_that_was_put_right(year: Year) -> None:
    first = progress(year, 10, "2024-08-01")
    progress(year, 40, "2024-08-03")
    correct(year, first, "2024-08-02 10:00")
    with year.store.reading() as reader:
        assert happened_on(reader, year.name("T-1"))["progress"] == local("2024-08-03 12:00")


def test_a_correction_of_which_channel_is_meant_counts_for_dates(year: Year) -> None:
    wrong = year.record("", "publication", {"channel": "paper", "proof": "照片"})[0]
    correct(year, wrong, values={"channel": "radio"})
    with year.store.reading() as reader:
        happened = happened_on(reader, year.key)
    assert "publication:radio" in happened
    assert "publication:paper" not in happened


def before_the_answers() -> Year:
    year = begin(small(), "2024-07-25 16:00")
    publish(year, "peer_reviewed")
    return year


@pytest.mark.parametrize(
    ("kind", "asked"), [("decision", "submitted_for_decision"), ("reply", "submitted_for_reply")]
)
def test_an_answer_needs_what_it_answers(kind: str, asked: str) -> None:
    year = before_the_answers()
    before = year.history()
    with pytest.raises(NothingToAnswer) as caught:
        year.record("", kind, {"document": "批示1号"})
    assert caught.value.values["answers"] == asked
    assert year.history() == before
    year.record("", asked, {"document": "请示1号"})
    year.record("", kind, {"document": "批示1号"})
    assert kind in year.find().facts


def test_an_answer_does_not_come_before_what_it_answers() -> None:
    year = before_the_answers()
    year.record("", "submitted_for_reply", {"document": "请示1号"}, on="2024-07-25 15:00")
    with pytest.raises(BadMoment):
        year.record("", "reply", {"document": "批复1号"}, on="2024-07-24")
    with pytest.raises(BadMoment):
        year.record("", "reply", {"document": "批复1号"}, on="2024-07-25 14:59")


def test_of_two_acts_of_one_day_the_answer_comes_second() -> None:
    year = before_the_answers().at("2024-07-26 16:00")
    year.record("", "submitted_for_reply", {"document": "请示1号"}, on="2024-07-26 15:00")
    year.at("2024-07-29 09:00")
    year.record("", "reply", {"document": "批复1号"}, on="2024-07-26")
    facts = year.find().facts
    assert facts["reply"] == facts["submitted_for_reply"]


def test_what_was_answered_is_not_voided_while_the_answer_stands() -> None:
    year = before_the_answers()
    asked = year.record("", "submitted_for_reply", {"document": "请示1号"})[0]
    reply = year.record("", "reply", {"document": "批复1号", "result": "returned"})[0]
    with pytest.raises(StillAnswered):
        correct(year, asked, void=True)
    correct(year, reply, void=True)
    correct(year, asked, void=True)
    assert not {"reply", "submitted_for_reply"} & set(year.find().facts)
    year.assert_sound()
