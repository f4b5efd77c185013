"""The real plans of `tests/plans`, read and opened, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.calendars import calendar_named
from engine.deadline import Deadline
from tests.unit.year import ROOT, Year, begin, shipped
from workflows.plan.check import check_file
from workflows.plan.diagnostics import Severity
from workflows.plan.model import Plan
from workflows.running.requests import Who

PLANS = Path(__file__).parent.parent / "plans"
REFERENCE = "quanzhou-sasac-2024"
CHINA = calendar_named("china")


@cache
def plan_of(name: str, year: int | None = None) -> Plan:
    """Return a plan without errors, by the beginning of its file's name."""
    if name == REFERENCE:
        return shipped(name)
    [path] = PLANS.glob(f"{name}*.yaml")
    data = path.read_bytes()
    reading = check_file(data, None if b"\nyear:" in data else year, path.name, CHINA)
    assert [d for d in reading.diagnostics if d.severity is Severity.ERROR] == []
    assert reading.plan is not None
    return reading.plan


def opened(name: str, year: int, when: str = "") -> Year:
    """Open the cycle of a plan, on the first day of its year unless said otherwise."""
    return begin(plan_of(name, year), when or f"{year}-01-01 00:00")


def office(year: Year) -> Who:
    """Return the administrator, who acts for the body's office."""
    post = next(p for p in year.plan.posts if "group_office" in p.roles)
    return Who(person=ROOT, acting_for=post.id)


def happens(year: Year, kind: str, on: str, name: str = "", **values: str | int) -> None:
    """Let something be recorded at nine on a day, on the cycle or on a target."""
    year.at(f"{on} 09:00")
    year.record(name, kind, values, office(year))


def first_late(year: Year, last_day: str) -> datetime:
    """Return the midnight, in the plan's zone, that ends the last day in time."""
    day = date.fromisoformat(last_day) + timedelta(days=1)
    return datetime.combine(day, time(), ZoneInfo(year.plan.zone))


def assert_due(year: Year, found: Deadline, last_day: str) -> None:
    assert found.last_day == last_day
    assert found.due_at == first_late(year, last_day)


def days(found: Iterable[Deadline]) -> list[str]:
    """Return the last days of a recurrence, in order."""
    return sorted(deadline.last_day for deadline in found)


def occurrences(year: Year, step: str) -> list[Deadline]:
    with year.store.reading() as reader:
        return list(reader.deadlines(year.key, step, instance=""))
