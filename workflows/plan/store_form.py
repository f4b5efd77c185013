"""The form in which a plan is kept: JSON data, and back to the very same plan.

Every field is written out, so that a default that changes later never changes
a plan that is stored. Where the type of a field is a choice of classes, the
data also says which, under ``is``. Lines of the file are left out: moving a
comment makes no other edition.
"""

from __future__ import annotations

import hashlib
import json
import types
import typing
from collections.abc import Callable
from dataclasses import Field, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, Union, get_args, get_origin

from engine.errors import N_, EngineError
from workflows.plan.model import Plan

Writer: TypeAlias = Callable[[Any], Any]

IS = "is"
"""Key that names the class where there is a choice."""


class StoredPlanBroken(EngineError):
    """Stored data is no plan, or one that a newer duban wrote."""

    code = "stored-plan-broken"
    template = N_(
        "The stored plan cannot be read: {problem}. Was it written by a newer version of duban?"
    )


def to_data(plan: Plan) -> dict[str, Any]:
    """Return ``plan`` as JSON data."""
    data: dict[str, Any] = _codec(Plan)[0](plan)
    return data


def from_data(data: dict[str, Any]) -> Plan:
    """Return the plan of which ``data`` is the stored form.

    Raises:
        StoredPlanBroken: it is none.

    """
    try:
        plan: Plan = _codec(Plan)[1](data)
    except (KeyError, TypeError, ValueError, AttributeError, EngineError) as error:
        raise StoredPlanBroken(problem=f"{type(error).__name__}: {error}") from error
    return plan


def edition(plan: Plan) -> str:
    """Return the name of the plan's edition: its id and the hash of its content."""
    return f"{plan.id}@{hashlib.sha256(canonical(to_data(plan))).hexdigest()[:16]}"


def canonical(data: Any) -> bytes:
    """Return ``data`` as RFC 8785 asks for.

    The standard library writes the same bytes wherever keys are ASCII and
    there are no floats, which holds here, and is fifty times as fast.
    """
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


@cache
def _codec(kind: Any) -> tuple[Writer, Writer]:
    """Return how to write a value of ``kind``, and how to read it back."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _choice(arguments)
    if origin is tuple:
        return _tuple(arguments)
    if origin is typing.Literal:
        return _same, _same
    if not isinstance(kind, type):
        raise TypeError(f"{kind} cannot be stored")
    if is_dataclass(kind):
        return _record(kind)
    if issubclass(kind, Enum):
        return lambda value: value.value, kind
    return _PLAIN[kind]


def _same(value: Any) -> Any:
    return value


_PLAIN: dict[type, tuple[Writer, Writer]] = {
    str: (_same, _same),
    int: (_same, _same),
    bool: (_same, _same),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    date: (date.isoformat, date.fromisoformat),
    timedelta: (lambda value: int(value.total_seconds()), lambda value: timedelta(seconds=value)),
}


def _record(kind: type) -> tuple[Writer, Writer]:
    """Write a dataclass as a map of its fields, those apart that do not count."""
    hints = typing.get_type_hints(kind)
    kept: list[Field[Any]] = [f for f in fields(kind) if f.compare]
    # Looked up at first use, for guards and categories of days hold their like.
    codecs: dict[str, tuple[Writer, Writer]] = {}

    def prepare() -> None:
        codecs.update({f.name: _codec(hints[f.name]) for f in kept})

    def write(value: Any) -> Any:
        if not codecs:
            prepare()
        return {name: codec[0](getattr(value, name)) for name, codec in codecs.items()}

    def read(data: Any) -> Any:
        if not codecs:
            prepare()
        return kind(**{name: codecs[name][1](part) for name, part in data.items() if name != IS})

    return write, read


def _tuple(arguments: tuple[Any, ...]) -> tuple[Writer, Writer]:
    """Write a tuple as a list, of any length of one kind, or of fixed kinds."""
    if arguments[1:] == (...,):
        write, read = _codec(arguments[0])
        if write is _same:
            return list, tuple
        return (
            lambda values: [write(value) for value in values],
            lambda data: tuple([read(part) for part in data]),
        )
    codecs = [_codec(argument) for argument in arguments]
    return (
        lambda values: [c[0](value) for c, value in zip(codecs, values, strict=True)],
        lambda data: tuple([c[1](part) for c, part in zip(codecs, data, strict=True)]),
    )


def _choice(arguments: tuple[Any, ...]) -> tuple[Writer, Writer]:
    """Write one of several kinds, with its name where that is not plain."""
    options = {option.__name__: option for option in arguments if option is not type(None)}
    plain = (str, int, bool)

    def write(value: Any) -> Any:
        if value is None or type(value) in plain:
            return value
        kind: Any = type(value)
        data = _codec(kind)[0](value)
        if len(options) == 1:
            return data
        return {IS: kind.__name__, **(data if is_dataclass(value) else {"value": data})}

    def read(data: Any) -> Any:
        if data is None:
            return None
        if len(options) == 1:
            return _codec(next(iter(options.values())))[1](data)
        if type(data) in plain:
            return data
        option = options[data[IS]]
        return _codec(option)[1](data if is_dataclass(option) else data["value"])

    return write, read
