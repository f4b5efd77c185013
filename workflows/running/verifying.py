"""Dates verified: each deadline resolved anew with the plan, calendar and events of its day.

A date that an event says is compared with that event; one that the plan's rule
gives is computed again from what had been recorded when it was set. Where the
working days of that day cannot be had any more (another release of a calendar
package), or the event that set it was not kept yet, a date is left undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.deadline import Certainty, Deadline, Exempt
from engine.errors import N_, EngineError
from engine.events import Event, Kind
from engine.facts import to_text
from engine.ladder import Unit
from engine.ports import Reader
from engine.replay import Break
from workflows.deadlines.days import Unit as DayUnit
from workflows.plan.model import REPLY, Step
from workflows.running.desk import Application, Desk
from workflows.running.hindsight import Hindsight
from workflows.running.lapse import PROPOSAL
from workflows.running.lives import Lives
from workflows.running.own_clocks import has_own_clock, own_date
from workflows.running.schedule import (
    AMENDED,
    deadline_id,
    happened_on,
    narrowed_rules,
    resolve_step,
)
from workflows.running.slips import answer_date
from workflows.running.timer_audit import TimerAudit

_SAY_CALENDAR = (Kind.DEADLINE_SET, Kind.OPENED)
"""What says by which working days a date was set."""


@dataclass(slots=True)
class Dated:
    """How many dates were verified, and how many could not be."""

    decided: int = 0
    undecided: int = 0


def verify_dates(app: Application, reader: Reader, cycle: str, dated: Dated) -> Iterator[Break]:
    """Yield every deadline, timer and exemption that is not what it must be."""
    checking = _Checking(app, reader, cycle, dated)
    yield from checking.plan()
    yield from checking.deadlines()
    yield from checking.timers()
    yield from checking.derived()


class _Checking:
    """One cycle's dates while they are verified."""

    def __init__(self, app: Application, reader: Reader, cycle: str, dated: Dated) -> None:
        self._reader, self._cycle, self._dated = reader, cycle, dated
        self._hindsight = Hindsight(app, reader, cycle)
        self._all = self._hindsight.deadlines
        self._resolved: dict[tuple[int, str], Sequence[Deadline]] = {}
        self._timers = TimerAudit(self._hindsight, reader.timers_told(cycle))

    def plan(self) -> Iterator[Break]:
        """Yield what is wrong with the plan under which the cycle runs."""
        bound, _ = self._reader.plan(self._cycle)
        opening, amended = self._hindsight.own[0], self._hindsight.amended
        told = [str(e.data["plan"]) for e in (opening, *amended) if "plan" in e.data]
        if not told:
            self._dated.undecided += 1  # opened before that was kept
        elif bound != told[-1]:
            yield Break(
                instance=self._cycle,
                sequence=0,
                code="plan",
                problem=N_("it runs under another plan than its events say"),
                found=bound,
                expected=told[-1],
            )

    def deadlines(self) -> Iterator[Break]:
        """Yield each deadline whose date is not the one that its event or its rule gives."""
        versions: dict[tuple[str, str, str], set[int]] = {}
        for d in self._all:
            versions.setdefault((d.step, d.occurrence, d.instance), set()).add(d.version)
        for (step, occurrence, instance), found in versions.items():
            if found != set(range(1, len(found) + 1)):
                name = "!".join(p for p in (f"{step}@{occurrence}", instance) if p)
                yield self._absent(name, sorted(set(range(1, max(found))) - found))
        for d in self._all:
            if d.id != deadline_id(d, d.version):
                yield self._broken(d, N_("it has another name"), "", deadline_id(d, d.version))
            if d.current != (d.version == max(versions[d.step, d.occurrence, d.instance])):
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
            yield from self._amended(d)
        yield from self._missing()

    def _amended(self, d: Deadline) -> Iterator[Break]:
        """Yield each note of an amendment on a date that no amendment has made.

        By such a note nobody is judged who acted before it.
        """
        for code, values in d.reasons:
            if code != AMENDED:
                continue
            event = next(
                (e for e in self._hindsight.amended if to_text(e.recorded_at) == values["at"]), None
            )
            dues = {
                _text(other.due_at) if other.due_at else ""
                for other in self._all
                if (other.step, other.occurrence) == (d.step, d.occurrence)
                and other.version < d.version
            }
            if event is not None and d.step in event.data.get("added", ()):
                dues.add("")
            if event is None or values["due"] not in dues:
                problem = N_("it names an amendment that did not change it so")
                yield self._broken(d, problem, f"{values['at']} {values['due']}", "")

    def _missing(self) -> Iterator[Break]:
        """Yield each date that an event set, or that the plan has, and that is not there."""
        places = {(d.step, d.occurrence, d.instance, d.version) for d in self._all}
        by_event = {d.event for d in self._all}
        for event in self._hindsight.setting:
            own = event.instance if event.instance != self._cycle else ""
            if event.kind is Kind.DEADLINE_SET:
                place = (event.data["step"], event.data["occurrence"], event.data["version"])
                there = any((*place[:2], key, place[2]) in places for key in {own, ""})
            else:
                there = event.position in by_event
            if not there:
                yield Break(
                    instance=event.instance,
                    sequence=event.sequence,
                    code="date",
                    problem=N_("the date that it set is not there"),
                )
        opening = self._hindsight.own[0]
        at = self._hindsight.desk_of(opening.position)
        if not self._all or min(by_event) == 0:
            return  # from before it was kept which event set what
        happened = happened_on(at.unit, at.key)
        for step in at.plan.steps:
            for found in resolve_step(at, step, happened):
                if (found.step, found.occurrence, "", 1) not in places:
                    yield self._absent(f"{found.step}@{found.occurrence}", [1])

    def _absent(self, name: str, versions: Sequence[int]) -> Break:
        return Break(
            instance=self._cycle,
            sequence=0,
            code="date",
            problem=N_("a date is not there"),
            expected=f"{name}: {', '.join(f'#{v}' for v in versions)}",
        )

    def _wanted(self, d: Deadline) -> set[str] | None:
        """Return the dates that it may have; None where that cannot be decided."""
        event = self._hindsight.event(d.event)
        if event is None:
            return {"-"} if d.event else None
        if d.step == PROPOSAL:
            return {f"{Certainty.FIXED} - {event.data['lapses']}"}
        step = self._hindsight.step_of(d)
        return self._dates(d, event, step) if step else None

    def _dates(self, d: Deadline, event: Event, step: Step) -> set[str] | None:
        """Return the dates that one of a step of the plan may have."""
        at = self._hindsight.desk_of(d.event)
        if REPLY in d.step and not d.instance:
            return self._answer(at, d)
        if event.kind is Kind.DEADLINE_SET and not _says(event, d):
            due, certainty = str(event.data["due"]), str(event.data["certainty"])
            return {f"{certainty} … {due}"}
        said = event.data.get("calendar", "") if event.kind in _SAY_CALENDAR else ""
        if said and d.calendar_edition and d.calendar_edition != said:
            return {f"{d.certainty} … {said}"}
        if d.instance and not (event.kind is Kind.DEADLINE_SET and has_own_clock(step)):
            return self._own(d, event)
        found = self._rule(at, d, step)
        if found is None:
            return None
        if d.calendar_edition and found.calendar_edition != d.calendar_edition:
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
        """Yield each timer that is not what its date gives."""
        yield from self._timers.breaks()

    def derived(self) -> Iterator[Break]:
        """Yield each exemption that is not what the events make it, and who was passed over."""
        gathered = Lives(self._hindsight, list(self._timers.fired()))
        yield from gathered.breaks()
        stored: dict[tuple[str, str], Exempt] = {}
        for kind in Exempt:
            stored |= dict.fromkeys(self._reader.exempt(self._cycle, kind), kind)
        for key, step in sorted(stored.keys() | gathered.exemptions.keys()):
            found, expected = stored.get((key, step)), gathered.exemptions.get((key, step))
            if found != expected:
                yield _projection(key, f"{step}: {found or '-'}", f"{step}: {expected or '-'}")

    def _broken(self, d: Deadline, problem: str, found: str, expected: str) -> Break:
        event = self._hindsight.event(d.event)
        return Break(
            instance=event.instance if event else d.instance or d.cycle,
            sequence=event.sequence if event else 0,
            code="date",
            problem=problem,
            found=f"{d.id}: {found}",
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
    """Return what of a date must be so; of an own one only the date."""
    if d.instance or d.step == PROPOSAL:
        return f"{d.certainty} {_text(d.opens_at)} {_text(d.due_at)}"
    soft = " ~" if d.soft else ""
    waits = f" {d.waits_for}" if d.waits_for else ""
    return f"{d.certainty} {_text(d.opens_at)} {_text(d.due_at)} {d.last_day}{soft}{waits} {d.rule}"


def _text(moment: datetime | None) -> str:
    return to_text(moment) if moment else "-"
