"""Appending events: what each does, what is kept of it, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from engine.errors import ConcurrentChange, DefinitionError, EngineError, NotFound
from engine.events import Event, Instance, Kind
from engine.ports import Store
from tests.contract.world import CYCLE, GAP, GOAL, HOUR, NOW, born, filled, following, instance
from tests.contract.world import moving as move

ONE = instance(f"{CYCLE}/T-1", n=1)


@pytest.fixture
def store(store: Store) -> Store:
    """The store, with one goal in it."""
    filled(store, ONE)
    return store


def appended(store: Store, event: Event) -> tuple[Instance, Event]:
    """Append, and return how the instance stands then and the event as it is read back."""
    with store.unit_of_work(NOW) as unit:
        kept = unit.append(event)
        assert unit.load(event.instance).sequence == event.sequence
    with store.reading() as reader:
        found = reader.find(event.instance)
        assert found is not None
        read = reader.history(event.instance)[-1]
        assert read == kept == reader.event(kept.position)
        return found, read


def test_a_move_leads_to_its_target(store: Store) -> None:
    found, read = appended(store, move(ONE, "climb"))
    assert found == replace(ONE, state="middle", sequence=2, moved_at=NOW - HOUR)
    assert read == replace(move(ONE, "climb"), position=read.position)
    assert read.position > 0


def test_positions_grow(store: Store) -> None:
    _, first = appended(store, following(ONE))
    _, second = appended(store, following(replace(ONE, sequence=2)))
    assert second.position > first.position


def test_an_event_sets_and_unsets_facts(store: Store) -> None:
    found, _ = appended(store, following(ONE, data={"set": {"m": "目标", "tired": True, "n": 2}}))
    assert found.facts == {"n": 2, "m": "目标", "tired": True}
    gone = following(found, data={"unset": ["n", "absent"], "set": {"k": 0}})
    found, _ = appended(store, gone)
    assert found.facts == {"m": "目标", "tired": True, "k": 0}
    assert type(found.facts["tired"]) is bool
    assert type(found.facts["k"]) is int


def test_an_event_hands_over_and_lights_a_lamp(store: Store) -> None:
    found, _ = appended(store, following(ONE, data={"owner": "section-2", "lamp": "red"}))
    assert (found.owner, found.lamp) == ("section-2", "red")
    found, _ = appended(store, following(found, data={"lamp": ""}))
    assert (found.owner, found.lamp) == ("section-2", "")


def test_everything_about_an_event_is_kept(store: Store) -> None:
    with store.reading() as reader:
        cause = reader.history(CYCLE)[0].position
    event = move(
        ONE,
        "climb",
        actor="李四",
        acting_for="post:主任",
        authority="泉政办〔2024〕7号",
        occurred_at=NOW - 30 * HOUR + timedelta(microseconds=1),
        cause=cause,
        timer="t-1",
        part="move",
        data={"list": [1, "二", None, {"deep": [True, []]}], "set": {}},
        texts={"reason": "因为\n所以", "note": ""},
    )
    _, read = appended(store, event)
    assert read == replace(event, position=read.position)


def test_a_moment_is_kept_whatever_its_zone(store: Store) -> None:
    beijing = timezone(8 * HOUR)
    moment = datetime(2024, 7, 10, 8, 0, 0, 5, tzinfo=beijing)
    _, read = appended(store, following(ONE, occurred_at=moment))
    assert read.occurred_at == moment


def test_nobody_changes_an_event_afterwards(store: Store) -> None:
    data: dict[str, Any] = {"set": {"n": 5}, "list": [1]}
    texts = {"reason": "so"}
    with store.unit_of_work(NOW) as unit:
        unit.append(following(ONE, data=data, texts=texts))
    data["set"]["n"] = 6
    data["list"].append(2)
    texts["reason"] = "other"
    with store.reading() as reader:
        read = reader.history(ONE.key)[-1]
        found = reader.find(ONE.key)
    assert read.data == {"set": {"n": 5}, "list": [1]}
    assert read.texts == {"reason": "so"}
    assert found is not None
    assert found.facts == {"n": 5}


def test_a_tuple_is_kept_as_a_list(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        unit.append(following(ONE, data={"unset": ("n",)}))
        assert unit.history(ONE.key)[-1].data == {"unset": ["n"]}
        assert unit.load(ONE.key).facts == {}


def test_a_forced_move_is_marked(store: Store) -> None:
    found, read = appended(store, move(ONE, "force:high", texts={"reason": "ordered"}))
    assert (found.state, read.forced) == ("high", True)


@pytest.mark.parametrize("sequence", [0, 1, 3])
def test_a_sequence_number_that_is_not_the_next_is_refused(store: Store, sequence: int) -> None:
    with pytest.raises(ConcurrentChange), store.unit_of_work(NOW) as unit:
        unit.append(following(ONE, sequence=sequence))
    assert_unchanged(store)


def test_an_event_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises(NotFound), store.unit_of_work(NOW) as unit:
        unit.append(following(instance(f"{CYCLE}/T-2")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": "high"},
        {"source": "high"},
        {"trigger": "jump"},
        {"edition": GAP.edition},
        {"trigger": "force:middle"},
    ],
    ids=str,
)
def test_a_move_that_is_no_edge_of_its_edition_is_refused(
    store: Store, wrong: dict[str, str]
) -> None:
    with pytest.raises(DefinitionError), store.unit_of_work(NOW) as unit:
        unit.append(replace(move(ONE, "climb"), **wrong))  # type: ignore[arg-type]  # texts only
    assert_unchanged(store)


def test_a_move_of_an_unpublished_edition_is_refused(store: Store) -> None:
    with pytest.raises(EngineError), store.unit_of_work(NOW) as unit:
        unit.append(replace(move(ONE, "climb"), edition="goal@0000000000000000"))
    assert_unchanged(store)


def test_a_part_of_a_timer_takes_effect_once_on_an_instance(store: Store) -> None:
    other = instance(f"{CYCLE}/T-2")
    filled(store, other)
    appended(store, following(ONE, timer="t-1", part="late"))
    appended(store, following(replace(ONE, sequence=2), timer="t-1", part="lamp"))
    appended(store, following(other, timer="t-1", part="late"))
    with pytest.raises(ConcurrentChange), store.unit_of_work(NOW) as unit:
        unit.append(following(replace(ONE, sequence=3), timer="t-1", part="late"))
    with store.reading() as reader:
        assert len(reader.history(ONE.key)) == 3


def test_without_a_timer_a_part_is_no_obstacle(store: Store) -> None:
    appended(store, following(ONE, part="late"))
    appended(store, following(replace(ONE, sequence=2), part="late"))


def test_a_first_event_counts_for_its_timer_too(store: Store) -> None:
    two = instance(f"{CYCLE}/T-2")
    with store.unit_of_work(NOW) as unit:
        unit.create([born(two, timer="t-1", part="open")])
    with pytest.raises(ConcurrentChange), store.unit_of_work(NOW) as unit:
        unit.append(following(two, timer="t-1", part="open"))


def test_the_last_move_on_a_trigger_is_found(store: Store) -> None:
    _, up = appended(store, move(ONE, "climb", actor="first", texts={"reason": "r"}))
    back = replace(ONE, state="middle", sequence=2)
    _, down = appended(store, move(back, "redo"))
    _, again = appended(store, move(replace(ONE, sequence=3), "climb", actor="second"))
    appended(store, following(replace(ONE, sequence=4), kind=Kind.REMINDED))
    with store.reading() as reader:
        assert reader.last(ONE.key, "climb") == again != up
        assert reader.last(ONE.key, "redo") == down
        assert reader.last(ONE.key, "drop") is None


def test_texts_are_read_with_the_event_and_with_its_history_only(store: Store) -> None:
    _, read = appended(store, following(ONE, texts={"原因": "材料不全"}))
    assert read.texts == {"原因": "材料不全"}
    with store.reading() as reader:
        told = {found.key: events for found, events in reader.histories()}
    assert not told[ONE.key][-1].texts


def test_an_instance_moves_on_the_edition_of_the_event(store: Store) -> None:
    """Whether that is its own edition is for the engine to say; the edge must be the edition's."""
    later = replace(GOAL, final=("high",))
    with store.unit_of_work(NOW) as unit:
        unit.publish_workflow(later)
    found, read = appended(store, replace(move(ONE, "climb"), edition=later.edition))
    assert (found.state, read.edition) == ("middle", later.edition)


def assert_unchanged(store: Store) -> None:
    with store.reading() as reader:
        assert reader.find(ONE.key) == ONE
        assert len(reader.history(ONE.key)) == 1


def test_an_amendment_moves_an_instance_to_another_edition(store: Store) -> None:
    other = replace(GOAL, final=(*GOAL.final, GOAL.states[0]))
    with store.unit_of_work(NOW) as unit:
        unit.publish_workflow(other)
    state = GOAL.states[1]
    data = {"machine": other.edition, "from": GOAL.edition, "state": state}
    found, _ = appended(store, following(ONE, kind=Kind.AMENDED, data=data))
    assert (found.edition, found.state) == (other.edition, state)
    assert found.moved_at == ONE.moved_at
