"""What waits for a second person, with what it would bring about; and what was done alone."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from adapters.messages import Translator
from adapters.terminal.event_words import asked_for, who
from adapters.terminal.names import Names
from adapters.terminal.preview import show_preview
from adapters.terminal.screen import BAD, FAINT, STRONG, WARN, Cell, Screen
from adapters.terminal.times import Times
from engine.events import Event
from workflows.plan.model import Plan
from workflows.running.effects import from_data
from workflows.running.proposals import Outcome, Proposal


def show_proposal(
    screen: Screen, found: Proposal, plan: Plan, zone: ZoneInfo, people: Sequence[str]
) -> None:
    """Print a proposal: what, by whom and why, until when, and what it would change."""
    t, times, event = screen.words, Times(screen.words, zone), found.event
    screen.line(
        (f"#{event.position}", STRONG),
        f"  {event.instance}  {asked_for(event.data, t)}  ",
        (who(event, t), FAINT),
        (f"  {times.moment(event.occurred_at)}", FAINT),
    )
    if reason := event.texts.get("reason"):
        screen.line(t.text("reason: {reason}", reason=reason), indent=2)
    if event.authority:
        screen.line(t.text("document: {document}", document=event.authority), indent=2)
    if found.outcome is not Outcome.OPEN:
        screen.line((t.word("outcome", str(found.outcome)), FAINT), indent=2)
        return
    names = _people(t, plan, people)
    text = t.text(
        "until {moment}: duban confirm {event}, or duban refuse {event} --reason …, by {people}",
        moment=times.moment(found.lapses_at),
        event=event.position,
        people=names,
    )
    screen.line((text, WARN), indent=2)
    show_preview(screen, from_data(event.data["effects"]), plan, zone)


def rows_of(screen: Screen, found: Sequence[Proposal], times: Times) -> Sequence[Sequence[Cell]]:
    """Return one row per proposal: number, instance, what, who, until when."""
    t = screen.words
    return [
        (
            (f"#{p.event.position}", FAINT),
            p.event.instance,
            (asked_for(p.event.data, t), WARN),
            who(p.event, t),
            t.text("until {moment}", moment=times.moment(p.lapses_at)),
        )
        for p in found
    ]


def rows_alone(screen: Screen, found: Sequence[Event], times: Times) -> Sequence[Sequence[Cell]]:
    """Return one row for each act that one person did alone."""
    t = screen.words
    return [
        (
            (f"#{e.position}", FAINT),
            str(e.data["key"]),
            (asked_for(e.data, t), BAD),
            who(e, t),
            times.moment(e.occurred_at),
            (e.texts.get("reason", ""), FAINT),
        )
        for e in found
    ]


def _people(t: Translator, plan: Plan, people: Sequence[str]) -> str:
    names = Names(t, plan)
    shown = [
        t.text("{post} (no holder)", post=names.owner(p.removeprefix("post:")))
        if p.startswith("post:")
        else p
        for p in people
    ]
    return t.shown(shown)
