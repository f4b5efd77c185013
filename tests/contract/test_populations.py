"""Which instances a population is: selected, counted, told by owner."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.clock import StandingClock
from engine.deadline import Exempt
from engine.events import Kind
from engine.facts import to_text
from engine.guards import NEVER, All, AnyOf, Compare, Guard, Known, Not, Reached, StateIn
from engine.population import Population, Tally
from engine.ports import Reader, Store
from tests.contract.world import (
    CYCLE,
    GOALS,
    HOUR,
    NOW,
    create,
    filled,
    following,
    instance,
    keys,
    moving,
    open_cycle,
)

FILLING = (
    instance(f"{CYCLE}/T-1", owner="b", n=59),
    instance(f"{CYCLE}/T-2", "middle", owner="a", origin="d-1", n=60),
    instance(f"{CYCLE}/T-3", "high", owner="b", opens=to_text(NOW)),
    instance(f"{CYCLE}/T-1/T-4", owner="b", opens=to_text(NOW + HOUR)),
    instance(f"{CYCLE}/T-1/G-1", workflow="gap", owner="b"),
)


@pytest.fixture
def store(store: Store) -> Store:
    """The store, with something to choose from."""
    filled(store, *FILLING)
    return store


def names(store: Store, population: Population) -> str:
    """The last characters of the keys, after making sure that all three questions agree."""
    with store.reading() as reader:
        found = keys(reader, population)
        assert reader.count(population) == len(found)
        assert sum(tally.count for tally in reader.tally(population)) == len(found)
    return "".join(key[-1] for key in found)


def names_in(reader: Reader, population: Population) -> str:
    return "".join(key[-1] for key in keys(reader, population))


@pytest.mark.parametrize(
    ("population", "expected"),
    [
        (GOALS, "1423"),
        (replace(GOALS, workflow="gap"), "1"),
        (replace(GOALS, workflow="year"), "4"),
        (replace(GOALS, workflow="task"), ""),
        (replace(GOALS, workflow="unheard_of"), ""),
        (replace(GOALS, cycle="nowhere"), ""),
        (replace(GOALS, cycle=f"{CYCLE}/T-1"), ""),
        (replace(GOALS, parent=CYCLE), "123"),
        (replace(GOALS, parent=f"{CYCLE}/T-1"), "4"),
        (replace(GOALS, parent=f"{CYCLE}/T-2"), ""),
        (replace(GOALS, parent="nowhere"), ""),
        (replace(GOALS, key=f"{CYCLE}/T-2"), "2"),
        (replace(GOALS, key=f"{CYCLE}/T-1/G-1"), ""),
        (replace(GOALS, key=f"{CYCLE}/T-2", parent=f"{CYCLE}/T-1"), ""),
        (replace(GOALS, key="nowhere"), ""),
        (replace(GOALS, origin="d-1"), "2"),
        (replace(GOALS, origin="d-2"), ""),
        (replace(GOALS, owner="b"), "143"),
        (replace(GOALS, owner="b", parent=CYCLE, where=StateIn(("low",))), "1"),
        (replace(GOALS, owner="c"), ""),
    ],
    ids=str,
)
def test_a_population_is_narrowed_down(store: Store, population: Population, expected: str) -> None:
    assert names(store, population) == expected


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        (All(), "1423"),
        (NEVER, ""),
        (Not(NEVER), "1423"),
        (StateIn(()), ""),
        (StateIn(("low", "high")), "143"),
        (Not(StateIn(("low",))), "23"),
        (Known("n"), "12"),
        (Compare("n", ">=", 60), "2"),
        (Not(Compare("n", ">=", 60)), "143"),
        (Compare("n", "!=", 59), "2"),
        (Reached("opens"), "3"),
        (Not(Reached("opens")), "142"),
        (AnyOf((Known("n"), Reached("opens"))), "123"),
        (Compare("n", "==", "60"), ""),
        (Compare("absent", "!=", 1), ""),
    ],
    ids=str,
)
def test_a_population_is_chosen_by_a_guard(store: Store, guard: Guard, expected: str) -> None:
    assert names(store, replace(GOALS, where=guard)) == expected


def test_a_reading_takes_its_moment_from_the_clock(store: Store, clock: StandingClock) -> None:
    clock.moment = NOW + HOUR
    assert names(store, replace(GOALS, where=Reached("opens"))) == "43"


def test_a_unit_has_a_moment_of_its_own(store: Store, clock: StandingClock) -> None:
    clock.moment = NOW + HOUR
    with store.unit_of_work(NOW) as unit:
        assert unit.now == NOW
        assert unit.count(replace(GOALS, where=Reached("opens"))) == 1


@pytest.mark.parametrize("kind", Exempt)
def test_one_that_a_step_does_not_bind_is_left_out(store: Store, kind: Exempt) -> None:
    with store.unit_of_work(NOW) as unit:
        cause = unit.history(CYCLE)[0].position
        unit.set_exemption(f"{CYCLE}/T-1", "draft", kind, cause)
        unit.set_exemption(f"{CYCLE}/T-2", "review", kind, cause)
    assert names(store, replace(GOALS, bound_by="draft")) == "423"
    assert names(store, replace(GOALS, bound_by="publish")) == "1423"
    assert names(store, GOALS) == "1423"
    with store.unit_of_work(NOW) as unit:
        unit.set_exemption(f"{CYCLE}/T-1", "draft", None, cause)
    assert names(store, replace(GOALS, bound_by="draft")) == "1423"


def test_a_population_comes_in_pages(store: Store) -> None:
    with store.reading() as reader:
        every = keys(reader, GOALS)
        paged: list[str] = []
        while page := reader.select(GOALS, limit=3, after=paged[-1] if paged else ""):
            assert len(page) <= 3
            paged += [one.key for one in page]
        assert paged == every
        assert [one.key for one in reader.select(GOALS, after=f"{CYCLE}/T-1x")] == every[2:]


def test_a_tally_tells_the_first_of_each_owner(store: Store) -> None:
    with store.reading() as reader:
        assert list(reader.tally(GOALS, first=2)) == [
            Tally(owner="a", count=1, first=(f"{CYCLE}/T-2",)),
            Tally(owner="b", count=3, first=(f"{CYCLE}/T-1", f"{CYCLE}/T-1/T-4")),
        ]
        assert list(reader.tally(replace(GOALS, owner="c"))) == []


def test_owners_come_in_order_of_their_bytes(store: Store) -> None:
    owners = ["é", "Z", "a1", "办公室", ""]
    filled(store, *(instance(f"{CYCLE}/O-{n}", owner=o) for n, o in enumerate(owners)))
    with store.reading() as reader:
        found = [tally.owner for tally in reader.tally(GOALS)]
    assert found == sorted({*owners, "a", "b"}, key=str.encode)


def test_another_cycle_is_another_population(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        open_cycle(unit, "other")
    filled(store, instance("other/T-1"), instance("other/T-2"))
    assert names(store, replace(GOALS, cycle="other")) == "12"
    assert names(store, replace(GOALS, cycle="other", parent=CYCLE)) == ""
    assert names(store, replace(GOALS, cycle="other", key=f"{CYCLE}/T-1")) == ""
    assert names(store, GOALS) == "1423"


def test_those_that_changed_since_an_event_moved_were_opened_or_excused(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        last = unit.append(following(unit.load(f"{CYCLE}/T-3"))).position
        since = replace(GOALS, changed_since=last)
        assert names_in(unit, since) == ""
        unit.append(moving(unit.load(f"{CYCLE}/T-1"), "climb"))
        unit.append(following(unit.load(f"{CYCLE}/T-2"), kind=Kind.EXCUSED))
        unit.append(following(unit.load(f"{CYCLE}/T-3")))
        create(unit, instance(f"{CYCLE}/T-5"))
    assert names(store, since) == "125"


def test_those_that_show_a_lamp(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        for name, lamp in (("T-1", "red"), ("T-2", "red"), ("T-2", "")):
            lit = following(unit.load(f"{CYCLE}/{name}"), kind=Kind.LAMP, data={"lamp": lamp})
            unit.append(lit)
    assert names(store, replace(GOALS, lit=True)) == "1"
