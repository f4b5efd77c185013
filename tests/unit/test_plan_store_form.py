"""A plan is kept as JSON data and comes back as the very same plan."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plan_samples import MACHINE, SOUND
from workflows.deadlines.parse import EXAMPLES, parse
from workflows.plan.model import Done, Plan, Step, Text
from workflows.plan.read import read_plan
from workflows.plan.store_form import StoredPlanBroken, canonical, edition, from_data, to_data

PLANS = sorted(p.name for p in files("workflows").joinpath("plans").iterdir())


def sound(more: str = "") -> Plan:
    plan = read_plan((SOUND + more).encode()).plan
    assert plan is not None
    return plan


def returned(plan: Plan) -> Plan:
    """Return the plan as it comes back out of a database."""
    return from_data(json.loads(json.dumps(to_data(plan), ensure_ascii=False)))


@pytest.mark.parametrize("name", PLANS)
def test_every_plan_that_ships_comes_back(name: str) -> None:
    data = files("workflows").joinpath("plans", name).read_bytes()
    plan = read_plan(data, 2024).plan
    assert plan is not None
    assert returned(plan) == plan
    assert to_data(returned(plan)) == to_data(plan)
    assert [m.edition for m in returned(plan).machines] == [m.edition for m in plan.machines]


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_kind_of_deadline_comes_back(text: str) -> None:
    step = Step(id="s", name=Text("步"), due=parse(text), due_text=text)
    plan = replace(sound(), steps=(step,))
    assert returned(plan).steps == (step,)


@pytest.mark.parametrize(
    "done",
    [
        Done(on=date(2024, 7, 1)),
        Done(on=datetime(2024, 7, 1, 8, 30, tzinfo=UTC), document="1号", by="zhang"),
        Done(on=date(2024, 7, 1), record="reply", values=(("a", 1), ("b", "二"), ("c", True))),
    ],
)
def test_every_kind_of_done_comes_back(done: Done) -> None:
    step = replace(sound().steps[0], done=(done,))
    found = returned(replace(sound(), steps=(step,))).steps[0].done[0]
    assert found == done
    assert [type(v) for _, v in found.values] == [type(v) for _, v in done.values]
    assert type(found.on) is type(done.on)


def test_a_machine_of_the_plans_own_comes_back() -> None:
    assert returned(sound(MACHINE)) == sound(MACHINE)


def test_seconds_of_a_cutoff_come_back() -> None:
    rule = replace(parse("07-10"), cutoff=timedelta(hours=17, minutes=30))
    step = Step(id="s", name=Text("步"), due=rule)
    assert returned(replace(sound(), steps=(step,))).steps[0].due == rule


def test_the_edition_names_what_the_plan_says_and_not_where_it_stands() -> None:
    plan = sound()
    moved = read_plan(("# a comment\n\n" + SOUND).encode()).plan
    assert moved is not None
    assert moved.steps[0].line != plan.steps[0].line
    assert edition(moved) == edition(plan)
    assert edition(replace(plan, year=2025)) != edition(plan)
    name, _, digest = edition(plan).partition("@")
    assert (name, len(digest)) == ("small", 16)


@pytest.mark.parametrize("data", [{}, {"id": 1}, {"surprise": 1}, []])
def test_what_is_no_plan_is_refused(data: object) -> None:
    with pytest.raises(StoredPlanBroken):
        from_data(data)  # type: ignore[arg-type]


def test_a_stored_plan_of_a_newer_duban_is_refused() -> None:
    with pytest.raises(StoredPlanBroken, match="newer version"):
        from_data(to_data(sound()) | {"weights": []})


def test_a_hundred_thousand_targets_come_back() -> None:
    plan = sound()
    many = tuple(replace(plan.targets[0], id=f"T-{n}") for n in range(100_000))
    assert returned(replace(plan, targets=many)).targets == many


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner)
        ),
    )
)
def test_canonical_bytes_are_those_of_rfc_8785(data: object) -> None:
    assert canonical(data) == rfc8785.dumps(data)  # type: ignore[arg-type]
