"""A small office in memory, with channels that keep what they are given or fail as told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.application import calendar_of
from adapters.memory.store import MemoryStore
from adapters.messages import translator
from adapters.outbox import deliver
from engine.clock import StandingClock
from engine.errors import DeliveryFailed
from engine.message import Message
from engine.ports import Notice, Notifier
from workflows.plan.read import read_plan
from workflows.running.desk import Application
from workflows.running.opening import open_cycle
from workflows.running.tenures import assign, establish
from workflows.running.tick import tick

PLAN = """\
duban: 1
id: small
body: small-body
key: small-{year}
name: {zh: 小方案, en: Small plan}
year: 2024
dates: {cutoff: '17:30'}
quiet: {from: '18:00', until: '08:30', working_days_only: true}
sections:
  - {id: office, name: {zh: 办公室, en: Office}}
  - {id: reform, name: {zh: 改革科, en: Reform}}
posts:
  - {id: head, name: {zh: 组长, en: Head}, roles: [leading_group]}
  - {id: deputy, name: 副组长, roles: [vice_leader], in_charge_of: [office, reform]}
  - {id: bureau, name: 领导小组办公室, roles: [group_office]}
  - {id: office-head, name: {zh: 主任, en: Director}, section: office}
  - {id: reform-head, name: {zh: 科长, en: Section head}, section: reform}
ladders:
  standard:
    - {at: -3 working days, tell: [owner]}
    - {at: 0, do: late, lamp: 红, tell: [owner, vice_leader]}
steps:
  - {id: a, name: {zh: 初稿, en: First draft}, clause: 一, brings: drafted, due: 03-01,
     ladder: standard}
  - {id: b, name: {zh: 批复, en: '<Reply>'}, records: [reply], due: 03-11, ladder: standard}
  - {id: c, name: {zh: 自评, en: Self-assessment}, on: targets, brings: self_assessed,
     due: 12-31, ladder: standard}
  - {id: d, name: {zh: 材料, en: Material}, on: sections, hand_in: true, due: 12-31,
     ladder: standard}
categories:
  - {id: routine, name: 常规}
targets:
  - {id: T-1, name: 目标一, category: routine, section: reform}
"""
ZONE = ZoneInfo("Asia/Shanghai")
KEY = "small-2024"


def local(text: str) -> datetime:
    """A moment in the plan's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@dataclass
class Keeping:
    """A channel that keeps what is sent, and fails while ``error`` is set."""

    sent: list[tuple[Notice, Message]] = field(default_factory=list)
    tried: int = 0
    error: Exception | None = None

    def send(self, notice: Notice, message: Message) -> None:
        self.tried += 1
        if self.error is not None:
            raise self.error
        self.sent.append((notice, message))

    def to(self, recipient: str) -> list[Message]:
        return [message for notice, message in self.sent if notice.recipient == recipient]


class Office:
    """The cycle of a small plan, opened long before its first date."""

    def __init__(self, routes: dict[str, Sequence[str]] | None = None) -> None:
        plan = read_plan(PLAN.encode()).plan
        assert plan is not None
        self.plan = plan
        self.clock = StandingClock(local("2024-02-01 09:00"))
        self.store = MemoryStore(self.clock)
        known = routes or {}
        self.app = Application(
            store=self.store,
            clock=self.clock,
            calendar_of=calendar_of,
            channels_of=lambda who: known.get(who, ("log",)),
        )
        establish(self.app, "root")
        with self.store.unit_of_work(self.clock.now()) as unit:
            open_cycle(self.app, unit, plan, "root", self.clock.now())
        assign(self.app, body=plan.body, post="bureau", person="zhang", actor="root")
        assign(self.app, body=plan.body, post="deputy", person="li", actor="root")

    def at(self, moment: str) -> None:
        self.clock.moment = local(moment)

    def tick(self, moment: str) -> None:
        """Let the daemon do its pass at ``moment``, without delivering."""
        self.at(moment)
        assert tick(self.app).failed == []

    def run_until(self, moment: str) -> None:
        """Let a daemon run until ``moment``, without delivering."""
        while True:
            with self.store.reading() as reader:
                following = reader.next_moment()
            if following is None or following > local(moment):
                break
            self.clock.moment = max(self.clock.moment, following)
            assert tick(self.app).failed == []
        self.at(moment)

    def deliver(self, language: str = "en", **channels: Notifier) -> int:
        return deliver(self.app, channels, translator(language))

    def waiting(self) -> dict[str, int]:
        with self.store.reading() as reader:
            return dict(reader.waiting_notices())


def failing(
    problem: str, *, retry_after: timedelta | None = None, whole: bool = False
) -> DeliveryFailed:
    return DeliveryFailed(
        key="k", channel="c", problem=problem, retry_after=retry_after, whole=whole
    )
