"""Recalculating dates under another working calendar: seen first, then applied (R-25, design 8).

What has fired stays, and what was due has fired before. Every deadline and
every unfired timer is computed again; what moves is listed with how far and
whom it touches. The list is made by the very code that applies it, in a unit
of work that is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from engine.act import Act
from engine.deadline import Deadline, Timer, TimerState
from engine.definition import ADMINISTRATOR
from engine.errors import NotFound, NotPermitted
from engine.events import Data, Event, Kind
from engine.facts import clean_text
from engine.guards import ALWAYS
from engine.ladder import Unit
from engine.population import Tally
from engine.ports import Reader, UnitOfWork
from workflows import office
from workflows.deadlines.days import Unit as DayUnit
from workflows.plan.model import REPLY, Scope, Step
from workflows.plan.oversight import Guarded
from workflows.running.asking import ADOPT, Asked, Grounds, Who
from workflows.running.catch_up import hold_back
from workflows.running.desk import CALENDAR, Application, Desk, desk, take
from workflows.running.firing import fire_due
from workflows.running.own_clocks import has_own_clock, own_date
from workflows.running.people import is_administrator
from workflows.running.proposals import Doing, NoGlassToBreak, carry_out, watching
from workflows.running.redating import set_deadline, unfired
from workflows.running.schedule import (
    happened_on,
    last_day_of,
    narrowed_rules,
    resolve_step,
    same_date,
)
from workflows.running.slips import answer_date
from workflows.running.steps import concerned, laggards, owner_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One deadline that another calendar moves, or whose reminders it moves."""

    cycle: str
    step: Step
    before: Deadline
    after: Deadline
    timers: int
    """How many unfired timers get another moment."""
    days: int = 0
    """By how many calendar days the last day in time moves; 0 where only reminders do."""
    touched: Sequence[Tally] = field(default_factory=tuple)
    """Who still owes it: per owner how many, and the first of them."""


class _TakeBack(Exception):
    """Raised inside the unit of work so that nothing of it becomes durable."""


def preview(app: Application, edition: str = "", days: Data | None = None) -> Sequence[Shift]:
    """Return what would move in all cycles if ``days`` counted; nothing is changed.

    Without ``days``: what would move under the calendars as they are installed
    now. A cycle that has ended is left alone.
    """
    found: list[Shift] = []
    try:
        with app.store.unit_of_work(app.clock.now()) as unit:
            found += [shift for _, shift in _moving(app, unit, edition, days)]
            raise _TakeBack  # noqa: TRY301 - this is how a unit is taken back
    except _TakeBack:
        return found


def adopt(
    app: Application, edition: str, days: Data | None, who: Who, grounds: Grounds
) -> Sequence[Event]:
    """Let ``days`` count from now on, and move what they move; one event of the office says so.

    Where the plan of a running cycle asks for two persons it is proposed there.

    Raises:
        NotPermitted: the person is no administrator.
        BadText: reason or authority cannot be kept.

    """
    values = {"edition": edition, "days": days is not None}
    asked = Asked(act=ADOPT, key=office.KEY, values=values, who=who, grounds=grounds)
    cycle = watching(app, "", Guarded.CALENDAR)
    if cycle:
        with app.store.unit_of_work(app.clock.now()) as unit:
            _require_administrator(unit, asked)
            if days is not None:
                unit.publish_calendar(edition, days)
        watched = replace(asked, key=cycle)
        return carry_out(app, watched, ACTS[ADOPT], lambda _at: Guarded.CALENDAR)
    if grounds.alone:
        raise NoGlassToBreak(act=ADOPT, key=edition)
    with app.store.unit_of_work(app.clock.now()) as unit:
        take(app, unit, office.KEY)
        return _adopt(app, unit, asked, days)


def _require_administrator(unit: UnitOfWork, asked: Asked) -> None:
    person = asked.who.person
    if not is_administrator(unit, person, unit.now.date()):
        key = asked.values["edition"]
        raise NotPermitted(person=person, act=ADOPT, key=key, allowed=[ADMINISTRATOR])


def _adopt(app: Application, unit: UnitOfWork, asked: Asked, days: Data | None) -> Sequence[Event]:
    _require_administrator(unit, asked)
    grounds, before = asked.grounds, unit.setting(CALENDAR)
    moving = _moving(app, unit, asked.values["edition"], days)
    act = Act(
        actor=asked.who.person,
        acting_for=ADMINISTRATOR,
        occurred_at=unit.now,
        authority=clean_text("authority", grounds.authority, 400),
        reason=clean_text("reason", grounds.reason),
        cause=grounds.cause,
        chain=grounds.chain,
    )
    data = {"edition": unit.setting(CALENDAR), "before": before, "moved": len(moving)}
    cause = unit.append(act.on(unit, unit.load(office.KEY), Kind.CALENDAR, data))
    timers = {at.key: unit.timers(at.key, pending=False) for at, _ in moving}
    for at, shift in moving:
        set_deadline(at, shift.step, shift.after, shift.before, cause, timers[at.key])
    return [cause]


