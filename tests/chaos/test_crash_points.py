"""Promises 3, 4 and 6: killed at any commit and started again, nothing is lost or doubled."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.crashing import in_child
from tests.chaos.silent_months import Base, one_pass, outcome, settle, silent_months
from workflows.running import chunks

STEPS = {"sqlite": 1, "postgresql": 5}
"""Every how manieth commit is a point to die at, unless `DUBAN_CRASH_STEP` says."""


@pytest.fixture(scope="module", params=STEPS)
def base(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Base]]:
    with silent_months(request.param, tmp_path_factory.mktemp("crash")) as made:
        yield request.param, made


@pytest.mark.chaos
def test_a_daemon_killed_around_any_commit_loses_and_doubles_nothing(
    base: tuple[str, Base], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, months = base
    monkeypatch.setattr(chunks, "SIZE", 3)  # so that rungs are done in chunks, too
    with months.copied() as whole:
        points = in_child(lambda: one_pass(whole, tmp_path / "whole"))
        assert points is not None
        settle(whole, tmp_path / "whole")
        expected = outcome(whole, tmp_path / "whole")
    moved = [json.loads(row) for row in expected["event"]]
    triggers = {event["trigger"] for event in moved}
    assert {"deem_approved", "publish"} <= triggers
    assert any(json.loads(row)["cursor"] for row in expected["timer"]), "no rung was divided"
    assert expected["delivered"], "nobody was told anything: the scenario tests nothing"

    killed = 0
    step = int(os.environ.get("DUBAN_CRASH_STEP", STEPS[kind]))
    for point in range(0, points, step):
        drop = tmp_path / f"at-{point}"
        with months.copied() as database:
            crashed = in_child(lambda d=database, o=drop, p=point: one_pass(d, o, p))  # type: ignore[misc]
            killed += crashed is None
            settle(database, drop)
            assert outcome(database, drop) == expected, f"killed at point {point} of {points}"
    assert killed == len(range(0, points, step))
