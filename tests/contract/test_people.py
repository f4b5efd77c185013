"""Who holds which post, which daemons live, and the settings of the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.heartbeat import Heartbeat
from engine.ports import Store, Tenure, UnitOfWork
from tests.contract.world import CYCLE, HOUR, NOW, following


def occasions(unit: UnitOfWork, count: int) -> list[int]:
    """Positions of events that tenures may rest on."""
    cycle = unit.load(CYCLE)
    return [
        unit.append(following(cycle, sequence=cycle.sequence + n)).position
        for n in range(1, count + 1)
    ]


@pytest.fixture
def tenures(store: Store) -> list[Tenure]:
    """Who is who, kept in the store."""
    with store.unit_of_work(NOW) as unit:
        events = occasions(unit, 4)
        made = [
            Tenure(body="泉州", post="主任", person="zhang", since="2024-01-01", event=events[0]),
            Tenure(body="泉州", post="主任", person="li", since="", deputy=True, event=events[1]),
            Tenure(body="福州", post="主任", person="zhang", since="2023-01-01", event=events[2]),
            Tenure(body="", post="administrator", person="root", since="", event=events[3]),
        ]
        for tenure in made:
            unit.set_tenure(tenure)
    return made


def test_tenures_are_asked_for_by_body_and_by_person(store: Store, tenures: list[Tenure]) -> None:
    director, deputy, elsewhere, root = tenures
    with store.reading() as reader:
        assert list(reader.tenures()) == tenures
        assert list(reader.tenures("泉州")) == [director, deputy, root]
        assert list(reader.tenures("福州")) == [elsewhere, root]
        assert list(reader.tenures("nowhere")) == [root]
        assert list(reader.tenures(person="zhang")) == [director, elsewhere]
        assert list(reader.tenures("泉州", "zhang")) == [director]
        assert list(reader.tenures(person="nobody")) == []


def test_a_tenure_ends_on_a_day(store: Store, tenures: list[Tenure]) -> None:
    director, deputy, *_ = tenures
    with store.unit_of_work(NOW) as unit:
        unit.end_tenure(director.event, "2024-06-30")
    with store.reading() as reader:
        found = list(reader.tenures("泉州"))
    assert found[:2] == [replace(director, until="2024-06-30"), deputy]


def test_a_daemon_is_known_by_its_last_sign_of_life(store: Store) -> None:
    old = Heartbeat(daemon="a", version="1", started_at=NOW - HOUR, last_tick=NOW)
    other = Heartbeat(daemon="b", version="1", started_at=NOW, last_tick=NOW + HOUR)
    new = replace(
        old,
        version="2",
        last_tick=NOW + 2 * HOUR,
        fired_at=NOW + HOUR,
        lag=timedelta(milliseconds=1234),
        skew=timedelta(seconds=-7),
    )
    with store.unit_of_work(NOW) as unit:
        unit.beat(old)
        unit.beat(other)
    with store.unit_of_work(NOW) as unit:
        assert list(unit.heartbeats()) == [other, old]
        unit.beat(new)
    with store.reading() as reader:
        assert list(reader.heartbeats()) == [new, other]
    gone = replace(new, stopped_at=NOW + 2 * HOUR)
    with store.unit_of_work(NOW) as unit:
        unit.beat(gone)
    with store.reading() as reader:
        assert list(reader.heartbeats()) == [gone, other]


def test_a_setting_is_empty_until_it_is_set(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        assert unit.setting("trial") == ""
        unit.set_setting("trial", "yes")
        unit.set_setting("name", "试运行")
        unit.set_setting("trial", "no")
    with store.reading() as reader:
        assert (reader.setting("trial"), reader.setting("name")) == ("no", "试运行")
        assert reader.setting("Trial") == ""