def _adopt_at(at: Desk[UnitOfWork], asked: Asked) -> Sequence[Event]:
    if at.app is None:
        raise NotFound(what="cycle", key=at.key, hint="duban status")
    edition = asked.values["edition"]
    return _adopt(
        at.app, at.unit, asked, at.unit.calendar(edition) if asked.values["days"] else None
    )


ACTS: Mapping[str, Doing] = MappingProxyType({ADOPT: _adopt_at})
"""What can be proposed, by name."""


def _moving(
    app: Application, unit: UnitOfWork, edition: str, days: Data | None
) -> list[tuple[Desk[UnitOfWork], Shift]]:
    """Fire what is due by the old days, let the new ones count, and return what they move."""
    unit.hold(office.KEY)
    running = [c for c in unit.cycles() if c.state not in unit.machine(c.edition).workflow.final]
    for cycle in running:
        unit.hold(cycle.key)
        at = desk(app, unit, cycle.key)
        if unit.due(unit.now, at.key):
            fire_due(replace(at, holds_until=hold_back(at)))
    if days is not None:
        unit.publish_calendar(edition, days)
        unit.set_setting(CALENDAR, edition)
    return [
        (at, shift)
        for cycle in running
        for at in [desk(app, unit, cycle.key)]
        for shift in shifts(at)
    ]


def shifts(at: Desk[Reader]) -> Iterator[Shift]:
    """Yield what differs between the dates that are kept and what the desk's calendar says."""
    kept = sorted(at.unit.deadlines(at.key), key=lambda d: bool(d.instance))
    timers = at.unit.timers(at.key, pending=False)
    by_deadline: dict[str, list[Timer]] = {}
    for timer in timers:
        by_deadline.setdefault(timer.deadline.rpartition("#")[0], []).append(timer)
    happened, narrowed = happened_on(at.unit, at.key), narrowed_rules(at)
    shared: dict[tuple[str, str], tuple[Deadline, Deadline]] = {}
    resolved: dict[str, Sequence[Deadline]] = {}
    for before in kept:
        step = at.plan.step(before.step)
        if step is None:
            continue
        if before.instance:
            after = _own(at, step, before, shared.get((before.step, before.occurrence)))
        elif REPLY in before.step:
            after = answer_again(at, before)
        else:
            if step.id not in resolved:
                resolved[step.id] = resolve_step(at, step, happened, narrowed)
            new = resolved[step.id]
            after = next((d for d in new if d.occurrence == before.occurrence), before)
        if not before.instance:
            shared[before.step, before.occurrence] = before, after
        mine = by_deadline.get(before.id.rpartition("#")[0], [])
        waiting = {(t.rung, t.fires_at) for t in mine if t.deadline == before.id and _waits(t)}
        armed = {(t.rung, t.fires_at) for t in unfired(at, step, after, before, mine)}
        moved = {rung for rung, _ in armed ^ waiting}
        if not same_date(before, after) or moved:
            yield Shift(
                cycle=at.key,
                step=step,
                before=before,
                after=after,
                timers=len(moved),
                days=days_moved(at, before, after),
                touched=touched_by(at, step, before),
            )


def _waits(timer: Timer) -> bool:
    return timer.state is TimerState.PENDING


def _own(
    at: Desk[Reader], step: Step, before: Deadline, shared: tuple[Deadline, Deadline] | None
) -> Deadline:
    """Return an own date anew: by the own clock, or with the shared date of which it is a copy."""
    if has_own_clock(step):
        instance = at.unit.find(before.instance)
        return own_date(at, instance, step) if instance else before
    if shared is not None and shared[0].due_at == before.due_at:
        new = shared[1]
        return replace(
            before,
            due_at=new.due_at,
            last_day=new.last_day,
            certainty=before.certainty if same_date(*shared) else new.certainty,
            calendar_edition=new.calendar_edition,
        )
    return before  # somebody granted it, as a day


def answer_again(at: Desk[Reader], before: Deadline) -> Deadline:
    """Return the date by which a slip is to be answered, counted again from its issue."""
    for code, values in before.reasons:
        if code == "counted":
            issued = date.fromisoformat(values["start"])
            days = int(values["n"])
            working = values["unit"] == DayUnit.WORKING_DAY
            unit = Unit.WORKING_DAY if working else Unit.CALENDAR_DAY
            return answer_date(at, before, issued, days, unit)
    return before


def days_moved(at: Desk[Reader], before: Deadline, after: Deadline) -> int:
    """Return by how many days the last day in time moves."""
    if before.due_at is None or after.due_at is None:
        return 0
    return (last_day_of(at, after.due_at) - last_day_of(at, before.due_at)).days


def touched_by(at: Desk[Reader], step: Step, before: Deadline) -> Sequence[Tally]:
    """Return who owes what the deadline asks: per owner how many, and the first of them."""
    tallies = at.unit.tally(laggards(at.plan, step, before), first=5)
    if step.hand_in and not at.unit.count(concerned(step, before, ALWAYS)):
        # What a later occurrence asks for is created when it opens; whom it will concern is known.
        sections = [s.id for s in at.plan.sections] if step.scope is Scope.SECTIONS else [""]
        return [Tally(owner=owner_of(step, s), count=0, first=()) for s in sections]
    return [replace(tally, owner=owner_of(step, tally.owner)) for tally in tallies]
