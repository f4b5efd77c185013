"""What is legal but wrong: the edges that the samples of the diagnostics do not show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.calendars import calendar_named
from engine.definition import Workflow
from tests.unit.plan_samples import MACHINE, SOUND
from workflows.deadlines.parse import parse
from workflows.plan.check import check, check_file
from workflows.plan.model import Plan, Step, Text
from workflows.plan.read import read_plan
from workflows.plan.step_order import order_of_steps


def sound() -> Plan:
    plan = read_plan(SOUND.encode()).plan
    assert plan is not None
    return plan


ELSEWHERE = ("P316", "P317", "P321")
"""Days off, collisions and proof: the dates of these tests are not about them; see the samples."""


def codes(plan: Plan) -> list[str]:
    return [d.code for d in check(plan) if d.code not in ELSEWHERE]


def test_a_plan_made_in_code_can_be_checked_without_a_file() -> None:
    assert codes(sound()) == []
    found = check(replace(sound(), steps=()))
    assert {(d.code, d.line) for d in found} == {("P313", 0), ("P314", 0)}


def steps(*parts: tuple[str, str, tuple[str, ...]]) -> Plan:
    made = (
        Step(id=i, name=Text(i), brings="drafted", due=parse(due), after=after, ladder="standard")
        for i, due, after in parts
    )
    return replace(sound(), steps=tuple(made))


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("03-01", "03-01", []),
        ("03-02", "03-01", ["P246"]),
        ("12-31", "next year 01-10", []),
        ("undated", "03-01", ["P312"]),
        ("5 days after reply", "03-01", []),
        ("01-05..03-02", "03-01", ["P246"]),
        ("every month by day 10", "03-01", ["P309"]),
        ("5 days after step b", "03-01", ["P242"]),
    ],
)
def test_what_is_needed_must_not_be_due_later(first: str, second: str, found: list[str]) -> None:
    plan = steps(("a", first, ()), ("b", second, ("a",)))
    assert codes(plan) == found


@pytest.mark.parametrize(
    ("due", "found"),
    [
        ("5 days after reply", []),
        ("5 days after published", []),
        ("5 days after own:reply", []),
        ("5 days after congress", ["P226"]),
        ("5 days after own:congress", ["P226"]),
        ("批复后5日内", ["P226"]),
    ],
)
def test_a_deadline_waits_for_what_the_cycle_can_record(due: str, found: list[str]) -> None:
    assert codes(steps(("a", due, ()))) == found


def test_a_step_due_on_the_day_of_issue_is_not_past() -> None:
    text = SOUND.replace("issued: 2024-01-02", "issued: 2024-03-01")
    assert check_file(text.encode()).diagnostics == ()


def test_a_date_that_only_some_years_have_is_told_for_the_year() -> None:
    leap = steps(("a", "02-29", ()))
    assert codes(leap) == []
    told = check(replace(leap, year=2025))
    (diagnostic,) = [d for d in told if d.code not in ELSEWHERE]
    assert diagnostic.code == "P231"
    assert "2025-02-29" in diagnostic.message


def test_a_recurrence_that_cannot_be_laid_out_is_told() -> None:
    plan = steps(("a", "every month by day 10, from 2000-01, until next year 12", ()))
    assert "P231" not in codes(plan)
    assert "P231" in codes(steps(("a", "every month by day 10, from 0001-01", ())))


def test_a_long_chain_of_steps_is_no_burden() -> None:
    chain = [(f"s{n}", f"1 day after step s{n + 1}", ()) for n in range(3000)]
    plan = steps(*chain, ("s3000", "03-01", ()))
    order, circles = order_of_steps(plan)
    assert (order[0], order[-1], circles) == ("s3000", "s0", ())
    check(plan)


def test_each_circle_is_told_once() -> None:
    parts = [("a", ("b",)), ("b", ("c",)), ("c", ("a",)), ("d", ("d",)), ("e", ("a",))]
    plan = steps(*((name, "03-01", after) for name, after in parts))
    circles = [d.values["steps"] for d in check(plan) if d.code == "P242"]
    assert sorted(map(sorted, circles)) == [["a", "b", "c"], ["d"]]


def test_who_may_act_by_time_is_asked_of_the_machine() -> None:
    fires = SOUND.replace("brings: drafted", "brings: published, fires: publish")
    allowed = fires + "machines: {cycle: {publishes_by_date: true}}\n"
    assert [d.code for d in check_file(fires.encode()).diagnostics] == ["P243"]
    assert check_file(allowed.encode()).diagnostics == ()


def test_a_dynamic_target_is_held_against_the_planned_ones_only() -> None:
    """R-12."""
    plan = sound()
    planned = plan.targets[0]
    added = replace(planned, id="D-1", category="dynamic", basis="某通知", sources=())
    close = replace(added, name=Text("目标 一（续）"))
    far = replace(added, name=Text("防汛应急"))
    both = replace(far, id="D-2", sources=("mandate",))
    assert codes(replace(plan, targets=(planned, far))) == []
    assert codes(replace(plan, targets=(planned, both))) == ["P245"]
    assert codes(replace(plan, targets=(both, replace(both, id="D-3", name=close.name)))) == []
    longer = Text("国有企业改革深化提升行动方案")
    named = replace(planned, name=longer)
    like = replace(added, name=Text("国有企业改革深化提升行动"))
    assert codes(replace(plan, targets=(named, like))) == ["P306"]


def test_a_machine_that_ships_is_not_the_plans_fault() -> None:
    own = read_plan((SOUND + MACHINE).encode()).plan
    assert own is not None
    assert codes(own) == []
    lost = replace(own.machine("appeal"), states=("lodged", "decided", "lost"))
    machines = tuple(_or(machine, lost) for machine in own.machines)
    assert codes(replace(own, machines=machines)) == ["P241", "P241"]


def _or(machine: Workflow, other: Workflow) -> Workflow:
    return other if machine.name == other.name else machine


def test_errors_of_meaning_are_told_beside_those_of_form() -> None:
    text = SOUND.replace("due: 03-11", "due: 02-10").replace("zone: Asia", "zome: Asia")
    assert [d.code for d in check_file(text.encode()).diagnostics] == ["P122", "P246"]


def test_what_seems_missing_from_half_a_plan_is_not_told() -> None:
    text = SOUND.replace("{id: reform, name: 改革科}", "{id: 改革, name: 改革科}")
    assert {d.code for d in check_file(text.encode()).diagnostics} == {"P125", "P210"}


@pytest.mark.parametrize(
    ("due", "asked"),
    [
        ("every quarter plus 10 working days", 1),
        ("每月底前3个工作日", 1),
        ("每月最后一个工作日", 1),
        ("every quarter plus 10 days", 0),
    ],
)
def test_a_series_that_counts_working_days_of_an_open_year_is_asked_about(
    due: str, asked: int
) -> None:
    text = SOUND.replace("year: 2024", "year: 2030").replace(
        "gate: self_assessed, due: 12-31", f"due: {due}"
    )
    found = check_file(text.encode(), calendar=calendar_named("china")).diagnostics
    assert len([d for d in found if (d.code, d.values["step"]) == ("P320", "d")]) == asked
