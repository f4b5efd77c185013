"""Living a script: the real engine and real daemons on one store, judged at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.application import calendar_of
from adapters.daemon import Daemon
from adapters.messages import translator
from engine.errors import EngineError
from engine.facts import to_text
from engine.verification import verify
from tests.property.onward import ONWARD
from tests.property.test_whenever_daemons_ran import INCIDENTS
from tests.simulation.checker import Checker, check_received, check_unchanged
from tests.simulation.evidence import Evidence, Happened
from tests.simulation.places import InMemory, Place
from tests.simulation.script import CLOCK, SUSPENDED, Script
from tests.simulation.script import ONWARD as BRING_ON
from tests.simulation.turns import Actor, ConnectionCut, Letterbox, TurnStore
from tests.unit.year import INSTANT, ZONE, Year
from workflows.running import chunks
from workflows.running.desk import Application

END = datetime(2026, 4, 27, 9, tzinfo=ZONE)
"""A working Monday, when all of the year's dates are past."""
AFTERWARDS = tuple(END + timedelta(days=d, hours=h) for d in range(3) for h in (0, 8))
"""When daemons pass at the end: often enough for everything that is tried again."""
MOST_TURNS = 3_000
"""A pass that takes more never ends."""


@dataclass
class Outcome:
    """What became of a life."""

    violations: list[str]
    counts: Counter[str]
    """How often what happened: faults, acts, timers, notices."""
    evidence: Evidence
    turns: int = 0


