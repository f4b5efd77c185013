"""What an opening came to: what stands unrecorded, and what comes next."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from adapters.terminal.coming import show_coming
from adapters.terminal.names import Names
from adapters.terminal.screen import GOOD, WARN, Screen
from adapters.terminal.times import Times
from workflows.running.launch import Launched
from workflows.running.overview import Overview


def show_opening(screen: Screen, found: Overview, launched: Launched) -> None:
    """Print the opening of a cycle."""
    t, names = screen.words, Names(screen.words, found.plan)
    name = found.plan.name.in_language(t.language)
    screen.line((t.text("Opened {key}: {name}.", key=launched.key, name=name), GOOD))
    state = t.word("state", found.cycle.state, found.cycle.workflow)
    text = t.text(
        "It stands at: {state}. Targets: {targets}; to be handed in: {assignments}.",
        state=state,
        targets=sum(found.targets.values()),
        assignments=sum(found.assignments.values()),
    )
    screen.line(text, indent=2)
    if launched.backfilled:
        done = t.text("Recorded from the plan: {count}.", count=launched.backfilled)
        screen.line(done, indent=2)
    if launched.appointed:
        screen.line(t.text("Holders of posts: {count}.", count=launched.appointed), indent=2)
    if found.unrecorded:
        times = Times(t, ZoneInfo(found.plan.zone))
        screen.gap()
        screen.line((t.text("Unrecorded (未补录):"), WARN))
        rows = [(o.step.id, times.due(o.deadline), names.step(o.step.id)) for o in found.unrecorded]
        screen.table((), rows, indent=2)
        command = f"duban backfill {launched.key}"
        screen.line(t.text("Enter them with: {command}", command=command), indent=2)
    show_coming(screen, found)
    screen.gap()
    nobody = t.text("Say who holds which post: duban post assign POST PERSON")
    screen.line(nobody if not launched.appointed else f"duban status {launched.key}")
