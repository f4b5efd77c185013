"""A machine definition read back from the JSON data that `Workflow.as_data` gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from engine.definition import (
    Cascade,
    Counted,
    Field,
    Join,
    RecordKind,
    Transition,
    Workflow,
)
from engine.facts import FactType
from engine.guards import (
    All,
    AnyOf,
    Compare,
    Joined,
    Known,
    Not,
    ParentIn,
    ParentKnows,
    Reached,
    StateIn,
)

_TYPES: Mapping[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        All,
        AnyOf,
        Cascade,
        Compare,
        Counted,
        Field,
        Join,
        Joined,
        Known,
        Not,
        ParentIn,
        ParentKnows,
        Reached,
        RecordKind,
        StateIn,
        Transition,
        Workflow,
    )
}


def from_data(data: Mapping[str, Any]) -> Workflow:
    """Return the workflow of which ``data`` is the JSON form.

    Raises:
        KeyError: the data is no definition, or of a newer duban.

    """
    return cast(Workflow, _read(data))


def _read(value: Any) -> Any:
    if isinstance(value, Mapping):
        kind = _TYPES[value["is"]]
        parts = {name: _read(part) for name, part in value.items() if name != "is"}
        if kind is Field:
            parts["type"] = FactType(parts["type"])
        if kind is Workflow:
            parts["facts"] = tuple((name, FactType(type_)) for name, type_ in parts["facts"])
        return kind(**parts)
    if isinstance(value, list | tuple):
        return tuple(_read(part) for part in value)
    return value
