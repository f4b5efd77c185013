"""Robots of chat groups against a real HTTP server: what they are asked, and when not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.messages import translator
from adapters.notify.dingtalk import DingTalkNotifier
from adapters.notify.feishu import LIMIT as FEISHU_LIMIT
from adapters.notify.feishu import FeishuNotifier
from adapters.notify.secret import Secret
from adapters.notify.signing import dingtalk_signature, feishu_signature
from adapters.notify.wecom import LIMITS, WeComNotifier
from engine.clock import StandingClock
from engine.errors import ChannelBusy, DeliveryFailed
from engine.ports import Notifier
from tests.integration.receivers import MOMENT, Receiver, message, notice, receiving

LONG = timedelta(seconds=20)
HIDDEN_KEY = "k3y-that-nobody-sees"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(MOMENT)


def wecom(url: str, clock: StandingClock, form: str = "markdown") -> WeComNotifier:
    return WeComNotifier(
        "here",
        Secret(HIDDEN_KEY),
        people={"li": "lisi", "wang": "13800000000"},
        clock=clock,
        words=translator("zh"),
        timeout=LONG,
        url=url,
        form=form,
    )


def dingtalk(url: str, clock: StandingClock) -> DingTalkNotifier:
    return DingTalkNotifier(
        "here",
        Secret(HIDDEN_KEY),
        secret=Secret("SECexample"),
        people={"li": "lisi", "wang": "13800000000"},
        clock=clock,
        words=translator("zh"),
        timeout=LONG,
        url=url,
    )


def feishu(url: str, clock: StandingClock) -> FeishuNotifier:
    return FeishuNotifier(
        "here",
        Secret(HIDDEN_KEY),
        secret=Secret("SECexample"),
        people={"li": "ou_1"},
        clock=clock,
        words=translator("zh"),
        timeout=LONG,
        url=url,
    )


ROBOTS = pytest.mark.parametrize("robot", [wecom, dingtalk, feishu])


def failure(channel: Notifier, key: str = "") -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        channel.send(notice(key=key), message())
    assert HIDDEN_KEY not in str(caught.value)
    return caught.value


def problem(channel: Notifier) -> str:
    return str(failure(channel).values["problem"])


@ROBOTS
def test_a_robot_that_says_zero_took_it(
    receiver: Receiver, clock: StandingClock, robot: type
) -> None:
    receiver.answer = b'{"code": 0, "errcode": 0, "msg": "success"}'
    robot(receiver.url, clock).send(notice(), message())
    assert len(receiver.asked) == 1


@ROBOTS
@pytest.mark.parametrize("answer", [b"ok", b"[]", b"{}", b'{"errcode": "0"}', b'{"code": true}'])
def test_a_robot_whose_answer_is_not_understood_has_not_taken_it(
    receiver: Receiver, clock: StandingClock, robot: type, answer: bytes
) -> None:
    receiver.answer = answer
    error = failure(robot(receiver.url, clock))
    assert (error.values["problem"], error.whole) == ("the answer cannot be understood", True)


@ROBOTS
def test_a_robots_words_are_repeated_without_the_key(
    receiver: Receiver, clock: StandingClock, robot: type
) -> None:
    receiver.answer = b'{"errcode": 19024, "errmsg": "bad ' + HIDDEN_KEY.encode() + b'"}'
    assert problem(robot(receiver.url, clock)) == "errcode 19024: bad •••"


def test_wecom_is_asked_as_its_page_says(receiver: Receiver, clock: StandingClock) -> None:
    wecom(receiver.url, clock).send(notice("li"), message(1))
    (asked,) = receiver.asked
    assert asked.path == f"/hook?key={HIDDEN_KEY}"
    assert asked.json == {
        "msgtype": "markdown",
        "markdown": {
            "content": "督办通知：1 项逾期\n张三：请办理。\n\n"
            "制定方案初稿1\n   时限：2024-07-10\n<@lisi>"
        },
    }
    wecom(receiver.url, clock, "text").send(notice("wang"), message(1))
    assert receiver.asked[1].json["text"]["mentioned_mobile_list"] == ["13800000000"]


def test_dingtalk_is_asked_as_its_page_says(receiver: Receiver, clock: StandingClock) -> None:
    for who in ("li", "wang", "zhang"):
        dingtalk(receiver.url, clock).send(notice(who), message(1))
    asked = receiver.asked[0]
    milliseconds = int(MOMENT.timestamp() * 1000)
    assert parse_qs(urlsplit(asked.path).query) == {
        "access_token": [HIDDEN_KEY],
        "timestamp": [str(milliseconds)],
        "sign": [dingtalk_signature("SECexample", milliseconds)],
    }
    assert asked.json == {
        "msgtype": "markdown",
        "markdown": {
            "title": "督办通知：1 项逾期",
            "text": "督办通知：1 项逾期  \n张三：请办理。  \n  \n"
            "制定方案初稿1  \n   时限：2024-07-10\n\n@lisi",
        },
        "at": {"atMobiles": [], "atUserIds": ["lisi"], "isAtAll": False},
    }
    assert [a.json["at"]["atMobiles"] for a in receiver.asked] == [[], ["13800000000"], []]


def test_feishu_is_asked_as_its_page_says(receiver: Receiver, clock: StandingClock) -> None:
    receiver.answer = b'{"StatusCode": 0, "StatusMessage": "success"}'
    feishu(receiver.url, clock).send(notice("li"), message(1))
    (asked,) = receiver.asked
    seconds = int(MOMENT.timestamp())
    assert asked.path == f"/hook/{HIDDEN_KEY}"
    assert asked.json == {
        "timestamp": str(seconds),
        "sign": feishu_signature("SECexample", seconds),
        "msg_type": "text",
        "content": {
            "text": "督办通知：1 项逾期\n张三：请办理。\n\n"
            '制定方案初稿1\n   时限：2024-07-10\n<at user_id="ou_1"></at>'
        },
    }


def test_what_is_too_long_is_cut_where_each_robot_wants(
    receiver: Receiver, clock: StandingClock
) -> None:
    receiver.answer = b'{"errcode": 0, "code": 0}'
    for channel in (
        wecom(receiver.url, clock),
        wecom(receiver.url, clock, "text"),
        feishu(receiver.url, clock),
    ):
        channel.send(notice("li"), message(2000))
    markdown, text, body = receiver.asked
    assert len(markdown.json["markdown"]["content"].encode()) <= LIMITS["markdown"]
    assert len(text.json["text"]["content"].encode()) <= LIMITS["text"]
    assert FEISHU_LIMIT - 200 < len(body.body) <= FEISHU_LIMIT


def test_no_plan_can_call_everybody(receiver: Receiver, clock: StandingClock) -> None:
    channel = wecom(receiver.url, clock)
    channel.send(notice(), message(1, dates=()))
    assert "<" not in receiver.asked[0].json["markdown"]["content"]


@pytest.mark.parametrize(
    ("robot", "allowed", "pause"),
    [(wecom, 20, 60), (dingtalk, 20, 60), (feishu, 5, 1)],
)
def test_a_robot_is_not_asked_more_often_than_it_allows(
    receiver: Receiver, clock: StandingClock, robot: type, allowed: int, pause: int
) -> None:
    receiver.answer = b'{"errcode": 0, "code": 0}'
    channel = robot(receiver.url, clock)
    for _ in range(allowed):
        channel.send(notice(), message())
    error = failure(channel)
    assert isinstance(error, ChannelBusy)
    assert error.retry_after == timedelta(seconds=pause)
    assert len(receiver.asked) == allowed
    clock.moment += timedelta(seconds=pause)
    channel.send(notice(), message())
    assert len(receiver.asked) == allowed + 1


def test_dingtalk_is_left_alone_for_ten_minutes_after_it_was_asked_too_fast(
    receiver: Receiver, clock: StandingClock
) -> None:
    receiver.answer = b'{"errcode": 130101, "errmsg": "send too fast"}'
    channel = dingtalk(receiver.url, clock)
    error = failure(channel)
    assert (error.retry_after, error.whole) == (timedelta(minutes=10), True)
    clock.moment += timedelta(minutes=10) - timedelta(microseconds=1)
    assert isinstance(failure(channel), ChannelBusy)
    receiver.answer = b'{"errcode": 0}'
    clock.moment += timedelta(microseconds=1)
    channel.send(notice(), message())
    assert len(receiver.asked) == 2
