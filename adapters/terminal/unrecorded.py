"""What stands unrecorded after a late loading, and how to enter it."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.terminal.names import Names
from adapters.terminal.screen import FAINT, GOOD, STRONG, Screen
from adapters.terminal.times import Times
from engine.ports import Reader
from workflows.plan.model import Scope
from workflows.running.desk import Desk
from workflows.running.overview import Owed


def show_unrecorded(screen: Screen, at: Desk[Reader], owed: Sequence[Owed]) -> None:
    """Print what was due before the plan was loaded and of which nobody has said anything."""
    t, times, names = screen.words, Times(screen.words, at.zone), Names(screen.words, at.plan)
    if not owed:
        screen.line((t.text("{key}: nothing is unrecorded.", key=at.key), GOOD))
        return
    loaded = times.day(times.local(at.loaded_at()).date())
    head = t.text("Unrecorded (未补录) in {key}, due before {loaded}:", key=at.key, loaded=loaded)
    screen.line((head, STRONG))
    rows = [
        (o.step.id, times.due(o.deadline), names.step(o.step.id), _asked(screen, o)) for o in owed
    ]
    headings = (t.text("step"), t.text("due"), t.text("what"), t.text("asks for"))
    screen.table(headings, rows, indent=2)
    step = owed[0].step
    instance = "" if step.scope is Scope.CYCLE else f" --instance {owed[0].tallies[0].first[0]}"
    example = f"duban backfill {at.key} --step {step.id} --on DATE --document DOC{instance}"
    screen.gap()
    screen.line(t.text("Say when it was really done, first things first:"))
    screen.line((example, FAINT), indent=2)


def _asked(screen: Screen, owed: Owed) -> str:
    t, step = screen.words, owed.step
    if step.brings:
        return t.word("state", step.brings)
    if step.records:
        answer = [step.wait.record] if step.wait else []
        return t.shown([t.word("field", name) for name in (*step.records, *answer)])
    return t.word("record", "handed_in")
