"""Reading ladders: the escalation of a step, rung by rung."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.errors import N_
from engine.guards import NEVER, Guard, Known, Not
from engine.ladder import Action, Behind, Ladder, Rung, Unit
from workflows.plan.diagnostics import brief
from workflows.plan.element import LONGEST_ID, Element, Reading
from workflows.plan.model import Counting
from workflows.plan.read_guards import read_guard
from workflows.plan.read_people import POST, ROLE
from workflows.plan.source import Mapping, Node, Scalar
from workflows.target import PROGRESS

LADDER = N_("ladder")

_OFFSET = re.compile(
    r"(?P<sign>[+-]?) ?(?P<count>\d{1,3}) ?"
    r"(?P<unit>|个?工作日|working days?|(?P<plain>[日天]|days?)|个?(?:自然|日历)日|calendar days?)",
    re.ASCII,
)
_BEHIND = re.compile(
    r"(?:behind|落后于?序时进度)"
    r"(?:(?: by | ?)(?P<tolerance>\d{1,2}) ?(?:%|percent|points|个?百分点)?(?:以上)?)?",
    re.ASCII,
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", re.ASCII)


def read_ladders(plan: Element) -> tuple[Ladder, ...]:
    """Return the ladders; the posts must have been read."""
    node = plan.get("ladders")
    if node is None:
        return ()
    if not isinstance(node, Mapping):
        with plan.reading.element(node, "ladders"):
            return ()
    return tuple(_ladders(plan.reading, node))


def _ladders(reading: Reading, node: Mapping) -> Iterator[Ladder]:
    for name, (key, _) in node.entries.items():  # first, so that rungs can name any of them
        reading.names.declare(LADDER, name, key.place)
    for name, (key, _) in node.entries.items():
        if not _NAME.fullmatch(name):
            reading.notes.add("P125", key.place, id=brief(name), longest=LONGEST_ID)
            continue
        holder = Element(node, reading, "ladders")
        rungs = (_rung(reading, rung) for rung in holder.nodes(name))
        yield Ladder(name=name, rungs=tuple(rung for rung in rungs if rung is not None))


def _rung(reading: Reading, node: Node) -> Rung | None:
    with reading.element(node, "rung") as e:
        if e is None:
            return None
        resets = e.get("reset") is not None
        offset, unit = _offset(e, "reset" if resets else "at")
        replies = e.get("reply") is not None
        reply, reply_unit = _offset(e, "reply") if replies else (0, Unit.WORKING_DAY)
        return Rung(
            offset=abs(offset) if resets else offset,
            unit=unit,
            action=e.choice("do", Action, Action.REMIND),
            lamp=e.text("lamp", longest=LONGEST_ID),
            recipients=_recipients(e),
            when=_condition(e),
            after_previous=resets,
            reply=abs(reply),
            reply_unit=reply_unit,
            reply_ladder=_ladder_of_reply(e),
        )


def _condition(element: Element) -> Guard | Behind:
    """Return whom the rung concerns: a guard, or words for what offices ask most."""
    node = element.get("when")
    if not isinstance(node, Scalar):
        return read_guard(element.reading, node)
    text = " ".join(node.text.split()).casefold()
    if text in ("no progress", "未报进展"):
        return Not(Known(PROGRESS))
    found = _BEHIND.fullmatch(text)
    if found:
        return Behind(int(found["tolerance"] or 0))
    element.note("P145", node.place, text=brief(node.text))
    return NEVER


def _offset(element: Element, key: str) -> tuple[int, Unit]:
    """Return days before (negative) or after the date, and what is counted."""
    text = element.text(key, required=True)
    found = days_of(text, element.reading.counting)
    if found is None:
        if text:
            element.note("P133", element.at(key), text=brief(text))
        return 0, Unit.WORKING_DAY
    return found


def days_of(text: str, counting: Counting = Counting.CALENDAR) -> tuple[int, Unit] | None:
    """Return how many days, of which kind, a text means; None where it means none.

    >>> days_of("3 working days"), days_of("-5日"), days_of("soon")
    ((3, <Unit.WORKING_DAY: 'working_day'>), (-5, <Unit.CALENDAR_DAY: 'day'>), None)
    """
    found = _OFFSET.fullmatch(text)
    if not found or (int(found["count"]) and not found["unit"]):
        return None
    count = int(found["count"])
    working = not count or "work" in found["unit"] or "工作" in found["unit"]
    if found["plain"]:
        working = counting is Counting.WORKING
    unit = Unit.WORKING_DAY if working else Unit.CALENDAR_DAY
    return (-count if found["sign"] == "-" else count), unit


def _ladder_of_reply(element: Element) -> str:
    name, place = element.text("reply_ladder"), element.at("reply_ladder")
    known = name and element.reading.names.refer("P216", (LADDER,), name, place)
    return name if known else ""


def _recipients(element: Element) -> tuple[str, ...]:
    names = element.reading.names
    placed = element.placed("tell")
    return tuple(name for name, place in placed if names.refer("P211", (ROLE, POST), name, place))
