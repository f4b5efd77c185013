"""`python -m tests.chaos.storm sqlite --seconds 60`: live under storms, print what was injected.

Everything is loaded once; daemons and people are forked from here, so that killing one and
starting the next costs little.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from random import Random, SystemRandom
from tempfile import TemporaryDirectory
from time import monotonic

import pytest

from tests.chaos.storm.conductor import Storm
from tests.chaos.storm.places import PLACES, place_named
from tests.simulation.breakages import BREAKAGES


def main() -> int:
    """Live years until the time is out; the exit status is 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="tests.chaos.storm", description=__doc__)
    parser.add_argument("place", choices=PLACES)
    parser.add_argument("--seconds", type=float, default=30, help="how long in all")
    parser.add_argument("--year", type=float, default=12, help="real seconds of one year")
    parser.add_argument("--daemons", type=int, default=3)
    parser.add_argument("--people", type=int, default=2)
    parser.add_argument("--seed", type=int, help="of what strikes when; processes keep their own")
    parser.add_argument("--broken", choices=BREAKAGES, help="break the engine so, to be found out")
    chosen = parser.parse_args()
    if chosen.broken:
        BREAKAGES[chosen.broken](pytest.MonkeyPatch())
    seed = SystemRandom().randrange(10**9) if chosen.seed is None else chosen.seed
    counts: Counter[str] = Counter()
    violations: list[str] = []
    ends = monotonic() + chosen.seconds
    with TemporaryDirectory(prefix="duban-storm-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with place_named(chosen.place, folder, folder / "network.txt") as place:
            while not violations and (not counts["years"] or monotonic() < ends):
                storm = Storm(
                    place, folder, Random(seed + counts["years"]), chosen.year,
                    chosen.daemons, chosen.people,
                )  # fmt: skip
                violations = storm.live(counts["years"])
                counts += storm.counts
                counts["years"] += 1
                said = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
                sys.stderr.write(f"{said}\n")  # a campaign of hours is watched, and may be cut off
        network = folder / "network.txt"
        if network.exists():
            counts["answers to commits lost in truth"] = len(network.read_text().splitlines())
    answer = {"place": chosen.place, "seed": seed, "counts": dict(sorted(counts.items()))}
    print(json.dumps({**answer, "violations": violations[:20]}, indent=1, ensure_ascii=False))  # noqa: T201 - the answer
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
