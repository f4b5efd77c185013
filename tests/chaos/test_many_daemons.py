"""Promise 3 with many daemons: real processes on one PostgreSQL, all at the same work at once."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.crashing import application_at, in_child
from tests.chaos.silent_months import (
    STARTED,
    Base,
    one_pass,
    outcome,
    plan_that_moves_by_itself,
    settle,
    silent_months,
)
from workflows.running import firing, tick
from workflows.running.requests import Grounds, Who, record

DAEMONS = 3
PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    with silent_months("postgresql", tmp_path_factory.mktemp("many")) as made:
        yield made


def at_once(works: Sequence[object]) -> None:
    """Run each in a process of its own; all begin when the last is there."""
    reading, writing = os.pipe()
    children = []
    for work in works:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.close(writing)
                os.read(reading, 1)
                work()  # type: ignore[operator]
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    os.close(reading)
    os.close(writing)
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class Meeting:
    """Lets daemons come to the same work at the same time, whoever is quicker.

    Each waits once for all others: in the middle of the first timer that it fires, or when it
    finds that another is at the cycle. So where nothing kept them apart, all would be in the
    middle of a first timer together.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._all_there = get_context("fork").Barrier(DAEMONS, timeout=PATIENCE_SECONDS)
        self._came = False
        ask = tick._ask_what_waits

        def fire(*values: Any) -> bool:
            moved = firing.fire(*values)
            self._wait()
            return moved

        def asking(*values: Any, **options: Any) -> bool:
            is_free = ask(*values, **options)
            if not is_free:
                self._wait()
            return is_free

        patch.setattr(tick, "fire", fire)
        patch.setattr(tick, "_ask_what_waits", asking)

    def _wait(self) -> None:
        if not self._came:
            self._came = True
            self._all_there.wait()


@pytest.mark.slow
def test_daemons_at_the_same_work_do_what_one_would_have_done(
    months: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with months.copied() as alone:
        in_child(lambda: one_pass(alone, tmp_path / "alone"))
        settle(alone, tmp_path / "alone")
        expected = outcome(alone, tmp_path / "alone")
    with months.copied() as shared:
        drop = tmp_path / "shared"
        with monkeypatch.context() as patch:
            Meeting(patch)
            at_once([lambda: one_pass(shared, drop)] * DAEMONS)
        settle(shared, drop)
        found = outcome(shared, drop)
    assert found == expected
    assert len(expected["event"]) > 100, "hardly anything was due: the scenario tests nothing"
    assert {json.loads(row)["attempts"] for row in found["notice"]} == {1}, "sent by two"


@pytest.mark.slow
def test_people_and_daemons_at_once_lose_and_double_nothing(months: Base, tmp_path: Path) -> None:
    key = plan_that_moves_by_itself().key
    office = Who(person="root", acting_for="group-office")

    def person(number: int) -> None:
        app, store = application_at(shared, STARTED)
        for n in range(3):
            record(app, key, "minutes", {"note": f"{number}.{n}"}, office, Grounds())
        store.close()

    with months.copied() as shared:
        drop = tmp_path / "drop"
        people = [lambda n=n: person(n) for n in range(2)]
        at_once([*people, *[lambda: one_pass(shared, drop)] * 2])
        settle(shared, drop)
        found = outcome(shared, drop)
    events = [json.loads(row) for row in found["event"]]
    assert sum(e["kind"] == "recorded" and "minutes" in json.dumps(e) for e in events) == 6
    histories = Counter(e["instance_id"] for e in events)
    for instance, length in histories.items():
        mine = sorted(e["sequence"] for e in events if e["instance_id"] == instance)
        assert mine == list(range(1, length + 1))
    effects = Counter((e["timer"], e["instance_id"], e["part"]) for e in events if e["timer"])
    assert set(effects.values()) == {1}
    cycle = [e for e in events if e["timer"] and e["part"] in ("rung", "open", "close")]
    nominal = [e["occurred_at"] for e in cycle]
    assert nominal == sorted(nominal), "out of order of due date"
