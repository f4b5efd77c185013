"""A simulated year on the screen: its calendar, who would be told how often, how it ended."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from adapters.messages import Translator
from adapters.simulation import Happening, Simulation
from adapters.terminal.names import Names
from adapters.terminal.screen import BAD, FAINT, GOOD, STRONG, WARN, Cell, Screen
from engine.facts import to_text

LINES = 200
"""Lines of the calendar that are printed; the rest is counted."""

MANY = 20
"""Notices in a year above which the count stands out."""

LOUD = {"late": BAD, "reminded": WARN, "folded": FAINT, "moved": GOOD}


def simulation_shape(result: Simulation) -> dict[str, Any]:
    """Return a simulation as JSON data; docs/json.md describes it."""
    stands = result.overview
    return {
        "cycle": {"key": stands.cycle.key, "state": stands.cycle.state},
        "targets": dict(stands.targets),
        "late": [
            {"step": o.step.id, "occurrence": o.deadline.occurrence, "count": o.count}
            for o in stands.late
        ],
        "unrecorded": [{"step": o.step.id, "count": o.count} for o in stands.unrecorded],
        "next": [
            {"moment": to_text(c.moment), "step": c.step.id, "what": c.what} for c in stands.coming
        ],
        "notices": dict(sorted(result.notices.items())),
        "timeline": [
            {
                "moment": to_text(h.moment),
                "instance": h.instance,
                "what": h.what,
                "whom": list(h.whom),
                "count": h.count,
            }
            for h in result.timeline
        ],
        "refusals": dict(sorted(result.refusals.items())),
        "events": result.events,
        "breaks": [
            {"instance": b.instance, "sequence": b.sequence, "code": b.code, "problem": b.problem}
            for b in result.breaks
        ],
    }


def show_simulation(screen: Screen, result: Simulation, zone: ZoneInfo) -> None:
    """Print what the year came to."""
    words = screen.words
    stands = result.overview
    names = Names(words, stands.plan)
    screen.line((stands.plan.name.in_language(words.language), STRONG), f"  {stands.cycle.key}")
    screen.heading(words.text("What would happen"))
    shown = result.timeline[:LINES]
    screen.table(
        [words.text("When"), words.text("What"), words.text("How many"), words.text("Who is told")],
        [_row(h, zone, names, words) for h in shown],
        indent=2,
        right=(2,),
    )
    if len(result.timeline) > LINES:
        more = len(result.timeline) - LINES
        screen.line((words.text("and {count} more; all of them with --json", count=more), FAINT))
    screen.heading(words.text("Notices per person"))
    screen.table(
        ["", ""],
        [
            (names.owner(who.removeprefix("post:")), (str(count), WARN if count > MANY else ""))
            for who, count in result.notices.most_common()
        ],
        indent=2,
        right=(1,),
    )
    screen.heading(words.text("How it ended"))
    screen.line(
        words.text(
            "The cycle is {state}; {late} deadlines are missed.",
            state=words.word("state", stands.cycle.state),
            late=len(stands.late),
        ),
        indent=2,
    )
    held = not result.breaks
    verdict = (
        words.text(
            "Replay check: all {events} events lead to the states shown.", events=result.events
        )
        if held
        else words.text("Replay check: {count} breaks.", count=len(result.breaks))
    )
    screen.line((verdict, GOOD if held else BAD), indent=2)


def _row(happening: Happening, zone: ZoneInfo, names: Names, words: Translator) -> list[Cell]:
    kind, *rest = happening.what.split(" ")
    workflow = ""
    if kind in ("target", "assignment", "finding"):
        workflow, kind, *rest = (kind, *rest)
        workflow = words.word("what", workflow)
    text = " ".join(part for part in (workflow, *_told(kind, rest, names, words)) if part)
    moment = happening.moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    count = str(happening.count) if happening.count else ""
    whom = words.text(
        "{list}", list=[names.owner(who.removeprefix("post:")) for who in happening.whom]
    )
    return [moment, (text, LOUD.get(kind, "")), count, whom if happening.whom else ""]


def _told(kind: str, rest: list[str], names: Names, words: Translator) -> list[str]:
    if kind == "moved":
        return [f"→ {words.word('state', rest[0])}"]
    if kind == "recorded":
        return [words.word("event", kind), words.word("record", rest[0])]
    if not rest:
        return [words.word("event", kind)]
    step, *more = rest
    shown = [part for part in more if part not in ("remind", "late")]
    if kind in ("reminded", "folded") and "late" in more:
        kind_text = words.text("overdue notice")
    else:
        kind_text = words.word("event", kind)
    return [kind_text, names.step(step), *shown]
