"""Reading what stands at the head of a plan: document, calendar, how dates are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from engine.errors import N_
from workflows.plan.days import END_OF_DAY, read_time
from workflows.plan.diagnostics import brief
from workflows.plan.element import Element, Reading
from workflows.plan.model import (
    CalendarChoice,
    CatchUp,
    Counting,
    Dates,
    Document,
    EvidenceRules,
    Quiet,
)
from workflows.plan.names import nearest
from workflows.plan.read_people import roles_named
from workflows.plan.source import Node

LANGUAGE = 1
"""Version of the plan language that is read here."""

EARLIEST_YEAR = 1950
LATEST_YEAR = 2100
"""Beyond these years no calendar knows the holidays."""

LARGEST_EVIDENCE_MB = 10_240

DEFAULT_ZONE = "Asia/Shanghai"
CALENDARS = ("china", "weekdays", "holidays:DE")
"""Names of working calendars; of the last kind there is one for every country."""

_COUNTRY = re.compile(r"holidays:[A-Za-z]{2,40}(?:-[A-Za-z0-9]{1,10})?", re.ASCII)

_ENDING = re.compile(r"[a-z0-9]{1,10}", re.ASCII)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*", re.ASCII)


def read_language(plan: Element) -> None:
    """Note when the file is written in another version of the language."""
    if plan.get("duban") is None:
        plan.note("P120", plan.place)
        return
    text = plan.text("duban")
    if text and text != str(LANGUAGE):
        plan.note("P121", plan.at("duban"), version=brief(text), known=LANGUAGE)


def read_year(plan: Element, asked: int | None) -> int:
    """Return the year of the cycle, or 0 when nobody says it."""
    node = plan.get("year")
    written = plan.number("year", EARLIEST_YEAR, LATEST_YEAR)
    if asked is not None and not EARLIEST_YEAR <= asked <= LATEST_YEAR:
        plan.note("P203", plan.place, year=asked, low=EARLIEST_YEAR, high=LATEST_YEAR)
        return written
    if node is None and asked is None:
        plan.note("P201", plan.place)
    if written and asked is not None and asked != written:
        plan.note("P202", plan.at("year"), year=written, asked=asked)
    return written or asked or 0


def read_zone(plan: Element) -> ZoneInfo:
    """Return the time zone of the plan's dates."""
    text = plan.text("zone") or DEFAULT_ZONE
    try:
        if _ZONE.fullmatch(text):
            return ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # what zoneinfo raises for names that are no zone
        pass
    known = nearest(text, sorted(available_timezones(), key=lambda name: name != DEFAULT_ZONE))
    plan.note("P135", plan.at("zone"), zone=brief(text), known=known)
    return ZoneInfo(DEFAULT_ZONE)


def read_document(plan: Element) -> Document:
    """Return the document by which the plan was issued."""
    node = plan.get("document")
    if node is None:
        return Document()
    with plan.reading.element(node, "document") as e:
        if e is None:
            return Document()
        return Document(
            number=e.text("number"),
            index=e.text("index"),
            issuer=e.name("issuer"),
            issued=e.day("issued"),
        )


def read_calendar(plan: Element) -> CalendarChoice:
    """Return which working calendar counts, and the body's own days off and on."""
    node = plan.get("calendar")
    if node is None:
        return CalendarChoice()
    with plan.reading.element(node, "calendar") as e:
        if e is None:
            return CalendarChoice()
        base = e.text("base") or CALENDARS[0]
        if base not in CALENDARS and not _COUNTRY.fullmatch(base):
            e.note("P130", e.at("base"), key="base", value=brief(base), known=CALENDARS)
        overrides = tuple(_overrides(plan.reading, e.nodes("overrides")))
        return CalendarChoice(base=base, overrides=overrides)


def _overrides(reading: Reading, nodes: tuple[Node, ...]) -> Iterator[tuple[date, bool, str]]:
    for node in nodes:
        with reading.element(node, "overrides") as e:
            if e is None:
                continue
            e.get("working", required=True)
            day = e.day("day", required=True)
            working, source = e.flag("working"), e.text("source", required=True)
            if day is not None:
                reading.names.declare(N_("calendar day"), day.isoformat(), e.at("day"))
                yield day, working, source


def read_dates(plan: Element) -> Dates:
    """Return how the plan reads its dates."""
    node = plan.get("dates")
    if node is None:
        return Dates()
    with plan.reading.element(node, "dates") as e:
        if e is None:
            return Dates()
        cutoff = e.text("cutoff")
        at = read_time(cutoff)
        if cutoff and at is None and cutoff != END_OF_DAY:
            e.note("P134", e.at("cutoff"), text=brief(cutoff))
        return Dates(
            inclusive=e.flag("inclusive", default=True),
            cutoff=f"{at:%H:%M}" if at else "",
            roll_fixed=e.flag("roll_fixed"),
            roll_relative=e.flag("roll_relative", default=True),
            days=e.choice("days", Counting, Counting.CALENDAR),
            extended_by=roles_named(e, "extended_by", Dates().extended_by),
        )


def read_catch_up(plan: Element) -> CatchUp:
    """Return above which size notices wait for a person after a long silence."""
    node = plan.get("catch_up")
    if node is None:
        return CatchUp()
    with plan.reading.element(node, "catch_up") as e:
        if e is None:
            return CatchUp()
        usual = CatchUp()
        return CatchUp(
            working_days=e.number("working_days", 0, 366, usual.working_days),
            notices=e.number("notices", 0, 1_000_000, usual.notices),
        )


def read_quiet(plan: Element) -> Quiet:
    """Return when nobody is told anything."""
    node = plan.get("quiet")
    if node is None:
        return Quiet()
    with plan.reading.element(node, "quiet") as e:
        if e is None:
            return Quiet()
        days = e.flag("working_days_only")
        wanted = not {"from", "until"}.isdisjoint(e.node.entries)
        begins, ends = _hour(e, "from", required=wanted), _hour(e, "until", required=wanted)
        if begins and begins == ends:
            e.note("P139", e.at("until"), hour=ends)
            return Quiet(working_days_only=days)
        hours = (begins, ends) if begins and ends else ("", "")
        return Quiet(begins=hours[0], ends=hours[1], working_days_only=days)


def _hour(e: Element, key: str, *, required: bool) -> str:
    """Return a time of day; the end of the day is the beginning of the next."""
    text = e.text(key, required=required)
    at = read_time("00:00" if text == END_OF_DAY else text)
    if text and at is None:
        e.note("P134", e.at(key), text=brief(text))
    return f"{at:%H:%M}" if at else ""


def read_evidence(plan: Element) -> EvidenceRules:
    """Return which files are taken as evidence."""
    node = plan.get("evidence")
    if node is None:
        return EvidenceRules()
    with plan.reading.element(node, "evidence") as e:
        if e is None:
            return EvidenceRules()
        usual = EvidenceRules()
        return EvidenceRules(
            largest_mb=e.number("largest_mb", 1, LARGEST_EVIDENCE_MB, usual.largest_mb),
            types=tuple(dict.fromkeys(_endings(e))),
        )


def _endings(e: Element) -> Iterator[str]:
    for text, place in e.placed("types"):
        ending = text.removeprefix(".").lower()
        if _ENDING.fullmatch(ending):
            yield ending
        else:
            e.note("P150", place, ending=brief(text))
