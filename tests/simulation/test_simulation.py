"""Promises 1 to 7 under whatever interleaving of commits and failures a seed can draw."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from random import SystemRandom
from time import monotonic

import pytest

from tests.simulation.breakages import BREAKAGES, Patch
from tests.simulation.evidence import Evidence, Happened
from tests.simulation.life import lived
from tests.simulation.places import InMemory, OnPostgresql, OnSqlite, Place
from tests.simulation.script import FAULTS, SUSPENDED, Script, script_of, shrunk

SECONDS = float(os.environ.get("DUBAN_CAMPAIGN_SECONDS", "10"))
"""What each campaign may take; the three here share half of it."""
SHARES = [(InMemory, 0.3), (OnSqlite, 0.1), (OnPostgresql, 0.1)]
TRIED = range(16, 80)
"""The lives in which a broken engine is looked for; most show it in the first."""

DIGEST = """
import sys
from hashlib import sha256
from tests.simulation.evidence import Evidence, Happened
from tests.simulation.life import lived
from tests.simulation.script import script_of
print(sha256(repr(lived(script_of(int(sys.argv[1]))).evidence.events).encode()).hexdigest())
"""


def breaks(script: Script, place: type[Place]) -> str:
    """Return what of the promises the life breaks, or nothing."""
    return "\n".join(lived(script, place).violations[:5])


def report(script: Script, place: type[Place]) -> str:
    """Return what a person needs who has to mend it: the shortest life found that breaks it."""
    promise = breaks(script, place).partition(":")[0]
    short = shrunk(script, lambda fewer: breaks(fewer, place).startswith(f"{promise}:"))
    return (
        f"{breaks(short, place)}\n{short}\n"
        f"repeat with: DUBAN_SEED={script.seed} pytest tests/simulation -k {place.__name__}"
    )


@pytest.mark.chaos
@pytest.mark.parametrize(
    ("place", "share"), [(InMemory, 0.3), (OnSqlite, 0.1), (OnPostgresql, 0.1)]
)
def test_no_interleaving_breaks_a_promise(place: type[Place], share: float) -> None:
    given = os.environ.get("DUBAN_SEED")
    seed = int(given) if given else SystemRandom().randrange(10**9)
    counts: Counter[str] = Counter()
    ends = monotonic() + SECONDS * share
    while not counts["lives"] or (monotonic() < ends and not given):
        script = script_of(seed + counts["lives"])
        outcome = lived(script, place)
        assert not outcome.violations, report(script, place)
        counts.update(outcome.counts)
        counts["lives"] += 1
    print(f"{place.__name__} from seed {seed}: {dict(counts)}")  # noqa: T201 - `make chaos` shows it


@pytest.mark.slow
def test_a_script_is_one_life_whoever_lives_it() -> None:
    seed = "19"

    def digest(salt: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", DIGEST, seed],
            env={**os.environ, "PYTHONHASHSEED": salt, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[-1]

    assert digest("1") == digest("2")


@pytest.mark.slow
@pytest.mark.parametrize("place", [OnSqlite, OnPostgresql])
def test_every_store_lives_the_same_life(place: type[Place]) -> None:
    script = script_of(3)
    script = script.of(script.steps[:60])
    remembered, stored = lived(script), lived(script, place)
    assert remembered.violations == stored.violations == []
    assert told(remembered.evidence) == told(stored.evidence)


def told(evidence: Evidence) -> tuple[list[Happened], list[tuple[int, str]]]:
    """Return events and notice items, numbered without the gaps that a server leaves."""
    rank = {e.position: n for n, e in enumerate(evidence.events, start=1)}
    events = [
        replace(e, position=rank[e.position], cause=rank.get(e.cause, 0)) for e in evidence.events
    ]
    return events, [(rank[event], recipient) for event, recipient, _ in evidence.items]


def test_the_lives_that_are_drawn_do_get_somewhere() -> None:
    """Guards the campaign against lives in which nothing happens and nothing goes wrong."""
    counts: Counter[str] = Counter()
    for seed in range(12):
        counts.update(lived(script_of(seed)).counts)
    for what in (*FAULTS, SUSPENDED, "acts done", "acts refused", "moves"):
        assert counts[what] > 0, what
    assert counts["timers fired"] > 500
    assert counts["timers divided"] > 20
    assert counts["notices delivered"] > 100


@pytest.mark.slow
@pytest.mark.parametrize("name", BREAKAGES)
def test_a_broken_engine_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(name, monkeypatch)


@pytest.mark.slow
def test_what_is_found_is_told_in_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    script = broken("settles_before_its_effect", monkeypatch)
    told = report(script, InMemory)
    assert f"DUBAN_SEED={script.seed}" in told
    assert told.startswith(("3: ", "4: ", "10: "))
    assert len(told.splitlines()) <= 20


def broken(name: str, patch: Patch) -> Script:
    """Break the engine; return the first life that shows it."""
    BREAKAGES[name](patch)
    found = (s for s in map(script_of, TRIED) if breaks(s, InMemory))
    script = next(found, None)
    assert script is not None, f"{len(TRIED)} lives did not show it"
    return script
