"""Deadlines of a running cycle: resolved from the plan and from events, armed with timers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from engine.calendar import add_working_days
from engine.content import content
from engine.deadline import Certainty, Deadline, Rungs, Timer
from engine.events import Event, Kind
from engine.facts import to_moment
from engine.ladder import NO_LADDER, Ladder, Rung, Unit
from engine.ports import Reader
from workflows.deadlines.parse import parse
from workflows.deadlines.recurrence import occurrences
from workflows.deadlines.resolution import (
    Absence,
    Context,
    Occurrence,
    Reason,
    ReasonValue,
    Resolution,
)
from workflows.deadlines.resolve import resolve
from workflows.deadlines.rule import Recurring, Rule, renamed
from workflows.plan.date_settings import settings_of
from workflows.plan.model import Plan, Step
from workflows.running.desk import Desk

NOTHING_NARROWED: Mapping[str, Rule] = MappingProxyType({})


def resolve_step(
    desk: Desk[Reader],
    step: Step,
    happened: Mapping[str, datetime],
    narrowed: Mapping[str, Rule] = NOTHING_NARROWED,
) -> Sequence[Deadline]:
    """Return the deadlines of ``step`` as they stand: one, or one per occurrence.

    ``narrowed`` holds the dates that were announced since, for steps whose
    plan only says that they will be.
    """
    rule = narrowed.get(step.id) or step.due
    if rule is None:
        return ()
    context = context_of(desk, happened, narrowed=narrowed)
    if isinstance(rule.deadline, Recurring):
        return [
            _recurrence(desk, step, found, soft=rule.soft) for found in occurrences(rule, context)
        ]
    return [deadline_from(desk, step, resolve(rule, context))]


def narrowed_rules(desk: Desk[Reader]) -> dict[str, Rule]:
    """Return step → the date announced for it, the last one counting."""
    amended = [e for e in desk.unit.history(desk.key) if e.kind is Kind.AMENDED]
    reverted = {int(e.data["reverts"]) for e in amended if "reverts" in e.data}
    names, rules = desk.plan.event_names(), {}
    for event in amended:
        if "rule" in event.data:
            rules[str(event.data["step"])] = renamed(parse(str(event.data["rule"])), names)
        elif event.position not in reverted:
            for step in event.data.get("redated", ()):  # the new plan says the date itself
                rules.pop(step, None)
    return rules


def timers_of(desk: Desk[Reader], step: Step, deadline: Deadline) -> Iterator[Timer]:
    """Yield the timers of a deadline, those that a late loading passes over left out."""
    loaded = desk.loaded_at(deadline.step)
    if deadline.due_at is not None and deadline.due_at <= loaded:
        return

    def timer(rung: str, fires_at: datetime) -> Timer:
        return Timer(
            id=f"{deadline.id}:{rung}",
            deadline=deadline.id,
            cycle=deadline.cycle,
            rung=rung,
            fires_at=fires_at,
        )

    if deadline.opens_at is not None:
        yield timer(Rungs.OPEN, deadline.opens_at)
    if deadline.due_at is None:
        return
    if deadline.opens_at is not None and not deadline.occurrence:
        yield timer(Rungs.CLOSE, deadline.due_at)
    if step.attend:
        return
    if step.fires:
        yield timer(Rungs.MOVE, deadline.due_at)
    for number, rung in enumerate(ladder_of(desk.plan, step).rungs):
        if rung.after_previous or (deadline.soft and rung.offset >= 0):
            continue
        fires_at = rung_moment(desk, deadline.due_at, rung)
        if step.hand_in and deadline.occurrence and deadline.opens_at is not None:
            # Before a recurrence opens there is nothing yet of which it could remind.
            fires_at = max(fires_at, deadline.opens_at)
        if fires_at > loaded:
            yield timer(f"r{number}", fires_at)


def ladder_of(plan: Plan, step: Step) -> Ladder:
    """Return the ladder of ``step``; without one, lateness is recorded and nobody is told."""
    return plan.ladder(step.ladder) or NO_LADDER


def rung_moment(desk: Desk[Reader], due_at: datetime, rung: Rung) -> datetime:
    """Return when ``rung`` fires.

    Zero is the first moment at which it is late. Any other fires at the start
    of its day, so many days from the last day in time: ``+1 working day`` is
    the first working day after it.
    """
    if rung.offset == 0:
        return due_at
    day = last_day_of(desk, due_at)
    if rung.unit is Unit.WORKING_DAY:
        shifted = add_working_days(desk.calendar, day, rung.offset).day
    else:
        shifted = day + timedelta(days=rung.offset)
    moment = datetime.combine(shifted, time(), desk.zone).astimezone(UTC)
    return max(moment, due_at) if rung.offset > 0 else moment


def last_day_of(desk: Desk[Reader], due_at: datetime) -> date:
    """Return the last day that is still in time, in the plan's zone."""
    return (due_at - timedelta(microseconds=1)).astimezone(desk.zone).date()


def in_order(due: Iterable[Timer]) -> list[Timer]:
    """Return timers in order of time; of one moment edges first, then rungs up the ladder."""
    return sorted(due, key=lambda t: (t.fires_at, -1 if (n := rung_number(t)) is None else n))


def rung_number(timer: Timer) -> int | None:
    """Return which rung of its ladder a timer is; none for edges of windows and moves."""
    return int(timer.rung[1:]) if timer.rung[:1] == "r" and timer.rung[1:].isdigit() else None


