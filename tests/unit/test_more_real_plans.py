"""Ten more plans as bodies of other kinds would write them, opened and run; no code for any.

The dates were counted by hand from the announced days of 2024 and 2025.
"""

from __future__ import annotations

from datetime import date

import pytest

from engine.deadline import Certainty
from engine.events import Kind
from tests.unit.dated import WHY
from tests.unit.real_plans import CHINA, PLANS, days, happens, occurrences, office, opened, plan_of
from tests.unit.year import ROOT, Year
from workflows.plan.check import check_file
from workflows.running.exceptions import ask_extension, extend
from workflows.running.requests import Who

ONE = [
    ("county", "half", "2024-06-30"),
    ("county", "mid", "2024-09-30"),
    ("county", "holiday", "2024-09-30"),
    ("county", "after", "2024-10-08"),
    ("county", "year-end", "2024-12-31"),
    ("county", "circular", "2025-01-20"),
    ("financial", "budget", "2024-11-05"),
    ("financial", "accounts", "2025-03-31"),
    ("financial", "audit", "2025-04-30"),
    ("work-report", "congress", "2025-01-15"),
    ("work-report", "draft", "2024-12-31"),
    ("work-report", "before", "2024-12-24"),
    ("supervision-l", "goal", "2024-11-30"),
    ("school", "opening", "2024-09-10"),
    ("school", "term", "2025-01-31"),
    ("school", "winter", "2025-01-15"),
    ("school", "spring", "2025-02-10"),
    ("school", "exam", "2025-04-03"),
    ("reset-", "task", "2024-09-20"),
    ("department", "objectives", "2024-04-02"),  # Monday the 1st was Easter Monday
    ("department", "midyear", "2024-06-30"),
    ("department", "accounts", "2024-12-31"),
    ("department", "response", "2025-03-31"),
    ("nested", "visits", "2024-10-16"),
    ("nested", "week", "2024-11-29"),
]
MANY = [
    ("county", "monthly", ["2024-02-05", "2024-03-05"], 12),
    ("county", "meeting", ["2024-01-10", "2024-04-10", "2024-07-10", "2024-10-10"], 4),
    ("financial", "flash", ["2024-02-06", "2024-03-07", "2024-04-08"], 12),
    ("financial", "quarter", ["2024-04-15", "2024-07-12", "2024-10-18", "2025-01-15"], 4),
    ("financial", "half", ["2024-07-19", "2025-01-22"], 2),
    ("work-report", "report", ["2024-01-26", "2024-02-26", "2024-03-27"], 12),
    ("school", "weekly", ["2024-09-06", "2024-09-13"], 17),
    ("department", "checkins", ["2024-04-05", "2024-04-12"], 13),
    ("department", "returns", ["2024-04-10", "2024-07-10", "2024-10-10", "2025-01-10"], 4),
]
NEW = (
    *("county-target-year", "online-inspection", "financial-reports", "work-report-tasks"),
    *("supervision-letters", "school-inspection", "reset-limits", "department-plan"),
    *("petitions", "nested-windows"),
)


@pytest.mark.parametrize("name", NEW)
def test_the_plan_has_nothing_wrong_that_keeps_it_from_being_opened(name: str) -> None:
    """And waits for nothing that nobody could record."""
    reading = check_file((PLANS / f"{name}.yaml").read_bytes(), 2024, calendar=CHINA)
    assert reading.plan is not None
    assert [d.message for d in reading.diagnostics if d.code == "P226"] == []


@pytest.mark.parametrize(("plan", "step", "day"), ONE)
def test_a_date(plan: str, step: str, day: str) -> None:
    assert opened(plan, 2024).deadline(step).last_day == day


@pytest.mark.parametrize(("plan", "step", "first", "count"), MANY)
def test_a_series(plan: str, step: str, first: list[str], count: int) -> None:
    found = days(occurrences(opened(plan, 2024), step))
    assert (found[: len(first)], len(found)) == (first, count)


def own(year: Year, step: str, name: str) -> str:
    return year.deadline(step, name).last_day


