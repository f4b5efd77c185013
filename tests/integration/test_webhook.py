"""Webhooks against real HTTP servers: that accept, refuse, stall, babble, break off."""

from __future__ import annotations

import hashlib
import hmac
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest

from adapters.notify.http import LONGEST_REPLY
from adapters.notify.secret import Secret
from adapters.notify.webhook import WebhookNotifier
from engine.clock import StandingClock
from engine.errors import DeliveryFailed
from engine.ports import Notifier
from tests.integration.receivers import (
    MOMENT,
    Receiver,
    free_port,
    message,
    notice,
    receiving,
    speaking,
)

SHORT = timedelta(seconds=0.3)
LONG = timedelta(seconds=20)
HIDDEN_KEY = "k3y-that-nobody-sees"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(MOMENT)


def webhook(url: str, clock: StandingClock, timeout: timedelta = LONG) -> WebhookNotifier:
    return WebhookNotifier(
        "here", url, secret=Secret(HIDDEN_KEY), people={}, clock=clock, timeout=timeout
    )


def failure(channel: Notifier, key: str = "") -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        channel.send(notice(key=key), message())
    assert HIDDEN_KEY not in str(caught.value)
    return caught.value


def problem(channel: Notifier) -> str:
    return str(failure(channel).values["problem"])


def test_a_webhook_gets_the_notice_signed_and_with_its_key(
    receiver: Receiver, clock: StandingClock
) -> None:
    webhook(receiver.url, clock).send(notice("post:主任"), message())
    (asked,) = receiver.asked
    seconds = str(int(MOMENT.timestamp()))
    assert asked.headers["X-Duban-Timestamp"] == seconds
    signed = hmac.new(HIDDEN_KEY.encode(), seconds.encode() + b"." + asked.body, hashlib.sha256)
    assert asked.headers["X-Duban-Signature"] == f"sha256={signed.hexdigest()}"
    assert asked.headers["Idempotency-Key"] == "post:%E4%B8%BB%E4%BB%BB/here/7"
    assert asked.headers["Content-Type"] == "application/json; charset=utf-8"
    assert asked.json == {
        "key": "post:主任/here/7",
        "recipient": "post:主任",
        "address": "",
        "created_at": "2024-07-10T01:00:00.000000Z",
        "attempt": 1,
        "subject": "督办通知：1 项逾期",
        "text": message().text,
        "matters": list(message().matters),
        "cycle": "qz-2024",
        "events": [7],
    }


def test_a_repeat_has_the_same_key(receiver: Receiver, clock: StandingClock) -> None:
    channel = webhook(receiver.url, clock)
    channel.send(notice(), message())
    channel.send(notice(), message())
    assert len({asked.headers["Idempotency-Key"] for asked in receiver.asked}) == 1
    assert len(receiver.asked) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b'{"errcode": 93000, "errmsg": "invalid webhook url"}', "errcode 93000"),
        (b'{"code": 500, "message": "no"}', "code 500"),
        (b'{"success": false}', "error"),
        (b'{"error": "no such user"}', "error"),
    ],
)
def test_an_error_in_the_body_of_a_good_answer_is_an_error(
    receiver: Receiver, clock: StandingClock, answer: bytes, said: str
) -> None:
    receiver.answer = answer
    assert problem(webhook(receiver.url, clock)) == said


@pytest.mark.parametrize("answer", [b"", b"ok", b'{"code": 200}', b'{"code": 0}', b"[1]", b"\xff"])
def test_any_other_good_answer_is_a_success(
    receiver: Receiver, clock: StandingClock, answer: bytes
) -> None:
    receiver.answer = answer
    webhook(receiver.url, clock).send(notice(), message())


def test_a_refusal_says_whether_it_is_the_message_or_the_channel(
    receiver: Receiver, clock: StandingClock
) -> None:
    for status, whole in ((400, False), (403, True), (404, True), (413, False), (500, True)):
        receiver.status = status
        error = failure(webhook(receiver.url, clock))
        assert (error.values["problem"], error.whole) == (f"HTTP {status}", whole)


def test_a_receiver_that_asks_for_time_gets_it(receiver: Receiver, clock: StandingClock) -> None:
    receiver.status = 429
    for header, pause in (
        ("120", timedelta(minutes=2)),
        ("999999", timedelta(days=1)),
        ("Wed, 10 Jul 2024 09:00:00 GMT", None),
        ("-1", None),
    ):
        receiver.headers = {"Retry-After": header}
        assert failure(webhook(receiver.url, clock)).retry_after == pause


def test_no_redirect_is_followed(receiver: Receiver, clock: StandingClock) -> None:
    with receiving() as elsewhere:
        for status in (301, 302, 303, 307, 308):
            receiver.status = status
            receiver.headers = {"Location": elsewhere.url}
            assert problem(webhook(receiver.url, clock)) == f"HTTP {status}"
        assert elsewhere.asked == []


def test_a_receiver_that_stalls_is_left_after_the_time_that_is_set(
    receiver: Receiver, clock: StandingClock
) -> None:
    receiver.stalls = True
    error = failure(webhook(receiver.url, clock, SHORT))
    assert (error.values["problem"], error.whole) == ("no answer in time", True)


def test_an_answer_that_drips_is_left_too(clock: StandingClock) -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
        while True:
            connection.sendall(b"x")

    with speaking(drip) as port:
        found = problem(webhook(f"http://127.0.0.1:{port}/", clock, SHORT))
    assert found in {"no answer in time", "the answer is too long"}


def test_nobody_listens(clock: StandingClock) -> None:
    error = failure(webhook(f"http://127.0.0.1:{free_port()}/", clock))
    assert (error.values["problem"], error.whole) == ("Connection refused", True)


def test_an_answer_that_breaks_off_is_no_success(receiver: Receiver, clock: StandingClock) -> None:
    receiver.breaks_off = True
    assert problem(webhook(receiver.url, clock)) == "the connection broke off"


def test_a_connection_that_ends_without_an_answer(clock: StandingClock) -> None:
    with speaking(lambda connection: connection.recv(65536)) as port:
        assert problem(webhook(f"http://127.0.0.1:{port}/", clock)) in {
            "the connection broke off",
            "Connection reset by peer",
        }


def test_garbage_instead_of_http(clock: StandingClock) -> None:
    def babble(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"\x00\xff" * 100 + b"\r\n\r\n")

    with speaking(babble) as port:
        assert problem(webhook(f"http://127.0.0.1:{port}/", clock)) == "the answer is no HTTP"


def test_an_endless_answer_is_not_read_to_its_end(receiver: Receiver, clock: StandingClock) -> None:
    receiver.answer = b"x" * (LONGEST_REPLY * 4)
    assert problem(webhook(receiver.url, clock)) == "the answer is too long"
