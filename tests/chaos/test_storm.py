"""Promises 1 to 7 with real processes, really killed: `tests.chaos.storm` says how."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = float(os.environ.get("DUBAN_CAMPAIGN_SECONDS", "10"))
ROOT = Path(__file__).parents[2]


@pytest.mark.chaos
@pytest.mark.timeout(0)  # a campaign takes as long as it is told to
@pytest.mark.parametrize(("place", "share"), [("sqlite", 0.4), ("postgresql", 0.6)])
def test_no_storm_breaks_a_promise(place: str, share: float) -> None:
    year = min(max(SECONDS * share, 6), 20)
    command = [sys.executable, "-m", "tests.chaos.storm", place]
    command += ["--seconds", str(SECONDS * share), "--year", str(year)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"
    counts = json.loads(done.stdout)["counts"]
    assert counts["timers fired"] > 50, "nothing happened: the storm proves nothing"
    assert counts["letters"] > 5
    assert any(counts.get(what) for what in ("daemon killed", "person killed"))
    print(done.stdout)  # noqa: T201 - `make chaos` shows it


@pytest.mark.chaos
def test_a_storm_finds_an_engine_that_is_broken() -> None:
    command = [sys.executable, "-m", "tests.chaos.storm", "sqlite", "--seconds", "60"]
    command += ["--year", "6", "--broken", "settles_before_its_effect"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    found = {violation.split(":")[0] for violation in json.loads(done.stdout)["violations"]}
    assert found & {"3", "4"}, done.stdout  # lost, or first seen late: whichever comes first
