"""Promises 3, 4 and 6: killed at any commit and started again, nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.application import create
from adapters.daemon import Daemon
from adapters.messages import translator
from adapters.notify.folder import FolderNotifier
from adapters.simulation import with_targets
from adapters.sql.database import connect, reading
from adapters.sql.tables import EVENT, NOTICE, NOTICE_ITEM, TIMER
from tests.chaos.crashing import application_at, in_child
from workflows import cycle
from workflows.deadlines.parse import parse
from workflows.plan.model import Plan, Step, Text
from workflows.plan.read import read_plan
from workflows.running.opening import open_cycle
from workflows.running.requests import Grounds, Who, move, record

PLAN = Path(cycle.__file__).parent / "plans" / "municipal-department.yaml"
OPENED = datetime(2025, 6, 1, 1, tzinfo=UTC)
DRAFTED = datetime(2025, 7, 7, 1, tzinfo=UTC)
STARTED = datetime(2025, 9, 4, 1, tzinfo=UTC)
"""After a silence: reminders, lateness, a deemed consent and a publication by date are due."""


def plan_that_moves_by_itself() -> Plan:
    """Return the municipal plan with deemed consent and publication by date."""
    plan = read_plan(PLAN.read_bytes(), 2025).plan
    assert plan is not None
    machines = tuple(
        cycle.cycle(publishes_by_date=True, silence_approves=True)
        if machine.name == cycle.NAME
        else machine
        for machine in plan.machines
    )

    def by(name: str, due: str, fires: str, brings: str) -> Step:
        return Step(
            id=name, name=Text(name), due=parse(due), due_text=due, fires=fires, brings=brings
        )

    extra = (
        by("deemed", "10 working days after submitted_for_reply", "deem_approved", cycle.APPROVED),
        by("by-date", "2025-08-31", "publish", cycle.PUBLISHED),
    )
    return replace(with_targets(plan, 12), machines=machines, steps=(*plan.steps, *extra))


@pytest.fixture(scope="module")
def silent_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database in which nothing ran from July to September."""
    database = tmp_path_factory.mktemp("crash") / "base.db"
    create(str(database), "root")
    plan = plan_that_moves_by_itself()
    app, store = application_at(database, OPENED)
    with store.unit_of_work(OPENED) as unit:
        open_cycle(app, unit, plan, "root", OPENED)
    app, store = application_at(database, DRAFTED)
    office = Who(person="root", acting_for="group-office")
    for trigger in ("draft", "peer_review"):
        move(app, plan.key, trigger, office)
    record(app, plan.key, "submitted_for_reply", {"document": "1"}, office, Grounds())
    store.close()
    return database


def one_pass(database: Path, drop: Path, crash_at: int = -1) -> int:
    """Do one pass of a daemon that may be killed; return how many points it passed."""
    app, store = application_at(database, STARTED, crash_at)
    channel = FolderNotifier(drop)
    Daemon(app=app, channels={"log": channel}, words=translator("en")).once()
    store.close()
    return store.point


def outcome(database: Path, drop: Path) -> dict[str, Any]:
    """Return all that a run leaves behind, signs of life and random salts aside."""
    engine = connect(str(database))
    with reading(engine) as connection:
        tables = {
            table.name: [
                json.dumps(dict(row._mapping), default=str, sort_keys=True)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in (EVENT, TIMER, NOTICE_ITEM, NOTICE)
        }
    engine.dispose()
    files = {path.name: path.read_text() for path in drop.glob("*")} if drop.exists() else {}
    return {**tables, "delivered": files}


def copy_of(base: Path, folder: Path) -> Path:
    folder.mkdir()
    for suffix in ("", "-wal"):
        source = base.with_name(base.name + suffix)
        if source.exists():
            shutil.copy(source, folder / f"run.db{suffix}")
    return folder / "run.db"


def settle(database: Path, drop: Path) -> None:
    """Run passes until one has nothing left to do, as a daemon that was started again would."""
    for _ in range(3):
        in_child(lambda: one_pass(database, drop))


@pytest.mark.chaos
def test_a_daemon_killed_around_any_commit_loses_and_doubles_nothing(
    silent_months: Path, tmp_path: Path
) -> None:
    whole = copy_of(silent_months, tmp_path / "whole")
    points = in_child(lambda: one_pass(whole, tmp_path / "drop-whole"))
    assert points is not None
    settle(whole, tmp_path / "drop-whole")
    expected = outcome(whole, tmp_path / "drop-whole")
    moved = [json.loads(row) for row in expected["event"]]
    triggers = {event["trigger"] for event in moved}
    assert {"deem_approved", "publish"} <= triggers
    assert expected["delivered"], "nobody was told anything: the scenario tests nothing"

    killed = 0
    step = int(os.environ.get("DUBAN_CRASH_STEP", "1"))
    for point in range(0, points, step):
        folder = tmp_path / f"at-{point}"
        database, drop = copy_of(silent_months, folder), folder / "drop"
        crashed = in_child(lambda d=database, o=drop, p=point: one_pass(d, o, p))  # type: ignore[misc]
        killed += crashed is None
        settle(database, drop)
        assert outcome(database, drop) == expected, f"killed at point {point} of {points}"
        shutil.rmtree(folder)
    assert killed == len(range(0, points, step))
