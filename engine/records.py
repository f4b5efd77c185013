"""Records: what is handed in or noted down, and what it sets in motion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.act import Act
from engine.definition import RecordKind, Workflow
from engine.errors import (
    N_,
    AlreadyExists,
    BadMoment,
    BadRecord,
    NotFound,
    NotNow,
    ReasonRequired,
    UnknownRecord,
)
from engine.events import Event, Instance, Kind
from engine.facts import Value, checked, clean_text, to_moment, to_text
from engine.moves import settle
from engine.ports import UnitOfWork


def record(
    unit: UnitOfWork, instance: Instance, kind: str, values: Mapping[str, Any], act: Act
) -> Sequence[Event]:
    """Keep one record of a loaded instance; return its event and those of automatic moves.

    Raises:
        UnknownRecord: the machine keeps no record of that kind.
        NotNow: it does, but not in the instance's state.
        BadRecord: a field is missing, unknown, or not one of its choices.
        BadFact, BadText: a value is of another type.
        BadMoment: the act's moment lies in the future.

    """
    workflow = unit.machine(instance.edition).workflow
    declared = known_record(workflow, instance, kind)
    if act.occurred_at > unit.now:
        raise BadMoment(moment=act.occurred_at, problem=N_("it lies in the future"))
    values = _named(declared, values)
    facts, texts = read_values(declared, instance, values)
    facts[declared.fact(dict(values))] = to_text(act.occurred_at)
    blank = act.on(unit, instance, Kind.RECORDED)
    event = unit.append(
        replace(
            blank,
            data={"record": kind, "set": facts},
            texts={**blank.texts, **texts},
        )
    )
    return [event, *settle(unit, unit.load(instance.key), event)]


def _named(declared: RecordKind, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``values`` with what names the thing cleaned: it becomes the name of a fact.

    Raises:
        BadText: it cannot be kept.

    """
    name = values.get(declared.per)
    if name is None:
        return values
    return {**values, declared.per: clean_text(declared.per, str(name), 200)}


def known_record(workflow: Workflow, instance: Instance, kind: str) -> RecordKind:
    """Return the declaration of a record that may be kept now.

    Raises:
        UnknownRecord, NotNow: it may not.

    """
    declared = workflow.record(kind)
    if declared is None:
        known = [r.kind for r in workflow.records]
        raise UnknownRecord(key=instance.key, kind=kind, known=known)
    allowed = declared.states or tuple(s for s in workflow.states if s not in workflow.void)
    if instance.state not in allowed:
        raise NotNow(key=instance.key, kind=kind, state=instance.state, allowed=list(allowed))
    return declared


