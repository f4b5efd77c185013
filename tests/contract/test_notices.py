"""The outbox: from what a person is to be told to the notice that was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.ports import Notice, NoticeItem, Store, UnitOfWork
from tests.contract.world import CYCLE, HOUR, INSTANT, NOW, filled, following, instance


@pytest.fixture
def events(store: Store) -> list[int]:
    """Positions of three events, on one goal."""
    goal = instance(f"{CYCLE}/T-1")
    filled(store, goal)
    with store.unit_of_work(NOW) as unit:
        return [
            unit.append(following(replace(goal, sequence=n), texts={"reason": "private"})).position
            for n in (1, 2, 3)
        ]


def told(store: Store, *items: NoticeItem) -> None:
    with store.unit_of_work(NOW) as unit:
        unit.tell(items)


def addressed(notices: list[Notice]) -> list[tuple[str, str, list[int]]]:
    return [(n.recipient, n.channel, [item.event for item, _ in n.items]) for n in notices]


def gathered(unit: UnitOfWork, limit: int = 100) -> list[Notice]:
    return list(unit.gather(limit))


def test_a_person_gets_one_notice_per_channel(store: Store, events: list[int]) -> None:
    a, b, c = events
    told(
        store,
        NoticeItem(event=c, recipient="zhang"),
        NoticeItem(event=a, recipient="zhang"),
        NoticeItem(event=b, recipient="post:主任", channel="mail"),
        NoticeItem(event=b, recipient="zhang", channel="mail"),
    )
    with store.unit_of_work(NOW) as unit:
        assert unit.waiting_notices() == {"pending": 4}
        found = sorted(addressed(gathered(unit)))
        assert found == [
            ("post:主任", "mail", [b]),
            ("zhang", "log", [a, c]),
            ("zhang", "mail", [b]),
        ]
        assert unit.waiting_notices() == {"pending": 4}


def test_a_notice_carries_its_items_and_what_happened(store: Store, events: list[int]) -> None:
    about = ["section-1", "二科"]
    item = NoticeItem(event=events[0], recipient="zhang", about=tuple(about))
    told(store, replace(item, about=about))
    about.clear()
    with store.unit_of_work(NOW) as unit:
        (notice,) = gathered(unit)
        event = unit.event(events[0])
        assert event is not None
        assert notice.items == ((item, replace(event, texts={})),)
        assert notice.created_at == NOW
        assert notice.attempts == 0
        assert notice.key.startswith("zhang/log/")


def test_an_item_that_is_repeated_is_one(store: Store, events: list[int]) -> None:
    item = NoticeItem(event=events[0], recipient="zhang")
    told(store, item, item)
    told(store, replace(item, about=("other",)))
    with store.unit_of_work(NOW) as unit:
        assert unit.waiting_notices() == {"pending": 1}
        assert addressed(gathered(unit)) == [("zhang", "log", [events[0]])]
    told(store, item)
    with store.unit_of_work(NOW) as unit:
        assert len(gathered(unit)) == 1


def test_telling_nobody_is_no_trouble(store: Store) -> None:
    told(store)
    with store.unit_of_work(NOW) as unit:
        assert gathered(unit) == []
        assert unit.waiting_notices() == {}


def test_what_a_notice_carries_is_fixed_before_it_is_sent(store: Store, events: list[int]) -> None:
    a, b, _ = events
    told(store, NoticeItem(event=b, recipient="zhang"))
    with store.unit_of_work(NOW) as unit:
        (first,) = gathered(unit)
    told(store, NoticeItem(event=a, recipient="zhang"))
    with store.unit_of_work(NOW + HOUR) as unit:
        again, second = gathered(unit)
        assert again == first
        assert second.id != first.id
        assert second.key != first.key
        assert addressed([second]) == [("zhang", "log", [a])]
        assert second.created_at == NOW + HOUR


def test_a_notice_is_due_until_its_outcome_is_known(store: Store, events: list[int]) -> None:
    told(store, NoticeItem(event=events[0], recipient="zhang"))
    with store.unit_of_work(NOW) as unit:
        (notice,) = gathered(unit)
    with store.unit_of_work(NOW) as unit:
        assert gathered(unit) == [notice]
        unit.settle_notice(notice, "", None)
        assert gathered(unit) == []
        assert unit.waiting_notices() == {}


def test_a_notice_that_failed_is_due_again_at_its_moment(store: Store, events: list[int]) -> None:
    told(store, *(NoticeItem(event=event, recipient="zhang") for event in events))
    with store.unit_of_work(NOW) as unit:
        (notice,) = gathered(unit)
        unit.settle_notice(notice, "no connection", NOW + HOUR)
        assert gathered(unit) == []
        assert unit.waiting_notices() == {"failing": 3}
    with store.unit_of_work(NOW + HOUR) as unit:
        assert gathered(unit) == [replace(notice, attempts=1)]
        unit.settle_notice(notice, "no connection", NOW + 2 * HOUR)
    with store.unit_of_work(NOW + 2 * HOUR) as unit:
        assert gathered(unit) == [replace(notice, attempts=2)]
        unit.settle_notice(notice, "", None)
        assert unit.waiting_notices() == {}


def test_a_notice_that_was_given_up_is_dead(store: Store, events: list[int]) -> None:
    told(store, *(NoticeItem(event=event, recipient="zhang") for event in events[:2]))
    with store.unit_of_work(NOW) as unit:
        (notice,) = gathered(unit)
        unit.settle_notice(notice, "no such address", None)
        assert unit.waiting_notices() == {"dead": 2}
        assert gathered(unit) == []


def test_what_was_sent_stays_sent(store: Store, events: list[int]) -> None:
    told(store, NoticeItem(event=events[0], recipient="zhang"))
    with store.unit_of_work(NOW) as unit:
        (notice,) = gathered(unit)
        unit.settle_notice(notice, "", None)
        unit.settle_notice(notice, "the answer came late", NOW)
        assert gathered(unit) == []
        assert unit.waiting_notices() == {}


def test_held_items_wait_for_a_word(store: Store, events: list[int]) -> None:
    a, b, _ = events
    told(
        store,
        NoticeItem(event=a, recipient="zhang", held=True),
        NoticeItem(event=b, recipient="zhang"),
    )
    with store.unit_of_work(NOW) as unit:
        assert unit.waiting_notices() == {"pending": 1, "held": 1}
        assert addressed(gathered(unit)) == [("zhang", "log", [b])]
        assert unit.release_notices() == 1
        assert unit.release_notices() == 0
        assert unit.waiting_notices() == {"pending": 2}
        assert addressed(gathered(unit))[1] == ("zhang", "log", [a])


def test_a_limit_leaves_the_rest_for_later(store: Store, events: list[int]) -> None:
    told(store, *(NoticeItem(event=events[0], recipient=name) for name in "abcde"))
    sent: list[str] = []
    with store.unit_of_work(NOW) as unit:
        while found := gathered(unit, limit=2):
            assert len(found) <= 2
            for notice in found:
                sent.append(notice.recipient)
                unit.settle_notice(notice, "", None)
    assert sorted(sent) == list("abcde")


def test_keys_are_all_different(store: Store, events: list[int]) -> None:
    told(
        store,
        *(
            NoticeItem(event=event, recipient=name, channel=channel)
            for event in events
            for name in ("a", "b")
            for channel in ("log", "mail")
        ),
    )
    with store.unit_of_work(NOW) as unit:
        found = gathered(unit)
    assert len({notice.key for notice in found}) == len({n.id for n in found}) == 4


def test_what_concerns_a_hushed_cycle_stays_as_it_is(store: Store, events: list[int]) -> None:
    a, b, _ = events
    told(store, NoticeItem(event=a, recipient="zhang"))
    with store.unit_of_work(NOW) as unit:
        (first,) = gathered(unit)
    told(store, NoticeItem(event=b, recipient="zhang"))
    with store.unit_of_work(NOW) as unit:
        assert unit.gather(hushed=(CYCLE,)) == []
        assert unit.gather(hushed=("another", CYCLE)) == []
        assert unit.waiting_notices() == {"pending": 2}
        assert next(iter(unit.gather(hushed=("another",)))) == first
        assert addressed(gathered(unit)) == [("zhang", "log", [a]), ("zhang", "log", [b])]


def test_what_happened_to_the_cycle_itself_is_hushed_with_it(store: Store) -> None:
    with store.unit_of_work(NOW) as unit:
        cycle = unit.find(CYCLE)
        assert cycle is not None
        told_of = unit.history(CYCLE)[-1].position
        unit.tell([NoticeItem(event=told_of, recipient="zhang")])
        assert unit.gather(hushed=(CYCLE,)) == []
        assert len(unit.gather()) == 1


def test_a_notice_that_is_put_off_loses_no_attempt(store: Store, events: list[int]) -> None:
    told(store, NoticeItem(event=events[0], recipient="zhang"))
    with store.unit_of_work(NOW) as unit:
        (notice,) = gathered(unit)
        unit.put_off(notice, NOW + HOUR)
        assert gathered(unit) == []
    with store.unit_of_work(NOW + HOUR) as unit:
        assert gathered(unit) == [notice]
        unit.settle_notice(notice, "", None)
        unit.put_off(notice, NOW)
        assert gathered(unit) == []


def test_a_void_notice_is_never_sent_and_never_waits(store: Store, events: list[int]) -> None:
    told(store, NoticeItem(event=events[0], recipient="zhang"))
    with store.unit_of_work(NOW) as unit:
        (notice,) = gathered(unit)
        unit.void_notice(notice)
        assert gathered(unit) == []
        assert unit.waiting_notices() == {}
        assert unit.revive_notices() == 0
        unit.settle_notice(notice, "too late", NOW)
        assert gathered(unit) == []
    told(store, NoticeItem(event=events[0], recipient="zhang"))
    with store.unit_of_work(NOW) as unit:
        assert gathered(unit) == []


def test_the_dead_are_revived_one_by_one_or_together(store: Store, events: list[int]) -> None:
    told(store, *(NoticeItem(event=events[0], recipient=name) for name in "abc"))
    with store.unit_of_work(NOW) as unit:
        a, b, c = gathered(unit)
        for notice in (a, b):
            unit.settle_notice(notice, "no such address", None)
        assert unit.revive_notices("no/such/key") == 0
        assert unit.revive_notices(c.key) == 0
        assert unit.revive_notices(b.key) == 1
        assert gathered(unit) == [b, c]
        assert unit.revive_notices() == 1
        assert gathered(unit) == [a, b, c]
        assert unit.waiting_notices() == {"pending": 3}


def test_everybody_who_is_told_of_an_event_is_known(store: Store, events: list[int]) -> None:
    a, b, _ = events
    items = [
        NoticeItem(event=a, recipient="li", about=("section-1",), held=True),
        NoticeItem(event=a, recipient="zhang"),
        NoticeItem(event=a, recipient="zhang", channel="mail"),
    ]
    told(store, *reversed(items), NoticeItem(event=b, recipient="wang"))
    with store.unit_of_work(NOW) as unit:
        gathered(unit)
        assert unit.told(a) == items
        assert unit.told(99_999) == []


def test_what_one_has_taken_is_left_to_it_until_the_lease_is_over(
    store: Store, events: list[int]
) -> None:
    told(store, *(NoticeItem(event=events[0], recipient=who) for who in ("chen", "zhang")))
    with store.unit_of_work(NOW) as unit:
        (mine,) = unit.gather(limit=1, lease=HOUR)
    with store.unit_of_work(NOW + HOUR - INSTANT) as unit:
        (other,) = gathered(unit)
        assert other.recipient != mine.recipient
        unit.settle_notice(other, "", None)
    with store.unit_of_work(NOW + HOUR) as unit:
        assert gathered(unit) == [mine], "sent by nobody, and no attempt of it is counted"
        unit.gather(lease=HOUR)
        unit.settle_notice(mine, "no connection", NOW + 2 * HOUR)
    with store.unit_of_work(NOW + 2 * HOUR) as unit:
        (again,) = unit.gather(lease=HOUR)
        unit.settle_notice(again, "", None)
        assert unit.waiting_notices() == {}
