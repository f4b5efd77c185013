"""An invitation for a date (RFC 5545, 5546), attached to a mail.

An update has the UID of what it updates and a higher SEQUENCE. Nobody is asked
to accept: the date holds whoever agrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from engine.message import ComingDate

LONGEST_LINE = 75
"""Bytes of a line before it is folded."""


def invitation(date: ComingDate, stamp: datetime, sender: str, address: str) -> str:
    """Return the invitation of ``address`` to a date, made at ``stamp``."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//duban//duban//ZH", "METHOD:REQUEST"]
    lines += list(_event(date, stamp, sender, address))
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(date: ComingDate, stamp: datetime, sender: str, address: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{date.uid}@duban"
    yield f"SEQUENCE:{date.version - 1}"
    yield f"DTSTAMP:{_moment(stamp)}"
    yield f"ORGANIZER:mailto:{_one_word(sender)}"
    yield f"ATTENDEE;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:{_one_word(address)}"
    if date.until is not None:
        yield f"DTSTART:{_moment(date.until)}"
    else:
        yield f"DTSTART;VALUE=DATE:{date.last_day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{date.last_day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(date.summary)}"
    yield f"DESCRIPTION:{_escaped(date.description)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _one_word(address: str) -> str:
    return "".join(address.split())


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Fold a long line at characters, never within one."""
    folded, room = "", LONGEST_LINE
    for character in line:
        width = len(character.encode())
        if width > room:
            folded += "\r\n "
            room = LONGEST_LINE - 1
        folded += character
        room -= width
    return folded
