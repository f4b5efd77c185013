"""Joins and cascades at their edges (R-24, R-28; design.md section 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Barrier, Thread

import pytest

from adapters.sql.store import SqlStore
from engine.clock import Clock
from engine.errors import GuardRejected
from engine.events import Event, Kind
from engine.ports import Store
from engine.verification import verify
from tests.contract.stores import sql_database
from tests.unit.year import (
    OFFICE,
    Told,
    Year,
    begin,
    goal,
    hand_in,
    head,
    local,
    publish,
    self_assess,
    small,
)
from workflows.deadlines.parse import parse
from workflows.plan.model import Plan, Step, Text
from workflows.running.additions import add_target
from workflows.running.requests import Grounds

OPENED = "2024-06-20 09:00"
ALL = ("T-1", "T-2", "T-3")


def without_material(plan: Plan) -> Plan:
    """The plan without the assignments that the join counts beside the targets."""
    return replace(plan, steps=tuple(s for s in plan.steps if s.id != "s4-incentive"))


def published(plan: Plan | None = None) -> Year:
    year = begin(plan or small(), OPENED)
    publish(year)
    return year.at("2024-12-20 09:00")


def all_in(year: Year, but: str = "") -> None:
    self_assess(year, [name for name in ALL if name != but])
    hand_in(year, [section.id for section in year.plan.sections])


def assessed() -> Year:
    """A year that was self-assessed in time."""
    year = published()
    all_in(year)
    assert year.state() == "self_assessed"
    return year


# nobody to wait for


def test_a_cycle_without_targets_is_published_and_waits_for_its_material() -> None:
    year = published(small(0))
    assert year.state() == "published"
    hand_in(year, [section.id for section in year.plan.sections])
    assert year.state() == "self_assessed"


def test_a_join_of_nothing_does_not_hold() -> None:
    """A join "needs at least one": no cycle is assessed because nobody had to report."""
    year = published(without_material(small(0)))
    year.tick("2025-01-20 09:00")
    assert year.state() == "published"
    with pytest.raises(GuardRejected):
        year.move("", "self_assess")


def test_nor_does_one_of_which_all_were_withdrawn() -> None:
    year = published(without_material(small()))
    for name in ALL:
        year.move(name, "withdraw", reason="任务取消")
    year.tick("2025-01-20 09:00")
    assert year.state() == "published"


def test_what_was_withdrawn_is_not_waited_for() -> None:
    year = published()
    all_in(year, but="T-2")
    assert year.state() == "published"
    year.move("T-2", "withdraw", reason="任务取消")
    assert year.state() == "self_assessed"


def test_an_excused_assignment_is_not_waited_for() -> None:
    year = published()
    self_assess(year, ALL)
    hand_in(year, [section.id for section in year.plan.sections][1:])
    assert year.state() == "published"
    year.move("s4-incentive-office", "excuse", reason="无激励事项")
    assert year.state() == "self_assessed"


# after the join


def test_a_return_after_the_join_does_not_pull_the_cycle_back() -> None:
    year = assessed().at("2024-12-28 09:00")
    year.move("T-2", "return_report", reason="数据不实")
    assert (year.state(), year.state("T-2")) == ("self_assessed", "published")
    year.tick()
    assert (year.state(), year.late("T-2")) == ("self_assessed", [])
    year.tick("2025-01-01")
    assert year.late("T-2") == ["s4"], "in time to repeat it until the date, then late as others"


def test_returned_after_the_date_it_is_late_at_once_by_the_current_rung_only() -> None:
    year = assessed()
    year.tick("2025-01-07 09:00")
    year.told()
    year.move("T-2", "return_report", reason="数据不实")
    year.tick()
    mine = ("planning",)
    # the rung of two working days speaks; those of the 1st, and before it, are past
    assert [t for t in year.told() if t.step == "s4"] == [
        Told("p.planning-head", "s4", "remind", mine),
        Told("p.vice-leader-a", "s4", "remind", mine),
    ]
    assert year.late("T-2") == ["s4"]
    lamps = [event.data["lamp"] for event in year.history("T-2", Kind.LAMP)]
    assert set(lamps) == {"红"}
    year.tick("2025-01-08")
    assert {t.who for t in year.told() if t.step == "s4"} >= {"p.group-head", "p.planning-head"}
    assert year.late("T-2") == ["s4"], "once"
    assert [year.late(name) for name in ("T-1", "T-3")] == [[], []]


def test_repeated_it_is_late_no_longer_and_the_lamp_goes_out() -> None:
    year = assessed()
    year.tick("2025-01-07 09:00")
    year.move("T-2", "return_report", reason="数据不实")
    year.tick("2025-01-07 10:00")
    assert year.find("T-2").lamp == "红"
    self_assess(year, ["T-2"])
    year.tick("2025-01-20 09:00")
    year.told()
    assert (year.find("T-2").lamp, year.state("T-2")) == ("", "self_assessed")
    assert not [owed for owed in year.overview().late if owed.step.id == "s4"]


def test_a_target_that_is_added_late_is_late_at_once_by_the_current_rung_only() -> None:
    year = published()
    self_assess(year, ALL)
    year.tick("2025-01-06 09:00")
    year.told()
    add_target(year.app, year.key, goal(year.plan, 3), OFFICE, Grounds())
    year.tick()
    section = year.plan.sections[3].id
    assert [t for t in year.told() if t.step == "s4"] == [
        Told("p.finance-head", "s4", "remind", (section,)),
        Told("p.vice-leader-b", "s4", "remind", (section,)),
    ]
    assert year.late("T-4") == ["s4"]


def test_a_target_added_before_the_join_is_waited_for_and_after_it_is_not() -> None:
    year = published()
    add_target(year.app, year.key, goal(year.plan, 3), OFFICE, Grounds())
    all_in(year)
    assert (year.state(), year.overview().held_up) == ("published", [year.name("T-4")])
    year.move("T-4", "withdraw", reason="任务取消")
    assert year.state() == "self_assessed"
    add_target(year.app, year.key, goal(year.plan, 4), OFFICE, Grounds())
    year.tick()
    assert year.state() == "self_assessed"


# two at once


@pytest.fixture(params=["sqlite", "postgresql"])
def on_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Clock], Store]]:
    with sql_database(request.param, tmp_path) as database:
        yield partial(SqlStore, database)


def test_two_last_movers_at_once_bring_the_cycle_on_exactly_once(
    on_disk: Callable[[Clock], Store],
) -> None:
    year = begin(small(), OPENED, on_disk)
    publish(year)
    year.at("2024-12-20 09:00")
    hand_in(year, [section.id for section in year.plan.sections])
    self_assess(year, ["T-1"])
    together, failed = Barrier(2), list[Exception]()

    def report(name: str, section: str) -> None:
        together.wait(timeout=30)
        try:
            year.record(name, "self_report", {"completion": 100}, head(section))
        except Exception as error:  # noqa: BLE001 - a thread's failure has to be carried out of it
            failed.append(error)

    movers = [Thread(target=report, args=(name, year.find(name).owner)) for name in ("T-2", "T-3")]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join(timeout=60)
    assert failed == []
    moves = [event.target for event in year.history("", Kind.MOVED)]
    assert moves.count("self_assessed") == 1
    assert year.state() == "self_assessed"
    year.assert_sound()


def with_a_date_after_the_join(plan: Plan) -> Plan:
    due = "10 days after self_assessed"
    step = Step(id="after", name=Text("汇总"), records=("minutes",), due=parse(due), due_text=due)
    return replace(plan, steps=(*plan.steps, step))


def test_a_join_that_no_mover_saw_is_decided_by_the_tick_alone() -> None:
    """As if two had moved at once and neither had seen the other; dates follow it, too."""
    year = published(with_a_date_after_the_join(small()))
    all_in(year, but="T-2")
    _unseen(year, "T-2")
    assert (year.state(), year.deadline("after").due_at) == ("published", None)
    done = year.tick("2024-12-21 09:00")
    assert (year.state(), done.moved) == ("self_assessed", 1)
    assert year.deadline("after").due_at == local("2025-01-01")
    with year.store.reading() as reader:  # which names the report that was not there
        assert [b.code for b in verify(reader)] == ["guard"]


def _unseen(year: Year, name: str) -> None:
    """Let a target report without anything following of it."""
    with year.store.unit_of_work(year.clock.now()) as unit:
        target = unit.load(year.name(name))
        unit.append(
            Event(
                instance=target.key,
                sequence=target.sequence + 1,
                kind=Kind.MOVED,
                actor="p.planning-head",
                occurred_at=unit.now,
                recorded_at=unit.now,
                edition=target.edition,
                trigger="self_assess",
                source=target.state,
                target="self_assessed",
            )
        )
