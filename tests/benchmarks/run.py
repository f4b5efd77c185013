"""Measure duban against the floor: `python -m tests.benchmarks.run --targets 10000`.

Each case runs in a process of its own, so that its peak memory is its own;
floor and ours take turns in that process. Later cases use what earlier ones built.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from os import getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SIZES = (10_000, 100_000)
MEGABYTES = 200.0
CASES = (
    "opening",
    "advance",
    "single",
    "cascade",
    "idle",
    "rung",
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
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    sizes = chosen.targets or list(SIZES)
    if chosen.case:
        print(json.dumps(_measure(chosen.case, chosen.folder, sizes[0])))  # noqa: T201 - for the parent
        return
    found: list[dict[str, Any]] = []
    for count in sizes:
        with TemporaryDirectory(prefix="duban-bench-", dir=chosen.folder) as folder:
            for case in chosen.only or CASES:
                found += _in_child(case, Path(folder), count)
    _print(found, as_json=chosen.json)


def _in_child(case: str, folder: Path, count: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.benchmarks.run", "--case", case]
    command += ["--folder", str(folder), "--targets", str(count)]
    print(f"{count:,} targets: {case}", file=sys.stderr)  # noqa: T201 - progress
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    found: list[dict[str, Any]] = json.loads(said)
    return found


def _measure(case: str, folder: Path, count: int) -> list[dict[str, Any]]:
    """Run one case in this process and add its peak memory."""
    from tests.benchmarks.figures import Figure  # noqa: PLC0415 - the parent stays small

    figures = [{**f.as_data(), "targets": count} for f in cases()[case](folder, count)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if case == "start_up":
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    memory = Figure(
        what=f"peak memory: {case}", value=peak, unit="MB", aim=MEGABYTES, more_is_better=False
    )
    return [*figures, {**memory.as_data(), "targets": count}]


def cases() -> dict[str, Callable[[Path, int], list[Any]]]:
    """Return what can be measured, by name, in the order in which it has to run."""
    from tests.benchmarks import noticing, reading, sealing, writing  # noqa: PLC0415 - the parent stays small

    modules = (writing, reading, noticing, sealing)
    found = {name: getattr(m, name) for name in CASES for m in modules if hasattr(m, name)}
    assert list(found) == list(CASES)
    return found


def _print(found: list[dict[str, Any]], *, as_json: bool) -> None:
    machine = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
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
