"""E-mail against real servers: that take it, want TLS and a login, refuse, stall, go away."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from adapters.notify.secret import Secret
from adapters.notify.smtp import MailServer, SmtpNotifier
from engine.errors import DeliveryFailed
from engine.message import ComingDate
from tests.integration.post_office import certificate_for_localhost, context, post_office
from tests.integration.receivers import free_port, message, notice, speaking

HIDDEN_PASSWORD = "hunter2-hunter2"  # noqa: S105 - what must never be seen
PEOPLE = {"zhang": "zhang@example.com", "li": "li@example.com"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_for_localhost(tmp_path_factory.mktemp("tls"))


def channel(port: int, security: str = "plain", **more: Any) -> SmtpNotifier:
    host = "127.0.0.1" if security == "plain" else "localhost"
    timeout = more.pop("timeout", dt.timedelta(seconds=20))
    server = MailServer(host=host, port=port, security=security, timeout=timeout, **more)
    return SmtpNotifier("mail", server, "duban@example.com", PEOPLE)


def failure(notifier: SmtpNotifier, who: str = "zhang") -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        notifier.send(notice(who), message())
    assert HIDDEN_PASSWORD not in str(caught.value)
    return caught.value


def problem(notifier: SmtpNotifier) -> tuple[Any, bool]:
    error = failure(notifier)
    return error.values["problem"], error.whole


def test_a_letter_holds_text_html_and_the_dates_to_come() -> None:
    coming = ComingDate(
        uid="qz-2024.draft",
        version=2,
        last_day=dt.date(2024, 7, 10),
        summary="制定方案初稿；送审, 一",
        description="办公室\nduban show qz-2024",
    )
    with post_office() as (postbox, port):
        channel(port).send(notice(), message(dates=(coming,)))
    (letter,) = postbox.letters
    assert letter["Subject"] == "督办通知：1 项逾期"
    assert letter["To"] == "zhang@example.com"
    assert letter["From"] == "duban@example.com"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime == dt.datetime(2024, 7, 10, 1, tzinfo=dt.UTC)
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == message().text.splitlines()
    assert html.get_content().splitlines() == message().html.splitlines()
    (attached,) = letter.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_filename() == "duban.ics"
    assert attached.get_param("method") == "REQUEST"
    assert attached.get_content().splitlines() == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//duban//duban//ZH",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "UID:qz-2024.draft@duban",
        "SEQUENCE:1",
        "DTSTAMP:20240710T010000Z",
        "ORGANIZER:mailto:duban@example.com",
        "ATTENDEE;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:zhang@example.com",
        "DTSTART;VALUE=DATE:20240710",
        "DTEND;VALUE=DATE:20240711",
        "SUMMARY:制定方案初稿；送审\\, 一",
        "DESCRIPTION:办公室\\nduban show qz-2024",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_each_date_is_an_invitation_of_its_own() -> None:
    """A calendar takes one invitation from a file, and updates it by its name."""
    dates = [ComingDate(uid=f"qz.{n}", version=1, last_day=dt.date(2024, 7, n)) for n in (8, 9)]
    with post_office() as (postbox, port):
        channel(port).send(notice(), message(dates=tuple(dates)))
    attached = list(postbox.letters[0].iter_attachments())
    assert [a.get_filename() for a in attached] == ["duban.ics", "duban-2.ics"]
    assert [a.get_content().count("BEGIN:VEVENT") for a in attached] == [1, 1]


def test_a_repeat_is_the_same_letter_and_a_cycle_is_one_thread() -> None:
    with post_office() as (postbox, port):
        channel(port).send(notice(), message())
        channel(port).send(notice(), message())
        channel(port).send(notice(key="zhang/mail/8"), message())
    one, repeat, another = postbox.letters
    assert one["Message-ID"] == repeat["Message-ID"] != another["Message-ID"]
    assert one["References"] == one["In-Reply-To"] == another["References"]
    assert one["Message-ID"].endswith("@example.com>")


def test_a_subject_cannot_smuggle_a_header_in() -> None:
    with post_office() as (postbox, port):
        said = replace(message(), subject="one\r\nBcc: all@example.com")
        channel(port).send(notice(), said)
    assert postbox.letters[0]["Subject"] == "one Bcc: all@example.com"
    assert postbox.letters[0]["Bcc"] is None


def test_nobody_is_written_to_without_an_address() -> None:
    error = failure(channel(free_port()), "wang")
    assert error.values["problem"] == "no address is configured for the recipient"
    assert not error.whole


def knows(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
    login, password = given.login.decode(), given.password.decode()
    right = (login, password) == ("duban", HIDDEN_PASSWORD)
    return AuthResult(success=right, handled=right)


def test_starttls_and_login(certificate: Path) -> None:
    tls = context(certificate)
    with post_office(
        tls_context=tls,
        require_starttls=True,
        authenticator=knows,
        auth_required=True,
        auth_exclude_mechanism=["LOGIN"],
    ) as (postbox, port):
        trust = str(certificate)
        user = {"user": "duban", "trust": trust}
        channel(port, "starttls", password=Secret(HIDDEN_PASSWORD), **user).send(
            notice(), message()
        )
        assert len(postbox.letters) == 1
        wrong = channel(port, "starttls", password=Secret("wrong-" + HIDDEN_PASSWORD), **user)
        assert problem(wrong) == ("SMTP 535", True)
        unknown = channel(port, "starttls", password=Secret(HIDDEN_PASSWORD), user="duban")
        found, whole = problem(unknown)
        assert "SSLCertVerificationError" in str(found) or "certificate" in str(found).lower()
        assert whole
        assert len(postbox.letters) == 1


def test_tls_from_the_first_byte(certificate: Path) -> None:
    with post_office(ssl_context=context(certificate)) as (postbox, port):
        channel(port, "tls", trust=str(certificate)).send(notice(), message())
        assert len(postbox.letters) == 1


def test_nothing_goes_in_the_clear_where_starttls_is_wanted() -> None:
    with post_office() as (postbox, port):
        found = problem(channel(port, "starttls"))
        assert found == ("the server offers no STARTTLS, or no login", True)
        assert postbox.letters == []


@pytest.mark.parametrize(
    ("to", "answer", "said", "whole"),
    [
        ("550 no such user", "250 ok", "SMTP 550 no such user", False),
        ("250 ok", "554 no such thing", "SMTP 554 no such thing", False),
        ("250 ok", "452 disk full", "SMTP 452 disk full", True),
        ("250 ok", f"554 {HIDDEN_PASSWORD}?", "SMTP 554 •••?", False),
    ],
)
def test_a_refusal_is_repeated(to: str, answer: str, said: str, whole: bool) -> None:
    with post_office() as (postbox, port):
        postbox.to, postbox.answer = to, answer
        notifier = channel(port, password=Secret(HIDDEN_PASSWORD))
        assert problem(notifier) == (said, whole)


def test_nobody_listens() -> None:
    assert problem(channel(free_port())) == ("Connection refused", True)


def test_a_server_that_stalls_is_left_after_the_time_that_is_set() -> None:
    with speaking(lambda connection: connection.recv(65536)) as port:
        # It takes the connection and says nothing until we speak, which we never do first.
        found = problem(channel(port, timeout=dt.timedelta(seconds=0.3)))
    assert found == ("no answer in time", True)


def in_turn(*answers: bytes) -> Callable[[socket.socket], None]:
    """A conversation: greet, then answer each line; go away after the last."""

    def converse(connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        for number, answer in enumerate(answers):
            if number:
                read(lines, in_data=answers[number - 1].startswith(b"354"))
            connection.sendall(answer)

    def read(lines: Any, *, in_data: bool) -> None:
        while line := lines.readline():
            if not in_data or line == b".\r\n":
                return

    return converse


TAKEN = (b"220 here\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n")


def test_a_server_that_goes_away_before_it_took_the_letter() -> None:
    with speaking(in_turn(*TAKEN)) as port:
        found, whole = problem(channel(port))
    assert found in {"the connection broke off", "Connection reset by peer"}
    assert whole


def test_a_server_that_goes_away_after_it_took_the_letter_has_taken_it() -> None:
    with speaking(in_turn(*TAKEN, b"250 taken\r\n")) as port:
        channel(port).send(notice(), message())


def test_a_server_that_babbles() -> None:
    with speaking(in_turn(b"\x00\xff\xfe\r\n", b"")) as port:
        found, whole = problem(channel(port))
    assert whole
    assert str(found).startswith(("SMTP -1", "the connection broke off"))
