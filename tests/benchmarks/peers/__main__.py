"""Measure what somebody might pick instead, on the same work: `python -m tests.benchmarks.peers`.

Each contender runs by the Python of an environment of its own below `build/peers`, made on
demand with the newest release; one that cannot be installed is left out, and it is said. duban
and the contenders take turns, case by case, each on an empty database on the same disk, or of the
same server, and whatever they promise is on it when a figure is taken.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, mkdtemp
from types import MappingProxyType
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.postgres.server import SAFE, Server

ROOT = Path(__file__).parents[3]
ENVIRONMENTS = ROOT / "build" / "peers"
OURS = "duban"
DRIVER = "psycopg[binary]"
CONTENDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "apscheduler": ("apscheduler<4", "sqlalchemy", DRIVER),
        "dbos": ("dbos", DRIVER),
        "procrastinate": ("procrastinate", DRIVER),
        "eventsourcing": ("eventsourcing[postgres]", DRIVER),
    }
)
SERVED_ONLY = ("procrastinate",)
CASES = {
    "all": "deadline of all (moves/s)",
    "few": "deadline of 1 in 1,000 (ms)",
    "single": "one durable move (moves/s)",
}
AIM = 10
"""So many times any contender duban wants to be on the deadline of all."""
SLACK = 120
"""Seconds for what is not measured: making tables and targets."""

Open = Callable[[str], str]


def main() -> None:
    """Measure and print; nothing fails because it is slow."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks.peers", description=__doc__)
    parser.add_argument("--targets", type=int, default=10_000)
    parser.add_argument("--singles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1, help="medians of so many")
    parser.add_argument("--seconds", type=float, default=60, help="what one case may take")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--only", choices=CONTENDERS, action="append")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    pythons = {OURS: sys.executable}
    for name in chosen.only or CONTENDERS:
        if python := _environment(name):
            pythons[name] = python
    found: list[dict[str, Any]] = []
    for database in ("sqlite", "postgresql") if chosen.database == "both" else (chosen.database,):
        with _place(database) as opened:
            found += _measured(database, opened, pythons, chosen)
    if chosen.json:
        print(json.dumps(found, indent=2))  # noqa: T201 - the answer
        return
    _show(found, chosen.targets)


def _environment(name: str) -> str:
    """Return the Python of a contender's environment, making it if need be; none without one."""
    folder = ENVIRONMENTS / name
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        _say(f"making {folder.relative_to(ROOT)}")
        install = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [*install, *CONTENDERS[name]],
        ):
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                _say(f"{name} is left out: {done.stderr.strip().splitlines()[-1]}")
                return ""
        (folder / "made").touch()
    return str(python)


@contextmanager
def _place(database: str) -> Iterator[Open]:
    """Yield what opens an empty database of a name: a file's path, or a URL."""
    if database == "sqlite":
        with TemporaryDirectory(prefix="duban-peers-") as folder:
            yield lambda name: str(Path(folder) / f"{name}.db")
        return
    server = Server(settings=SAFE, folder=Path(mkdtemp(prefix="duban-pg-")))
    server.start()

    def made(name: str) -> str:
        with server.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return server.url(name)

    try:
        yield made
    finally:
        server.stop()


def _measured(
    database: str, opened: Open, pythons: Mapping[str, str], chosen: argparse.Namespace
) -> list[dict[str, Any]]:
    """Let all take turns at each case."""
    able = [name for name in pythons if database != "sqlite" or name not in SERVED_ONLY]
    found = []
    for case in CASES:
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in able}
        for number in range(chosen.rounds):
            for name in able:
                _say(f"{database}, {chosen.targets:,} targets: {case}, {name}")
                url = opened(f"{name}_{case}_{number}")
                if name != OURS:
                    url = url.replace("postgresql+psycopg:", "postgresql:", 1)
                if run := _run(pythons[name], name, case, url, chosen):
                    runs[name].append(run)
                    _say(f"  {run['done']} in {run['seconds']:.2f} s")
        ours = _figure(case, runs[OURS])
        for name in able:
            figure = _figure(case, runs[name])
            ratio = None
            if figure and ours:
                ratio = figure / ours if case == "few" else ours / figure
            found.append(
                {
                    "database": database,
                    "case": case,
                    "contender": name,
                    "figure": figure,
                    "duban_is_times": None if name == OURS else ratio,
                    "runs": runs[name],
                }
            )
    return found


def _run(
    python: str, name: str, case: str, url: str, chosen: argparse.Namespace
) -> dict[str, Any] | None:
    module = "ours" if name == OURS else f"with_{name}"
    command = [python, "-m", f"tests.benchmarks.peers.{module}", case, url]
    for option in ("targets", "singles", "seconds"):
        command += [f"--{option}", str(getattr(chosen, option))]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
            capture_output=True,
            text=True,
            timeout=2 * chosen.seconds + SLACK,
        )
    except subprocess.TimeoutExpired as late:
        _say(f"{name} did not come to its end in {late.timeout:.0f} s")
        return None
    answers = [line for line in done.stdout.splitlines() if line.startswith('{"versions"')]
    if not answers:
        _say(f"{name} failed: {' '.join(done.stderr.strip().splitlines()[-1:])}")
        return None
    answer: dict[str, Any] = json.loads(answers[-1])
    return answer


def _figure(case: str, runs: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the median: milliseconds for few, else moves a second."""
    if not runs or not all(run["done"] for run in runs):
        return None
    if case == "few":
        return float(1000 * median(run["seconds"] for run in runs))
    return float(median(run["done"] / run["seconds"] for run in runs))


def _show(found: Sequence[Mapping[str, Any]], targets: int) -> None:
    table = Table(title=f"duban and others, {targets:,} targets")
    for column in ("database", "what", "by", "figure", "duban is … times", "deadlines set (a s)"):
        left = column in ("database", "what", "by")
        table.add_column(column, justify="left" if left else "right")
    versions: dict[str, str] = {}
    for one in found:
        for run in one["runs"]:
            versions |= run["versions"]
        arming = [r["armed"] / r["arming"] for r in one["runs"] if r.get("arming", 0) > 1]
        table.add_row(
            one["database"],
            CASES[one["case"]],
            one["contender"],
            "failed" if one["figure"] is None else f"{one['figure']:,.0f}",
            "" if one["duban_is_times"] is None else f"{one['duban_is_times']:,.1f}",
            f"{median(arming):,.0f}" if arming and one["case"] == "all" else "",
        )
    console = Console()
    console.width = max(console.width, 110)
    console.print(table)
    least = [o["duban_is_times"] for o in found if o["case"] == "all" and o["duban_is_times"]]
    if least:
        print(f"Deadline of all: at least {min(least):,.1f} times any other (aim {AIM}).")  # noqa: T201 - the answer
    about = [f"{name} {number}" for name, number in sorted(versions.items())]
    load = round(os.getloadavg()[0], 1)
    print(", ".join([*about, f"Python {platform.python_version()}", f"load {load}"]))  # noqa: T201 - the answer


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - progress


if __name__ == "__main__":
    main()
