"""Delivery: once per channel, again after a failure, never held up by another channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.messages import translator
from adapters.outbox import (
    FIRST_RETRY,
    JITTER,
    LEASE,
    LONGEST_RETRY,
    MOST_ATTEMPTS,
    deliver,
    next_attempt,
)
from engine.errors import ChannelBusy
from engine.ports import Notice, NoticeItem
from tests.integration.office import KEY, Keeping, Office, failing
from tests.integration.receivers import MOMENT, notice

MORNING = "2024-03-04 10:00"
PEOPLE = ("chen", "li", "wang", "zhang")


def office_with_news(**routes: tuple[str, ...]) -> Office:
    office = Office(dict(routes))
    office.run_until(MORNING)
    return office


def crowd(channel: str = "mail") -> Office:
    """Four people who are to be told of the same by one channel, and zhang by the log too."""
    office = office_with_news()
    with office.store.unit_of_work(office.clock.now()) as unit:
        event = unit.history(KEY)[-1].position
        unit.tell(NoticeItem(event=event, recipient=who, channel=channel) for who in PEOPLE)
    return office


def test_a_person_is_told_by_each_of_their_channels() -> None:
    office = office_with_news(zhang=("mail", "group"))
    mail, group, log = Keeping(), Keeping(), Keeping()
    assert office.deliver(mail=mail, group=group, log=log) == 2
    assert [n.key for n, _ in mail.sent] != [n.key for n, _ in group.sent]
    assert mail.to("zhang") == group.to("zhang")
    assert log.sent == []


def test_a_broken_channel_holds_up_no_other() -> None:
    office = office_with_news(zhang=("group", "mail"))
    broken, mail = Keeping(error=failing("no connection", whole=True)), Keeping()
    assert office.deliver(group=broken, mail=mail) == 1
    assert len(mail.to("zhang")) == 1
    assert office.waiting()["failing"] >= 1


def test_a_broken_channel_costs_one_attempt_per_pass() -> None:
    office = crowd()
    broken, log = Keeping(error=failing("no connection", whole=True)), Keeping()
    assert office.deliver(mail=broken, log=log) == 1
    assert broken.tried == 1
    assert office.waiting() == {"failing": len(PEOPLE)}


def test_a_refused_notice_holds_up_no_other_of_its_channel() -> None:
    office = crowd()
    choosy = Choosy()
    assert office.deliver(mail=choosy, log=Keeping()) == len(PEOPLE)
    assert sorted(n.recipient for n, _ in choosy.sent) == ["li", "wang", "zhang"]


class Choosy(Keeping):
    """Refuses one recipient."""

    def send(self, notice: Notice, message: object) -> None:
        self.error = failing("550 no such user") if notice.recipient == "chen" else None
        super().send(notice, message)  # type: ignore[arg-type]


def test_a_channel_with_a_fault_in_it_stops_nothing_and_tells_nothing() -> None:
    office = crowd()
    faulty = Keeping(error=ValueError("password=hunter2"))
    assert office.deliver(mail=faulty, log=Keeping()) == 1
    with office.store.unit_of_work(office.clock.now() + timedelta(hours=1)) as unit:
        assert len(unit.gather()) == len(PEOPLE)
    errors = [kept.last_error for kept in office.store._tables.notices.rows.values()]
    assert [error for error in errors if "hunter2" in error] == []
    assert sum(error.endswith("by mail: ValueError.") for error in errors) == len(PEOPLE)


def test_a_busy_channel_loses_no_attempt() -> None:
    office = crowd()
    wait = timedelta(seconds=40)
    busy = Keeping(
        error=ChannelBusy(key="k", channel="mail", seconds=40, retry_after=wait, whole=True)
    )
    office.deliver(mail=busy, log=Keeping())
    assert busy.tried == 1
    office.clock.moment += wait - timedelta(microseconds=1)
    office.deliver(mail=busy)
    assert busy.tried == 1
    office.clock.moment += timedelta(microseconds=1)
    busy.error = None
    assert office.deliver(mail=busy) == len(PEOPLE)
    assert {n.attempts for n, _ in busy.sent} == {0}


def test_a_receiver_that_asks_for_time_gets_it() -> None:
    office = office_with_news(zhang=("mail",))
    mail = Keeping(error=failing("HTTP 429", retry_after=timedelta(minutes=30)))
    office.deliver(mail=mail)
    office.clock.moment += timedelta(minutes=30) - timedelta(microseconds=1)
    office.deliver(mail=mail)
    assert mail.tried == 1
    office.clock.moment += FIRST_RETRY * JITTER + timedelta(microseconds=1)
    mail.error = None
    assert office.deliver(mail=mail) == 1


def test_after_many_attempts_a_notice_is_given_up_until_somebody_revives_it() -> None:
    office = office_with_news(zhang=("mail",))
    mail = Keeping(error=failing("no such address"))
    for _ in range(MOST_ATTEMPTS + 5):
        office.deliver(mail=mail)
        office.clock.moment += timedelta(days=7)  # the same hour of a working day
    assert mail.tried == MOST_ATTEMPTS
    assert office.waiting() == {"dead": 2}
    with office.store.unit_of_work(office.clock.now()) as unit:
        assert unit.revive_notices() == 1
    mail.error = None
    assert office.deliver(mail=mail) == 1
    assert office.waiting() == {}


def test_a_channel_that_is_not_configured_any_more_is_a_failure_that_says_so() -> None:
    office = office_with_news(zhang=("pigeon",))
    assert office.deliver(log=Keeping()) == 0
    (kept,) = office.store._tables.notices.rows.values()
    assert kept.last_error.endswith("no channel pigeon.")


def test_killed_between_sending_and_noting_it_the_same_notice_is_sent_once_more() -> None:
    office = office_with_news()

    class Killing(Keeping):
        def send(self, notice: Notice, message: object) -> None:
            super().send(notice, message)  # type: ignore[arg-type]
            if len(self.sent) == 1:
                raise KeyboardInterrupt

    channel = Killing()
    with pytest.raises(KeyboardInterrupt):
        deliver(office.app, {"log": channel}, translator("en"))
    office.clock.moment += LEASE - timedelta(microseconds=1)
    assert office.deliver(log=channel) == 0, "another daemon may be sending it still"
    office.clock.moment += timedelta(microseconds=1)
    assert office.deliver(log=channel) == 1
    (first, said), (second, repeated) = channel.sent
    assert (first.key, said.subject) == (second.key, repeated.subject)


def test_at_night_nothing_is_sent_and_in_the_morning_all_of_it() -> None:
    office = Office()
    channel = Keeping()
    office.run_until("2024-03-01 18:00")
    assert office.deliver(log=channel) == 0
    waiting = office.waiting()
    assert waiting["pending"] >= 1
    office.at("2024-03-02 10:00")  # a Saturday
    assert office.deliver(log=channel) == 0
    assert office.waiting() == waiting
    office.at("2024-03-04 08:30")
    assert office.deliver(log=channel) == 1
    assert office.waiting() == {}


def test_a_retry_respects_the_night_too() -> None:
    office = office_with_news()
    channel = Keeping(error=failing("no connection"))
    office.at("2024-03-04 17:59")
    office.deliver(log=channel)
    office.at("2024-03-04 23:00")
    office.deliver(log=channel)
    assert channel.tried == 1
    office.at("2024-03-05 08:30")
    channel.error = None
    assert office.deliver(log=channel) == 1


keys = st.text(min_size=1, max_size=30)


@given(keys, st.integers(0, MOST_ATTEMPTS - 2), st.integers(0, 100_000))
def test_the_delay_grows_up_to_a_limit_and_is_the_same_for_the_same_notice(
    key: str, attempts: int, asked: int
) -> None:
    tried = replace(notice(key=key), attempts=attempts)
    again = next_attempt(tried, MOMENT)
    assert again is not None
    delay = min(FIRST_RETRY * 2**attempts, LONGEST_RETRY)
    assert delay <= again - MOMENT <= delay * (1 + JITTER)
    assert next_attempt(tried, MOMENT) == again
    later = next_attempt(tried, MOMENT, timedelta(seconds=asked))
    assert later is not None
    assert later - MOMENT >= timedelta(seconds=asked)
    assert later >= again


def test_notices_that_failed_together_are_spread() -> None:
    moments = {next_attempt(notice(key=f"person-{n}/mail/1"), MOMENT) for n in range(50)}
    assert len(moments) == 50
