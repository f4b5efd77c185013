"""How a date came about, told in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from adapters.messages import Translator
from adapters.terminal.event_words import who
from adapters.terminal.screen import FAINT, STRONG, Cell, Screen
from adapters.terminal.times import Times
from engine.deadline import Deadline
from engine.events import Event, Kind
from workflows.deadlines.explain import explain
from workflows.deadlines.resolution import Reason, Resolution
from workflows.deadlines.rule import Rule, renamed
from workflows.plan.model import Plan, Step
from workflows.running.provenance import Change

FEW = 12
"""Occurrences of a series that are listed with their dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that there is to say of the date of a step."""

    step: Step
    plan: Plan
    zone: ZoneInfo
    resolved: tuple[Rule, Resolution] | None
    kept: Sequence[Deadline]
    """The dates that count now, one for each occurrence."""
    edition: str
    """Of the calendar as it is now."""
    behind: Sequence[Event]
    """The events on which the date rests."""
    changes: Sequence[Change]
    more: int = 0
    """Changes that are left out."""
    expected: int | None = None
    """Percent of its time that has gone by, where the ladder asks who is behind."""


def show_explanation(screen: Screen, of: Explanation) -> None:
    """Print the paragraph, the dates of a series, and what was done to single dates."""
    t, times = screen.words, Times(screen.words, of.zone)
    screen.line(paragraph(t, of))
    if len(of.kept) > 1:
        screen.heading(t.text("Dates"))
        rows: list[Sequence[Cell]] = [((d.occurrence, STRONG), times.due(d)) for d in of.kept[:FEW]]
        screen.table((), rows, indent=2)
        if len(of.kept) > FEW:
            screen.line(t.text("and {count} more", count=len(of.kept) - FEW), indent=2)
    if of.changes:
        screen.heading(t.text("What was done to it"))
        rows = [
            (
                (change.instance or change.occurrence or of.plan.key, STRONG),
                _sentence(t, times, change),
                (_paper(change.event), FAINT),
            )
            for change in of.changes
        ]
        screen.table((), rows, indent=2)
        if of.more:
            screen.line(t.text("and {count} more", count=of.more), indent=2)


def _called(resolution: Resolution, names: Mapping[str, str]) -> Resolution:
    """Return a resolution whose events are called as the plan calls them."""
    reasons = tuple(
        Reason(
            reason.code,
            tuple(
                (key, names.get(str(value), value) if key == "event" else value)
                for key, value in reason.values
            ),
        )
        for reason in resolution.reasons
    )
    waits_for = tuple(names.get(name, name) for name in resolution.waits_for)
    return replace(resolution, reasons=reasons, waits_for=waits_for)


def paragraph(t: Translator, of: Explanation) -> str:
    """Return how the date came about: clause, rule, each step to the date, calendar, events."""
    return ("" if t.language == "zh" else " ").join(_sentences(t, of))


def _sentences(t: Translator, of: Explanation) -> Iterator[str]:
    times, step = Times(t, of.zone), of.step
    name = step.name.in_language(t.language)
    if step.clause:
        yield t.text(
            "Step {step}, {name}, stands in clause {clause} of {document}.",
            step=step.id,
            name=name,
            clause=step.clause,
            document=of.plan.document.number or of.plan.id,
        )
    else:
        yield t.text("Step {step}: {name}.", step=step.id, name=name)
    if of.resolved is None:
        yield t.text("It has a date only where a slip was issued.")
    else:
        rule, resolution = of.resolved
        if step.due_text:
            yield t.text("The plan says: {text}.", text=step.due_text)
        named = {stands_for: name for name, stands_for in of.plan.events}
        yield explain(renamed(rule, named), _called(resolution, named), of.zone, t.language)
    for event in of.behind:
        yield t.text(
            "“{what}” was entered by {who} on {moment} (event #{position}).",
            what=_named(t, event),
            who=who(event, t),
            moment=times.moment(event.recorded_at),
            position=event.position,
        )
    kept = of.kept[0] if len(of.kept) == 1 else None
    if kept is not None and of.resolved is not None and kept.due_at != of.resolved[1].due_at:
        yield t.text(
            "Kept is {kept}, computed under the calendar {edition}; to let today's count: "
            "duban calendar import",
            kept=times.due(kept),
            edition=kept.calendar_edition,
        )
    if of.expected is not None:
        yield t.text("By now, {percent} percent of its time has gone by.", percent=of.expected)
    versions = [c for c in of.changes if not c.instance and c.what in ("opened", "set")]
    if len(of.kept) == 1 and versions:
        yield t.text(
            "It is version {version} of the date.", version=max(c.version for c in versions)
        )


def _named(t: Translator, event: Event) -> str:
    if event.kind is Kind.MOVED:
        return t.word("state", event.target, "cycle")
    record = event.data.get("record")
    return t.word("record", str(record)) if record else t.word("event", str(event.kind))


def _sentence(t: Translator, times: Times, change: Change) -> str:
    date = t.text("no date")
    if change.due_at is not None:
        date = times.last_day(change.due_at)
    elif change.opens_at is not None:
        date = t.text("open from {date}", date=times.opening(change.opens_at))
    if change.what == "opened":
        return t.text("{date}, as the cycle was opened", date=date)
    event = change.event
    if event is None:
        return date
    moment, person = times.moment(event.recorded_at), who(event, t)
    if change.what != "set":
        said = t.word("event", change.what)
        what = f"{said}: {date}" if change.due_at else said
        return t.text("{what}; {person}, {moment}", what=what, person=person, moment=moment)
    return t.text("{date}, since {moment}: {why}", date=date, moment=moment, why=_why(t, event))


def _why(t: Translator, event: Event) -> str:
    person = who(event, t)
    match event.kind:
        case Kind.CALENDAR:
            edition = str(event.data.get("edition") or "-")
            return t.text(
                "{person} imported the calendar {edition}", person=person, edition=edition
            )
        case Kind.AMENDED if "plan" in event.data:
            return t.text("{person} amended the plan", person=person)
        case Kind.AMENDED:
            rule = str(event.data.get("rule", ""))
            return t.text("{person} announced “{rule}”", person=person, rule=rule)
        case Kind.CORRECTED:
            return t.text(
                "{person} corrected event {position}",
                person=person,
                position=event.data["corrects"],
            )
        case Kind.DEADLINE_SET:
            return t.text("a step or an event that it rests on moved")
        case _:
            return t.text("{person} entered “{what}”", person=person, what=_named(t, event))


def _paper(event: Event | None) -> str:
    if event is None:
        return ""
    parts = (f"#{event.position}", event.authority, event.texts.get("reason", ""))
    return " ".join(part for part in parts if part)
