"""The year in seconds: the same engine, a jumping clock, a store in memory, invented people.

No second implementation: plans are opened, timers fired, records made and
notices delivered by the code that runs a real cycle.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from adapters.application import calendar_of
from adapters.memory.store import MemoryStore
from adapters.messages import Translator
from adapters.outbox import deliver
from engine.clock import StandingClock
from engine.events import Event, Instance, Kind
from engine.message import Message
from engine.ports import Notice, Notifier
from engine.replay import Break
from engine.verification import verify
from workflows.plan.model import Plan, Target, Text
from workflows.running.actors import PERSON, Errand, errands, run, undated_errands
from workflows.running.behaviour import Habits
from workflows.running.desk import Application, desk
from workflows.running.opening import open_cycle
from workflows.running.overview import Overview, overview
from workflows.running.quiet import quiet_until
from workflows.running.schedule import resolve_step
from workflows.running.tenures import establish
from workflows.running.tick import tick

AHEAD = timedelta(days=30)
"""How long before its first date a simulated plan is opened."""

LONGEST = timedelta(days=900)
"""A cycle that has not ended by then is left where it stands."""

SHOWN = (
    Kind.MOVED,
    Kind.WINDOW_OPENED,
    Kind.WINDOW_CLOSED,
    Kind.REMINDED,
    Kind.FOLDED,
    Kind.RECORDED,
    Kind.LATE,
    Kind.SLIP,
    Kind.PROPOSED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of the simulated calendar."""

    moment: datetime
    instance: str
    what: str
    whom: tuple[str, ...] = ()
    count: int = 0


@dataclass(slots=True, kw_only=True)
class Simulation:
    """What a simulated year came to."""

    overview: Overview
    timeline: Sequence[Happening]
    notices: Counter[str]
    refusals: Counter[str]
    breaks: Sequence[Break]
    events: int


@dataclass(slots=True)
class CountingChannel:
    """A channel that counts, and keeps who was told of what."""

    sent: Counter[str] = field(default_factory=Counter)
    told: dict[int, set[str]] = field(default_factory=dict)

    def send(self, notice: Notice, message: Message) -> None:
        """Count the notice for its recipient."""
        self.sent[notice.recipient] += 1
        for item, _ in notice.items:
            self.told.setdefault(item.event, set()).add(item.recipient)


def simulate(
    plan: Plan,
    habits: Habits,
    words: Translator,
    *,
    start: datetime | None = None,
    until: datetime | None = None,
    progress: Callable[[datetime], None] | None = None,
) -> Simulation:
    """Run the year of ``plan`` from its opening to its end, or to ``until``."""
    clock = StandingClock(start or first_moment(plan))
    store = MemoryStore(clock)
    app = Application(store=store, clock=clock, calendar_of=calendar_of, version="simulation")
    establish(app, PERSON)
    with store.unit_of_work(clock.now()) as unit:
        open_cycle(app, unit, plan, PERSON, clock.now())
    end = until or clock.now() + LONGEST
    channel = CountingChannel()
    refusals = live(app, plan, habits, words, {"log": channel}, clock, end, progress=progress)
    with store.reading() as reader:
        stands = overview(desk(app, reader, plan.key))
        histories = [(i, list(events)) for i, events in reader.histories(plan.key)]
        return Simulation(
            overview=stands,
            timeline=_timeline(plan, histories, channel),
            notices=channel.sent,
            refusals=refusals,
            breaks=list(verify(reader)),
            events=sum(len(events) for _, events in histories),
        )


