"""Dates as iCalendar (RFC 5545), attached to a mail: an update has the UID of what it updates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from engine.message import ComingDate

LONGEST_LINE = 75
"""Bytes of a line before it is folded."""


def calendar(dates: Sequence[ComingDate], stamp: datetime) -> str:
    """Return a calendar of ``dates``, to be published; ``stamp`` is when it was made."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//duban//duban//ZH", "METHOD:PUBLISH"]
    for date in dates:
        lines += list(_event(date, stamp))
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(date: ComingDate, stamp: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{date.uid}@duban"
    yield f"SEQUENCE:{date.version - 1}"
    yield f"DTSTAMP:{_moment(stamp)}"
    if date.until is not None:
        yield f"DTSTART:{_moment(date.until)}"
    else:
        yield f"DTSTART;VALUE=DATE:{date.last_day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{date.last_day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(date.summary)}"
    yield f"DESCRIPTION:{_escaped(date.description)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


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
