"""What another calendar moves: which date, by how much, whom it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from adapters.terminal.names import Names
from adapters.terminal.screen import FAINT, GOOD, STRONG, WARN, Cell, Screen, Span
from adapters.terminal.times import Times
from engine.deadline import Certainty
from workflows.plan.model import Plan
from workflows.running.recalculation import Shift


def show_shifts(
    screen: Screen, plan: Plan, shifts: Sequence[Shift], people: Mapping[str, Sequence[str]]
) -> None:
    """Print what moves in the cycle of ``plan``; ``people`` tells who answers for an owner."""
    t, names = screen.words, Names(screen.words, plan)
    times = Times(screen.words, ZoneInfo(plan.zone))
    screen.heading(plan.key, t.text("{count} dates", count=len(shifts)))
    screen.table((), [_row(screen, times, names, shift, people) for shift in shifts], indent=2)


def _row(
    screen: Screen, times: Times, names: Names, shift: Shift, people: Mapping[str, Sequence[str]]
) -> Sequence[Cell]:
    owners = list(dict.fromkeys(tally.owner for tally in shift.touched))
    told = list(dict.fromkeys(p for owner in owners for p in people.get(owner, ())))
    whom = [p if not p.startswith("post:") else names.owner(p[5:]) for p in told]
    step = f"{names.step(shift.step.id)} {shift.before.occurrence}".rstrip()
    return (
        (shift.before.instance or shift.step.id, STRONG),
        step,
        times.due(shift.before),
        f"→ {times.due(shift.after)}",
        _by(screen, shift),
        (screen.words.shown(whom) if whom else "", FAINT),
    )


def _by(screen: Screen, shift: Shift) -> Span:
    t = screen.words
    if shift.days:
        return (t.text("{days} days", days=f"{shift.days:+}"), WARN)
    settled = shift.before.certainty is Certainty.PROVISIONAL
    if settled and shift.after.certainty is Certainty.FIXED:
        return (t.text("now certain"), GOOD)
    return (t.text("{count} reminders", count=shift.timers), FAINT)
