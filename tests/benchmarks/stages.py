"""The databases that are measured: a municipal cycle at several stages of its year."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

from adapters.application import calendar_of, create
from adapters.simulation import with_targets
from adapters.sql.database import connect
from adapters.sql.store import SqlStore
from engine.clock import StandingClock
from workflows.plan.model import Holder, Plan
from workflows.plan.read import read_plan
from workflows.running.desk import Application
from workflows.running.launch import launch
from workflows.running.requests import Who, move, record
from workflows.running.tick import tick

KEY = "md-2025"
ROOT = "root"
OFFICE = Who(person="p.group-office")

OPENED = datetime(2025, 6, 1, 1, tzinfo=UTC)
DRAFTED = datetime(2025, 7, 7, 1, tzinfo=UTC)
PUBLISHED = datetime(2025, 7, 9, 1, tzinfo=UTC)
BEFORE_LATE = datetime(2025, 12, 31, 15, tzinfo=UTC)
LATE = datetime(2025, 12, 31, 16, tzinfo=UTC)
"""The first moment at which a self-assessment due on 31 December is late, in Shanghai."""

SELF_ASSESSMENT = "s4"
LATE_RUNG = "r2"


def plan_of(count: int) -> Plan:
    """Return the municipal plan with so many targets, every post held."""
    content = files("workflows").joinpath("plans/municipal-department.yaml").read_bytes()
    plan = read_plan(content, 2025).plan
    assert plan is not None
    posts = tuple(replace(p, holders=(Holder(person=f"p.{p.id}"),)) for p in plan.posts)
    return with_targets(replace(plan, posts=posts), count)


@contextmanager
def application(database: str, moment: datetime) -> Iterator[Application]:
    """Open the application on a database, its clock standing at ``moment``."""
    clock = StandingClock(moment)
    store = SqlStore(connect(database), clock)
    yield Application(store=store, clock=clock, calendar_of=calendar_of)
    store.close()


def make(database: str) -> None:
    """Make the database, with nothing in it."""
    create(database, ROOT)


def open_plan(database: str, plan: Plan) -> None:
    """Open the cycle as `duban open` does."""
    with application(database, OPENED) as app:
        launch(app, plan, ROOT)


def draft(app: Application) -> None:
    """Make the first cascade: the cycle is drafted and all of its targets with it."""
    move(app, KEY, "draft", OFFICE)


def publish(app: Application) -> None:
    """Take the drafted cycle to its publication: three more cascades."""
    move(app, KEY, "peer_review", OFFICE)
    record(app, KEY, "submitted_for_decision", {}, OFFICE)
    record(app, KEY, "decision", {"result": "approved"}, OFFICE)
    record(app, KEY, "submitted_for_reply", {}, OFFICE)
    record(app, KEY, "reply", {"document": "〔2025〕1", "result": "approved"}, OFFICE)
    record(app, KEY, "publication", {"channel": "website", "proof": "1"}, OFFICE)
    record(app, KEY, "publication", {"channel": "notice_board", "proof": "2"}, OFFICE)


def at(app: Application, moment: datetime) -> None:
    """Put the clock to ``moment``."""
    assert isinstance(app.clock, StandingClock)
    app.clock.moment = moment


def until(app: Application, moment: datetime) -> None:
    """Put the clock to ``moment`` and let the daemon pass once."""
    at(app, moment)
    done = tick(app)
    assert done.failed == []
