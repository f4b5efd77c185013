"""What a start would catch up on is foreseen as the tick then does it (promise 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

import pytest

from engine.events import Kind
from tests.unit.year import (
    INSTANT,
    OFFICE,
    ROOT,
    Year,
    begin,
    head,
    local,
    publish,
    self_assess,
    shipped,
    small,
)
from workflows.running.catch_up import Planned, planned
from workflows.running.desk import desk
from workflows.running.exceptions import excuse, extend
from workflows.running.requests import Grounds
from workflows.running.tenures import assign

OPENED = "2024-06-20 09:00"
WHY = Grounds(reason="情况说明")


def foreseen(year: Year) -> Sequence[Planned]:
    with year.store.reading() as reader:
        return planned(desk(year.app, reader, year.key))


def done_by(year: Year, plan: Sequence[Planned]) -> list[tuple[str, int, tuple[str, ...]]]:
    """What the tick made of each timer that was foreseen: how many it concerned, whom it told."""
    told: dict[int, set[str]] = {}
    with year.store.unit_of_work(year.clock.now()) as unit:
        unit.release_notices()
        for notice in unit.gather(limit=10_000):
            for item, event in notice.items:
                told.setdefault(event.position, set()).add(item.recipient)
    climbed = {e.timer: e for e in year.history("", Kind.REMINDED, Kind.FOLDED)}
    result: list[tuple[str, int, tuple[str, ...]]] = []
    for one in plan:
        rung = climbed.get(one.timer.id)
        if rung is None:
            result.append((one.timer.id, 0, ()))
            continue
        count = sum(owed["count"] for owed in rung.data["owed"])
        result.append((one.timer.id, count, tuple(sorted(told.get(rung.position, ())))))
    return result


def excused(year: Year) -> None:
    extend(year.app, year.name("T-2"), "s4", date(2025, 1, 10), OFFICE, WHY)
    excuse(year.app, year.name("T-2"), "s4", OFFICE, WHY)


def returned(year: Year) -> None:
    self_assess(year, ["T-1", "T-3"])
    year.at("2025-01-02 09:00").move("T-3", "return_report", reason="数据不实")


def nobody_did_anything(_year: Year) -> None:
    """Leave the plan where it was opened."""


def one_is_excused(year: Year) -> None:
    """T-2 has a date of its own, and is excused."""
    publish(year)
    extend(year.app, year.name("T-2"), "s4", date(2025, 1, 10), OFFICE, WHY)
    excuse(year.app, year.name("T-2"), "s4", OFFICE, WHY)


def one_was_returned(year: Year) -> None:
    """T-1 has reported; T-3 had, and was sent back after the date."""
    publish(year)
    year.at("2024-12-20 09:00")
    self_assess(year, ["T-1", "T-3"])
    year.at("2025-01-02 09:00").move("T-3", "return_report", reason="数据不实")


@pytest.mark.parametrize(
    "until",
    [local("2024-07-11"), local("2024-10-12"), local("2025-01-08") - INSTANT, local("2025-03-20")],
)
@pytest.mark.parametrize("before", [nobody_did_anything, publish, one_is_excused, one_was_returned])
def test_what_is_foreseen_is_what_the_tick_then_does(
    until: datetime, before: Callable[[Year], None]
) -> None:
    year = begin(small(), OPENED)
    before(year)
    year.at(max(until, year.clock.moment))
    plan = foreseen(year)
    year.told()
    done = year.tick()
    climbed = [one for one in plan if one.timer.rung.startswith("r")]
    foretold = [(one.timer.id, one.concerned, one.recipients) for one in climbed]
    assert foretold == done_by(year, climbed)
    assert done.fired == len(plan)


def test_to_foresee_changes_nothing() -> None:
    year = begin(small(), OPENED).at("2025-03-10 09:00")
    before = year.histories()
    assert foreseen(year) == foreseen(year)
    assert year.histories() == before
    assert year.tick().fired > 0


def test_it_is_foreseen_in_order_of_its_date() -> None:
    year = begin(shipped(), OPENED).at("2025-03-10 09:00")
    moments = [one.timer.fires_at for one in foreseen(year)]
    assert moments == sorted(moments)


def test_whoever_holds_the_post_at_the_start_is_foreseen_and_told() -> None:
    year = begin(small(), OPENED)
    publish(year)
    assign(
        year.app,
        body=year.plan.body,
        post="planning-head",
        person="qian",
        actor=ROOT,
        since=date(2024, 12, 1),
    )
    year.at("2024-12-26 09:00")
    (first,) = {one.recipients for one in foreseen(year) if one.step.id == "s4" and one.recipients}
    assert "qian" in first
    assert head("planning").person not in first
