"""An iCalendar feed (RFC 5545): days and UTC moments, stable identities, updates that replace.

Small enough to write down: a feed of dates needs folding, escaping and a
dozen properties, and no library that could read any calendar of the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LONGEST_LINE = 75
"""Octets of a line without its break; a longer one goes on behind a blank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One date, as a calendar program shows it."""

    uid: str
    """The same for all versions of a date, so that an update replaces it."""
    sequence: int
    """Version of the date: a program takes the higher one."""
    when: date | datetime
    """A whole day, or a moment."""
    summary: str
    description: str = ""
    category: str = ""
    status: str = "CONFIRMED"
    """``TENTATIVE`` for a provisional date, ``CANCELLED`` for one that is none any more."""


def feed(name: str, entries: Iterable[Entry], now: datetime) -> bytes:
    """Return the feed, written at ``now``."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//duban//duban//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for entry in entries:
        lines += _event(entry, now)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _event(entry: Entry, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(entry.uid)}"
    yield f"DTSTAMP:{_moment(now)}"
    yield f"SEQUENCE:{entry.sequence}"
    if isinstance(entry.when, datetime):
        yield f"DTSTART:{_moment(entry.when)}"
    else:
        yield f"DTSTART;VALUE=DATE:{entry.when:%Y%m%d}"
        if entry.when < date.max:
            yield f"DTEND;VALUE=DATE:{entry.when + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escaped(entry.summary)}"
    if entry.description:
        yield f"DESCRIPTION:{escaped(entry.description)}"
    if entry.category:
        yield f"CATEGORIES:{escaped(entry.category)}"
    yield f"STATUS:{entry.status}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def escaped(text: str) -> str:
    r"""Return ``text`` as the value of a text property.

    >>> escaped("a; b, c\nd")
    'a\\; b\\, c\\nd'
    """
    kept = "".join(c for c in text.replace("\r\n", "\n") if c == "\n" or c.isprintable())
    for special in "\\;,":
        kept = kept.replace(special, f"\\{special}")
    return kept.replace("\n", "\\n")


def folded(line: str) -> bytes:
    """Return a line with its break, folded between characters where it is too long.

    >>> folded("x" * 76).splitlines()[1]
    b' x'
    """
    parts: list[bytearray] = [bytearray()]
    for character in line:
        octets = character.encode()
        if len(parts[-1]) + len(octets) > LONGEST_LINE:
            parts.append(bytearray(b" "))
        parts[-1] += octets
    return b"\r\n".join(parts) + b"\r\n"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
