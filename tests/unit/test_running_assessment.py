"""From the window of evaluation to rectification: requirements R-23 to R-27."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.events import Kind
from tests.unit.year import (
    INSTANT,
    OFFICE,
    Year,
    begin,
    hand_in,
    local,
    publish,
    self_assess,
    small,
)
from workflows.plan.model import Plan
from workflows.running.additions import raise_finding
from workflows.running.obligations import Standing
from workflows.running.requests import Grounds

OPENED = "2024-06-20 09:00"
ALL = ("T-1", "T-2", "T-3")


def published(plan: Plan | None = None) -> Year:
    """A year whose plan is public and filed, with nothing late."""
    year = begin(plan or small(), OPENED)
    publish(year)
    year.record("", "internal_plan")
    year.record("", "filing")
    return year


def report_quarters(year: Year) -> None:
    """Hand in what the quarter asks for, as far as it has been opened."""
    for key, events in year.histories().items():
        name = key.partition("/")[2]
        if events[0].data["origin"].startswith("quarterly") and year.state(name) == "open":
            year.record(name, "handed_in")


def evaluated(plan: Plan | None = None) -> Year:
    """A year that was evaluated in February 2025 and waits for the circular."""
    year = published(plan)
    year.tick("2024-10-08 09:00")
    report_quarters(year)
    year.tick("2024-12-20 09:00")
    self_assess(year, ALL)
    hand_in(year, [s.id for s in year.plan.sections])
    year.tick("2025-01-06 09:00")
    report_quarters(year)
    year.at("2025-02-20 09:00")
    for kind in ("peer_result_review", "onsite_assessment", "same_type_recheck"):
        year.record("", kind)
    year.record("", "evaluation_result", {"document": "通报1号"})
    assert year.state() == "evaluated"
    return year


def test_the_window_opens_on_a_holiday_and_closes_after_its_last_day() -> None:
    """R-23: 10-01 is a public holiday, "and still opens"; closes after 12-31."""
    year = published()
    year.tick(local("2024-10-01") - INSTANT)
    opened = year.history("", Kind.WINDOW_OPENED)
    assert "s3" not in {event.data["step"] for event in opened}
    year.tick_daily("2025-01-05")
    edges = [
        (event.kind, event.occurred_at)
        for event in year.history("", Kind.WINDOW_OPENED, Kind.WINDOW_CLOSED)
        if event.data["step"] == "s3"
    ]
    assert edges == [
        (Kind.WINDOW_OPENED, local("2024-10-01")),
        (Kind.WINDOW_CLOSED, local("2025-01-01")),
    ]


def test_nothing_is_overdue_before_the_year_has_ended() -> None:
    """R-23: 'no "overdue" before 12-31 24:00'; what is attended never is."""
    year = published()
    year.tick("2024-10-08 09:00")
    report_quarters(year)
    year.tick(local("2025-01-01") - INSTANT)
    assert year.overview().late == []
    assert not any(
        event.kind is Kind.LATE for events in year.histories().values() for event in events
    )
    year.tick("2025-01-01")
    assert {owed.step.id for owed in year.overview().late} == {"s4", "s4-incentive"}
    assert year.standing("s3") is Standing.MET


def one_section_short() -> Year:
    """All have reported but planning, whose target is T-2."""
    year = published()
    year.tick("2024-10-08 09:00")
    report_quarters(year)
    year.at("2024-12-20 09:00")
    self_assess(year, ("T-1", "T-3"))
    hand_in(year, [s.id for s in year.plan.sections])
    year.told()
    return year


def test_one_section_that_is_missing_alone_escalates() -> None:
    """R-24: "one section missing → cycle not self-assessed, that section alone escalates"."""
    year = one_section_short()
    heard = []
    while year.clock.moment < local("2025-01-09"):
        year.tick(year.clock.moment + timedelta(hours=1))
        day = (year.clock.moment + timedelta(hours=8)).date().isoformat()
        heard += [(day, t.who, t.about) for t in year.told() if t.step == "s4"]
        report_quarters(year)
    mine = ("planning",)
    assert heard == [
        ("2024-12-26", "p.planning-head", mine),
        ("2024-12-30", "p.planning-head", mine),
        ("2025-01-01", "p.planning-head", mine),
        ("2025-01-03", "p.planning-head", mine),
        ("2025-01-03", "p.vice-leader-a", mine),
        ("2025-01-08", "p.group-head", mine),
        ("2025-01-08", "p.group-office", mine),
        ("2025-01-08", "p.planning-head", mine),
        ("2025-01-08", "p.vice-leader-a", mine),
        ("2025-01-08", "p.vice-leader-b", mine),
    ]
    assert year.state() == "published"
    assert year.overview().held_up == [year.name("T-2")]
    assert [year.late(name) for name in ALL] == [[], ["s4"], []]


def test_the_last_report_brings_the_cycle_on_at_once() -> None:
    """R-24: fan-in at the office, decided by the last mover."""
    year = one_section_short().at("2025-01-10 09:00")
    self_assess(year, ["T-2"])
    assert year.state() == "self_assessed"
    (moved,) = (e for e in year.history("", Kind.MOVED) if e.target == "self_assessed")
    (cause,) = (e for e in year.history("T-2", Kind.MOVED) if e.target == "self_assessed")
    assert (moved.actor, moved.cause) == ("daemon", cause.position)
    assert year.standing("s4", "T-2") is Standing.MET_LATE


def test_incentive_material_is_the_second_thing_due_on_that_day() -> None:
    """R-24: "two deliverables under one due date": the reports alone do not do."""
    year = published().at("2024-12-20 09:00")
    self_assess(year, ALL)
    assert year.state() == "published"
    hand_in(year, [s.id for s in year.plan.sections][:-1])
    assert year.state() == "published"
    hand_in(year, [s.id for s in year.plan.sections][-1:])
    assert year.state() == "self_assessed"


@pytest.mark.parametrize(
    ("year", "first_late", "last_day"),
    [
        (2023, "2024-03-01", "2024-02-29"),
        (2024, "2025-03-01", "2025-02-28"),
        (2025, "2026-03-01", "2026-02-28"),
        (2027, "2028-03-01", "2028-02-29"),
    ],
)
def test_the_end_of_february_is_found_in_every_year(
    year: int, first_late: str, last_day: str
) -> None:
    """R-25: "month-end resolved per year (29 Feb in leap years); cross-year"."""
    deadline = begin(small(1, year), f"{year}-06-20 09:00").deadline("s5")
    assert (deadline.due_at, deadline.last_day) == (local(first_late), last_day)


def test_on_29_february_nobody_is_late_yet() -> None:
    """R-25: in a leap year the 29th is in time, the first of March is not."""
    year = begin(small(1, 2023), "2023-06-20 09:00")
    year.tick(local("2024-03-01") - INSTANT)
    assert "s5" not in year.late()
    year.tick("2024-03-01")
    assert year.late()[-1] == "s5"


def test_the_three_parts_of_the_assessment_are_all_needed() -> None:
    """R-25: "three parallel sub-steps in one window", in any order."""
    year = published().at("2025-02-27 09:00")
    for kind in ("same_type_recheck", "peer_result_review"):
        year.record("", kind)
        assert year.standing("s5") is Standing.DUE_SOON
    year.record("", "onsite_assessment")
    assert year.standing("s5") is Standing.MET


@pytest.mark.parametrize("until", ["drafted", "published"])
def test_a_spot_check_may_come_at_any_time_and_raises_findings(until: str) -> None:
    """R-26: "repeatable, externally opened; each visit creates findings"."""
    year = begin(small(), OPENED)
    publish(year, until)
    for visit in ("察核〔2024〕1号", "察核〔2024〕2号"):
        year.record("", "spot_verification", {"document": visit, "body": "市效能办"})
        for name in ("T-1", ""):
            raise_finding(
                year.app,
                year.name(name),
                "台账不全",
                OFFICE,
                Grounds(),
                method="spot_verification",
                document=visit,
            )
    assert year.overview().findings == {"raised": 4}
    facts = year.find("T-1/F-2").facts
    assert (facts["method"], facts["document"]) == ("spot_verification", "察核〔2024〕2号")
    assert year.find("T-1/F-1").owner == "office"


def test_a_spot_check_is_never_overdue() -> None:
    """R-26: "never overdue by itself"."""
    year = published()
    year.tick_daily("2025-06-30")
    assert "s6" not in year.late()
    assert "s6" not in {told.step for told in year.told()}
    assert year.standing("s6") is Standing.OPEN


def test_a_circular_that_never_comes_leaves_the_cycle_waiting_not_failed() -> None:
    """R-27: "if the event never comes the cycle stays awaiting external, visibly not failed"."""
    year = evaluated()
    year.told()
    year.tick_daily("2027-01-01")
    stands = year.overview()
    assert (stands.cycle.state, stands.late, stands.failing) == ("evaluated", [], [])
    assert {year.standing("s7", name) for name in ALL} == {Standing.WAITING}
    assert year.told() == []
    year.assert_sound()


def test_the_circular_rectifies_what_has_no_finding_open() -> None:
    """R-27, R-41: the circular and no open finding; until then that target and the cycle wait."""
    year = evaluated()
    raise_finding(year.app, year.name("T-1"), "整改一", OFFICE, Grounds())
    year.record("", "circular", {"document": "通报2号"})
    assert [year.state(name) for name in ALL] == ["evaluated", "rectified", "rectified"]
    assert year.state() == "evaluated"
