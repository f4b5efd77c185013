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
    BadMoment,
    BadRecord,
    NothingToAnswer,
    NotNow,
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
        NothingToAnswer: what it answers has not been recorded.
        BadRecord: a field is missing, unknown, or not one of its choices.
        BadFact, BadText: a value is of another type.
        BadMoment: the act's moment lies in the future, or before what it answers.

    """
    workflow = unit.machine(instance.edition).workflow
    declared = known_record(workflow, instance, kind)
    if act.occurred_at > unit.now:
        raise BadMoment(moment=act.occurred_at, problem=N_("it lies in the future"))
    asked = asked_at(declared, instance)
    if asked is not None and act.occurred_at < asked:
        problem = N_("it lies before what it answers")
        raise BadMoment(moment=act.occurred_at, problem=problem, last=asked)
    values = named(declared, values)
    facts, texts = read_values(declared, instance, values)
    facts[declared.fact(dict(values))] = to_text(act.occurred_at)
    blank = act.on(unit, instance, Kind.RECORDED, {"record": kind, "set": facts})
    event = unit.append(replace(blank, texts={**blank.texts, **texts}))
    return [event, *settle(unit, unit.load(instance.key), event)]


def named(declared: RecordKind, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``values`` with what names the thing cleaned: it becomes the name of a fact.

    Raises:
        BadText: it cannot be kept.

    """
    name = values.get(declared.per)
    if name is None:
        return values
    return {**values, declared.per: clean_text(declared.per, str(name), 200)}


def asked_at(declared: RecordKind, instance: Instance) -> datetime | None:
    """Return when that was done which a record answers; nothing for one that answers nothing.

    Raises:
        NothingToAnswer: it has not been recorded, so there is nothing to answer.

    """
    if not declared.answers:
        return None
    asked = instance.facts.get(declared.answers)
    if asked is None:
        raise NothingToAnswer(
            key=instance.key,
            kind=declared.kind,
            answers=declared.answers,
            hint=f"duban record {instance.key} {declared.answers}",
        )
    return to_moment(str(asked))


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
