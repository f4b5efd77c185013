"""Correcting: what was recorded wrongly is superseded by an event; the old one stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from engine import corrections
from engine.content import content, moment_of
from engine.definition import ADMINISTRATOR
from engine.errors import N_, BadRecord, NotFound
from engine.events import Event
from engine.ports import UnitOfWork
from workflows.plan.oversight import Guarded
from workflows.roles import GROUP_OFFICE
from workflows.running import asking
from workflows.running.asking import Asked, Grounds, Who, act_of
from workflows.running.consequences import follow
from workflows.running.desk import Application, Desk
from workflows.running.people import permit
from workflows.running.proposals import Doing, carry_out, parted
from workflows.running.requests import personal_fields, record_at

CORRECT = "correct"


def correct(
    app: Application,
    position: int,
    who: Who,
    grounds: Grounds,
    *,
    values: Mapping[str, Any] | None = None,
    void: bool = False,
    to: str = "",
) -> Sequence[Event]:
    """Supersede a wrong date, document or record by a new event; the old one stays.

    With ``to`` the record belongs to another instance of the cycle: it is void
    where it stands and kept there. Proposed, where the plan asks for two persons.

    Raises:
        NotFound: there is no such event.
        ReasonRequired: no reason was given.
        BadRecord: it cannot be given to that instance.
        EngineError: the event cannot be corrected so.

    """
    with app.store.reading() as reader:
        wrong = reader.event(position)
    if wrong is None:
        raise NotFound(what="event", key=position, hint="duban history INSTANCE")
    said = {"event": position, "fields": dict(values or {}), "void": void, "to": to}
    asked = Asked(act=CORRECT, key=wrong.instance, values=said, who=who, grounds=grounds)

    def guard(at: Desk[UnitOfWork]) -> Guarded:
        acts = at.plan.four_eyes.acts
        back = Guarded.CORRECT not in acts and _is_put_back(at, wrong, grounds.occurred_at)
        return Guarded.BACKDATE if back else Guarded.CORRECT

    return carry_out(app, asked, _correct, guard, _part)


def _is_put_back(at: Desk[UnitOfWork], wrong: Event, when: datetime | date | None) -> bool:
    """Return whether the right moment is on an earlier day than the wrong one."""
    if when is None:
        return False
    day = when.astimezone(at.zone).date() if isinstance(when, datetime) else when
    return day < moment_of(wrong).astimezone(at.zone).date()


def _correct(at: Desk[UnitOfWork], asked: Asked) -> Sequence[Event]:
    wrong = at.unit.event(asked.values["event"])
    if wrong is None:
        raise NotFound(what="event", key=asked.values["event"], hint="duban history INSTANCE")
    values = {**asked.values["fields"], **asked.private}
    if asked.values["to"]:
        return _elsewhere(at, wrong, asked, values)
    void = asked.values["void"]
    return _correct_at(at, wrong, asked.who, asked.grounds, values=values or None, void=void)


def _part(at: Desk[UnitOfWork], asked: Asked) -> Asked:
    wrong = at.unit.event(asked.values["event"])
    kind = str(wrong.data.get("record", "")) if wrong else ""
    fields, private = parted(asked.values["fields"], personal_fields(at, asked.key, kind))
    return replace(asked, values={**asked.values, "fields": fields}, private=private)


ACTS: Mapping[str, Doing] = MappingProxyType({CORRECT: _correct})
"""What can be proposed, by name."""


def _correct_at(
    at: Desk[UnitOfWork],
    wrong: Event,
    who: Who,
    grounds: Grounds,
    *,
    values: Mapping[str, Any] | None = None,
    void: bool = False,
) -> Sequence[Event]:
    instance = at.unit.load(wrong.instance)
    acting_for = permit(
        at,
        who.person,
        who.acting_for,
        instance.owner,
        (GROUP_OFFICE, ADMINISTRATOR),
        CORRECT,
        f"{wrong.instance} #{wrong.sequence}",
    )
    right = None
    if grounds.occurred_at is not None:
        right = asking.moment_of(at, grounds.occurred_at, None)
    act = act_of(at, instance, who, replace(grounds, occurred_at=None), acting_for)
    events = corrections.correct(
        at.unit, wrong.position, act, occurred_at=right, values=values, void=void
    )
    follow(at, instance, events, who.person)
    return events


def _elsewhere(
    at: Desk[UnitOfWork], wrong: Event, asked: Asked, values: Mapping[str, Any]
) -> Sequence[Event]:
    """Void the record where it stands and keep it for another instance, in one unit of work."""
    kind, to, who, grounds = (
        str(wrong.data.get("record", "")),
        asked.values["to"],
        asked.who,
        asked.grounds,
    )
    if not kind or to.partition("/")[0] != at.key or to == wrong.instance:
        raise BadRecord(
            kind=kind or str(wrong.kind),
            key=wrong.instance,
            problem=N_("only a record can be given to another instance of its cycle"),
            field="--to",
        )
    plain = replace(grounds, occurred_at=None)
    events = list(_correct_at(at, wrong, who, plain, void=True))
    workflow = at.unit.machine(at.unit.load(wrong.instance).edition).workflow
    declared = workflow.record(kind)
    kept = {**_values(wrong, declared.per if declared else ""), **values}
    again = replace(
        grounds,
        occurred_at=grounds.occurred_at or moment_of(wrong),
        authority=grounds.authority or wrong.authority,
    )
    return [*events, *record_at(at, to, kind, kept, who, again)]


def _values(wrong: Event, per: str) -> dict[str, Any]:
    """Return the fields that a record was made with, from what it set and its texts."""
    kind = str(wrong.data["record"])
    values: dict[str, Any] = {n: text for n, text in wrong.texts.items() if n != "reason"}
    for fact, value in content(wrong).items():
        if "." in fact:
            values[fact.rpartition(".")[2]] = value
        elif per and fact.startswith(f"{kind}:"):
            values[per] = fact.partition(":")[2]
    return values
