"""Timers audited: what a date arms, by the plan and ladder under which it was set.

A timer is no event, so nothing but the date that it serves vouches for it.
Each that a date arms must be there, at its moment, in the state that
follows from what happened; none may be there beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from engine.deadline import Deadline, Rungs, Timer, TimerState
from engine.errors import N_
from engine.events import Event, Kind
from engine.facts import to_moment, to_text
from engine.judging import AT_ONCE
from engine.replay import Break
from workflows.plan.model import Step
from workflows.running.granting import granted_until
from workflows.running.hindsight import Hindsight
from workflows.running.lapse import PROPOSAL
from workflows.running.proposals import OUTCOMES
from workflows.running.schedule import ladder_of, rung_moment, rung_number, timers_of
from workflows.running.tick import LONGEST_RETRY

Named = Mapping[str, tuple[str, int]]
"""Timer → instance and sequence of the first event that it brought about."""


class TimerAudit:
    """One cycle's timers while they are audited."""

    def __init__(self, hindsight: Hindsight, named: Named) -> None:
        """Audit the timers of what ``hindsight`` looks back at."""
        self._hindsight = hindsight
        self._named = named
        self._stored = {t.id: t for t in hindsight.reader.timers(hindsight.cycle, pending=False)}
        self._deadlines = {d.id: d for d in hindsight.deadlines}
        self._places = {
            (d.step, d.occurrence, d.instance, d.version): d for d in hindsight.deadlines
        }
        self._entered: dict[tuple[str, str], bool] = {}
        self._by_rung: Mapping[tuple[str, str], Sequence[Event]] | None = None
        self._now = _reached(hindsight)

    def breaks(self) -> Iterator[Break]:
        """Yield each timer that is missing, or is not what it must be."""
        for timer in self._stored.values():
            d = self._deadlines.get(timer.deadline)
            if (
                d is None
                or timer.id != f"{timer.deadline}:{timer.rung}"
                or (timer.state is TimerState.PENDING and not timer.cursor and not d.current)
            ):
                yield _broken(timer, N_("it waits for a date that is not in force"))
                continue
            wanted = self._moments(timer, d)
            if wanted is not None and timer.fires_at not in wanted:
                problem = N_("it fires at another moment than its date says")
                yield _broken(timer, problem, " / ".join(to_text(m) for m in wanted))
            problem = self._state(timer, d)
            if problem:
                yield _broken(timer, problem)
        for missing in self._missing():
            yield _broken(missing, N_("it is not there"), to_text(missing.fires_at), found="-")
        for name, (instance, sequence) in self._named.items():
            if name not in self._stored:
                yield Break(
                    instance=instance,
                    sequence=sequence,
                    code="timer",
                    problem=N_("the timer that brought it about is not there"),
                    expected=name,
                )

    def fired(self) -> Iterator[tuple[Timer, Deadline, str]]:
        """Yield the rungs that are marked as fired, and when an event says that they did."""
        for timer in self._stored.values():
            d = self._deadlines.get(timer.deadline)
            if timer.state is not TimerState.FIRED or d is None or rung_number(timer) is None:
                continue
            told = self._named.get(timer.id)
            yield timer, d, self._recorded_at(*told) if told else ""

    def _recorded_at(self, instance: str, sequence: int) -> str:
        return to_text(self._hindsight.history(instance)[sequence - 1].recorded_at)

    def _state(self, timer: Timer, d: Deadline) -> str:
        """Return what is wrong with the state of a timer, or nothing."""
        has_fired = timer.id in self._named
        if _waits_too_long(timer, self._now):
            return N_("it is put off, and no failure lets it wait so long")
        if timer.state is TimerState.FIRED:
            if timer.fires_at > self._now:
                return N_("it is marked as fired before its moment")
            if not has_fired and timer.rung in (Rungs.OPEN, Rungs.CLOSE, Rungs.LAPSE):
                return N_("it is marked as fired, and no event tells of it")
        elif timer.state is TimerState.PENDING:
            if has_fired and not timer.cursor:
                return N_("it waits, and has fired already")
        elif d.current and not has_fired and not self._may_be_cancelled(d):
            return N_("it is cancelled, and its date is in force")
        if d.step == PROPOSAL and (timer.state is TimerState.PENDING) != self._is_open(d):
            return N_("it does not stand as its proposal does")
        return ""

    def _may_be_cancelled(self, d: Deadline) -> bool:
        if d.step == PROPOSAL:
            return not self._is_open(d)
        return self._hindsight.desk.plan.step(d.step) is None

    def _is_open(self, d: Deadline) -> bool:
        """Return whether nobody has decided on the proposal of which this is the time."""
        proposed = self._hindsight.event(d.event)
        return proposed is not None and not any(
            e.kind in OUTCOMES and e.data.get("proposal") == d.event
            for e in self._hindsight.history(proposed.instance)
        )

    def _missing(self) -> Iterator[Timer]:
        """Yield the timers that dates in force must have and have not."""
        for d in self._deadlines.values():
            event = self._hindsight.event(d.event)
            if not d.current or event is None:
                continue
            if d.step == PROPOSAL:
                wanted = [_timer(d, Rungs.LAPSE, to_moment(str(event.data["lapses"])))]
            else:
                step = self._hindsight.step_of(d)
                wanted = [] if step is None else list(self._armed(d, step, event))
            yield from (t for t in wanted if t.id not in self._stored)

    def _armed(self, d: Deadline, step: Step, event: Event) -> Iterator[Timer]:
        """Yield what the date certainly armed when the event set it, and what has fired since."""
        at = self._hindsight.desk_of(d.event)
        entered = int(event.data["rung"]) if event.kind is Kind.ENTERED else None
        if entered is not None:
            yield _timer(d, f"r{entered}", event.recorded_at)
        for timer in timers_of(at, step, d):
            number = rung_number(timer)
            if event.kind is Kind.OPENED and d.version == 1 and not d.instance:
                yield timer
            elif timer.fires_at <= event.recorded_at:
                continue  # passed when it was set: which of these are armed hangs on the one before
            elif entered is not None:
                if number is not None and number > entered:
                    yield timer
            elif not d.instance or self._had(d, timer.rung):
                yield timer
        for number, rung in enumerate(ladder_of(at.plan, step).rungs):
            before = self._stored.get(f"{d.id}:r{number - 1}")
            fired = before is not None and before.state is TimerState.FIRED
            if rung.after_previous and fired and not self._by_hand(d) and self._stays(step):
                yield _timer(d, f"r{number}", before.fires_at if before else self._now)

    def _stays(self, step: Step) -> bool:
        """Return whether the plan of now has the step with the same ladder."""
        plan = self._hindsight.desk.plan
        now = plan.step(step.id)
        return now is not None and now.ladder == step.ladder and not self._hindsight.amended

    def _had(self, d: Deadline, rung: str) -> bool:
        """Return whether an own date's version before had the rung; the first has all."""
        if self._by_hand(d):
            return False
        before = self._places.get((d.step, d.occurrence, d.instance, d.version - 1))
        return before is None or f"{before.id}:{rung}" in self._stored

    def _by_hand(self, d: Deadline) -> bool:
        """Return whether the instance was ever put on a rung of this step by hand."""
        if not d.instance:
            return False
        place = (d.instance, d.step)
        if place not in self._entered:
            self._entered[place] = any(
                e.kind is Kind.ENTERED and e.data["step"] == d.step
                for e in self._hindsight.history(d.instance)
            )
        return self._entered[place]

    def _moments(self, timer: Timer, d: Deadline) -> list[datetime] | None:
        """Return when it may fire; None where that cannot be told."""
        event = self._hindsight.event(d.event)
        if event is not None and d.step == PROPOSAL:
            return [to_moment(str(event.data["lapses"]))] if timer.rung == Rungs.LAPSE else []
        step = self._hindsight.step_of(d) if event else None
        if event is None or step is None or (d.due_at is None and timer.rung != Rungs.OPEN):
            return None
        if timer.rung == Rungs.OPEN:
            return [d.opens_at] if d.opens_at else []
        number = rung_number(timer)
        if d.due_at is None or event.occurred_at <= timer.fires_at <= event.recorded_at:
            return None  # set when it was past already: it fires at once
        if number is None:
            return [d.due_at] if timer.rung in (Rungs.CLOSE, Rungs.MOVE) else []
        return self._climbs(timer, d, step, number, d.due_at)

    def _climbs(
        self, timer: Timer, d: Deadline, step: Step, number: int, due_at: datetime
    ) -> list[datetime] | None:
        """Return when a rung may fire; None where that cannot be told."""
        at = self._hindsight.desk_of(d.event)
        rungs = ladder_of(at.plan, step).rungs
        if number >= len(rungs):
            return []
        if d.calendar_edition and at.calendar.edition != d.calendar_edition:
            return None
        if rungs[number].after_previous:
            return self._granted(timer, d, step, number)
        moment = rung_moment(at, due_at, rungs[number])
        return [moment, max(moment, d.opens_at or moment)]

    def _granted(self, timer: Timer, d: Deadline, step: Step, number: int) -> list[datetime] | None:
        """Return when days end that were granted anew when the rung before really fired.

        A rung that concerned nobody left no event, and granted them on a day that nobody knows:
        then only what is too early, or too late, is no such moment.
        """
        rung = ladder_of(self._hindsight.desk_of(d.event).plan, step).rungs[number]

        def until(moment: datetime, position: int) -> datetime:
            at = self._hindsight.desk_of(max(position, d.event))  # by the days that counted then
            day = moment.astimezone(at.zone).date()
            return granted_until(at, day, rung.offset, rung.unit, step.due)

        fired = self._fired().get((d.id.rpartition("#")[0], f"r{number - 1}"), ())
        if fired:
            return sorted({until(e.recorded_at, e.position) for e in fired})
        before = self._stored.get(f"{d.id}:r{number - 1}")
        if before is None or d.version > 1 or self._hindsight.adopted:
            return None
        earliest = until(before.fires_at, 0)
        possible = earliest <= timer.fires_at <= until(self._now, 0)
        return None if possible else [earliest]

    def _fired(self) -> Mapping[tuple[str, str], Sequence[Event]]:
        """Return the events that rungs brought about, by what all versions of a date are called."""
        if self._by_rung is None:
            found: dict[tuple[str, str], list[Event]] = {}
            for name, (instance, sequence) in self._named.items():
                deadline, _, rung = name.rpartition(":")
                event = self._hindsight.history(instance)[sequence - 1]
                found.setdefault((deadline.rpartition("#")[0], rung), []).append(event)
            self._by_rung = found
        return self._by_rung


def _reached(hindsight: Hindsight) -> datetime:
    """Return the latest moment that there was, by any clock: one may have been set back since."""
    beats = (beat.last_tick for beat in hindsight.reader.heartbeats())
    recorded = (e.recorded_at for e in hindsight.own[-1:])
    return max([hindsight.reader.now, *recorded, *beats]) + AT_ONCE


def _waits_too_long(timer: Timer, now: datetime) -> bool:
    again = timer.next_attempt_at
    return again is not None and (timer.attempts < 1 or again > now + LONGEST_RETRY)


def _timer(d: Deadline, rung: str, fires_at: datetime) -> Timer:
    return Timer(id=f"{d.id}:{rung}", deadline=d.id, cycle=d.cycle, rung=rung, fires_at=fires_at)


def _broken(timer: Timer, problem: str, expected: str = "", found: str = "") -> Break:
    return Break(
        instance=timer.cycle,
        sequence=0,
        code="timer",
        problem=problem,
        found=f"{timer.id}: {found or to_text(timer.fires_at)} {timer.state}",
        expected=expected,
    )
