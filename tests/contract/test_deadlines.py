"""Deadlines: shared ones, those of one instance, versions, and what exempts from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from engine.deadline import Certainty, Deadline, Exempt, TimerState
from engine.errors import NotFound
from engine.ports import Reader, Store
from tests.contract.world import (
    CYCLE,
    HOUR,
    NOW,
    create,
    deadline,
    filled,
    instance,
    open_cycle,
    timer,
)

ONE, TWO = f"{CYCLE}/T-1", f"{CYCLE}/T-2"


@pytest.fixture
def store(store: Store) -> Store:
    """The store, with two goals in it."""
    filled(store, instance(ONE), instance(TWO))
    return store


def ids(reader: Reader, step: str = "", instance: str | None = None, *, old: bool = False) -> str:
    found = reader.deadlines(CYCLE, step, instance=instance, all_versions=old)
    return " ".join(one.id for one in found)


def test_a_deadline_is_kept_whole(store: Store) -> None:
    whole = Deadline(
        id="d-1",
        cycle=CYCLE,
        step="quarterly",
        occurrence="2024-Q3",
        instance=ONE,
        version=3,
        rule="10th working day of the quarter",
        certainty=Certainty.PROVISIONAL,
        soft=True,
        opens_at=datetime.fromisoformat("2024-07-01T00:00:00+08:00"),
        due_at=NOW + HOUR,
        last_day="2024-07-10",
        calendar_edition="cn@1",
        waits_for=("circular", "reply"),
        reasons=({"holiday": "中秋节", "days": 3}, "moved"),
    )
    bare = deadline("d-2", certainty=Certainty.WAITING)
    with store.unit_of_work(NOW) as unit:
        unit.set_deadlines([whole, bare], [])
    with store.reading() as reader:
        assert list(reader.deadlines(CYCLE)) == [whole, bare]


def test_deadlines_are_asked_for_by_step_and_by_whom_they_bind(store: Store) -> None:
    made = [
        deadline("d-3", "review"),
        deadline("d-1"),
        deadline("d-2", instance=ONE),
        deadline("d-4", instance=TWO),
        deadline("d-5", "review", instance=ONE),
    ]
    with store.unit_of_work(NOW) as unit:
        unit.set_deadlines(made, [])
        open_cycle(unit, "other")
        unit.set_deadlines([deadline("d-0", cycle="other")], [])
    with store.reading() as reader:
        assert ids(reader) == "d-1 d-2 d-3 d-4 d-5"
        assert ids(reader, "draft") == "d-1 d-2 d-4"
        assert ids(reader, instance="") == "d-1 d-3"
        assert ids(reader, "draft", "") == "d-1"
        assert ids(reader, instance=ONE) == "d-2 d-5"
        assert ids(reader, "review", ONE) == "d-5"
        assert ids(reader, "review", TWO) == ""
        assert ids(reader, "unknown") == ""
        with pytest.raises(NotFound):
            ids(reader, instance="nowhere")


def test_a_new_version_supersedes_the_old_one(store: Store) -> None:
    first, second = deadline("d-1"), deadline("d-2", version=2)
    with store.unit_of_work(NOW) as unit:
        unit.set_deadlines([first], [])
        unit.set_deadlines([second], [])
        assert ids(unit) == "d-2"
        assert ids(unit, old=True) == "d-1 d-2"
        assert list(unit.deadlines(CYCLE, all_versions=True)) == [
            replace(first, current=False),
            second,
        ]


def test_others_are_not_superseded(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        unit.set_deadlines(
            [
                deadline("d-1"),
                deadline("d-2", "review"),
                deadline("d-3", occurrence="2024-Q3"),
                deadline("d-4", occurrence="2024-Q4"),
                deadline("d-5", instance=ONE),
                deadline("d-6", instance=TWO),
            ],
            [],
        )
        unit.set_deadlines([deadline("d-7", instance=ONE, version=2)], [])
        unit.set_deadlines([deadline("d-8", occurrence="2024-Q3", version=2)], [])
        unit.set_deadlines([deadline("d-9", version=2)], [])
        assert ids(unit) == "d-2 d-4 d-6 d-7 d-8 d-9"


def test_superseding_cancels_what_has_not_fired(store: Store) -> None:
    first, other = deadline("d-1"), deadline("d-9", "review")
    fired, waiting = timer("t-1", first), timer("t-2", first, 1)
    with store.unit_of_work(NOW) as unit:
        unit.set_deadlines([first, other], [fired, waiting, timer("t-9", other, 1)])
        unit.settle_timer(replace(fired, state=TimerState.FIRED))
        second = deadline("d-2", version=2)
        unit.set_deadlines([second], [timer("t-3", second, 2)])
    with store.reading() as reader:
        assert [t.id for t in reader.timers(CYCLE)] == ["t-9", "t-3"]
        states = {t.id: t.state for t in reader.timers(CYCLE, pending=False)}
        assert states == {
            "t-1": TimerState.FIRED,
            "t-2": TimerState.CANCELLED,
            "t-3": TimerState.PENDING,
            "t-9": TimerState.PENDING,
        }


@pytest.mark.parametrize("wrong", [{"cycle": "nowhere"}, {"instance": f"{CYCLE}/T-9"}], ids=str)
def test_a_deadline_belongs_to_what_is_there(store: Store, wrong: dict[str, str]) -> None:
    with pytest.raises(NotFound), store.unit_of_work(NOW) as unit:
        unit.set_deadlines([deadline("d-1", **wrong)], [])
    with store.reading() as reader:
        assert ids(reader, old=True) == ""


def test_an_exemption_is_kept_until_it_is_taken_away(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        cause = unit.history(ONE)[0].position
        assert unit.exemptions(ONE) == {}
        unit.set_exemption(ONE, "draft", Exempt.EXCUSED, cause)
        unit.set_exemption(ONE, "review", Exempt.SUSPENDED, cause)
        assert unit.exemptions(ONE) == {"draft": Exempt.EXCUSED, "review": Exempt.SUSPENDED}
        unit.set_exemption(ONE, "draft", Exempt.OWN_DATE, cause)
        unit.set_exemption(ONE, "review", None, cause)
        unit.set_exemption(ONE, "never_set", None, cause)
    with store.reading() as reader:
        assert reader.exemptions(ONE) == {"draft": Exempt.OWN_DATE}
        assert reader.exemptions(TWO) == {}


def test_exemptions_of_one_kind_are_listed_for_a_cycle(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        cause = unit.history(ONE)[0].position
        open_cycle(unit, "other")
        create(unit, instance("other/T-1"))
        for key, step, kind in (
            (TWO, "draft", Exempt.EXCUSED),
            (ONE, "review", Exempt.EXCUSED),
            (ONE, "draft", Exempt.EXCUSED),
            (ONE, "publish", Exempt.SUSPENDED),
            ("other/T-1", "draft", Exempt.EXCUSED),
        ):
            unit.set_exemption(key, step, kind, cause)
    with store.reading() as reader:
        assert list(reader.exempt(CYCLE, Exempt.EXCUSED)) == [
            (ONE, "draft"),
            (ONE, "review"),
            (TWO, "draft"),
        ]
        assert list(reader.exempt(CYCLE, Exempt.SUSPENDED)) == [(ONE, "publish")]
        assert list(reader.exempt(CYCLE, Exempt.OWN_DATE)) == []


def test_only_one_that_is_there_is_exempted(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        cause = unit.history(ONE)[0].position
        with pytest.raises(NotFound):
            unit.set_exemption("nowhere", "draft", Exempt.EXCUSED, cause)
