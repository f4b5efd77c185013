"""Strict YAML with positions: bytes become a tree of nodes that know their line and column.

The events of ruamel's pure parser are put together here, one by one, so that
whatever a plan does not need is refused before it costs anything: anchors,
tags, several documents, deep nesting, too much of everything. A scalar keeps
the text that was written; dates stay text until the plan language reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from workflows.plan.diagnostics import NOWHERE, Notes, Place, TooManyErrors, brief
from workflows.plan.encoding import decoded
from workflows.plan.yaml_problems import in_words

LARGEST_FILE = 5_000_000
"""Bytes."""
MOST_NODES = 250_000
"""Scalars, lists and maps of one file; reading takes time in proportion to them."""
DEEPEST = 30
"""Lists and maps inside each other."""

LONGEST_WORD = 20_000
"""Characters without a blank, where they could be a tag."""

_WORD = re.compile(r"\S+")
_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,14})")
_UNKEEPABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value: text, a whole number, true or false, or nothing."""

    place: Place
    text: str
    value: str | int | bool | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map; its keys are texts, each at most once."""

    place: Place
    entries: dict[str, tuple[Scalar, Node]]


Node: TypeAlias = Scalar | Sequence | Mapping


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet."""

    place: Place
    is_map: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    key: Node | None = None


class _Refused(Exception):
    """The rest of the file is not read; the reason has been noted."""


def read_source(data: bytes, notes: Notes) -> Node | None:
    """Return the tree that ``data`` writes down, or None when it is no strict YAML.

    Why it is refused goes to ``notes``; so do duplicate keys, of which the
    first is kept.
    """
    try:
        return _tree(_text(data, notes), notes)
    except (_Refused, TooManyErrors):
        return None


def _text(data: bytes, notes: Notes) -> str:
    if len(data) > LARGEST_FILE:
        notes.add("P104", NOWHERE, size=len(data), limit=LARGEST_FILE)
        raise _Refused
    text, encoding = decoded(data)
    if text is None:
        if b"\0" in data and not encoding.startswith("UTF"):
            notes.add("P102", NOWHERE, character="U+0000")
        else:
            notes.add("P103", Place(1, 1), encoding=encoding)
        raise _Refused
    found = _UNKEEPABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        notes.add("P102", Place(line, column), character=f"U+{ord(found.group()):04X}")
        raise _Refused
    for word in _WORD.finditer(text):  # the library takes a tag apart in quadratic time
        if word.end() - word.start() > LONGEST_WORD and "!" in word.group():
            line = text.count("\n", 0, word.start()) + 1
            notes.add("P109", Place(line, 1), tag=brief(word.group()))
            raise _Refused
    return text


def _events(text: str, notes: Notes) -> Iterator[Any]:
    """Yield the parser's events; its errors become one diagnostic."""
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else NOWHERE
        problem = in_words(brief(error.problem or error.context or ""))
        notes.add("P105", place, problem=problem)
        raise _Refused from None
    except (_Refused, TooManyErrors):
        raise
    except Exception as error:  # noqa: BLE001 - the library also leaks what its own code trips over
        notes.add("P105", NOWHERE, problem=type(error).__name__)
        raise _Refused from None


def _tree(text: str, notes: Notes) -> Node | None:
    builder = _Builder(notes)
    for event in _events(text, notes):
        builder.add(event, Place(event.start_mark.line + 1, event.start_mark.column + 1))
    root = builder.root
    if root is None or (isinstance(root, Scalar) and root.value is None):
        _refuse(notes, "P101", Place(1, 1))
    return root


class _Builder:
    """Puts nodes together from the parser's events, without recursion."""

    def __init__(self, notes: Notes) -> None:
        self.root: Node | None = None
        self._notes = notes
        self._stack: list[_Open] = []
        self._documents = 0
        self._nodes = 0

    def add(self, event: Any, place: Place) -> None:
        """Take the next event, or refuse the file because of it."""
        match event:
            case DocumentStartEvent():
                self._documents += 1
                _refuse_document(event, self._documents, place, self._notes)
            case AliasEvent():
                _refuse(self._notes, "P107", place)
            case ScalarEvent():
                self._count(event, place)
                self._put(_scalar(event, place, self._notes))
            case SequenceStartEvent() | MappingStartEvent():
                self._count(event, place)
                self._stack.append(_Open(place, is_map=isinstance(event, MappingStartEvent)))
                if len(self._stack) > DEEPEST:
                    _refuse(self._notes, "P108", place, limit=DEEPEST)
            case SequenceEndEvent() | MappingEndEvent():
                self._put(_closed(self._stack.pop()))
            case _:
                pass

    def _count(self, event: Any, place: Place) -> None:
        if event.anchor is not None:
            _refuse(self._notes, "P107", place)
        if event.tag is not None:
            _refuse(self._notes, "P109", place, tag=brief(str(event.tag)))
        self._nodes += 1
        if self._nodes > MOST_NODES:
            _refuse(self._notes, "P112", place, limit=MOST_NODES)

    def _put(self, node: Node) -> None:
        if self._stack:
            _put(self._stack[-1], node, self._notes)
        else:
            self.root = node


def _refuse(notes: Notes, code: str, place: Place, **values: Any) -> None:
    notes.add(code, place, **values)
    raise _Refused


def _refuse_document(event: Any, documents: int, place: Place, notes: Notes) -> None:
    if documents > 1:
        _refuse(notes, "P110", place)
    if event.version or event.tags:
        _refuse(notes, "P111", place)


def _scalar(event: Any, place: Place, notes: Notes) -> Scalar:
    text: str = event.value
    if _UNKEEPABLE.search(text):  # written as an escape, "\0" or "\ud800"
        _refuse(notes, "P113", place)
    if not event.implicit[0] or event.style:
        return Scalar(place, text, text)
    if text.lower() in _WORDS:
        return Scalar(place, text, _WORDS[text.lower()])
    return Scalar(place, text, int(text) if _WHOLE.fullmatch(text) else text)


def _closed(done: _Open) -> Node:
    if done.is_map:
        return Mapping(done.place, done.entries)
    return Sequence(done.place, tuple(done.items))


def _put(parent: _Open, node: Node, notes: Notes) -> None:
    if not parent.is_map:
        parent.items.append(node)
        return
    if parent.key is None:
        parent.key = node
        return
    key, parent.key = parent.key, None
    if not isinstance(key, Scalar) or not key.text:
        _refuse(notes, "P114", key.place)
    elif key.text in parent.entries:
        first = parent.entries[key.text][0].place.line
        notes.add("P106", key.place, key=brief(key.text), first=first)
    else:
        parent.entries[key.text] = (key, node)
