"""What people ask of a running cycle: move, force, record, correct.

Every request is one unit of work. It first fires what is due in its cycle,
by the tick's own code, so that what happens does not depend on when a daemon
ran (promise 10); then it checks who asks; then it acts; then deadlines, lamps
and lateness follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from engine import corrections, moves, records
from engine.act import Act
from engine.definition import ADMINISTRATOR
from engine.errors import AuthorityRequired, NotFound, ReasonRequired, UnknownRecord
from engine.events import Event, Instance
from engine.facts import Value, clean_text, to_moment
from engine.ports import UnitOfWork
from workflows.roles import GROUP_OFFICE
from workflows.running.catch_up import hold_back
from workflows.running.consequences import follow
from workflows.running.desk import Application, Desk, desk
from workflows.running.firing import fire_due
from workflows.running.people import permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who asks: an account, and the post or person named with ``--as``."""

    person: str
    acting_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """When something happened and on what it rests."""

    occurred_at: datetime | date | None = None
    """A moment, or a day of the plan's zone; nothing means now."""
    reason: str = ""
    authority: str = ""


NO_GROUNDS = Grounds()


@contextmanager
def at_desk(app: Application, key: str) -> Iterator[Desk[UnitOfWork]]:
    """Open a unit of work for the cycle of ``key``, with everything fired that is due.

    Raises:
        NotFound: there is no such cycle.

    """
    with app.store.unit_of_work(app.clock.now()) as unit:
        opened = desk(app, unit, key)
        if unit.due(unit.now, opened.key):
            fire_due(replace(opened, holds_until=hold_back(opened)))
        yield opened


def move(
    app: Application,
    key: str,
    trigger: str,
    who: Who,
    grounds: Grounds = NO_GROUNDS,
    *,
    leave_behind: bool = False,
) -> Sequence[Event]:
    """Make one move, with its cascade and what follows of itself.

    Raises:
        EngineError: the machine or the roles refuse; nothing was recorded.

    """
    with at_desk(app, key) as at:
        return move_at(at, key, trigger, who, grounds, leave_behind=leave_behind)


def move_at(
    at: Desk[UnitOfWork],
    key: str,
    trigger: str,
    who: Who,
    grounds: Grounds,
    *,
    leave_behind: bool = False,
) -> Sequence[Event]:
    """Make one move at an open desk; `move` says the rest."""
    instance = at.unit.load(key)
    machine = at.unit.machine(instance.edition)
    edge = machine.edge(trigger, instance.state)
    acting_for = ""
    if edge is not None:
        acting_for = permit(at, who.person, who.acting_for, instance.owner, edge.by, trigger, key)
    act = act_of(at, instance, who, grounds, acting_for)
    events = moves.move(at.unit, instance, trigger, act, leave_behind=leave_behind)
    follow(at, instance, events, who.person)
    return events


def force(
    app: Application, key: str, target: str, who: Who, grounds: Grounds, *, cascade: bool = False
) -> Sequence[Event]:
    """Force an instance into a state; administrators only, with reason and authority.

    Raises:
        ReasonRequired, AuthorityRequired: one of the two texts is missing.
        NotPermitted: the person is no administrator.
        NotForcible: the machine declares no such forced move.

    """
    with at_desk(app, key) as at:
        return force_at(at, key, target, who, grounds, cascade=cascade)


def force_at(
    at: Desk[UnitOfWork],
    key: str,
    target: str,
    who: Who,
    grounds: Grounds,
    *,
    cascade: bool = False,
) -> Sequence[Event]:
    """Force at an open desk; `force` says the rest."""
    instance = at.unit.load(key)
    acting_for = permit(at, who.person, "", "", (ADMINISTRATOR,), "force", key)
    if not grounds.reason.strip():
        raise ReasonRequired(act="force", key=key)
    if not grounds.authority.strip():
        raise AuthorityRequired(act="force", key=key)
    act = act_of(at, instance, who, grounds, who.acting_for or acting_for)
    events = moves.force(at.unit, instance, target, act, cascade=cascade)
    follow(at, instance, events, who.person)
    return events


def record(
    app: Application,
    key: str,
    kind: str,
    values: Mapping[str, Any],
    who: Who,
    grounds: Grounds = NO_GROUNDS,
) -> Sequence[Event]:
    """Hand in or note down a record, with what follows of itself.

    Raises:
        EngineError: the machine or the roles refuse; nothing was recorded.

    """
    with at_desk(app, key) as at:
        return record_at(at, key, kind, values, who, grounds)