def read_values(
    declared: RecordKind, instance: Instance, values: Mapping[str, Any]
) -> tuple[dict[str, Value], dict[str, str]]:
    """Return a record's values as facts, and those that are personal as texts.

    Raises:
        BadRecord: a field is missing, unknown, or not one of its choices.
        BadFact, BadText: a value is of another type.

    """
    fields = {f.name: f for f in declared.fields}

    def bad(problem: str, field: str) -> BadRecord:
        return BadRecord(kind=declared.kind, key=instance.key, problem=problem, field=field)

    for name in values:
        if name not in fields:
            raise bad(N_("it has no field of that name"), f"{name} ({', '.join(fields)})")
    facts: dict[str, Value] = {}
    texts: dict[str, str] = {}
    prefix = declared.fact(dict(values)) if declared.per in values else declared.kind
    for field in declared.fields:
        value = values.get(field.name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if field.needed(values):
                raise bad(N_("a field is missing"), field.name)
            if field.choices and not declared.per:
                facts[f"{prefix}.{field.name}"] = field.choices[0]
            continue
        if field.choices and value not in field.choices:
            raise bad(
                N_("that is not one of the choices"), f"{field.name} ({', '.join(field.choices)})"
            )
        if field.personal:
            texts[field.name] = clean_text(field.name, str(value))
        elif field.name != declared.per:
            facts[f"{prefix}.{field.name}"] = checked(field.name, field.type, value)
    return facts, texts


def correct(
    unit: UnitOfWork,
    position: int,
    act: Act,
    *,
    occurred_at: datetime | None = None,
    values: Mapping[str, Any] | None = None,
    void: bool = False,
) -> Sequence[Event]:
    """Supersede a record or the date of a move by a new event; the old one stays.

    Args:
        unit: the unit of work.
        position: the event that was wrong.
        act: who corrects, and why.
        occurred_at: the right moment.
        values: the right fields of a record.
        void: the record should not have been made here at all.

    Raises:
        NotFound: there is no such event.
        AlreadyExists: it was corrected already; correct the correction.
        ReasonRequired: no reason was given.
        BadMoment: the right moment lies in the future.
        BadRecord: that kind of event cannot be corrected so.

    """
    wrong = unit.event(position)
    if wrong is None:
        raise NotFound(what="event", key=position, hint="duban history INSTANCE")
    if not act.reason:
        raise ReasonRequired(act="correct", key=f"{wrong.instance} #{wrong.sequence}")
    if occurred_at is not None and occurred_at > unit.now:
        raise BadMoment(moment=occurred_at, problem=N_("it lies in the future"))
    instance = unit.load(wrong.instance)
    for event in unit.history(wrong.instance):
        if event.data.get("corrects") == position:
            raise AlreadyExists(
                what="correction", key=position, hint=f"duban correct {event.position}"
            )
    data = _correction(unit, instance, wrong, occurred_at, values or {}, void=void)
    blank = act.on(unit, instance, Kind.CORRECTED)
    texts = {**blank.texts, **data.pop("texts", {})}
    event = unit.append(replace(blank, occurred_at=unit.now, data=data, texts=texts))
    return [event, *settle(unit, unit.load(instance.key), event)]


def _correction(
    unit: UnitOfWork,
    instance: Instance,
    wrong: Event,
    occurred_at: datetime | None,
    values: Mapping[str, Any],
    *,
    void: bool,
) -> dict[str, Any]:
    """Return what a correction changes, given what the wrong event had set."""
    before = dict(wrong.data.get("set", {}))
    moment = occurred_at or _moment_of(wrong)
    data: dict[str, Any] = {"corrects": wrong.position, "moment": to_text(moment)}
    kind = wrong.data.get("record")
    if wrong.kind is Kind.MOVED:
        if values or void or occurred_at is None:
            raise BadRecord(
                kind=wrong.trigger,
                key=instance.key,
                problem=N_("of a move only the date can be corrected"),
                field="occurred-at",
            )
        return data
    if kind is None:
        raise BadRecord(
            kind=wrong.kind,
            key=instance.key,
            problem=N_("only records and moves can be corrected"),
            field=str(wrong.position),
        )
    declared = unit.machine(instance.edition).workflow.record(kind)
    if void or declared is None:
        return {**data, "record": kind, "void": True, "unset": sorted(before)}
    main = min((f for f in before if f == kind or f.startswith(f"{kind}:")), key=len)
    per = {declared.per: main.partition(":")[2]} if declared.per else {}
    kept = {f.removeprefix(f"{main}."): v for f, v in before.items() if f != main}
    merged = _named(declared, {**kept, **per, **values})
    personal = {f.name for f in declared.fields if f.personal}
    missing = {f.name: "-" for f in declared.fields if f.needed(merged) and f.name in personal}
    facts, texts = read_values(declared, instance, {**missing, **merged})
    facts[declared.fact(dict(merged))] = to_text(moment)
    gone = sorted(set(before) - set(facts))
    data |= {"record": kind, "set": facts}
    if gone:
        data["unset"] = gone
    texts = {name: text for name, text in texts.items() if name in values}
    return {**data, "texts": texts} if texts else data


def _moment_of(event: Event) -> datetime:
    corrected = event.data.get("moment")
    return to_moment(corrected) if corrected else event.occurred_at
