"""What people are told: word for word, in both languages, as things stand when it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from adapters.messages import translator
from adapters.notify.digest import Digest, Matter
from adapters.notify.letter import letter
from engine.ports import NoticeItem
from tests.integration.office import KEY, Keeping, Office, local
from workflows.running.exceptions import extend
from workflows.running.requests import Grounds, Who, move

BUREAU = Who(person="zhang")


@pytest.fixture
def office() -> Office:
    """One step is overdue, the next coming due; nothing has been delivered."""
    made = Office()
    made.run_until("2024-03-08 10:00")
    return made


def told(office: Office, language: str = "en", recipient: str = "zhang") -> str:
    channel = Keeping()
    office.deliver(language, log=channel)
    (message,) = channel.to(recipient)
    return f"{message.subject}\n\n{message.text}"


def test_a_chinese_reader_is_reminded_as_by_an_office(office: Office) -> None:
    assert told(office, "zh") == (
        "【督办通知】逾期 1 项，临近到期 1 项\n"
        "\n"
        "zhang：截至 2024-03-08 10:00，逾期 1 项，临近到期 1 项。\n"
        "\n"
        "逾期事项（1 项）\n"
        "\n"
        "1. 初稿（方案一）【红】\n"
        "   责任单位：领导小组办公室（1 项）：small-2024\n"
        "   办理期限：2024-03-01 周五 17:30，已逾期 5 个工作日\n"
        "   办理方式：duban move small-2024 draft\n"
        "\n"
        "2024-03-11 周一 17:30 到期（1 项）\n"
        "\n"
        "2. 批复\n"
        "   责任单位：领导小组办公室（1 项）：small-2024\n"
        "   办理期限：2024-03-11 周一 17:30\n"
        "   办理方式：duban show small-2024\n"
        "\n"
        "查看本人全部事项：duban due --person zhang\n"
    )


def test_an_english_reader_is_told_the_same(office: Office) -> None:
    assert told(office, "en") == (
        "Reminder: 1 overdue, 1 coming due\n"
        "\n"
        "zhang: as of 2024-03-08 10:00, overdue: 1, coming due: 1.\n"
        "\n"
        "Overdue (1)\n"
        "\n"
        "1. First draft (clause 一) [红]\n"
        "   owed by: group office, 1: small-2024\n"
        "   due: 2024-03-01 Fri 17:30, 5 working days overdue\n"
        "   next: duban move small-2024 draft\n"
        "\n"
        "Due 2024-03-11 Mon 17:30 (1)\n"
        "\n"
        "2. <Reply>\n"
        "   owed by: group office, 1: small-2024\n"
        "   due: 2024-03-11 Mon 17:30\n"
        "   next: duban show small-2024\n"
        "\n"
        "All that is yours: duban due --person zhang\n"
    )


def test_html_says_the_same_and_escapes_what_a_plan_says(office: Office) -> None:
    channel = Keeping()
    office.deliver(log=channel)
    (message,) = channel.to("zhang")
    assert '<h3>Overdue (1)</h3><ol start="1">' in message.html
    assert '<h3>Due 2024-03-11 Mon 17:30 (1)</h3><ol start="2">' in message.html
    assert "<code>duban move small-2024 draft</code>" in message.html
    assert "&lt;Reply&gt;" in message.html
    assert "<Reply>" not in message.html
    assert len(message.matters) == 2
    assert message.matters[0].startswith("First draft (clause 一) [红]\n   owed by: group office")


def test_dates_to_come_are_for_the_calendar_and_what_is_late_is_not(office: Office) -> None:
    channel = Keeping()
    office.deliver(log=channel)
    (found,) = channel.to("zhang")[0].dates
    assert (found.uid, found.version, found.last_day) == ("small-2024.b", 1, date(2024, 3, 11))
    assert found.until == local("2024-03-11 17:30")


def test_what_has_been_done_meanwhile_is_left_out(office: Office) -> None:
    move(office.app, KEY, "draft", BUREAU)
    said = told(office)
    assert said.startswith("Reminder: 1 coming due\n")
    assert "First draft" not in said


def test_a_notice_with_nothing_left_to_say_is_void_and_never_sent() -> None:
    office = Office()
    office.run_until("2024-03-04 10:00")
    move(office.app, KEY, "draft", BUREAU)
    channel = Keeping()
    assert office.deliver(log=channel) == 0
    assert channel.tried == 0
    assert office.waiting() == {}


def test_a_matter_told_by_several_rungs_stands_there_once(office: Office) -> None:
    assert told(office).count("First draft") == 1


def test_who_else_is_told_of_the_same_owner_is_named() -> None:
    office = Office()
    office.run_until("2024-12-31 18:00")
    office.at("2025-01-02 09:00")
    said = told(office, recipient="li")
    assert said == (
        "Reminder: 3 overdue\n"
        "\n"
        "li: as of 2025-01-02 09:00, overdue: 3, coming due: 0.\n"
        "\n"
        "Overdue (3)\n"
        "\n"
        "1. Self-assessment [红]\n"
        "   owed by: Reform, 1: small-2024/T-1\n"
        "   due: 2024-12-31 Tue 17:30, 1 working days overdue\n"
        "   next: duban show small-2024/T-1\n"
        "   also told: Section head\n"
        "\n"
        "2. Material [红]\n"
        "   owed by: Office, 1: small-2024/d-office\n"
        "   due: 2024-12-31 Tue 17:30, 1 working days overdue\n"
        "   next: duban record small-2024/d-office handed_in\n"
        "   also told: Director\n"
        "\n"
        "3. Material [红]\n"
        "   owed by: Reform, 1: small-2024/d-reform\n"
        "   due: 2024-12-31 Tue 17:30, 1 working days overdue\n"
        "   next: duban record small-2024/d-reform handed_in\n"
        "   also told: Section head\n"
        "\n"
        "All that is yours: duban due --person li\n"
    )


def test_who_was_given_a_later_date_is_told_when_that_comes(office: Office) -> None:
    head = Who(person="root", acting_for="head")
    extend(office.app, KEY, "b", date(2024, 3, 20), head, Grounds(reason="r", authority="1"))
    said = told(office)
    assert said.startswith("Reminder: 1 overdue\n")
    assert "Reply" not in said
    office.run_until("2024-03-15 10:00")
    assert "Due 2024-03-20 Wed 17:30 (1)\n\n1. <Reply>" in told(office)


def test_something_else_than_a_rung_is_told_of_by_its_kind() -> None:
    office = Office()
    with office.store.unit_of_work(office.clock.now()) as unit:
        first = unit.history(KEY)[0]
        unit.tell([NoticeItem(event=first.position, recipient="post:head")])
    office.at("2024-02-01 10:00")
    assert told(office, recipient="post:head") == (
        "Reminder: 1 coming due\n"
        "\n"
        "Head: as of 2024-02-01 10:00, overdue: 0, coming due: 1.\n"
        "\n"
        "To be seen (1)\n"
        "\n"
        "1. opened\n"
        "   concerns: small-2024\n"
        "   next: duban history small-2024\n"
    )


def test_a_trial_says_so(office: Office) -> None:
    with office.store.unit_of_work(office.clock.now()) as unit:
        unit.set_setting("trial", "yes")
    assert told(office, "zh").startswith("【试运行】")


def test_a_letter_about_one_instance_alone_is_its_own_thread() -> None:
    one = Matter(cycle=KEY, name="自评", count=1, keys=(f"{KEY}/T-1",))
    other = replace(one, keys=(f"{KEY}/T-2",))
    several = replace(one, count=2, keys=(f"{KEY}/T-1", f"{KEY}/T-2"))
    digest = Digest(recipient="zhang", name="zhang", as_of="2025-01-02", matters=(one, one))
    assert digest.about == f"{KEY}/T-1"
    assert replace(digest, matters=(one, other)).about == KEY
    assert replace(digest, matters=(several,)).about == KEY
    message = letter(digest, translator("en"))
    assert (message.thread, message.cycle) == (f"{KEY}/T-1", KEY)