@dataclass
class Life:
    """One life, while it is lived."""

    script: Script
    place: Place
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    witnessed: dict[int, Happened] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    years: dict[str, Year] = field(default_factory=dict)
    daemons: dict[str, Daemon] = field(default_factory=dict)
    fired: frozenset[str] | None = None
    """Which timers had fired when the clock was last set back, until it moves again."""

    def __post_init__(self) -> None:
        self.clock = self.place.clock
        self.letterbox = Letterbox(self.place.carried)
        self.store = self.place.store()

    def live(self) -> Outcome:
        """Follow the script, let everything come to rest, and judge."""
        size, chunks.SIZE = chunks.SIZE, self.script.chunk
        try:
            for step in self.script.steps:
                if step.who == CLOCK:
                    self._pass_time(step.act)
                    continue
                actor = self._actor(step.who)
                if not actor.busy:
                    actor.begin(self._work(step.who, step.act))
                self._turn(actor, step.fault)
            self._come_to_rest()
        finally:
            for actor in self.actors.values():
                actor.end()
                self.counts.update(actor.injected)
            chunks.SIZE = size
        return self._judged()

    def _actor(self, name: str) -> Actor:
        if name not in self.actors:
            actor = self.actors[name] = Actor(name)
            app = Application(
                store=TurnStore(self.place.store(), actor, self.clock, prompt=self.script.prompt),
                clock=self.clock,
                calendar_of=calendar_of,
            )
            if name[0] == "p":
                self.years[name] = Year(self.place.plan, app, self.clock)
            else:
                channels = {"log": self.letterbox.for_actor(actor)}
                self.daemons[name] = Watched(
                    app, channels, translator("en"), name, self.clock.moment, 0, self.wrong
                )
        return self.actors[name]

    def _work(self, name: str, act: str) -> Callable[[], None]:
        if name in self.daemons:
            return self.daemons[name].run_pass
        year = self.years[name]

        def ask() -> None:
            try:
                if act == BRING_ON:
                    possible = ONWARD[year.state()]
                    possible[len(possible) // 3](year)
                else:
                    INCIDENTS[act](year)
                self.counts["acts done"] += 1
            except ConnectionCut:
                self.counts["acts cut off"] += 1
            except EngineError:
                self.counts["acts refused"] += 1

        return ask

    def _turn(self, actor: Actor, fault: str = "") -> None:
        actor.turn(fault)
        self.counts["turns"] += 1
        if actor.failure is not None:
            error, actor.failure = actor.failure, None
            self.wrong.append(f"{actor.name} failed: {type(error).__name__}: {error}")

    def _pass_time(self, how: str) -> None:
        self.counts["clock moved"] += 1
        if self.counts["clock moved"] % 4 == 0:
            self._witness()
        self._judge_fired()
        if how.startswith("-") and self.script.prompt:
            self.fired = frozenset(self._fired())
        if how.endswith("minutes"):
            moment = self.clock.moment + timedelta(minutes=int(how.partition(" ")[0]))
        else:
            with self.store.reading() as reader:
                due = reader.next_moment() or self.clock.moment
            beside = {"just before due": -INSTANT, "just after due": INSTANT}
            moment = max(self.clock.moment, due + beside.get(how, timedelta()))
        self.clock.moment = min(moment, END)

    def _fired(self) -> Mapping[str, str]:
        """Return of every timer that has fired for which moment it was set."""
        timers = self.place.evidence().timers.items()
        return {name: t["fires_at"] for name, t in timers if t["state"] == "fired"}

    def _judge_fired(self) -> None:
        """Find what fired early since the clock was set back, also where it had no effect.

        Only where nobody is suspended: whoever is may go by the clock as it was.
        """
        if self.fired is None:
            return
        now = to_text(self.clock.moment)
        for name, moment in self._fired().items():
            if name not in self.fired and moment > now:
                self.wrong.append(f"4: {name} fired before its time, by a clock that was set back")
        self.fired = None

    def _come_to_rest(self) -> None:
        """Let everybody finish, then daemons pass until nothing is left to do."""
        for actor in self.actors.values():
            actor.faults[False] = ""
        if not self._finish(*self.actors.values()):
            return
        self._judge_fired()
        watching = [self._actor(name) for name in ("d1", "d2")]
        for moment in AFTERWARDS:
            self.clock.moment = max(moment, self.clock.moment)
            with self.store.unit_of_work(self.clock.moment) as unit:
                unit.release_notices()
            before = len(self.letterbox.received)
            for actor in watching:
                actor.begin(self._work(actor.name, ""))
            if not self._finish(*watching):
                return
            sent = Counter(key for key, _ in self.letterbox.received[before:])
            twice = (key for key, times in sent.items() if times > 1)
            self.wrong += [f"6: {key} was sent by two who passed at the same time" for key in twice]

    def _finish(self, *actors: Actor) -> bool:
        """Give turns until nobody is busy; return whether that came about."""
        for _ in range(MOST_TURNS):
            busy = [actor for actor in actors if actor.busy]
            if not busy:
                return True
            for actor in busy:
                self._turn(actor)
        self.wrong.append("3: a pass never ended")
        return False

    def _witness(self) -> None:
        """Remember what stands in the history, as an auditor would who keeps a copy."""
        for event in self.place.evidence().events[len(self.witnessed) :]:
            self.witnessed[event.position] = event

    def _judged(self) -> Outcome:
        found = self.place.evidence()
        straight = not self.script.turns_clock_back and not self.counts[SUSPENDED]
        checker = Checker(found, self.place.plan, self.clock.moment, straight=straight)
        with self.store.reading() as reader:
            broken = [f"1: verify finds {b}" for b in verify(reader)]
        violations = [
            *self.wrong,
            *self.letterbox.wrong,
            *checker.violations(),
            *check_received(found, self.letterbox.received),
            *check_unchanged(found, self.witnessed),
            *broken,
        ]
        self.counts["timers fired"] = sum(t["state"] == "fired" for t in found.timers.values())
        self.counts["timers divided"] = sum(t["cursor"] > 0 for t in found.timers.values())
        self.counts["events"] = len(found.events)
        self.counts["notices delivered"] = len(self.letterbox.received)
        self.counts["moves"] = sum(e.kind == "moved" for e in found.events)
        return Outcome(violations, self.counts, found, self.counts["turns"])


class Watched(Daemon):
    """A daemon of which every failure is kept that was not injected."""

    __slots__ = ("_wrong",)

    def __init__(self, *values: object) -> None:
        super().__init__(*values[:-1])  # type: ignore[arg-type]
        self._wrong = values[-1]

    def run_pass(self) -> None:
        """Do one pass; a connection that was cut ends it, as anything else would."""
        self.passes += 1
        with suppress(ConnectionCut):
            self.once()

    def _report(self, what: str, error: Exception) -> None:
        if not isinstance(error, ConnectionCut):
            self._wrong.append(f"{what} failed: {type(error).__name__}: {error}")  # type: ignore[attr-defined]


def lived(script: Script, place: type[Place] = InMemory) -> Outcome:
    """Live ``script`` in a new place of that kind."""
    at = place(silence_counts=script.silence_counts)
    try:
        return Life(script, at).live()
    finally:
        at.close()
