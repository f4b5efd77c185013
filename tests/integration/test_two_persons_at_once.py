"""Two persons confirm at once, on PostgreSQL: one of them does it, and nobody waits in a circle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import pytest

from adapters.sql.database import connect
from adapters.sql.store import SqlStore
from engine.errors import EngineError
from engine.events import Kind
from tests.postgres.databases import lent_database
from tests.unit.dated import content
from tests.unit.eyes import ALL, FORCED, LEADER, VICE, outcomes, proposed
from tests.unit.year import ADMINISTRATOR, ROOT, Year, begin, small
from workflows.running.confirming import confirm
from workflows.running.desk import Application
from workflows.running.launch import launch
from workflows.running.proposals import Outcome
from workflows.running.recalculation import adopt
from workflows.running.requests import Who
from workflows.running.tenures import assign
from workflows.running.tick import tick

DAYS = "edition: d1\nsource: x\ndays: [{day: 2031-01-02, kind: off}]\n"
"""A day that moves none of the dates: whichever is confirmed first, the others stay as shown."""
CALLERS = 6


@pytest.fixture
def place() -> Iterator[tuple[Year, list[Application]]]:
    """A year with a proposal of each sort, and an application for each caller."""
    with lent_database() as url, ExitStack() as opened:
        engines = [connect(url) for _ in range(CALLERS)]
        for engine in engines:
            opened.callback(engine.dispose)
        plan = replace(small(2), four_eyes=replace(ALL, within=30))
        year = begin(plan, "2024-07-01 09:00", partial(SqlStore, engines[0]))
        launch(year.app, replace(small(1), key="second", body="another"), ROOT)
        year.force("T-1", "evaluated")
        year.force("T-2", "evaluated")
        assign(year.app, body=plan.body, post="group-office", person="p.new", actor=ROOT)
        adopt(year.app, *content(DAYS), ADMINISTRATOR, FORCED)
        launch(year.app, replace(small(1), key="third"), ROOT, None, FORCED)
        stores = [SqlStore(engine, year.clock) for engine in engines]
        yield year, [replace(year.app, store=store) for store in stores]


@pytest.mark.slow
def test_of_two_who_confirm_at_once_one_does_it(place: tuple[Year, list[Application]]) -> None:
    year, apps = place
    numbers = [p.event.position for p in proposed(year)]
    assert len(numbers) == 5

    def decide(app: Application, who: Who, order: list[int]) -> list[str]:
        said = []
        for number in order:
            try:
                confirm(app, number, who)
                said.append(f"{number} done")
            except EngineError as refused:
                said.append(refused.code)
        return said

    with ThreadPoolExecutor(CALLERS) as pool:
        orders = (numbers, numbers[::-1], numbers[2:] + numbers[:2], numbers)
        waiting = [
            pool.submit(decide, app, who, list(order))
            for app, who, order in zip(apps, (LEADER, VICE, LEADER, VICE), orders, strict=False)
        ]
        passes = [pool.submit(tick, app) for app in apps[4:]]
        said = Counter(line for one in waiting for line in one.result())
        assert all(one.result().failed == [] for one in passes)
    assert {f"{n} done": said[f"{n} done"] for n in numbers} == {f"{n} done": 1 for n in numbers}
    assert set(said) - {f"{n} done" for n in numbers} == {"proposal-settled"}
    assert outcomes(year) == [Outcome.CONFIRMED] * len(numbers)
    assert year.state("T-1") == year.state("T-2") == "evaluated"
    assert len(year.history("T-1", Kind.ACT_CONFIRMED)) == 1
    with year.store.reading() as reader:
        assert reader.find("third") is not None
    year.assert_sound()
