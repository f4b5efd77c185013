"""Kinds of plan announced for acceptance: appeals, nested cycles, clocks, windows, months."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.application import calendar_of
from engine.deadline import Certainty
from engine.events import Kind
from tests.unit.real_plans import assert_due, days, happens, occurrences, office, opened, plan_of
from tests.unit.year import ROOT, Year
from workflows.running.announcing import announce
from workflows.running.correcting import correct
from workflows.running.desk import Application
from workflows.running.launch import launch
from workflows.running.requests import NO_GROUNDS, Grounds

SHANGHAI = ZoneInfo("Asia/Shanghai")


# two cycles in one database


def nested() -> tuple[Year, Year]:
    """Open the cycle above, then the one below in the same database."""
    parent = opened("parent", 2024, "2024-11-01 09:00")
    plan = plan_of("child", 2024)
    app = Application(store=parent.store, clock=parent.clock, calendar_of=calendar_of)
    launch(app, plan, ROOT)
    return parent, Year(plan=plan, app=app, clock=parent.clock)


def test_a_child_cycle_ends_before_its_parents_date_is_known() -> None:
    parent, child = nested()
    assert parent.deadline("publish").certainty is Certainty.WAITING
    assert parent.deadline("latest").certainty is Certainty.PROVISIONAL
    assert_due(parent, parent.deadline("latest"), "2025-04-30")
    happens(child, "handed_in", "2024-12-20", "self-section-a")
    happens(child, "summary", "2025-01-06")
    assert child.state() == "closed"
    child.tick("2025-03-10 09:00")
    child.told()
    assert not [e for es in child.histories().values() for e in es if e.kind is Kind.LATE]
    assert parent.late() == ["draft"]  # ten working days before a congress on 28 February
    happens(parent, "external_result", "2025-03-14", block="congress-closed", document="公告")
    assert_due(parent, parent.deadline("publish"), "2025-03-21")
    assert_due(parent, parent.deadline("latest"), "2025-03-17")
    parent.tick("2025-03-24 00:00")
    assert parent.late() == ["draft", "latest", "publish"]
    assert child.overview().late == []
    parent.assert_sound()
    child.assert_sound()


def test_what_hangs_on_a_planned_date_moves_when_the_date_is_announced() -> None:
    parent, _ = nested()
    assert_due(parent, parent.deadline("draft"), "2025-02-14")
    parent.at("2024-12-02 09:00")
    announce(parent.app, parent.key, "congress", "on 2025-03-10", office(parent), NO_GROUNDS)
    assert_due(parent, parent.deadline("congress"), "2025-03-10")
    assert_due(parent, parent.deadline("draft"), "2025-02-24")
    parent.tick("2025-02-20 00:00")
    assert parent.late() == []


# clocks that stop


def test_a_clock_stands_still_while_somebody_is_absent() -> None:
    """October 2024: off 1 to 7, worked Saturday the 12th."""
    year = opened("clock", 2024, "2024-09-02 09:00")
    assert year.deadline("working").certainty is Certainty.WAITING
    happens(year, "start", "2024-10-08", "P-1")
    assert_due(year, year.deadline("working", "P-1"), "2024-11-18")
    assert_due(year, year.deadline("calendar", "P-1"), "2024-12-07")
    happens(year, "absence", "2024-10-21", "P-1", first="2024-10-21", last="2024-10-25")
    assert_due(year, year.deadline("working", "P-1"), "2024-11-25")
    assert_due(year, year.deadline("calendar", "P-1"), "2024-12-12")
    happens(year, "start", "2024-10-28", "P-2")
    assert_due(year, year.deadline("calendar", "P-2"), "2024-12-27")
    year.tick("2024-11-26 00:00")
    assert (year.late("P-1"), year.late("P-2")) == (["working"], [])


def test_a_clock_that_stands_in_an_absence_without_end_goes_on_after_it() -> None:
    year = opened("clock", 2024, "2024-09-02 09:00")
    happens(year, "start", "2024-10-08", "P-1")
    happens(year, "absence", "2024-10-21", "P-1", first="2024-10-21")
    assert year.deadline("working", "P-1").certainty is Certainty.WAITING
    year.tick("2024-12-20 00:00")
    assert year.late("P-1") == []
    [absence] = [e for e in year.history("P-1") if e.data.get("record") == "absence"]
    values = {"first": "2024-10-21", "last": "2024-12-20"}
    why = Grounds(reason="返岗")
    year.at("2024-12-21 09:00")
    correct(year.app, absence.position, office(year), why, values=values)
    # twenty-one working days of thirty were left on 20 October; 29 December is off, 1 January too
    assert_due(year, year.deadline("working", "P-1"), "2025-01-21")
    assert_due(year, year.deadline("calendar", "P-1"), "2025-02-06")


def test_an_absence_recorded_by_mistake_stops_nothing() -> None:
    year = opened("clock", 2024, "2024-09-02 09:00")
    happens(year, "start", "2024-10-08", "P-1")
    happens(year, "absence", "2024-10-21", "P-1", first="2024-10-21")
    [absence] = [e for e in year.history("P-1") if e.data.get("record") == "absence"]
    correct(year.app, absence.position, office(year), Grounds(reason="误录"), void=True)
    assert_due(year, year.deadline("working", "P-1"), "2024-11-18")


# windows inside a window


def edges(year: Year) -> list[tuple[str, str, str]]:
    return [
        (str(e.kind)[7:], str(e.data["step"]), f"{e.occurred_at.astimezone(SHANGHAI):%m-%d}")
        for e in year.history("", Kind.WINDOW_OPENED, Kind.WINDOW_CLOSED)
    ]


def test_windows_inside_a_window() -> None:
    """Off 1 to 7 October; 12 October worked."""
    year = opened("window", 2024)
    year.tick("2024-10-11 00:00")
    assert [step for _, step, _ in edges(year)] == ["outer", "inner"]
    year.tick("2025-01-01 00:00")
    assert edges(year) == [
        ("opened", "outer", "10-01"),
        ("opened", "inner", "10-11"),
        ("opened", "innermost", "10-17"),
        ("opened", "announced", "11-11"),
        ("closed", "announced", "11-21"),
        ("closed", "innermost", "12-04"),
        ("closed", "inner", "12-11"),
        ("closed", "outer", "01-01"),
    ]
    assert year.late() == ["papers", "innermost", "inner"]


def test_what_precedes_an_announced_window_follows_it() -> None:
    year = opened("window", 2024)
    assert_due(year, year.deadline("papers"), "2024-11-06")
    announce(year.app, year.key, "announced", "2024-11-18..2024-11-19", office(year), NO_GROUNDS)
    assert_due(year, year.deadline("papers"), "2024-11-13")


# months


@pytest.mark.parametrize(
    ("notice", "one", "two", "after_a_year"),
    [
        ("2024-01-31", "2024-02-29", "2024-03-31", "2025-01-31"),
        ("2023-01-31", "2023-02-28", "2023-03-31", "2024-01-31"),
        ("2024-02-29", "2024-03-29", "2024-04-29", "2025-02-28"),
        ("2024-03-31", "2024-04-30", "2024-05-31", "2025-03-31"),
        ("2024-12-31", "2025-01-31", "2025-02-28", "2025-12-31"),
    ],
)
def test_months_from_the_last_day(notice: str, one: str, two: str, after_a_year: str) -> None:
    year = opened("months", int(notice[:4]))
    happens(year, "external_result", notice, block="notice", document="通知1号")
    assert_due(year, year.deadline("one"), one)
    assert_due(year, year.deadline("two"), two)
    assert_due(year, year.deadline("year"), after_a_year)


def test_every_month_by_the_31st() -> None:
    year = opened("months", 2024)
    ends = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    expected = [f"2024-{month:02}-{day}" for month, day in enumerate(ends, start=1)]
    assert days(occurrences(year, "monthly")) == expected
    assert days(occurrences(year, "month-ends")) == expected


def test_appeals_are_told_in_time_over_the_festival() -> None:
    """Two working days before 20 February 2025 is the 18th; nobody is told in the festival."""
    year = opened("appeals", 2024, "2025-01-02 09:00")
    happens(year, "notified", "2025-01-24", "U-1")
    fires = {t.rung: t.fires_at.astimezone(SHANGHAI) for t in year.timers()}
    assert fires == {
        "r0": datetime(2025, 2, 18, tzinfo=SHANGHAI),
        "r1": datetime(2025, 2, 21, tzinfo=SHANGHAI),
    }
