"""Dates verified: each deadline resolved anew with the plan, calendar and events of its day.

A date that an event says is compared with that event; one that the plan's rule
gives is computed again from what had been recorded when it was set. Where the
working days of that day cannot be had any more (another release of a calendar
package), or the event that set it was not kept yet, a date is left undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime
from typing import Any, cast

from engine.deadline import Deadline, Exempt, Rungs, Timer, TimerState
from engine.errors import N_, EngineError
from engine.events import Event, Kind
from engine.facts import to_text
from engine.ladder import Unit
from engine.past import Horizon
from engine.ports import Reader
from engine.replay import Break
from workflows import office
from workflows.deadlines.days import Unit as DayUnit
from workflows.plan.model import REPLY, Plan, Step
from workflows.plan.store_form import from_data
from workflows.running.desk import CALENDAR, Application, Desk, desk
from workflows.running.own_clocks import has_own_clock, own_date
from workflows.running.past import past_of
from workflows.running.schedule import (
    happened_on,
    ladder_of,
    narrowed_rules,
    resolve_step,
    rung_moment,
    rung_number,
)
from workflows.running.slips import answer_date

ALWAYS = datetime(MAXYEAR, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Dated:
    """How many dates were verified, and how many could not be."""

    decided: int = 0
    undecided: int = 0


def verify_dates(app: Application, reader: Reader, cycle: str, dated: Dated) -> Iterator[Break]:
    """Yield every deadline, timer and exemption that is not what it must be."""
    checking = _Checking(app, reader, cycle, dated)
    yield from checking.deadlines()
    yield from checking.timers()
    yield from checking.derived()


class _UpTo:
    """A reader whose histories end with what had been recorded at a position."""

    def __init__(self, reader: Reader, position: int, known: dict[str, Sequence[Event]]) -> None:
        self._reader, self._position, self._known = reader, position, known

    def history(self, key: str) -> Sequence[Event]:
        if key not in self._known:
            self._known[key] = self._reader.history(key)
        return [e for e in self._known[key] if e.position <= self._position]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


class _Checking:
    """One cycle's dates while they are verified."""

    def __init__(self, app: Application, reader: Reader, cycle: str, dated: Dated) -> None:
        self._app, self._reader, self._cycle, self._dated = app, reader, cycle, dated
        self._desk = desk(app, reader, cycle)
        self._all = reader.deadlines(cycle, all_versions=True)
        self._histories: dict[str, Sequence[Event]] = {}
        self._events: dict[int, Event | None] = {}
        self._desks: dict[int, Desk[Reader]] = {}
        self._resolved: dict[tuple[int, str], Sequence[Deadline]] = {}
        self._adopted = [
            e
            for e in (reader.history(office.KEY) if reader.find(office.KEY) else ())
            if e.kind is Kind.CALENDAR
        ]
        self._amended = [
            e for e in reader.history(cycle) if e.kind is Kind.AMENDED and "plan" in e.data
        ]

    def deadlines(self) -> Iterator[Break]:
        """Yield each deadline whose date is not the one that its event or its rule gives."""
        last: dict[tuple[str, str, str], int] = {}
        for d in self._all:
            place = (d.step, d.occurrence, d.instance)
            last[place] = max(last.get(place, 0), d.version)
        for d in self._all:
            if d.current != (d.version == last[d.step, d.occurrence, d.instance]):
                yield self._broken(d, N_("it is not the version in force"), str(d.current), "")
                continue
            try:
                wanted = self._wanted(d)
            except (EngineError, ValueError, KeyError, TypeError) as error:
                yield self._broken(d, N_("its date cannot be computed"), str(error), "")
                continue
            if wanted is None:
                self._dated.undecided += 1
                continue
            self._dated.decided += 1
            if _shown(d) not in wanted:
                problem = N_("its date is not the one that was set")
                yield self._broken(d, problem, _shown(d), " / ".join(sorted(wanted)))

    def _wanted(self, d: Deadline) -> set[str] | None:
        """Return the dates that it may have; None where that cannot be decided."""
        event = self._event(d.event) if d.event else None
        if event is None:
            return {"-"} if d.event else None
        at = self._desk_of(d.event)
        step = at.plan.step(d.step)
        if step is None:
            return None
        if REPLY in d.step and not d.instance:
            return self._answer(at, d)
        if event.kind is Kind.DEADLINE_SET and not _says(event, d):
            due, certainty = str(event.data["due"]), str(event.data["certainty"])
            return {f"{certainty} … {due}"}
        if d.instance and not (event.kind is Kind.DEADLINE_SET and has_own_clock(step)):
            return self._own(d, event)
        found = self._rule(at, d, step)
        if found is None or (d.calendar_edition and found.calendar_edition != d.calendar_edition):
            return None
        return {_shown(found)}

    def _rule(self, at: Desk[Reader], d: Deadline, step: Step) -> Deadline | None:
        if d.instance:
            instance = self._reader.find(d.instance)
            return own_date(at, instance, step) if instance else None
        if (d.event, step.id) not in self._resolved:
            happened = happened_on(at.unit, at.key)
            narrowed = narrowed_rules(at)
            self._resolved[d.event, step.id] = resolve_step(at, step, happened, narrowed)
        found = self._resolved[d.event, step.id]
        return next((r for r in found if r.occurrence == d.occurrence), None)

    def _own(self, d: Deadline, event: Event) -> set[str]:
        """Return the dates that an own one may have: what was granted, or what bound before."""
        if event.kind is Kind.EXTENDED:
            return {f"{d.certainty} - {event.data['to']}"}
        if event.kind is Kind.DEADLINE_SET:
            return {_shown(d)}  # it says so itself, as was compared before
        bound = [
            other
            for other in self._all
            if (other.step, other.occurrence) == (d.step, d.occurrence)
            and other.instance in ("", d.instance)
            and (other.event < d.event or (other.event == d.event and other.version < d.version))
        ]
        return {f"{d.certainty} - {_text(other.due_at)}" for other in bound}

    def _answer(self, at: Desk[Reader], d: Deadline) -> set[str] | None:
        for code, values in d.reasons:
            if code == "counted" and d.calendar_edition == at.calendar.edition:
                issued = date.fromisoformat(values["start"])
                works = values["unit"] == DayUnit.WORKING_DAY
                unit = Unit.WORKING_DAY if works else Unit.CALENDAR_DAY
                return {_shown(answer_date(at, d, issued, int(values["n"]), unit))}
        return None

    def timers(self) -> Iterator[Break]:
        """Yield each timer that fires at another moment than its rung of its date."""
        by_id = {d.id: d for d in self._all}
        for timer in self._reader.timers(self._cycle, pending=False):
            d = by_id.get(timer.deadline)
            waits = timer.state is TimerState.PENDING and not timer.cursor
            if d is None or (waits and not d.current):
                yield self._timer(timer, N_("it waits for a date that is not in force"), "")
                continue
            wanted = self._moment(timer, d)
            if wanted is not None and timer.fires_at not in wanted:
                shown = " / ".join(to_text(m) for m in wanted)
                yield self._timer(timer, N_("it fires at another moment than its date says"), shown)

    def _moment(self, timer: Timer, d: Deadline) -> list[datetime] | None:
        event = self._event(d.event) if d.event else None
        step = self._desk_of(d.event).plan.step(d.step) if event else None
        if step is None or event is None or (d.due_at is None and timer.rung != Rungs.OPEN):
            return None
        if timer.rung == Rungs.OPEN:
            return [d.opens_at] if d.opens_at else []
        number = rung_number(timer)
        if d.due_at is None or event.occurred_at <= timer.fires_at <= event.recorded_at:
            return None  # set when it was past already: it fires at once
        if number is None:
            return [d.due_at]
        at = self._desk_of(d.event)
        rungs = ladder_of(at.plan, step).rungs
        if number >= len(rungs):
            return []
        if rungs[number].after_previous:
            return None
        if d.calendar_edition and at.calendar.edition != d.calendar_edition:
            return None
        moment = rung_moment(at, d.due_at, rungs[number])
        return [moment, max(moment, d.opens_at or moment)]

    def derived(self) -> Iterator[Break]:
        """Yield each exemption that is not what the events make it."""
        past = past_of(self._reader, self._cycle, Horizon(ALWAYS, ALWAYS))
        stored: dict[tuple[str, str], Exempt] = {}
        for kind in Exempt:
            stored |= dict.fromkeys(self._reader.exempt(self._cycle, kind), kind)
        wanted = {
            (key, step): kind
            for key, steps in past.exemptions.items()
            for step, kind in steps.items()
        }
        for key, step in sorted(stored.keys() | wanted.keys()):
            found, expected = stored.get((key, step)), wanted.get((key, step))
            if found != expected:
                yield _projection(key, f"{step}: {found or '-'}", f"{step}: {expected or '-'}")

    def _event(self, position: int) -> Event | None:
        if position not in self._events:
            self._events[position] = self._reader.event(position)
        return self._events[position]

    def _desk_of(self, position: int) -> Desk[Reader]:
        """Return the desk as it was when the event at ``position`` was recorded."""
        if position not in self._desks:
            edition = self._reader.setting(CALENDAR)
            if self._adopted:
                edition = str(self._adopted[0].data["before"])
            for event in self._adopted:
                if event.position < position:
                    edition = str(event.data["edition"])
            plan = self._plan_of(position)
            days: Mapping[str, Any] = self._reader.calendar(edition) if edition else {}
            self._desks[position] = Desk(
                unit=cast(Reader, _UpTo(self._reader, position, self._histories)),
                key=self._cycle,
                plan=plan,
                calendar=self._app.calendar_of(plan.calendar, edition, days),
            )
        return self._desks[position]

    def _plan_of(self, position: int) -> Plan:
        """Return the plan under which the cycle ran when the event at ``position`` was recorded."""
        edition = ""
        for event in self._amended:
            if not edition:
                edition = str(event.data["before"])
            if event.position < position:
                edition = str(event.data["plan"])
        if not edition:
            return self._desk.plan
        if edition not in self._app.plans:
            self._app.plans[edition] = from_data(dict(self._reader.published_plan(edition)))
        return self._app.plans[edition]

    def _broken(self, d: Deadline, problem: str, found: str, expected: str) -> Break:
        event = self._event(d.event) if d.event else None
        return Break(
            instance=event.instance if event else d.instance or d.cycle,
            sequence=event.sequence if event else 0,
            code="date",
            problem=problem,
            found=f"{d.id}: {found}",
            expected=expected,
        )

    def _timer(self, timer: Timer, problem: str, expected: str) -> Break:
        return Break(
            instance=timer.cycle,
            sequence=0,
            code="timer",
            problem=problem,
            found=f"{timer.id}: {to_text(timer.fires_at)}",
            expected=expected,
        )


def _projection(key: str, found: str, expected: str) -> Break:
    return Break(
        instance=key,
        sequence=0,
        code="projection",
        problem=N_("the projection differs from the history"),
        found=found,
        expected=expected,
    )


def _says(event: Event, d: Deadline) -> bool:
    """Return whether the event that set a date says just this."""
    data = event.data
    return (data["step"], data["occurrence"], data["version"], data["certainty"], data["due"]) == (
        d.step,
        d.occurrence,
        d.version,
        str(d.certainty),
        _text(d.due_at) if d.due_at else "",
    )


def _shown(d: Deadline) -> str:
    return f"{d.certainty} {_text(d.opens_at)} {_text(d.due_at)}"


def _text(moment: datetime | None) -> str:
    return to_text(moment) if moment else "-"
