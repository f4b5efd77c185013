"""Real plans in the plan language, opened: what each expects stands on the deadlines of its cycle.

The facts are those of published plans, in our own words; the files are in `tests/plans`, the
reference plan ships. What such a plan asks of scoring is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from engine.deadline import Certainty
from tests.unit.real_plans import (
    CHINA,
    PLANS,
    REFERENCE,
    assert_due,
    days,
    happens,
    occurrences,
    office,
    opened,
)
from workflows.running.announcing import announce
from workflows.running.obligations import Standing
from workflows.running.requests import NO_GROUNDS


@dataclass(frozen=True)
class Expected:
    """One dated value that a plan gives for a year."""

    plan: str
    year: int
    step: str
    due: str
    opens: str = ""
    weekday: str = ""
    workday: bool | None = None
    certainty: Certainty = Certainty.FIXED


EXPECTED = [
    Expected(REFERENCE, 2024, "s1a", "2024-07-10", weekday="三", workday=True),
    Expected(REFERENCE, 2024, "s1c", "2024-07-26", weekday="五", workday=True),
    Expected(REFERENCE, 2024, "s3", "2024-12-31", opens="2024-10-01"),
    Expected(REFERENCE, 2024, "s5", "2025-02-28", weekday="五", workday=True),
    Expected("08", 2018, "mid-self", "2018-03-31"),
    Expected("08", 2018, "mid-national-self", "2018-07-31"),
    Expected("08", 2018, "mid-check", "2018-08-31"),
    Expected("08", 2023, "mid-self", "2023-03-31"),
    Expected("08", 2021, "final", "2021-12-31", opens="2021-01-01"),
    Expected("08", 2026, "final", "2026-12-31", opens="2026-01-01"),
    Expected("08", 2024, "annual-self", "2024-03-31"),
    Expected("08", 2017, "old-self", "2017-11-30"),
    Expected("09", 2023, "annual", "2024-08-31", weekday="六"),
    Expected("09", 2020, "five-year", "2021-09-30"),
    Expected("09", 2019, "pollution-2019", "2020-07-31"),
    Expected("09", 2020, "pollution-2020", "2021-07-31"),
    Expected("12", 2006, "self", "2007-01-15"),
    Expected("13", 2006, "decompose", "2006-03-31"),
    Expected("22", 2024, "period", "2025-09-30", opens="2024-10-01"),
    Expected("22", 2024, "rating", "2025-10-30"),
    Expected("22", 2024, "standards-needed-by", "2025-06-30"),
    Expected("27", 2025, "strategic-plan", "2026-02-02", weekday="一"),
    Expected("27", 2025, "annual-plan", "2026-02-28", opens="2026-02-01"),
    Expected("27", 2025, "report-par", "2025-11-30", opens="2025-11-01"),
    Expected(
        "28",
        2024,
        "assess",
        "2024-12-31",
        opens="2024-12-21",
        certainty=Certainty.PROVISIONAL,
    ),
    Expected("28", 2024, "award", "2025-01-20", opens="2025-01-11"),
    Expected("28", 2024, "approve", "2025-01-05", certainty=Certainty.PROVISIONAL),
    Expected("34", 2025, "self", "2025-01-31", opens="2025-01-01"),
    Expected("window", 2024, "inner", "2024-12-10", opens="2024-10-11"),
    Expected("window", 2024, "innermost", "2024-12-03", opens="2024-10-17"),
    Expected("months", 2024, "six", "2025-02-28"),
    Expected("months", 2024, "three", "2024-11-30"),
    Expected("months", 2024, "before", "2024-02-29"),
    Expected("months", 2025, "before", "2025-02-28"),
    Expected("months", 2023, "six", "2024-02-29"),
    Expected("months", 2024, "leap-end", "2024-02-29"),
]


@pytest.mark.parametrize("case", EXPECTED, ids=lambda c: f"{c.plan}-{c.year}-{c.step}")
def test_every_expected_date(case: Expected) -> None:
    year = opened(case.plan, case.year)
    found = year.deadline(case.step)
    assert_due(year, found, case.due)
    assert found.certainty is case.certainty
    if case.opens:
        opening = datetime.combine(date.fromisoformat(case.opens), time())
        assert found.opens_at == opening.replace(tzinfo=ZoneInfo(year.plan.zone))
    day = date.fromisoformat(case.due)
    if case.weekday:
        assert "一二三四五六日"[day.weekday()] == case.weekday
    if case.workday is not None:
        assert CHINA.day(day).working is case.workday


NAMES = sorted(path.stem for path in PLANS.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_every_plan_can_be_opened_and_runs_for_a_silent_year(name: str) -> None:
    year = opened(name, 2024)
    with year.store.reading() as reader:
        kept = {d.step for d in reader.deadlines(year.key)}
    assert kept == {step.id for step in year.plan.steps}
    late = datetime.combine(date(year.plan.year + 2, 6, 30), time(), ZoneInfo("UTC"))
    year.at(max(late, year.clock.moment))
    while year.tick().fired:
        pass
    year.assert_sound()


@pytest.mark.parametrize(
    ("plan", "step", "years"),
    [
        ("08", "mid-self", {2018, 2023}),
        ("08", "mid-check", {2018, 2023}),
        ("08", "final", {2021, 2026}),
        ("09", "five-year", {2020, 2025}),
        ("09", "pollution-2019", {2019}),
        ("09", "pollution-2020", {2020}),
        ("27", "strategic-plan", {2025}),
    ],
)
def test_a_step_exists_in_its_years_alone(plan: str, step: str, years: set[int]) -> None:
    """Plan 08 expects 2018 and 2023 as the middle of its periods, 2021 and 2026 as their end."""
    dated = {
        number
        for number in range(2016 if plan == "08" else 2014, 2027)
        if opened(plan, number).deadline(step).due_at is not None
    }
    assert dated == years


# what waits for an event


@pytest.mark.parametrize(
    ("notice", "due", "weekday"),
    [("2024-01-31", "2024-02-29", "四"), ("2024-05-15", "2024-06-15", "六")],
)
def test_31_a_month_after_the_circular(notice: str, due: str, weekday: str) -> None:
    year = opened("31", 2024)
    assert year.deadline("rectify").certainty is Certainty.WAITING
    happens(year, "external_result", notice, block="circular", document="通报1号")
    found = year.deadline("rectify")
    assert_due(year, found, due)
    assert "一二三四五六日"[date.fromisoformat(due).weekday()] == weekday


def test_28_the_window_opens_with_the_notice_and_the_day_is_announced() -> None:
    year = opened("28", 2024)
    assert year.deadline("self").certainty is Certainty.WAITING
    happens(year, "external_result", "2024-11-18", block="notice", document="通知1号")
    found = year.deadline("self")
    assert found.opens_at == datetime(2024, 11, 18, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert_due(year, found, "2024-12-20")
    announce(year.app, year.key, "assess", "on 2024-12-26", office(year), NO_GROUNDS)
    found = year.deadline("assess")
    assert found.certainty is Certainty.FIXED
    assert_due(year, found, "2024-12-26")


def test_15_and_34_the_end_waits_for_a_result_from_above() -> None:
    year = opened("15", 2010)
    happens(year, "external_result", "2011-03-02", block="province", document="省通报")
    assert year.deadline("bonus").certainty is Certainty.UNDATED
    year = opened("34", 2024)
    assert year.deadline("final").certainty is Certainty.WAITING
    happens(year, "external_result", "2024-06-03", block="national", document="国家通报")
    assert_due(year, year.deadline("final"), "2024-06-18")


def test_22_each_employee_has_a_clock_and_a_period_of_their_own() -> None:
    year = opened("22", 2024, "2024-10-01 12:00")  # midnight in New York is noon in Shanghai
    happens(year, "start", "2024-10-02", "E-1")  # nine in the evening of 1 October over there
    assert_due(year, year.deadline("plan", "E-1"), "2024-11-30")
    assert_due(year, year.deadline("own-period", "E-1"), "2025-09-30")
    happens(year, "start", "2025-08-02", "E-2")
    assert_due(year, year.deadline("plan", "E-2"), "2025-09-30")
    assert_due(year, year.deadline("own-period", "E-2"), "2025-11-01")
    assert year.deadline("detail-plan").certainty is Certainty.WAITING


def test_25_and_27_what_is_encouraged_reminds_and_is_never_late() -> None:
    year = opened("25", 2024)
    assert_due(year, year.deadline("interim"), "2024-09-30")
    year.tick("2024-09-14")
    year.tick("2025-03-31")
    assert year.late("A-1") == []
    assert year.standing("interim", "A-1") is Standing.OPEN
    assert [told.step for told in year.told()] == ["interim"]
    year = opened("27", 2025)
    happens(year, "external_result", "2025-02-04", block="budget", document="budget")
    assert_due(year, year.deadline("final-plan"), "2025-02-24")


def test_27_quarters() -> None:
    year = opened("27", 2025)
    ends = ["2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"]
    assert days(occurrences(year, "quarterly")) == ends


# what is announced for acceptance


def test_appeals_in_working_days_over_spring_festival() -> None:
    """The off days of 2025: 28 January to 4 February; worked: Sunday the 26th, Saturday 8th."""
    year = opened("appeals", 2024, "2025-01-02 09:00")
    assert {year.deadline(s.id).certainty for s in year.plan.steps} == {Certainty.WAITING}
    happens(year, "notified", "2025-01-24", "U-1")
    assert_due(year, year.deadline("lodge", "U-1"), "2025-02-20")
    happens(year, "lodged", "2025-01-27", "U-1")
    assert_due(year, year.deadline("accept", "U-1"), "2025-02-07")
    happens(year, "accepted", "2025-02-07", "U-1")
    assert_due(year, year.deadline("answer", "U-1"), "2025-02-20")
    happens(year, "answered", "2025-02-25", "U-1")  # late; the next step counts from here
    assert year.late("U-1") == ["answer"]
    assert_due(year, year.deadline("recheck", "U-1"), "2025-03-07")
    happens(year, "rechecked", "2025-02-28", "U-1")
    assert_due(year, year.deadline("rule", "U-1"), "2025-03-28")
    assert year.late("U-2") == []
    assert year.deadline("lodge").certainty is Certainty.WAITING


@pytest.mark.parametrize(
    ("cycle", "notified", "due"),
    [(2025, "2026-02-12", "2026-03-11"), (2023, "2024-02-05", "2024-03-01")],
)
def test_fifteen_working_days_with_days_made_up(cycle: int, notified: str, due: str) -> None:
    """2026: off 15-23 February, worked 14 and 28; 2024: off 10-17 February, worked 4 and 18."""
    year = opened("appeals", cycle, f"{cycle + 1}-01-02 09:00")
    happens(year, "notified", notified, "U-1")
    assert_due(year, year.deadline("lodge", "U-1"), due)
