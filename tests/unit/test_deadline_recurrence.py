"""Recurring deadlines: labels, ends, bounds, and no drift."""

from __future__ import annotations

import time as clock
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.calendars import calendar_named
from workflows.deadlines import Context, Kind, Occurrence, Settings, occurrences, parse, resolve
from workflows.deadlines.days import Unit
from workflows.deadlines.errors import BadRecurrence, NotRecurring
from workflows.deadlines.rrule import days_of_rrule

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = calendar_named("china")


def of(text: str, year: int = 2024, settings: Settings | None = None) -> tuple[Occurrence, ...]:
    return occurrences(parse(text), Context(year, CHINA, settings or Settings()))


def table(text: str, year: int = 2024) -> list[tuple[str, str]]:
    return [(each.label, each.last_day.isoformat()) for each in of(text, year)]


def test_every_quarter_plus_days_rolls_and_does_not_drift() -> None:
    assert table("every quarter plus 10 days") == [
        ("2024-Q1", "2024-04-10"),
        ("2024-Q2", "2024-07-10"),
        ("2024-Q3", "2024-10-10"),
        ("2024-Q4", "2025-01-10"),
    ]
    assert table("every quarter plus 5 days", 2025) == [
        ("2025-Q1", "2025-04-07"),  # the 5th is a Saturday
        ("2025-Q2", "2025-07-07"),
        ("2025-Q3", "2025-10-09"),  # out of the long holiday
        ("2025-Q4", "2026-01-05"),
    ]
    unrolled = of("every quarter plus 5 days no roll", 2025)
    assert [each.last_day.day for each in unrolled] == [5, 5, 5, 5]


def test_an_occurrence_has_its_period_and_its_opening() -> None:
    first = of("every quarter plus 10 days")[0]
    assert first.period_end == date(2024, 3, 31)
    assert first.opens_at == datetime(2024, 4, 1, tzinfo=SHANGHAI)
    assert first.due_at == datetime(2024, 4, 11, tzinfo=SHANGHAI)
    by = of("every month by day 10 cutoff 17:30")[6]
    assert by.label == "2024-07"
    assert by.opens_at == datetime(2024, 7, 1, tzinfo=SHANGHAI)
    assert by.due_at == datetime(2024, 7, 10, 17, 30, tzinfo=SHANGHAI)


def test_months() -> None:
    assert table("every month by day 31")[:4] == [
        ("2024-01", "2024-01-31"),
        ("2024-02", "2024-02-29"),
        ("2024-03", "2024-03-31"),
        ("2024-04", "2024-04-30"),
    ]
    assert table("每月底前") == table("every month by day 31")
    assert table("每季度底前")[0] == ("2024-Q1", "2024-03-31")
    assert table("every month by day 10")[2] == ("2024-03", "2024-03-10")  # a Sunday, not rolled
    assert table("every month by day 10 roll")[2] == ("2024-03", "2024-03-11")
    assert len(table("每月10日前")) == 12


def test_half_years_years_and_weekdays() -> None:
    assert table("每半年后10日内") == [("2024-H1", "2024-07-10"), ("2024-H2", "2025-01-10")]
    assert table("every year plus 30 days") == [("2024", "2025-02-05")]  # after Spring Festival
    assert table("every first monday of month")[:2] == [
        ("2024-01", "2024-01-01"),
        ("2024-02", "2024-02-05"),
    ]
    assert table("every last friday of month")[1] == ("2024-02", "2024-02-23")


def test_working_days_after_a_quarter() -> None:
    found = of("every quarter plus 5 working days from 2024-07 until 2025-03")
    assert [(each.label, each.last_day.isoformat()) for each in found] == [
        ("2024-Q3", "2024-10-12"),  # a worked Saturday
        ("2024-Q4", "2025-01-08"),
        ("2025-Q1", "2025-04-08"),
    ]
    assert not any(each.provisional for each in found)
    last = of("every quarter plus 5 working days", 2026)[-1]
    assert (last.label, last.provisional) == ("2026-Q4", True)
    plain = of("every quarter plus 5 days", settings=Settings(counting_unit=Unit.WORKING_DAY))
    assert plain[2].last_day == date(2024, 10, 12)


def test_bounds_are_whole_periods() -> None:
    assert [label for label, _ in table("每季度后10日内，自8月起")] == ["2024-Q4"]
    assert [label for label, _ in table("每季度后10日内，至8月止")] == ["2024-Q1", "2024-Q2"]
    assert [label for label, _ in table("every month by day 1 from 11 until 02 next year")] == [
        "2024-11",
        "2024-12",
        "2025-01",
        "2025-02",
    ]
    assert table("every month by day 1 from 2030-01") == []


def test_an_occurrence_does_not_depend_on_where_the_series_begins() -> None:
    whole = {each.label: each for each in of("every quarter plus 7 working days")}
    for month in range(2, 13):
        for each in of(f"every quarter plus 7 working days from {month:02}"):
            assert whole[each.label] == each


def test_rrules() -> None:
    assert table("rrule FREQ=MONTHLY;BYMONTHDAY=-1")[1] == ("2024-02-29", "2024-02-29")
    assert table("rrule FREQ=MONTHLY;BYMONTHDAY=-1")[-1] == ("2024-12-31", "2024-12-31")
    assert len(table("rrule FREQ=WEEKLY;BYDAY=FR")) == 52
    assert table("rrule FREQ=YEARLY;BYMONTH=2;BYDAY=1MO", 2026) == [("2026-02-02", "2026-02-02")]
    quarter = table("rrule FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=10 from 2024-01 until 2024-12")
    assert [day for _, day in quarter] == ["2024-01-10", "2024-04-10", "2024-07-10", "2024-10-10"]


def test_an_rrule_that_never_matches_ends_soon() -> None:
    before = clock.monotonic()
    assert table("rrule FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30") == []
    assert clock.monotonic() - before < 2


@pytest.mark.parametrize("year", [1, 400, 1999, 2000, 2024, 9600, 9999])
def test_the_moved_search_finds_the_same_weekdays(year: int) -> None:
    fridays = days_of_rrule("FREQ=WEEKLY;BYDAY=FR", date(year, 1, 1), date(year, 12, 31))
    assert all(day.weekday() == 4 and day.year == year for day in fridays)
    assert len(fridays) in {52, 53}


def test_a_series_as_a_whole() -> None:
    series = resolve(parse("every quarter plus 10 days"), Context(2024, CHINA))
    assert series.opens_at == datetime(2024, 4, 1, tzinfo=SHANGHAI)
    assert series.last_day == date(2025, 1, 10)
    empty = resolve(parse("every month by day 1 from 2030-01"), Context(2024, CHINA))
    assert empty.kind is Kind.UNDATED


def test_what_cannot_be_a_series() -> None:
    with pytest.raises(NotRecurring):
        of("07-10")
    with pytest.raises(BadRecurrence, match="it runs for more than 100 years"):
        of("every month by day 1 until 9999-01")
