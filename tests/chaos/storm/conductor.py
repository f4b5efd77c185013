"""A storm over one database: real processes live a fast year, and are struck without pity."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from shutil import disk_usage

from adapters.sql.database import connect
from adapters.sql.store import SqlStore
from engine.verification import verify
from tests.chaos.storm.actors import Scene, counted, daemon, forked, passes, person
from tests.chaos.storm.clock import SharedClock
from tests.chaos.storm.places import Place
from tests.property.moving_plan import plan_of
from tests.simulation.checker import Checker, check_received, check_unchanged
from tests.simulation.evidence import Happened
from tests.simulation.life import AFTERWARDS, END
from tests.simulation.places import OPENED
from tests.simulation.script import SIZES
from tests.unit.year import local
from workflows.running import chunks

LEAST_FREE = 200_000_000
"""Bytes of disk below which a storm does not begin: it would prove nothing."""


@dataclass
class Storm:
    """One life under a storm, in a folder of its own."""

    place: Place
    folder: Path
    rng: Random
    seconds: float
    daemons: int
    people: int
    counts: Counter[str] = field(default_factory=Counter)
    processes: dict[int, str] = field(default_factory=dict)
    """Number → whether it is a ``daemon`` or a ``person``."""
    witnessed: dict[int, Happened] = field(default_factory=dict)
    born: int = 0

    def live(self, number: int) -> list[str]:
        """Live one year; return every breach of a promise."""
        assert disk_usage(self.folder).free > LEAST_FREE
        chunks.SIZE = SIZES[number % len(SIZES)]
        plan = plan_of(silence_counts=self.rng.random() < 0.5)
        url = self.place.fresh(number, silence_counts=plan.step("deemed") is not None)
        begins = local(OPENED)
        speed = (END - begins).total_seconds() / self.seconds
        clock = SharedClock.begin(self.folder / f"clock-{number}", begins, END, speed)
        self.scene = Scene(url, plan, clock, self.folder / f"life-{number}")
        self.scene.folder.mkdir()
        try:
            for _ in range(self.daemons):
                self._start("daemon")
            for _ in range(self.people):
                self._start("person")
            while clock.now() < END:
                time.sleep(self.rng.uniform(0.05, 0.4))
                self._strike()
                self._witness()
        finally:
            self._end_all()
        for moment in AFTERWARDS:
            clock.stop_at(moment)
            both = [forked(passes, self.scene, f"last-{n}") for n in range(2)]
            for child in both:
                _, status = os.waitpid(child, 0)
                assert status == 0, "a pass after the storm failed; its traceback stands above"
        return self._judged()

    def _start(self, kind: str, largest_file: int = 0) -> None:
        self.born += 1
        if kind == "person":
            child = forked(person, self.scene, self.rng.randrange(10**9))
        else:
            child = forked(daemon, self.scene, f"d{self.born}", largest_file)
        self.processes[child] = kind

    def _strike(self) -> None:
        """Do one cruel thing, to a process, to the clock, or to the place."""
        ours: dict[str, tuple[int, Callable[[], None]]] = {
            "daemon killed": (6, lambda: self._kill("daemon")),
            "person killed": (2, lambda: self._kill("person")),
            "process stopped for a while": (3, self._stop),
            "clock set forward or back": (1, self._jump),
        }
        if not self.place.strikes():
            ours["disk full for a daemon"] = (1, self._fill_disk)
        names = {name: weight for name, (weight, _) in ours.items()}
        names |= dict.fromkeys(self.place.strikes(), 1)
        chosen = self.rng.choices(list(names), list(names.values()))[0]
        self.counts[chosen] += 1
        if chosen in ours:
            ours[chosen][1]()
        else:
            self.place.strikes()[chosen](self.rng)

    def _any(self, kind: str = "") -> int:
        return self.rng.choice([n for n, k in self.processes.items() if kind in ("", k)])

    def _kill(self, kind: str, largest_file: int = 0) -> None:
        child = self._any(kind)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        del self.processes[child]
        self._start(kind, largest_file)

    def _stop(self) -> None:
        child = self._any()
        os.kill(child, signal.SIGSTOP)
        time.sleep(self.rng.uniform(0.1, 1.2))
        os.kill(child, signal.SIGCONT)

    def _jump(self) -> None:
        hours = self.rng.choice((-1, 1)) * self.rng.randint(1, 30)
        self.scene.clock.jump(timedelta(hours=hours))

    def _fill_disk(self) -> None:
        """Put in a daemon's place one whose files may hardly grow."""
        largest = max((f.stat().st_size for f in self.folder.glob("life-*.db*")), default=0)
        self._kill("daemon", largest + 4096 * self.rng.randint(0, 40))

    def _witness(self) -> None:
        """Remember what stands in the history, as an auditor would who keeps a copy."""
        with suppress(Exception):  # the place may be in the middle of anything
            for event in self.place.evidence().events:
                self.witnessed.setdefault(event.position, event)

    def _end_all(self) -> None:
        self.place.calm()
        for child, kind in self.processes.items():
            os.kill(child, signal.SIGCONT)
            os.kill(child, signal.SIGTERM if kind == "daemon" else signal.SIGKILL)
        for child in self.processes:
            os.waitpid(child, 0)
        self.processes.clear()

    def _judged(self) -> list[str]:
        found = self.place.evidence()
        checker = Checker(found, self.scene.plan, self.scene.clock.now(), straight=False)
        store = SqlStore(connect(self.scene.url), self.scene.clock)
        with store.reading() as reader:
            broken = [f"1: verify finds {b}" for b in verify(reader)]
        store.close()
        lines = self.scene.letters.read_text().splitlines() if self.scene.letters.exists() else []
        received = [(key, tuple(items)) for key, items in map(json.loads, lines)]
        self.counts += counted(self.scene.acts)
        self.counts["events"] += len(found.events)
        self.counts["moves"] += sum(e.kind == "moved" for e in found.events)
        self.counts["timers fired"] += sum(t["state"] == "fired" for t in found.timers.values())
        self.counts["timers divided"] += sum(t["cursor"] > 0 for t in found.timers.values())
        self.counts["letters"] += len(received)
        self.counts["letters sent again"] += len(received) - len({key for key, _ in received})
        wrong = self.scene.wrong.read_text() if self.scene.wrong.exists() else ""
        return [
            *([f"a process failed: {wrong}"] if wrong else []),
            *checker.violations(),
            *check_received(found, received),
            *check_unchanged(found, self.witnessed),
            *broken,
        ]
