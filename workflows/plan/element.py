"""One map of a plan file, read key by key: what is missing, of a wrong type or unknown is noted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from engine.errors import N_
from workflows.plan.days import NoDate, NoSuchDate, read_day, read_moment
from workflows.plan.diagnostics import Notes, Place, brief
from workflows.plan.model import Counting, Text
from workflows.plan.names import Names, nearest
from workflows.plan.source import Mapping, Node, Scalar, Sequence

LONGEST_ID = 40
LONGEST_TEXT = 4000
"""Characters: as much as a fact may hold."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", re.ASCII)
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(slots=True)
class Reading:
    """What is known while one plan is read."""

    notes: Notes
    names: Names
    year: int = 0
    """Year of the cycle; 0 where nobody said it, which has been noted."""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    counting: Counting = Counting.CALENDAR
    """What plain days count in this plan."""

    @contextmanager
    def element(self, node: Node, what: str) -> Iterator[Element | None]:
        """Read one map; on the way out, keys that nobody asked for are noted."""
        if not isinstance(node, Mapping):
            self.notes.add("P124", node.place, key=what, expected=N_("a map"), found=shape(node))
            yield None
            return
        element = Element(node, self, what)
        yield element
        element.close()


class Element:
    """One map; what is asked of it is what it may hold."""

    def __init__(self, node: Mapping, reading: Reading, what: str) -> None:
        self.node = node
        self.reading = reading
        self.what = what
        self.place = node.place
        self._asked: dict[str, None] = {}

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for name, (key, _) in self.node.entries.items():
            if name not in self._asked:
                known = nearest(name, self._asked)
                self.note("P122", key.place, element=self.what, key=brief(name), known=known)

    def note(self, code: str, place: Place, **values: object) -> None:
        """Note a diagnostic."""
        self.reading.notes.add(code, place, **values)

    def get(self, key: str, *, required: bool = False) -> Node | None:
        """Return the value of ``key``; a key without value counts as absent."""
        self._asked[key] = None
        entry = self.node.entries.get(key)
        node = entry[1] if entry else None
        if isinstance(node, Scalar) and node.value is None:
            node = None
        if node is None and required:
            self.note("P123", self.place, element=self.what, key=key)
        return node

    def at(self, key: str) -> Place:
        """Return where the value of ``key`` stands, or else the element."""
        entry = self.node.entries.get(key)
        return entry[1].place if entry else self.place

    def text(self, key: str, *, required: bool = False, longest: int = LONGEST_TEXT) -> str:
        """Return a text; a number stands for the digits that were written."""
        node = self.get(key, required=required)
        return "" if node is None else self._text(node, key, longest)

    def _text(self, node: Node, key: str, longest: int = LONGEST_TEXT) -> str:
        if not isinstance(node, Scalar) or isinstance(node.value, bool) or node.value is None:
            self.note("P124", node.place, key=key, expected=N_("a text"), found=shape(node))
            return ""
        text = node.text.strip()
        if self.reading.year:
            text = text.replace("{year}", str(self.reading.year))
        if len(text) > longest:
            self.note("P126", node.place, key=key, limit=longest)
            return ""
        return text

    def id(self, key: str = "id", *, required: bool = True) -> str:
        """Return an id, in the shape that people can type."""
        text = self.text(key, required=required)
        if "{year}" in text and not self.reading.year:
            return ""  # that the year is missing was said already
        if text and not _ID.fullmatch(text):
            self.note("P125", self.at(key), id=brief(text), longest=LONGEST_ID)
            return ""
        return text

    def declared(self, noun: str, key: str = "id") -> str:
        """Return an id and declare it as a ``noun``."""
        text = self.id(key)
        self.reading.names.declare(noun, text, self.at(key))
        return text

    def name(self, key: str = "name", *, required: bool = False) -> Text:
        """Return a text in Chinese, or in Chinese and English."""
        node = self.get(key, required=required)
        if node is None:
            return Text("")
        if not isinstance(node, Mapping):
            return Text(self._text(node, key))
        with self.reading.element(node, key) as languages:
            if languages is None:
                return Text("")
            text = Text(languages.text("zh"), languages.text("en"))
        if not text.zh:
            self.note("P131", node.place, key=key)
        return text

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one."""
        return tuple(text for text, _ in self.placed(key, required=required))

    def placed(self, key: str, *, required: bool = False) -> tuple[tuple[str, Place], ...]:
        """Return a list of texts, each with its place."""
        node = self.get(key, required=required)
        if node is None:
            return ()
        nodes = node.items if isinstance(node, Sequence) else (node,)
        if isinstance(node, Mapping):
            self.note("P124", node.place, key=key, expected=N_("a list"), found=shape(node))
            return ()
        texts = ((self._text(item, key), item.place) for item in nodes)
        return tuple((text, place) for text, place in texts if text)

    def flag(self, key: str, default: bool = False) -> bool:
        """Return true or false."""
        node = self.get(key)
        if node is None:
            return default
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        expected = N_("true or false")
        self.note("P124", node.place, key=key, expected=expected, found=shape(node))
        return default

    def number(self, key: str, low: int, high: int, default: int = 0) -> int:
        """Return a whole number between ``low`` and ``high``."""
        node = self.get(key)
        if node is None:
            return default
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, int) or isinstance(value, bool):
            expected = N_("a whole number")
            self.note("P124", node.place, key=key, expected=expected, found=shape(node))
            return default
        if not low <= value <= high:
            self.note("P129", node.place, key=key, number=value, low=low, high=high)
            return default
        return value

    def choice(self, key: str, known: type[_Choice], default: _Choice) -> _Choice:
        """Return one of the values of an enumeration."""
        text = self.text(key)
        if not text:
            return default
        try:
            return known(text)
        except ValueError:
            near = nearest(text, [str(value) for value in known])
            self.note("P130", self.at(key), key=key, value=brief(text), known=near)
            return default

    def day(self, key: str, *, required: bool = False) -> date | None:
        """Return a day."""
        moment = self._moment(key, required=required, only_day=True)
        return moment if not isinstance(moment, datetime) else None

    def moment(self, key: str, *, required: bool = False) -> date | datetime | None:
        """Return a day or, where a time of day is written, a moment of the plan's zone."""
        return self._moment(key, required=required, only_day=False)

    def _moment(self, key: str, *, required: bool, only_day: bool) -> date | datetime | None:
        text = self.text(key, required=required)
        if not text:
            return None
        # Without a year, 29 February is let pass: the missing year has been noted already.
        year = self.reading.year or 2000
        try:
            found = read_day(text, year) if only_day else read_moment(text, year)
        except NoDate:
            self.note("P127", self.at(key), text=brief(text))
            return None
        except NoSuchDate:
            self.note("P128", self.at(key), text=brief(text))
            return None
        if not isinstance(found, datetime):
            return found
        return found.replace(tzinfo=self.reading.zone).astimezone(UTC)

    def nodes(self, key: str, *, required: bool = False) -> tuple[Node, ...]:
        """Return the items of a list."""
        node = self.get(key, required=required)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.note("P124", node.place, key=key, expected=N_("a list"), found=shape(node))
            return ()
        return node.items


def shape(node: Node) -> str:
    """Return in words what a node is."""
    match node:
        case Mapping():
            return N_("a map")
        case Sequence():
            return N_("a list")
        case Scalar(value=None):
            return N_("nothing")
        case Scalar(value=bool()):
            return N_("true or false")
        case Scalar(value=int()):
            return N_("a whole number")
        case _:
            return N_("a text")
