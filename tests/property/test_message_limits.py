"""Limits in bytes: what is sent fits, is made of whole characters, and says what was left out."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from adapters.messages import translator
from adapters.notify.feishu import LIMIT, FeishuNotifier
from adapters.notify.limits import JOINT, cut, fit, size
from adapters.notify.secret import Secret
from engine.clock import StandingClock
from engine.message import Message
from tests.integration.receivers import MOMENT, notice

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def left_out(count: int) -> str:
    return f"另有{count}项"


@given(texts, st.integers(-5, 300))
def test_a_text_is_cut_at_a_character(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert size(short) <= max(limit, 0)
    assert text.startswith(short)
    if short != text:
        assert size(short) + size(text[len(short)]) > limit


@given(texts, st.lists(texts, max_size=20), st.integers(0, 400))
def test_what_is_sent_fits_and_says_what_was_left_out(
    head: str, parts: list[str], limit: int
) -> None:
    said = fit(head, parts, limit, left_out)
    assert size(said) <= limit
    whole = JOINT.join([head, *parts])
    if size(whole) <= limit:
        assert said == whole
    elif parts and limit > size(left_out(len(parts))) + size(JOINT):
        kept = [
            n
            for n in range(len(parts))
            if said == JOINT.join([head, *parts[:n], left_out(len(parts) - n)])
        ]
        if kept and kept[-1]:
            more = JOINT.join([head, *parts[: kept[-1] + 1], left_out(len(parts) - kept[-1] - 1)])
            assert size(more) > limit or kept[-1] + 1 == len(parts)
        else:
            assert said.endswith(JOINT + left_out(len(parts)))


@given(st.lists(st.text(max_size=4000), max_size=12), st.booleans())
def test_a_body_for_feishu_fits_whatever_json_makes_of_it(parts: list[str], known: bool) -> None:
    robot = FeishuNotifier(
        "here",
        Secret("token"),
        secret=Secret("secret"),
        people={"zhang": "ou_1"} if known else {},
        clock=StandingClock(MOMENT),
        words=translator("zh"),
        timeout=MOMENT - MOMENT,
    )
    clean = tuple(part.encode(errors="replace").decode() for part in parts)
    message = Message(subject='"' * 300, heading="\n" * 300, matters=clean)
    body = json.dumps(robot.body(notice(), message), ensure_ascii=False)
    assert len(body.encode()) <= LIMIT
