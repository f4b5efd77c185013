"""A year of a body in memory, for tests: people by post, a clock that is told, and who was told.

Local times are written as people write them, ``2024-07-25 10:00``, in the
plan's zone. Each post is held by a person named ``p.`` and the post's id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from adapters.application import calendar_of
from adapters.memory.store import MemoryStore
from engine.clock import Clock, StandingClock
from engine.deadline import Deadline, Timer
from engine.events import Event, Instance, Kind
from engine.ports import Store
from engine.verification import verify
from workflows.plan.model import Holder, Plan, Target, Text
from workflows.plan.read import read_plan
from workflows.running import requests
from workflows.running.desk import Application, desk
from workflows.running.launch import launch
from workflows.running.obligations import Standing, obligations
from workflows.running.overview import Overview, overview
from workflows.running.requests import NO_GROUNDS, Grounds, Who
from workflows.running.tenures import establish
from workflows.running.tick import Done, tick
from workflows.running.verifying import Dated, verify_dates

ROOT = "root"
ZONE = ZoneInfo("Asia/Shanghai")
INSTANT = timedelta(microseconds=1)
OFFICE = Who(person="p.group-office")
ADMINISTRATOR = Who(person=ROOT)


@cache
def shipped(name: str = "quanzhou-sasac-2024", year: int | None = None) -> Plan:
    """Return a plan that ships, every post held."""
    plan = read_plan(files("workflows").joinpath(f"plans/{name}.yaml").read_bytes(), year).plan
    assert plan is not None
    posts = tuple(replace(p, holders=(Holder(person=f"p.{p.id}"),)) for p in plan.posts)
    return replace(plan, posts=posts)


def small(count: int = 3, year: int | None = None) -> Plan:
    """Return a plan with so many invented targets, one section after the other."""
    plan = shipped() if year is None else shipped("municipal-department", year)
    targets = tuple(goal(plan, n) for n in range(count))
    return replace(plan, targets=targets)


def goal(plan: Plan, number: int, **changes: Any) -> Target:
    """Return an invented target of ``plan``, ``T-1`` for number 0."""
    invented = Target(
        id=f"T-{number + 1}",
        name=Text(f"示例目标{number + 1}"),
        category="routine",
        section=plan.sections[number % len(plan.sections)].id,
        sources=("mandate",),
        pace="按季推进",
        quality="达到年度要求",
        finish_by=date(plan.year, 12, 20),
    )
    return replace(invented, **changes)


def local(text: str) -> datetime:
    """Return a moment written in local time, a day alone meaning its beginning."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@dataclass(frozen=True, order=True)
class Told:
    """One person was told of one rung of one step."""

    who: str
    step: str
    action: str
    about: tuple[str, ...]


