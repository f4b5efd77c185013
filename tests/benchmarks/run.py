"""Measure duban against the floor: `python -m tests.benchmarks.run --targets 10000`.

Each case runs in a process of its own, so that its peak memory is its own;
floor and ours take turns in that process. Later cases use what earlier ones built.
PostgreSQL is a server of our own, which waits for the disk as SQLite does.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import environ, getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.benchmarks.sites import Site

SIZES = (10_000, 100_000)
MEGABYTES = 200.0
DATABASES = ("sqlite", "postgresql")
CASES = (
    "opening",
    "advance",
    "single",
    "callers",
    "cascade",
    "idle",
    "rung",
    "sharing",
    "screens",
    "replay",
    "deep",
    "log",
    "notices",
    "start_up",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; nothing fails because it is slow."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks.run", description=__doc__)
    parser.add_argument("--targets", type=int, action="append", help="how many; may be repeated")
    parser.add_argument("--only", choices=CASES, action="append", help="with what they need")
    parser.add_argument("--folder", type=Path, help="keep the databases here; default: nowhere")
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    sizes = chosen.targets or list(SIZES)
    if chosen.case:
        print(json.dumps(_measure(chosen.case, chosen.database, chosen.folder, sizes[0])))  # noqa: T201 - for the parent
        return
    found: list[dict[str, Any]] = []
    versions = {"sqlite": sqlite3.sqlite_version}
    for count in sizes:
        for database in DATABASES if chosen.database == "both" else (chosen.database,):
            with (
                _served(database, chosen.folder, versions) as served,
                TemporaryDirectory(prefix="duban-bench-", dir=chosen.folder) as folder,
            ):
                for case in chosen.only or CASES:
                    found += _in_child(case, database, Path(folder), count, served)
    _print(found, versions, as_json=chosen.json)


@contextmanager
def _served(
    database: str, folder: Path | None, versions: dict[str, str]
) -> Iterator[Mapping[str, str]]:
    """Start the server, where the database needs one; return how children find it."""
    if database == "sqlite":
        yield {}
        return
    from tests.postgres.server import SAFE, Server  # noqa: PLC0415 - only with a server

    server = Server(settings=SAFE, folder=Path(mkdtemp(prefix="duban-pg-", dir=folder)))
    server.start()
    try:
        with server.connect() as connection:
            for name in ("server_version", "fsync", "synchronous_commit"):
                row = connection.execute(f"SHOW {name}".encode()).fetchone()
                versions[f"postgresql {name}"] = row[0] if row else ""
        yield {"DUBAN_TEST_DATABASE": server.url("postgres")}
    finally:
        server.stop()


def _in_child(
    case: str, database: str, folder: Path, count: int, served: Mapping[str, str]
) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.benchmarks.run", "--case", case]
    command += ["--database", database, "--folder", str(folder), "--targets", str(count)]
    print(f"{database}, {count:,} targets: {case}", file=sys.stderr)  # noqa: T201 - progress
    environment = {**environ, **served}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    said = done.stdout
    found: list[dict[str, Any]] = json.loads(said)
    return found


def _measure(case: str, database: str, folder: Path, count: int) -> list[dict[str, Any]]:
    """Run one case in this process and add its peak memory."""
    from tests.benchmarks.figures import Figure  # noqa: PLC0415 - the parent stays small
    from tests.benchmarks.sites import SITES  # noqa: PLC0415 - the parent stays small

    figures = cases()[case](SITES[database](folder), count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if case == "start_up":
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    memory = Figure(
        what=f"peak memory: {case}", value=peak, unit="MB", aim=MEGABYTES, more_is_better=False
    )
    about = {"database": database, "targets": count}
    return [{**figure.as_data(), **about} for figure in (*figures, memory)]


def cases() -> dict[str, Callable[[Site, int], list[Any]]]:
    """Return what can be measured, by name, in the order in which it has to run."""
    from tests.benchmarks import callers, noticing, reading, sealing, sharing, writing  # noqa: PLC0415 - the parent stays small

    modules = (writing, callers, sharing, reading, noticing, sealing)
    found = {name: getattr(m, name) for name in CASES for m in modules if hasattr(m, name)}
    assert list(found) == list(CASES)
    return found


def _print(found: list[dict[str, Any]], versions: dict[str, str], *, as_json: bool) -> None:
    machine = {
        "system": platform.platform(),
        "python": platform.python_version(),
        **versions,
        "load": [round(value, 2) for value in getloadavg()],
    }
    if as_json:
        print(json.dumps({"machine": machine, "figures": found}, indent=2))  # noqa: T201 - the answer
        return
    from tests.benchmarks.figures import Figure, show  # noqa: PLC0415 - after the measuring

    derived = ("ratio", "reached")
    show([Figure(**{k: v for k, v in one.items() if k not in derived}) for one in found])
    print(", ".join(f"{name} {value}" for name, value in machine.items()))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
