"""Histories, breaks and replays on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from adapters.messages import Translator
from adapters.terminal.event_words import details, removed_texts, text_word, what, who
from adapters.terminal.screen import BAD, FAINT, GOOD, STRONG, WARN, Cell, Screen
from adapters.terminal.times import Times
from engine.events import DAEMON, Event, Instance
from engine.replay import Break
from workflows.running.verifying import Dated


def show_history(
    screen: Screen, instance: Instance, events: Sequence[Event], zone: ZoneInfo
) -> None:
    """Print one line per event; its papers, fields and reasons beside it."""
    t, times = screen.words, Times(screen.words, zone)
    title = instance.facts.get("title", "")
    if screen.words.language == "en":
        title = instance.facts.get("title.en", title)
    screen.line((instance.key, STRONG), f"  {title}")
    if not events:
        screen.line((t.text("Nothing had happened by then."), FAINT))
        return
    gone = removed_texts(events)
    rows = [
        _row(event, instance.workflow, t, times, gone.get(event.position, ())) for event in events
    ]
    headings = (
        t.text("no."),
        t.text("event"),
        t.text("when"),
        t.text("what"),
        t.text("who"),
        t.text("recorded"),
        t.text("more"),
    )
    screen.table(headings, rows, right=(0, 1))


def _row(
    event: Event, workflow: str, t: Translator, times: Times, gone: Sequence[tuple[str, int]]
) -> Sequence[Cell]:
    occurred, recorded = times.moment(event.occurred_at), times.moment(event.recorded_at)
    more = [f"{label}: {text}" for label, text in details(event, t)]
    for name, by in gone:
        removed = t.text("removed by law, see #{event}", event=by)
        more.append(f"{text_word(name, t)}: {removed}")
    if event.cause:
        more.append(t.text("because of #{event}", event=event.cause))
    late = event.actor != DAEMON and occurred[:DAY] != recorded[:DAY]
    mark = [(t.text("back-dated") + ("; " if more else ""), WARN)] if late else []
    return (
        str(event.sequence),
        (f"#{event.position}", FAINT),
        occurred,
        what(event, t, times, workflow),
        who(event, t),
        (recorded if recorded != occurred else "", FAINT),
        [*mark, ("; ".join(more), FAINT)],
    )


DAY = len("2024-07-10")


def show_breaks(screen: Screen, breaks: Sequence[Break], events: int) -> None:
    """Print each place where a history breaks, or that all hold."""
    t = screen.words
    if not breaks:
        text = t.text("All histories hold; {events} events checked.", events=events)
        screen.line((text, GOOD))
        return
    for broken in breaks:
        place = f"{broken.instance} #{broken.sequence}" if broken.sequence else broken.instance
        found = t.text("found: {found}", found=broken.found) if broken.found else ""
        expected = (
            t.text("expected: {expected}", expected=broken.expected) if broken.expected else ""
        )
        said = t.shown(broken.problem, marked=True)
        tail = "; ".join(part for part in (found, expected) if part)
        screen.line((place, BAD), f": {said}", f" ({tail})" if tail else "", f" [{broken.code}]")
    text = t.text("{count} breaks in {events} events.", count=len(breaks), events=events)
    screen.line((text, BAD))


def show_dates(screen: Screen, dated: Dated) -> None:
    """Print how many dates were computed anew, and how many could not be."""
    t = screen.words
    if dated.decided:
        text = t.text("{count} dates computed anew.", count=dated.decided)
        screen.line((text, FAINT))
    if dated.undecided:
        text = t.text(
            "{count} dates could not be: the working days of their day are not here any more.",
            count=dated.undecided,
        )
        screen.line((text, WARN))


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a replay, where it leaves the instance, and what is wrong with it."""

    event: Event
    after: Instance | None
    broken: Break | None


def show_steps(screen: Screen, steps: Sequence[Step], zone: ZoneInfo) -> None:
    """Print events with the state that each leads to."""
    t, times = screen.words, Times(screen.words, zone)
    rows: list[Sequence[Cell]] = []
    for step in steps:
        workflow = step.after.workflow if step.after else ""
        state = t.word("state", step.after.state, workflow) if step.after else "?"
        wrong = t.shown(step.broken.problem, marked=True) if step.broken else ""
        rows.append(
            (
                f"{step.event.sequence:>4}",
                times.moment(step.event.occurred_at),
                what(step.event, t, times, workflow),
                who(step.event, t),
                (f"[{state}]", STRONG),
                (wrong, BAD),
            )
        )
    screen.table((), rows)


def show_replayed(
    screen: Screen, instances: Sequence[tuple[Instance, Instance]], zone: ZoneInfo
) -> None:
    """Print each instance as its events give it, and how it stands now."""
    t, times = screen.words, Times(screen.words, zone)
    rows: list[Sequence[Cell]] = []
    for then, now in instances:
        state = t.word("state", then.state, then.workflow)
        changed = t.text("now {state}", state=t.word("state", now.state, now.workflow))
        rows.append(
            (
                (then.key, STRONG),
                state,
                then.lamp,
                times.moment(then.moved_at) if then.moved_at else "",
                (changed if now.state != then.state else "", FAINT),
            )
        )
    headings = (t.text("key"), t.text("state"), t.text("lamp"), t.text("last move"), "")
    screen.table(headings, rows)
