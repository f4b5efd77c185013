"""Months in which nobody ran a daemon, on either database, to be copied and caught up on."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Protocol

from sqlalchemy import select

from adapters.application import create
from adapters.daemon import Daemon
from adapters.messages import translator
from adapters.notify.folder import FolderNotifier
from adapters.outbox import LEASE
from adapters.simulation import with_targets
from adapters.sql.database import connect, reading
from adapters.sql.tables import EVENT, NOTICE, NOTICE_ITEM, TIMER
from tests.chaos.crashing import application_at, in_child
from tests.postgres.databases import copied_database, empty_database
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


WRITTEN = re.compile(r"as of \d{4}-\d\d-\d\d \d\d:\d\d")
"""What a killed daemon had taken to send is written when the lease is over."""


class Base(Protocol):
    """A database that is lived in only by way of its copies."""

    def copied(self) -> AbstractContextManager[str]:
        """Return a copy: a file name, or a URL."""
        ...


@dataclass(frozen=True)
class SqliteBase:
    """A file."""

    file: Path

    @contextmanager
    def copied(self) -> Iterator[str]:
        folder = Path(mkdtemp(prefix="duban-copy-"))
        for suffix in ("", "-wal"):
            source = self.file.with_name(self.file.name + suffix)
            if source.exists():
                shutil.copy(source, folder / f"run.db{suffix}")
        yield str(folder / "run.db")
        shutil.rmtree(folder)


@dataclass(frozen=True)
class PostgresBase:
    """A database on the server."""

    url: str

    @contextmanager
    def copied(self) -> Iterator[str]:
        with copied_database(self.url) as url:
            yield url


@contextmanager
def silent_months(kind: str, folder: Path) -> Iterator[Base]:
    """A database of that kind in which nothing ran from July to September."""
    if kind == "sqlite":
        _live(str(folder / "base.db"))
        yield SqliteBase(folder / "base.db")
        return
    with empty_database() as url:
        _live(url)
        yield PostgresBase(url)


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


def _live(database: str) -> None:
    create(database, "root")
    plan = plan_that_moves_by_itself()
    app, opening = application_at(database, OPENED)
    with opening.unit_of_work(OPENED) as unit:
        open_cycle(app, unit, plan, "root", OPENED)
    opening.close()
    app, store = application_at(database, DRAFTED)
    office = Who(person="root", acting_for="group-office")
    for trigger in ("draft", "peer_review"):
        move(app, plan.key, trigger, office)
    record(app, plan.key, "submitted_for_reply", {"document": "1"}, office, Grounds())
    store.close()


def one_pass(
    database: str,
    drop: Path,
    crash_at: int = -1,
    moment: datetime = STARTED,
) -> int:
    """Do one pass of a daemon that may be killed; return how many points it passed."""
    app, store = application_at(database, moment, crash_at)
    channel = FolderNotifier(drop)
    Daemon(app=app, channels={"log": channel}, words=translator("en")).once()
    store.close()
    return store.point


def settle(database: str, drop: Path) -> None:
    """Run passes until one has nothing left to do, as a daemon that was started again would.

    What a killed one had taken to send goes out when its lease is over.
    """
    for moment in (STARTED, STARTED, STARTED + LEASE, STARTED + LEASE + timedelta(minutes=1)):
        in_child(lambda at=moment: one_pass(database, drop, moment=at))  # type: ignore[misc]


def outcome(database: str, drop: Path) -> dict[str, Any]:
    """Return all that a run leaves behind, but for signs of life, salts, and when it was sent.

    A server gives no number twice, also not that of an event which was rolled
    back; so places in order stand for numbers.
    """
    engine = connect(database)
    with reading(engine) as connection:
        rows = {
            table.name: [
                dict(row._mapping)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in (EVENT, TIMER, NOTICE_ITEM, NOTICE)
        }
    engine.dispose()
    places = {row["position"]: place for place, row in enumerate(rows["event"], start=1)}
    notices = {row["id"]: place for place, row in enumerate(rows["notice"], start=1)}
    for event in rows["event"]:
        event["cause"] = places.get(event["cause"])
        del event["position"]
    for item in rows["notice_item"]:
        item.update(event=places[item["event"]], notice=notices.get(item["notice"]))
        del item["id"]
    for notice in rows["notice"]:
        recipient, channel, first = notice["key"].rsplit("/", 2)
        notice["key"] = f"{recipient}/{channel}/{places[int(first)]}"
        del notice["id"], notice["sent_at"]
    plain = {
        name: [json.dumps(r, default=str, sort_keys=True) for r in rows[name]] for name in rows
    }
    return {**plain, "delivered": sorted(WRITTEN.sub("", p.read_text()) for p in drop.glob("*"))}
