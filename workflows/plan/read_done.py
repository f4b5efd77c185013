"""Reading what was done before the plan was loaded: real dates, documents, further fields."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition import Field, RecordKind, Workflow
from engine.errors import BadFact, BadText
from engine.facts import FactType, Value, checked
from workflows.plan.diagnostics import Diagnostic, Place, brief
from workflows.plan.element import Element
from workflows.plan.model import Done
from workflows.plan.names import nearest
from workflows.plan.record_names import RecordNames
from workflows.plan.source import Mapping, Scalar


def read_done(step: Element, records: tuple[str, ...], *machines: Workflow) -> tuple[Done, ...]:
    """Return the ``done`` entries of a step that can be done as ``records``."""
    return tuple(_done(step, records, RecordNames(*machines)))


def _done(step: Element, records: tuple[str, ...], names: RecordNames) -> Iterator[Done]:
    for node in step.nodes("done"):
        with step.reading.element(node, "done") as e:
            if e is None:
                continue
            on = e.moment("on", required=True)
            record = e.text("record")
            if record and record not in records:
                place, known = e.at("record"), nearest(record, records)
                e.note("P130", place, key="record", value=brief(record), known=known)
            meant = (record,) if record in records else records[:1]
            kind = names.kind(meant[0]) if meant else None
            document, by, values = e.text("document"), e.text("by"), _values(e, kind)
            if kind is not None:
                _check_required(e, kind, meant[0], {"document": document, **dict(values)})
            if on is not None:
                record = record if record in records else ""
                yield Done(on=on, document=document, by=by, record=record, values=values)


def _values(e: Element, kind: RecordKind | None) -> tuple[tuple[str, Value], ...]:
    node = e.get("values")
    if node is None:
        return ()
    with e.reading.element(node, "values") as values:
        if values is None or not isinstance(node, Mapping):
            return ()
        found = ((name, _value(values, name, kind)) for name in node.entries)
        return tuple((name, value) for name, value in found if value is not None)


def _value(values: Element, name: str, kind: RecordKind | None) -> Value | None:
    node = values.get(name)
    place = values.at(name)
    fields = {field.name: field for field in kind.fields} if kind else {}
    if name not in fields:
        machine = kind.kind if kind else "—"
        values.reading.names.unknown("P224", name, tuple(fields), place, machine=machine)
        return None
    if not isinstance(node, Scalar) or node.value is None:
        return values.text(name) or None
    return _checked(values, fields[name], node, place)


def _checked(values: Element, field: Field, node: Scalar, place: Place) -> Value | None:
    raw = node.text.strip() if field.type is FactType.TEXT else node.value
    try:
        value = checked(field.name, field.type, raw)
    except (BadFact, BadText) as error:
        values.reading.notes.note(Diagnostic.of_error(place, "P247", error))
        return None
    if field.choices and value not in field.choices:
        known = nearest(str(value), field.choices)
        values.note("P130", place, key=field.name, value=brief(str(value)), known=known)
        return None
    return value


def _check_required(e: Element, kind: RecordKind, record: str, values: dict[str, Value]) -> None:
    given = {name for name, value in values.items() if value != ""}
    given |= {kind.per} if ":" in record else set()
    missing = tuple(f.name for f in kind.fields if f.required and f.name not in given)
    if missing:
        e.note("P253", e.place, kind=kind.kind, missing=missing)
