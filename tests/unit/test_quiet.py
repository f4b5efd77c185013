"""Quiet time: who is told when, and that dates know nothing of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.application import calendar_of
from adapters.memory.store import MemoryStore
from engine.clock import StandingClock
from workflows import cycle
from workflows.plan.model import Plan, Quiet
from workflows.plan.read import read_plan
from workflows.running.desk import Application, desk
from workflows.running.opening import open_cycle
from workflows.running.quiet import LONGEST, hushed, quiet_until
from workflows.running.tenures import establish

ZONE = ZoneInfo("Asia/Shanghai")
FILE = Path(cycle.__file__).parent / "plans" / "quanzhou-sasac-2024.yaml"
NIGHT = Quiet(begins="18:00", ends="08:30")
OFFICE = replace(NIGHT, working_days_only=True)
NOON = Quiet(begins="12:00", ends="13:30")


def plan(quiet: Quiet) -> Plan:
    found = read_plan(FILE.read_bytes()).plan
    assert found is not None
    return replace(found, quiet=quiet, targets=())


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def opened(quiet: Quiet, moment: datetime) -> tuple[Application, MemoryStore]:
    clock = StandingClock(moment)
    store = MemoryStore(clock)
    app = Application(store=store, clock=clock, calendar_of=calendar_of)
    establish(app, "root")
    with store.unit_of_work(moment) as unit:
        open_cycle(app, unit, plan(quiet), "root", moment)
    return app, store


def ends(quiet: Quiet, moment: str) -> str | None:
    """When the quiet that reigns at ``moment`` ends, in local time; None if none reigns."""
    app, store = opened(quiet, local(moment))
    with store.reading() as reader:
        found = quiet_until(desk(app, reader, "qz-2024"))
        assert set(hushed(app, reader).values()) == ({found} if found else set())
    return found.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if found else None


@pytest.mark.parametrize(
    ("quiet", "moment", "end"),
    [
        (Quiet(), "2024-07-10 03:00", None),
        (NIGHT, "2024-07-10 08:29:59", "2024-07-10 08:30"),
        (NIGHT, "2024-07-10 08:30", None),
        (NIGHT, "2024-07-10 17:59:59", None),
        (NIGHT, "2024-07-10 18:00", "2024-07-11 08:30"),
        (NIGHT, "2024-07-13 10:00", None),
        (OFFICE, "2024-07-12 18:00", "2024-07-15 08:30"),
        (OFFICE, "2024-07-13 10:00", "2024-07-15 08:30"),
        (OFFICE, "2024-09-14 10:00", None),  # a Saturday that is worked
        (OFFICE, "2024-09-30 18:00", "2024-10-08 08:30"),  # the National Day holiday
        (NOON, "2024-07-10 11:59", None),
        (NOON, "2024-07-10 12:00", "2024-07-10 13:30"),
        (NOON, "2024-07-10 23:59", None),
        (Quiet(working_days_only=True), "2024-07-10 03:00", None),
        (Quiet(working_days_only=True), "2024-07-13 03:00", "2024-07-15 00:00"),
        (Quiet(begins="18:00", ends="00:00"), "2024-07-10 23:00", "2024-07-11 00:00"),
    ],
)
def test_quiet_time_ends(quiet: Quiet, moment: str, end: str | None) -> None:
    assert ends(quiet, moment) == end


def test_an_office_that_never_works_is_told_all_the_same() -> None:
    app, store = opened(OFFICE, local("2024-07-13 10:00"))

    class Closed:
        edition = "closed"

        def day(self, _day: object) -> object:
            class Kind:
                working = False

            return Kind()

    with store.reading() as reader:
        at = replace(desk(app, reader, "qz-2024"), calendar=Closed())  # type: ignore[arg-type]
        assert LONGEST
        assert quiet_until(at) is None


def test_the_plans_that_ship_are_quiet_at_night_and_on_days_off() -> None:
    for file in sorted(FILE.parent.glob("*.yaml")):
        found = read_plan(file.read_bytes(), None if "2024" in file.name else 2025).plan
        assert found is not None
        assert found.quiet == OFFICE
