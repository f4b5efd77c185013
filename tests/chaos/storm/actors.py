"""The processes of a storm: daemons and people, forked from one that has loaded everything."""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

import structlog

from adapters.application import calendar_of
from adapters.daemon import Daemon
from adapters.messages import translator
from adapters.sql.database import connect
from adapters.sql.store import SqlStore
from adapters.sql.trouble import DatabaseTrouble
from engine.clock import StandingClock
from engine.errors import EngineError
from engine.message import Message
from engine.ports import Notice
from tests.chaos.storm.clock import SharedClock
from tests.property.onward import ONWARD
from tests.property.test_whenever_daemons_ran import INCIDENTS
from tests.unit.year import Year
from workflows.plan.model import Plan
from workflows.running.desk import Application

NET = timedelta(seconds=0.2)
"""How often a daemon looks; short, since the clock runs fast."""


@dataclass(frozen=True)
class Scene:
    """What every process of a life shares."""

    url: str
    plan: Plan
    clock: SharedClock
    folder: Path
    """Where they leave what they saw: letters, acts, and what should not have happened."""

    @property
    def letters(self) -> Path:
        return self.folder / "letters.jsonl"

    @property
    def wrong(self) -> Path:
        return self.folder / "wrong.txt"

    @property
    def acts(self) -> Path:
        return self.folder / "acts.txt"

    def application(self) -> Application:
        store = SqlStore(connect(self.url, durable=False), self.clock)
        return Application(store=store, clock=self.clock, calendar_of=calendar_of)


def append(file: Path, line: str) -> None:
    """Add one line in one write, which no other process can come between."""
    number = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(number, f"{line}\n".encode())
    os.close(number)


@dataclass(frozen=True)
class Letterbox:
    """A channel that writes down under which key which events were told."""

    file: Path

    def send(self, notice: Notice, message: Message) -> None:
        items = sorted(item.event for item, _ in notice.items)
        append(self.file, json.dumps([notice.key, items]))


class Watched(Daemon):
    """A daemon that writes down every failure that the storm does not explain."""

    __slots__ = ("scene",)

    scene: Scene

    def run_pass(self) -> None:
        self.passes += 1
        try:
            self.once()
        except DatabaseTrouble:
            append(self.scene.acts, "pass cut off")
        except Exception:  # noqa: BLE001 - written down, and the storm fails
            append(self.scene.wrong, f"{self.name}: {traceback.format_exc()}")
        else:
            append(self.scene.acts, "pass")

    def _report(self, what: str, error: Exception) -> None:
        if not isinstance(error, DatabaseTrouble):
            append(self.scene.wrong, f"{self.name}, {what}: {type(error).__name__}: {error}")


def daemon(scene: Scene, name: str, largest_file: int = 0) -> None:
    """Run a daemon until it is told to stop; files may not grow past ``largest_file`` bytes."""
    if largest_file:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    app = scene.application()
    watched = Watched(app, {"log": Letterbox(scene.letters)}, translator("en"), name)
    watched.scene = scene
    watched.serve(net=NET)


def passes(scene: Scene, name: str) -> None:
    """Do one pass, and let go of whatever waits for a word first."""
    app = scene.application()
    watched = Watched(app, {"log": Letterbox(scene.letters)}, translator("en"), name)
    watched.scene = scene
    with app.store.unit_of_work(app.clock.now()) as unit:
        unit.release_notices()
    watched.run_pass()


def person(scene: Scene, seed: int) -> None:
    """Bring the cycle on, and do whatever else may be done, until killed."""
    rng = Random(seed)
    year = Year(scene.plan, scene.application(), cast(StandingClock, scene.clock))
    incidents = list(INCIDENTS.values())
    while True:
        time.sleep(rng.uniform(0.02, 0.3))
        try:
            if rng.random() < 0.3:
                possible = ONWARD[year.state()]
                possible[len(possible) // 3](year)
            else:
                rng.choice(incidents)(year)
        except DatabaseTrouble:
            said = "act cut off"
        except EngineError:
            said = "act refused"
        except Exception:  # noqa: BLE001 - written down, and the storm fails
            append(scene.wrong, f"person {seed}: {traceback.format_exc()}")
            said = "act failed"
        else:
            said = "act done"
        append(scene.acts, said)


def forked(work: Callable[..., Any], *values: Any) -> int:
    """Run ``work`` in a process of its own; return its number."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    os.closerange(3, 4096)  # what is open here keeps servers alive that wait for its end
    try:
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # the storm is expected
        structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
        work(*values)
        code = 0
    except BaseException:  # noqa: BLE001 - a child never returns into its parent's code
        traceback.print_exc()
    finally:
        os._exit(code)


def counted(file: Path) -> Counter[str]:
    """Return how often each line stands in the file."""
    return Counter(file.read_text().splitlines()) if file.exists() else Counter()
