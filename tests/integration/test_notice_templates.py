"""Notices in the words of the plan: in text, HTML and on robots, beside the words that ship."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from adapters.messages import translator
from adapters.notify.limits import size
from adapters.notify.pace import Pace
from adapters.notify.robot import Robot
from engine.message import Message
from tests.integration import office as offices
from tests.integration.office import Keeping, Office

NOTICES = """\
notices:
  subject: {zh: '{plan}督办：逾期{late}项，即将到期{coming}项', en: '{plan}: {late} late'}
  heading: '{name}同志：截至{moment}，你处有{count}项待办。'
  overdue: '一、已逾期（{count}项）'
  coming: '二、{date}到期（{count}项）'
  matter: |
    {step}〔{clause}〕
    承办：{owner}，时限：{due}
    办理：{next}
    同时告知：{also}
  matter_late: |
    【{lamp}】{title}
    承办：{owed}
    已逾期{days_late}个工作日，原时限{due}
    请立即办理 <{next}>
    同时告知：{also}
  closing: '全部事项请执行 {command}。'
"""


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(
        offices, "PLAN", offices.PLAN.replace("sections:\n", f"{NOTICES}sections:\n", 1)
    )
    made = Office()
    made.run_until("2024-03-08 10:00")
    return made


def sent(office: Office, language: str = "zh", recipient: str = "zhang") -> Message:
    channel = Keeping()
    office.deliver(language, log=channel)
    (message,) = channel.to(recipient)
    return message


def test_the_letter_is_in_the_words_of_the_plan(office: Office) -> None:
    message = sent(office)
    assert message.subject == "小方案督办：逾期1项，即将到期1项"
    assert message.text == (
        "zhang同志：截至2024-03-08 10:00，你处有2项待办。\n"
        "\n"
        "一、已逾期（1项）\n"
        "\n"
        "1. 【红】初稿（方案一）【红】\n"
        "   承办：领导小组办公室（1 项）：small-2024\n"
        "   已逾期5个工作日，原时限2024-03-01 周五 17:30，已逾期 5 个工作日\n"
        "   请立即办理 <duban move small-2024 draft>\n"
        "\n"
        "二、2024-03-11 周一 17:30到期（1项）\n"
        "\n"
        "2. 批复〔〕\n"
        "   承办：领导小组办公室，时限：2024-03-11 周一 17:30\n"
        "   办理：duban show small-2024\n"
        "\n"
        "全部事项请执行 duban due --person zhang。\n"
    )


def test_a_language_without_a_template_keeps_the_words_that_ship(office: Office) -> None:
    message = sent(office, "en")
    assert message.subject == "Small plan: 1 late"
    assert message.heading.startswith("zhang: as of 2024-03-08 10:00, overdue: 1")
    assert "owed by: group office, 1: small-2024" in message.text


def test_html_shows_the_same_and_neither_template_nor_plan_can_bring_tags(office: Office) -> None:
    html = sent(office).html
    assert '<b style="color:#b00020">【红】初稿（方案一）【红】</b><br>承办：' in html
    assert "请立即办理 &lt;<code>duban move small-2024 draft</code>&gt;" in html
    assert "<p>zhang同志：" in html
    assert html.count("<li>") == html.count("</li>") == 2


def test_a_trial_says_so_whatever_the_template(office: Office) -> None:
    with office.app.store.unit_of_work(office.app.clock.now()) as unit:
        unit.set_setting("trial", "yes")
    assert sent(office).subject.startswith("【试运行】")


def test_a_robot_says_it_within_its_limit_and_calls_nobody(office: Office) -> None:
    message = sent(office)
    pace = Pace(office.app.clock, ((20, timedelta(minutes=1)),))
    robot = Robot(channel="group", words=translator("zh"), pace=pace, pauses={})
    said = robot.abridged(message, 400)
    assert size(said) <= 400
    assert "‹duban move small-2024 draft›" in robot.abridged(message, 2048)
    assert json.loads(json.dumps(said)) == said