def record_at(
    at: Desk[UnitOfWork],
    key: str,
    kind: str,
    values: Mapping[str, Any],
    who: Who,
    grounds: Grounds,
) -> Sequence[Event]:
    """Record at an open desk; `record` says the rest."""
    instance = at.unit.load(key)
    workflow = at.unit.machine(instance.edition).workflow
    declared = workflow.record(kind)
    if declared is None:
        raise UnknownRecord(key=key, kind=kind, known=[r.kind for r in workflow.records])
    acting_for = permit(
        at, who.person, who.acting_for, instance.owner, declared.by, f"record {kind}", key
    )
    act = act_of(at, instance, who, grounds, acting_for)
    act = _answering(at, instance.facts.get(declared.answers), grounds, act)
    events = records.record(at.unit, instance, kind, values, act)
    follow(at, instance, events, who.person)
    return events


def _answering(at: Desk[UnitOfWork], asked: Value | None, grounds: Grounds, act: Act) -> Act:
    """Return the act of a record; one of a mere day comes after what it answers on that day."""
    if asked is None or isinstance(grounds.occurred_at, datetime):
        return act
    moment = to_moment(str(asked))
    same_day = moment.astimezone(at.zone).date() == act.occurred_at.astimezone(at.zone).date()
    return replace(act, occurred_at=max(moment, act.occurred_at)) if same_day else act


def correct(
    app: Application,
    position: int,
    who: Who,
    grounds: Grounds,
    *,
    values: Mapping[str, Any] | None = None,
    void: bool = False,
) -> Sequence[Event]:
    """Supersede a wrong date, document or record by a new event; the old one stays.

    Raises:
        NotFound: there is no such event.
        ReasonRequired: no reason was given.
        EngineError: the event cannot be corrected so.

    """
    with app.store.reading() as reader:
        wrong = reader.event(position)
    if wrong is None:
        raise NotFound(what="event", key=position, hint="duban history INSTANCE")
    with at_desk(app, wrong.instance) as at:
        return correct_at(at, wrong, who, grounds, values=values, void=void)


def correct_at(
    at: Desk[UnitOfWork],
    wrong: Event,
    who: Who,
    grounds: Grounds,
    *,
    values: Mapping[str, Any] | None = None,
    void: bool = False,
) -> Sequence[Event]:
    """Correct at an open desk; `correct` says the rest."""
    instance = at.unit.load(wrong.instance)
    acting_for = permit(
        at,
        who.person,
        who.acting_for,
        instance.owner,
        (GROUP_OFFICE, ADMINISTRATOR),
        "correct",
        f"{wrong.instance} #{wrong.sequence}",
    )
    right = None
    if grounds.occurred_at is not None:
        right = moment_of(at, grounds.occurred_at, None)
    act = act_of(
        at,
        instance,
        who,
        Grounds(reason=grounds.reason, authority=grounds.authority),
        acting_for,
    )
    events = corrections.correct(
        at.unit, wrong.position, act, occurred_at=right, values=values, void=void
    )
    follow(at, instance, events, who.person)
    return events


def act_of(
    at: Desk[UnitOfWork], instance: Instance, who: Who, grounds: Grounds, acting_for: str
) -> Act:
    """Return the act that a request stands for.

    Raises:
        BadText: reason or authority cannot be kept.

    """
    return Act(
        actor=who.person,
        acting_for=acting_for,
        occurred_at=moment_of(at, grounds.occurred_at, instance),
        reason=clean_text("reason", grounds.reason),
        authority=clean_text("authority", grounds.authority, 400),
    )


def moment_of(
    at: Desk[UnitOfWork], when: datetime | date | None, instance: Instance | None
) -> datetime:
    """Return the moment that ``when`` means.

    A day alone means its noon; if the instance moved later on that day, or
    noon is still to come today, that moment: people who write a day mean an order.
    """
    if when is None:
        return at.now
    if isinstance(when, datetime):
        return when
    moment = datetime.combine(when, time(12), at.zone)
    moved = instance.moved_at if instance else None
    if moved and moved.astimezone(at.zone).date() == when:
        moment = max(moment, moved)
    return min(moment, at.now) if when == at.today else moment
