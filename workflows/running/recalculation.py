"""Recalculating dates under another working calendar: seen first, then applied (R-25, design 8).

What has fired stays. Every deadline and every unfired timer is computed again;
what moves is listed with how far, before anything is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.act import Act
from engine.calendar import Calendar
from engine.deadline import Deadline, Timer
from engine.definition import ADMINISTRATOR
from engine.errors import NotPermitted
from engine.events import Data, Event, Kind
from engine.ports import Reader, UnitOfWork
from workflows import office
from workflows.plan.model import Step
from workflows.running.desk import CALENDAR, Application, Desk, desk
from workflows.running.people import is_administrator
from workflows.running.requests import Grounds, Who
from workflows.running.schedule import (
    happened_on,
    narrowed_rules,
    resolve_step,
    same_date,
    set_deadline,
    unfired,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One deadline that another calendar moves, or whose reminders it moves."""

    cycle: str
    step: Step
    before: Deadline
    after: Deadline
    timers: int
    """How many unfired timers get another moment."""

    @property
    def days(self) -> int:
        """Return by how many calendar days the date moves; 0 where only reminders do."""
        if self.before.due_at is None or self.after.due_at is None:
            return 0
        return (self.after.due_at - self.before.due_at).days


def preview(app: Application, edition: str, days: Data) -> Sequence[Shift]:
    """Return what would move in all cycles if ``days`` counted; nothing is changed.

    A cycle that has ended is left alone.
    """
    with app.store.reading() as reader:
        return [
            shift
            for cycle in reader.cycles()
            if cycle.state not in reader.machine(cycle.edition).workflow.final
            for shift in shifts(_under(app, desk(app, reader, cycle.key), edition, days))
        ]


def adopt(
    app: Application, edition: str, days: Data, who: Who, grounds: Grounds
) -> Sequence[Shift]:
    """Let ``days`` count from now on, and move what they move; one event of the office says so.

    Raises:
        NotPermitted: the person is no administrator.

    """
    with app.store.unit_of_work(app.clock.now()) as unit:
        if not is_administrator(unit, who.person, unit.now.date()):
            raise NotPermitted(
                person=who.person, act="calendar import", key=edition, allowed=[ADMINISTRATOR]
            )
        before = unit.setting(CALENDAR)
        unit.publish_calendar(edition, days)
        unit.set_setting(CALENDAR, edition)
        act = Act(
            actor=who.person,
            acting_for=ADMINISTRATOR,
            occurred_at=unit.now,
            authority=grounds.authority,
            reason=grounds.reason,
        )
        adopted = act.on(unit, unit.load(office.KEY), Kind.CALENDAR)
        cause = unit.append(replace(adopted, data={"edition": edition, "before": before}))
        moved: list[Shift] = []
        for cycle in unit.cycles():
            if cycle.state in unit.machine(cycle.edition).workflow.final:
                continue
            at = desk(app, unit, cycle.key)
            found = list(shifts(at))
            for shift in found:
                apply(at, shift, cause)
            moved += found
        return moved


def shifts(at: Desk[Reader]) -> Iterator[Shift]:
    """Yield what differs between the dates that are kept and what the desk's calendar says."""
    happened = happened_on(at.unit, at.key)
    narrowed = narrowed_rules(at.unit, at.key)
    pending: dict[str, set[tuple[str, object]]] = {}
    for timer in at.unit.timers(at.key):
        pending.setdefault(timer.deadline, set()).add((timer.rung, timer.fires_at))
    kept = at.unit.deadlines(at.key)
    for before in kept:
        step = at.plan.step(before.step)
        if step is None:
            continue
        after = before
        if not before.instance:
            new = resolve_step(at, step, happened, narrowed)
            after = next((d for d in new if d.occurrence == before.occurrence), before)
        timers = unfired(at, step, after, before)
        moved = {rung for rung, _ in _moments(timers) ^ pending.get(before.id, set())}
        if not same_date(before, after) or moved:
            yield Shift(cycle=at.key, step=step, before=before, after=after, timers=len(moved))


def apply(at: Desk[UnitOfWork], shift: Shift, cause: Event) -> None:
    """Keep the new date as the next version of the deadline."""
    set_deadline(at, shift.step, shift.after, shift.before, cause)


def _moments(timers: Sequence[Timer]) -> set[tuple[str, object]]:
    return {(timer.rung, timer.fires_at) for timer in timers}


def _under(app: Application, at: Desk[Reader], edition: str, days: Data) -> Desk[Reader]:
    calendar: Calendar = app.calendar_of(at.plan.calendar, edition, days)
    return replace(at, calendar=calendar)
