"""Corrections: a wrong date, document or record is superseded by an event; the old one stays.

What is right afterwards is what the facts would be had every record been made
right from the start. So putting an older record right leaves a newer one of
its kind as it is, what a move made void stays void, and voiding the newest
lets the one before it stand again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.act import Act
from engine.content import belongs, content, moment_of, standing
from engine.errors import (
    N_,
    AlreadyExists,
    BadMoment,
    BadRecord,
    NotFound,
    ReasonRequired,
    StillAnswered,
)
from engine.events import NOTHING, Data, Event, Instance, Kind
from engine.facts import to_text
from engine.moves import settle
from engine.ports import UnitOfWork
from engine.records import named, read_values


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
        StillAnswered: an answer that stands would answer nothing any more.

    """
    wrong = unit.event(position)
    if wrong is None:
        raise NotFound(what="event", key=position, hint="duban history INSTANCE")
    if not act.reason:
        raise ReasonRequired(act="correct", key=f"{wrong.instance} #{wrong.sequence}")
    if occurred_at is not None and occurred_at > unit.now:
        raise BadMoment(moment=occurred_at, problem=N_("it lies in the future"))
    instance = unit.load(wrong.instance)
    history = unit.history(wrong.instance)
    for event in history:
        if event.data.get("corrects") == position:
            raise AlreadyExists(
                what="correction", key=position, hint=f"duban correct {event.position}"
            )
    data = _correction(unit, instance, wrong, occurred_at, values or {}, void=void)
    texts = data.pop("texts", {})
    if "record" in data:
        data |= _effect(instance, history, wrong, data)
        _answers_something(unit, instance, data)
    blank = act.on(unit, instance, Kind.CORRECTED, data)
    texts = {**blank.texts, **texts}
    event = unit.append(replace(blank, occurred_at=unit.now, texts=texts))
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
    """Return what is right, given what the wrong event had told."""
    before = dict(content(wrong))
    moment = occurred_at or moment_of(wrong)
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
    if kind is None or wrong.data.get("void"):
        raise BadRecord(
            kind=kind or wrong.kind,
            key=instance.key,
            problem=N_("only records and moves can be corrected"),
            field=str(wrong.position),
        )
    declared = unit.machine(instance.edition).workflow.record(kind)
    if void or declared is None:
        return {**data, "record": kind, "void": True}
    main = _main(before, kind)
    per = {declared.per: main.partition(":")[2]} if declared.per else {}
    kept = {f.removeprefix(f"{main}."): v for f, v in before.items() if f != main}
    merged = named(declared, {**kept, **per, **values})
    personal = {f.name for f in declared.fields if f.personal}
    missing = {f.name: "-" for f in declared.fields if f.needed(merged) and f.name in personal}
    facts, texts = read_values(declared, instance, {**missing, **merged})
    facts[declared.fact(dict(merged))] = to_text(moment)
    data |= {"record": kind, "set": facts}
    texts = {name: text for name, text in texts.items() if name in values}
    return {**data, "texts": texts} if texts else data


def _effect(
    instance: Instance, history: Sequence[Event], wrong: Event, right: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a correction sets and unsets, and what it says where that is not the same."""
    kind = str(right["record"])
    said: Data = right.get("set", NOTHING)
    wanted = standing([*history, _superseding(wrong, right)], kind)
    present = {fact: v for fact, v in instance.facts.items() if belongs(fact, kind)}
    effect: dict[str, Any] = {}
    if all(wanted.get(fact) == value for fact, value in said.items()):
        changed = {f: v for f, v in wanted.items() if f in said or present.get(f) != v}
    else:
        changed = {f: v for f, v in wanted.items() if present.get(f) != v}
        effect["says"] = said
    if changed or said:
        effect["set"] = changed
    if gone := sorted(set(present) - set(wanted)):
        effect["unset"] = gone
    return effect


def _superseding(wrong: Event, right: Mapping[str, Any]) -> Event:
    return replace(wrong, kind=Kind.CORRECTED, position=0, data=right)


def _main(facts: Data, kind: str) -> str:
    """Return the fact that says when the record was made, its fields left out."""
    return min((f for f in facts if f == kind or f.startswith(f"{kind}:")), key=len)


def _answers_something(unit: UnitOfWork, instance: Instance, right: Mapping[str, Any]) -> None:
    """Refuse to take away what an answer that stands had answered."""
    gone = right.get("unset", ())
    for declared in unit.machine(instance.edition).workflow.records:
        if declared.answers in gone and declared.kind in instance.facts:
            raise StillAnswered(
                key=instance.key,
                kind=declared.kind,
                answers=declared.answers,
                hint=f"duban history {instance.key}",
            )
