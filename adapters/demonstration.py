"""A trial database to look at: the municipal plan of this year, with invented acts up to today.

Built beside its place and moved there whole, so that an interrupted build
leaves nothing behind. Everything invented says so (示例).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.application import calendar_of, create, installed_version
from adapters.messages import Translator
from adapters.simulation import CountingChannel, first_moment, live
from adapters.sql.database import connect
from adapters.sql.store import SqlStore
from engine.clock import StandingClock, SystemClock
from engine.definition import ADMINISTRATOR
from workflows.deadlines.parse import parse
from workflows.plan.model import Plan, Scope, Step, Text, Wait
from workflows.plan.read import read_plan
from workflows.roles import GROUP_OFFICE
from workflows.running.actors import PERSON
from workflows.running.behaviour import Habits, People
from workflows.running.desk import Application
from workflows.running.opening import open_cycle
from workflows.running.requests import Grounds, Who, record
from workflows.running.tenures import assign

PLAN = Path(__file__).parent.parent / "workflows" / "plans" / "municipal-department.yaml"
SEED = 20


def build(
    database: Path,
    administrator: str,
    words: Translator,
    progress: Callable[[datetime], None] | None = None,
) -> str:
    """Build the demonstration at ``database`` and return the key of its cycle."""
    draft = database.with_name(f".{database.name}.new")
    _remove(draft)
    try:
        create(str(draft), administrator, trial=True)
        key = _fill(draft, administrator, words, progress)
        draft.replace(database)
    finally:
        _remove(draft)
    return key


def demonstration_plan(today: datetime) -> Plan:
    """Return this year's plan with three invented steps around today.

    One is late by two days, one due within a week, one lies with an outside body.
    """
    zone = ZoneInfo("Asia/Shanghai")
    day = today.astimezone(zone).date()
    reading = read_plan(PLAN.read_bytes(), year=day.year, name=PLAN.name)
    if reading.plan is None:
        raise ValueError(f"{PLAN.name} has errors: {reading.diagnostics}")

    def step(name: str, text: Text, days: int) -> Step:
        due = (day + timedelta(days=days)).isoformat()
        return Step(id=name, name=text, due=parse(due), due_text=due, ladder=ladder)

    ladder = reading.plan.ladders[0].name if reading.plan.ladders else ""
    body = reading.plan.outside[0].id
    extra = (
        replace(
            step(
                "sample-late",
                Text("报送专项检查情况（示例）", "Report on the special inspection (sample)"),
                -2,
            ),
            scope=Scope.OFFICE,
            hand_in=True,
        ),
        replace(
            step("sample-soon", Text("报送阶段性总结（示例）", "Interim summary (sample)"), 5),
            scope=Scope.OFFICE,
            hand_in=True,
        ),
        replace(
            step(
                "sample-outside",
                Text("就指标口径请示（示例）", "Query on how a measure is read (sample)"),
                3,
            ),
            records=("request",),
            wait=Wait(body=body, record="response"),
        ),
    )
    return replace(reading.plan, steps=(*reading.plan.steps, *extra))


def _fill(
    draft: Path,
    administrator: str,
    words: Translator,
    progress: Callable[[datetime], None] | None,
) -> str:
    now = SystemClock().now()
    plan = demonstration_plan(now)
    engine = connect(str(draft), durable=False)
    clock = StandingClock(min(first_moment(plan), now - timedelta(days=20)))
    store = SqlStore(engine, clock)
    app = Application(
        store=store, clock=clock, calendar_of=calendar_of, version=installed_version()
    )
    channel = CountingChannel()
    try:
        assign(app, body="", post=ADMINISTRATOR, person=PERSON, actor=administrator)
        with store.unit_of_work(clock.now()) as unit:
            open_cycle(app, unit, plan, PERSON, clock.now())
        own = replace(plan, steps=tuple(s for s in plan.steps if not s.id.startswith("sample-")))
        live(
            app,
            own,
            Habits(People.PUNCTUAL, SEED),
            words,
            {"log": channel},
            clock,
            now,
            progress=progress,
        )
        asked = datetime.combine(
            (now - timedelta(days=2)).astimezone(ZoneInfo(plan.zone)).date(),
            time(10),
            ZoneInfo(plan.zone),
        ).astimezone(UTC)
        clock.moment = now
        office = next(p.id for p in plan.posts if GROUP_OFFICE in p.roles)
        record(
            app,
            plan.key,
            "request",
            {"document": "示例请示1号"},
            Who(person=PERSON, acting_for=office),
            Grounds(occurred_at=max(asked, first_moment(plan))),
        )
        assign(app, body=plan.body, post=office, person=administrator, actor=administrator)
    finally:
        engine.dispose()
    return plan.key


def _remove(draft: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        draft.with_name(draft.name + suffix).unlink(missing_ok=True)