def happened_on(reader: Reader, key: str) -> dict[str, datetime]:
    """Return when each event of an instance took effect: records by fact, moves by state.

    A correction puts right the moment of what it corrects; a void record has
    not happened. The last that was recorded counts, not the last put right.
    """
    happened: dict[int, tuple[tuple[str, ...], datetime]] = {}
    origin: dict[int, int] = {}
    for event in reader.history(key):
        if event.kind is Kind.CORRECTED:
            corrected = int(event.data["corrects"])
            first = origin[event.position] = origin.get(corrected, corrected)
            names = tuple(names_of(event)) or happened[first][0]
            if event.data.get("void"):
                names = ()
            happened[first] = (names, to_moment(event.data["moment"]))
            continue
        happened[event.position] = (tuple(names_of(event)), event.occurred_at)
    return {name: moment for names, moment in happened.values() for name in names}


def deadline_id(deadline: Deadline, version: int) -> str:
    """Return the stable name of one version of a deadline."""
    occurrence = f"@{deadline.occurrence}" if deadline.occurrence else ""
    own = f"!{deadline.instance.partition('/')[2]}" if deadline.instance else ""
    return f"{deadline.cycle}:{deadline.step}{occurrence}{own}#{version}"


def same_date(one: Deadline, other: Deadline) -> bool:
    """Return whether two deadlines say the same."""
    return (one.certainty, one.opens_at, one.due_at) == (
        other.certainty,
        other.opens_at,
        other.due_at,
    )


AMENDED = "amended"
"""Reason of a deadline: a plan was amended; with when, and the date until then."""


def due_for(deadline: Deadline, moment: datetime) -> datetime | None:
    """Return the date by which what was done at ``moment`` is judged.

    No amendment judges again what was done before it; and by a date that was
    past already when it was set nobody is judged, for nobody could keep it.
    """
    amended = [values for code, values in deadline.reasons if code == AMENDED]
    for values in amended:
        if moment <= to_moment(values["at"]):
            return to_moment(values["due"]) if values["due"] else None
    if amended and deadline.due_at and deadline.due_at <= to_moment(amended[-1]["at"]):
        return None
    return deadline.due_at


def names_of(event: Event) -> Iterator[str]:
    """Yield the names under which deadlines wait for what ``event`` says."""
    if event.kind is Kind.OPENED:
        yield "opened"
    if event.kind is Kind.MOVED:
        yield event.target
        yield f"moved:{event.target}"
    elif "record" in event.data:
        kind = str(event.data["record"])
        yield kind
        yield f"record:{kind}"
        for fact in content(event):
            if fact.startswith(f"{kind}:") and "." not in fact:
                yield fact
                yield f"record:{fact}"


def names_told(desk: Desk[Reader], event: Event) -> Iterator[str]:
    """Yield the names of what ``event`` says, or says anew: a correction that of what it corrects.

    A correction of a correction leads back to the first.
    """
    said: Event | None = event
    while said is not None and said.kind is Kind.CORRECTED:
        said = desk.unit.event(int(said.data["corrects"]))
    if said is not None:
        yield from names_of(said)


def deadline_from(desk: Desk[Reader], step: Step, resolution: Resolution) -> Deadline:
    """Return what a resolution makes of the deadline of ``step``."""
    blank = Deadline(
        id="",
        cycle=desk.key,
        step=step.id,
        rule=step.due_text,
        certainty=Certainty(resolution.kind.value),
        soft=resolution.soft,
        opens_at=resolution.opens_at,
        due_at=resolution.due_at,
        last_day=resolution.last_day.isoformat() if resolution.last_day else "",
        calendar_edition=resolution.calendar_edition,
        waits_for=resolution.waits_for,
        reasons=[_plain(reason) for reason in resolution.reasons],
    )
    return replace(blank, id=deadline_id(blank, 1))


def _recurrence(desk: Desk[Reader], step: Step, found: Occurrence, *, soft: bool) -> Deadline:
    blank = Deadline(
        id="",
        cycle=desk.key,
        step=step.id,
        occurrence=found.label,
        rule=step.due_text,
        certainty=Certainty.PROVISIONAL if found.provisional else Certainty.FIXED,
        soft=soft,
        opens_at=found.opens_at,
        due_at=found.due_at,
        last_day=found.last_day.isoformat(),
        calendar_edition=desk.calendar.edition,
        reasons=[_plain(reason) for reason in found.reasons],
    )
    return replace(blank, id=deadline_id(blank, 1))


def _plain(reason: Reason) -> list[Any]:
    """Return a reason as JSON data: its code, then its values by name."""
    return [reason.code, {name: _written(value) for name, value in reason.values}]


def _written(value: ReasonValue) -> Any:
    if isinstance(value, tuple):
        return [day.isoformat() for day in value]
    return value.isoformat() if isinstance(value, date) else value


def context_of(
    desk: Desk[Reader],
    happened: Mapping[str, datetime],
    absences: tuple[Absence, ...] = (),
    narrowed: Mapping[str, Rule] = NOTHING_NARROWED,
) -> Context:
    """Return what the dates of the desk's plan depend on."""

    def resolution_of(step_id: str) -> Resolution | None:
        step = desk.plan.step(step_id)
        rule = narrowed.get(step_id) or (step.due if step else None)
        if rule is None or isinstance(rule.deadline, Recurring):
            return None
        return resolve(rule, context)

    context = Context(
        year=desk.plan.year,
        calendar=desk.calendar,
        settings=settings_of(desk.plan),
        events=happened.get,
        steps=resolution_of,
        absences=absences,
    )
    return context


def resolution_of(desk: Desk[Reader], step: Step) -> tuple[Rule, Resolution] | None:
    """Return the rule that now holds for ``step`` and how it resolves, for an explanation."""
    narrowed = narrowed_rules(desk)
    rule = narrowed.get(step.id) or step.due
    if rule is None:
        return None
    happened = happened_on(desk.unit, desk.key)
    return rule, resolve(rule, context_of(desk, happened, narrowed=narrowed))