def test_a_matter_of_the_inspection_runs_on_its_own_clocks() -> None:
    year = opened("online", 2024)
    happens(year, "start", "2024-03-05", "M-1")
    assert own(year, "sign", "M-1") == "2024-03-06"
    assert own(year, "normal", "M-1") == "2024-03-20"
    assert own(year, "hard", "M-1") == "2024-04-07", "the 4th begins Qingming, the 7th is worked"
    assert own(year, "month", "M-1") == "2024-04-07"
    assert year.deadline("sign").certainty is Certainty.WAITING, "M-2 has not been handed over"
    year.tick_daily("2024-03-08")
    assert (year.late("M-1"), year.late("M-2")) == (["sign"], [])
    (slip,) = year.history("M-1", Kind.SLIP)
    assert slip.occurred_at.astimezone().date() in (date(2024, 3, 6), date(2024, 3, 7))


def test_days_after_the_congress_count_from_its_real_close() -> None:
    year = opened("work-report", 2024)
    assert year.deadline("split").certainty is Certainty.WAITING
    happens(year, "external_result", "2024-01-31", block="congress", document="公告")
    assert year.deadline("split").last_day == "2024-02-20"
    assert year.deadline("issue").last_day == "2024-02-29", "a month from the 31st"
    happens(year, "external_result", "2024-02-07", block="notice", document="通知")
    assert year.deadline("plans").last_day == "2024-02-27", "over Spring Festival, the 18th worked"


def test_a_letter_is_answered_within_ten_working_days_of_its_issue() -> None:
    year = opened("supervision-l", 2024)
    year.tick("2024-12-01")
    year.tick("2024-12-02 09:00")
    year.tick("2024-12-03 09:00")
    assert year.find("U-1").lamp == "红"
    answer = year.deadline("goal+r1", occurrence="v1")
    assert answer.last_day == "2024-12-16"
    happens(year, "start", "2024-12-27", "U-1")
    assert own(year, "appeal", "U-1") == "2025-01-02"
    year.at("2025-01-03 09:00")
    year.record("U-1", "progress", {"percent": 90}, office(year))
    assert own(year, "answer", "U-1") == "2025-01-17"


def test_new_limits_climb_and_the_vice_leader_alone_grants_a_later_date() -> None:
    year = opened("reset-", 2024, "2024-09-02 09:00")
    a_head = next(p for p in year.plan.posts if p.id == "a-head")
    ask_extension(
        year.app,
        year.name("R-1"),
        "task",
        date(2024, 10, 10),
        Who(person=ROOT, acting_for=a_head.id),
        WHY,
    )
    vice = Who(person=ROOT, acting_for="vice")
    extend(year.app, year.name("R-1"), "task", date(2024, 10, 10), vice, WHY)
    year.tick_daily("2024-10-09")
    lamps = [str(e.data["lamp"]) for e in year.history("R-2", Kind.LAMP)]
    # 20 September 17:30; five working days to the 27th 17:30, seen on the 28th; three from there
    assert lamps == ["蓝", "黄", "橙", "红"]
    assert year.find("R-1").lamp == "蓝", "the day before its own date"
    assert year.late("R-1") == []


def test_a_petition_stands_while_papers_are_missing() -> None:
    year = opened("petitions", 2024)
    happens(year, "start", "2024-03-05", "P-1")
    assert (own(year, "accept", "P-1"), own(year, "close", "P-1")) == ("2024-03-20", "2024-05-04")
    happens(year, "absence", "2024-03-14", "P-1", first="2024-03-10", last="2024-03-14")
    assert (own(year, "accept", "P-1"), own(year, "close", "P-1")) == ("2024-03-25", "2024-05-09")


def test_the_end_of_the_whole_is_the_later_of_the_year_and_the_results() -> None:
    year = opened("nested", 2024)
    season, month = year.deadline("season"), year.deadline("month")
    assert season.opens_at is not None
    assert month.opens_at is not None
    assert season.opens_at < month.opens_at
    assert year.deadline("close").certainty is Certainty.WAITING
    happens(year, "external_result", "2025-01-24", block="published", document="通报")
    assert year.deadline("public").last_day == "2025-02-07"
    assert year.deadline("appeal").last_day == "2025-02-05", "3 February is still a holiday"
    assert year.deadline("close").last_day == "2025-02-20"


def test_the_office_may_record_what_every_plan_waits_for() -> None:
    for name in NEW:
        year = opened(name, 2024)
        assert office(year).acting_for
        assert plan_of(name, 2024).steps