def live(
    app: Application,
    plan: Plan,
    habits: Habits,
    words: Translator,
    channels: Mapping[str, Notifier],
    clock: StandingClock,
    end: datetime,
    *,
    progress: Callable[[datetime], None] | None = None,
) -> Counter[str]:
    """Jump from moment to moment until the cycle has ended or nothing is left to happen."""
    agenda: list[Errand] = []
    known: set[str] = set()
    refusals: Counter[str] = Counter()
    while True:
        tick(app)
        deliver(app, channels, words)
        with app.store.reading() as reader:
            at = desk(app, reader, plan.key)
            for errand in (*errands(at, habits, known), *undated_errands(at, habits, known)):
                heapq.heappush(agenda, errand)
            moment = reader.next_moment()
            stands = at.cycle()
            ended = stands.state in reader.machine(stands.edition).workflow.final
            # What waits for the end of a quiet time is told then, and counted.
            waits = reader.waiting_notices().get("pending")
            told = quiet_until(at) if waits else None
        moments = (moment, told, agenda[0].moment if agenda else None)
        upcoming = [m for m in moments if m is not None]
        if ended or not upcoming or min(upcoming) > end:
            return refusals
        clock.moment = max(clock.moment, min(upcoming))
        if progress:
            progress(clock.moment)
        while agenda and agenda[0].moment <= clock.moment:
            refused = run(app, plan, heapq.heappop(agenda))
            if refused:
                refusals[refused] += 1


def with_targets(plan: Plan, count: int) -> Plan:
    """Return ``plan`` with so many invented targets instead of its own."""
    branches = {c.parent for c in plan.categories}
    leaves = [c.id for c in plan.categories if c.id not in branches and not c.dynamic] or [""]
    sections = [s.id for s in plan.sections] or [""]
    day = datetime(plan.year, 12, 20, tzinfo=UTC).date()
    targets = tuple(
        Target(
            id=f"T-{n:06}",
            name=Text(f"示例目标{n}", f"Sample target {n}"),
            category=leaves[n % len(leaves)],
            section=sections[n % len(sections)],
            pace="按季推进",
            quality="达到年度要求",
            finish_by=day,
        )
        for n in range(1, count + 1)
    )
    return replace(plan, targets=targets)


def first_moment(plan: Plan) -> datetime:
    """Return the moment at which a simulation of ``plan`` begins, weeks before its first date."""
    clock = StandingClock(datetime(plan.year, 1, 1, tzinfo=UTC))
    store = MemoryStore(clock)
    app = Application(store=store, clock=clock, calendar_of=calendar_of)
    bare = replace(plan, targets=())
    with store.unit_of_work(clock.now()) as unit:
        opened = open_cycle(app, unit, bare, PERSON, clock.now())
        dates = [
            d.due_at
            for step in plan.steps
            for d in resolve_step(opened, step, {})
            if d.due_at is not None and not d.occurrence
        ]
    first = min(dates, default=clock.now() + AHEAD) - AHEAD
    zone = ZoneInfo(plan.zone)
    return datetime.combine(first.astimezone(zone).date(), time(9), zone).astimezone(UTC)


def _timeline(
    plan: Plan, histories: Sequence[tuple[Instance, Sequence[Event]]], channel: CountingChannel
) -> Sequence[Happening]:
    """Return what happened in order of time: the cycle's events one by one, the rest by count."""
    lines: list[Happening] = []
    grouped: Counter[tuple[datetime, str]] = Counter()
    for instance, events in histories:
        for event in events:
            if event.kind not in SHOWN:
                continue
            if instance.key == plan.key:
                lines.append(
                    Happening(
                        moment=event.occurred_at,
                        instance=plan.key,
                        what=_what(event),
                        whom=tuple(sorted(channel.told.get(event.position, ()))),
                        count=sum(o["count"] for o in event.data.get("owed", ())),
                    )
                )
            else:
                grouped[event.occurred_at, f"{instance.workflow} {_what(event)}"] += 1
    lines += [
        Happening(moment=moment, instance=plan.key, what=what, count=count)
        for (moment, what), count in grouped.items()
    ]
    return sorted(lines, key=lambda line: (line.moment, line.what))


def _what(event: Event) -> str:
    """Return a line's code: kind and the word that tells most."""
    for name in ("record", "step"):
        if name in event.data and event.kind is not Kind.MOVED:
            occurrence = event.data.get("occurrence")
            rung = event.data.get("action", "")
            parts = [event.kind, event.data[name], occurrence, rung]
            return " ".join(str(part) for part in parts if part)
    return f"moved {event.target}" if event.kind is Kind.MOVED else str(event.kind)