@dataclass
class Year:
    """A running cycle in a store, with its clock."""

    plan: Plan
    app: Application
    clock: StandingClock

    @property
    def key(self) -> str:
        return self.plan.key

    @property
    def store(self) -> Store:
        return self.app.store

    def at(self, when: str | datetime) -> Year:
        """Put the clock to a local time; it never runs backwards."""
        moment = local(when) if isinstance(when, str) else when
        assert moment >= self.clock.moment, f"{when} is past"
        self.clock.moment = moment
        return self

    def tick(self, when: str | datetime = "") -> Done:
        """Let the daemon pass once, at a local time if one is given."""
        if when:
            self.at(when)
        done = tick(self.app)
        assert done.failed == []
        return done

    def tick_daily(self, until: str) -> None:
        """Let the daemon pass at midnight of every local day up to ``until``."""
        day = self.clock.moment.astimezone(ZONE).date()
        while day < date.fromisoformat(until):
            day += timedelta(days=1)
            self.tick(day.isoformat())

    def told(self) -> list[Told]:
        """Return who was told of what since it was last asked, held notices left out."""
        items: list[Told] = []
        with self.store.unit_of_work(self.clock.now()) as unit:
            while notices := unit.gather():
                for notice in notices:
                    unit.settle_notice(notice, "", None)
                    items += [
                        Told(
                            item.recipient,
                            str(event.data["step"]),
                            str(event.data["action"]),
                            tuple(item.about),
                        )
                        for item, event in notice.items
                    ]
        return sorted(items)

    def told_raw(self) -> list[tuple[str, Kind]]:
        """Return who was told of what kind of event since it was last asked."""
        items: list[tuple[str, Kind]] = []
        with self.store.unit_of_work(self.clock.now()) as unit:
            while notices := unit.gather():
                for notice in notices:
                    unit.settle_notice(notice, "", None)
                    items += [(item.recipient, event.kind) for item, event in notice.items]
        return sorted(items)

    def move(
        self, name: str, trigger: str, who: Who = OFFICE, on: str = "", **more: Any
    ) -> Sequence[Event]:
        leave_behind = bool(more.pop("leave_behind", False))
        grounds = grounds_of(on, **more)
        return requests.move(
            self.app, self.name(name), trigger, who, grounds, leave_behind=leave_behind
        )

    def record(
        self,
        name: str,
        kind: str,
        values: Mapping[str, Any] | None = None,
        who: Who = OFFICE,
        on: str = "",
        **more: Any,
    ) -> Sequence[Event]:
        return requests.record(
            self.app, self.name(name), kind, values or {}, who, grounds_of(on, **more)
        )

    def force(
        self, name: str, state: str, who: Who = ADMINISTRATOR, **more: Any
    ) -> Sequence[Event]:
        cascade = bool(more.pop("cascade", False))
        more = {"reason": "审计要求", "authority": "泉审〔2024〕3号", **more}
        return requests.force(
            self.app, self.name(name), state, who, grounds_of("", **more), cascade=cascade
        )

    def name(self, name: str) -> str:
        """Return the key of what is named within the cycle; the cycle itself for nothing."""
        return f"{self.key}/{name}" if name else self.key

    def find(self, name: str = "") -> Instance:
        with self.store.reading() as reader:
            found = reader.find(self.name(name))
        assert found is not None
        return found

    def state(self, name: str = "") -> str:
        return self.find(name).state

    def history(self, name: str = "", *kinds: Kind) -> list[Event]:
        with self.store.reading() as reader:
            events = reader.history(self.name(name))
        return [e for e in events if not kinds or e.kind in kinds]

    def histories(self) -> dict[str, list[Event]]:
        with self.store.reading() as reader:
            return {i.key: list(events) for i, events in reader.histories(self.key)}

    def late(self, name: str = "") -> list[str]:
        """Return the steps for which lateness was recorded, in order."""
        return [str(e.data["step"]) for e in self.history(name, Kind.LATE)]

    def standing(self, step: str, name: str = "") -> Standing:
        with self.store.reading() as reader:
            at = desk(self.app, reader, self.key)
            found = reader.find(self.name(name))
            assert found is not None
            return next(o.standing for o in obligations(at, found) if o.step.id == step)

    def overview(self) -> Overview:
        with self.store.reading() as reader:
            return overview(desk(self.app, reader, self.key))

    def deadline(self, step: str, name: str = "", occurrence: str = "") -> Deadline:
        with self.store.reading() as reader:
            own = self.name(name) if name else ""
            found = reader.deadlines(self.key, step, instance=own)
        return next(d for d in found if d.occurrence == occurrence)

    def timers(self, *, pending: bool = True) -> Sequence[Timer]:
        with self.store.reading() as reader:
            return reader.timers(self.key, pending=pending)

    def waiting(self) -> Mapping[str, int]:
        with self.store.reading() as reader:
            return reader.waiting_notices()

    def assert_sound(self) -> None:
        with self.store.reading() as reader:
            assert list(verify(reader)) == []
            assert list(verify_dates(self.app, reader, self.key, Dated())) == []


def grounds_of(on: str, **more: Any) -> Grounds:
    """Return grounds: a day or a local time, a reason, an authority."""
    if not on and not more:
        return NO_GROUNDS
    when = None
    if on:
        when = date.fromisoformat(on) if len(on) == len("2024-07-25") else local(on)
    return Grounds(occurred_at=when, **more)


def head(section: str) -> Who:
    """Return who heads a section."""
    return Who(person=f"p.{section}-head")


def begin(
    plan: Plan, when: str, store_on: Callable[[Clock], Store] = MemoryStore, loaded_on: str = ""
) -> Year:
    """Open the cycle of ``plan`` at a local time."""
    clock = StandingClock(local(when))
    app = Application(store=store_on(clock), clock=clock, calendar_of=calendar_of)
    establish(app, ROOT)
    loaded = date.fromisoformat(loaded_on) if loaded_on else None
    launch(app, plan, ROOT, loaded)
    return Year(plan=plan, app=app, clock=clock)


def publish(year: Year, until: str = "published") -> None:
    """Bring the cycle along its line by the office's acts at the present moment."""
    line = ("drafted", "peer_reviewed", "approved", "published")
    for state in line[: line.index(until) + 1]:
        if state == "drafted":
            year.move("", "draft")
        elif state == "peer_reviewed":
            year.move("", "peer_review")
        elif state == "approved":
            submit(year)
            answer(year)
        else:
            proofs(year)


def submit(year: Year, on: str = "") -> None:
    """Submit the plan to both outside bodies."""
    year.record("", "submitted_for_decision", {"document": "请示1号"}, on=on)
    year.record("", "submitted_for_reply", {"document": "请示2号"}, on=on)


def answer(year: Year, on: str = "") -> None:
    """Record what both outside bodies answered."""
    year.record("", "decision", {"document": "批示1号"}, on=on)
    year.record("", "reply", {"document": "批复1号"}, on=on)


def proofs(year: Year, channels: Iterable[str] = ("website", "notice_board")) -> None:
    """Record the publication on each channel."""
    for channel in channels:
        year.record("", "publication", {"channel": channel, "proof": f"https://{channel}"})


def self_assess(year: Year, names: Iterable[str]) -> None:
    """Let each target's section report."""
    for name in names:
        year.record(name, "self_report", {"completion": 100}, head(year.find(name).owner))


def hand_in(year: Year, sections: Iterable[str], step: str = "s4-incentive") -> None:
    """Let each section hand in its incentive material."""
    for section in sections:
        year.record(f"{step}-{section}", "handed_in", {}, head(section))
