"""What changed between two moments: one line for each kind of change, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from adapters.terminal.event_words import who
from adapters.terminal.names import Names
from adapters.terminal.screen import FAINT, STRONG, WARN, Cell, Screen
from adapters.terminal.times import Times
from engine.deadline import Deadline
from engine.errors import N_
from engine.events import Event
from engine.facts import to_moment
from engine.past import Horizon
from workflows.plan.model import Plan
from workflows.running.differences import Difference

FIRST = 3
"""Instances that are named of those with the same change by the same act."""

WHAT = {
    "there": N_("begun"),
    "state": N_("state"),
    "owner": N_("owner"),
    "lamp": N_("lamp"),
    "date": N_("date"),
    "exempt": N_("excuse"),
    "holder": N_("holder"),
}


def show_differences(
    screen: Screen, plan: Plan, found: Sequence[Difference], between: tuple[Horizon, Horizon]
) -> None:
    """Print the changes; the same change by the same act is one line, however many it concerns."""
    view = _View(screen, plan)
    t = screen.words
    first, second = (view.times.full(horizon.as_of) for horizon in between)
    screen.line((plan.key, STRONG), f"  {first} → {second}")
    if not found:
        screen.line((t.text("Nothing changed."), FAINT))
        return
    alike: dict[tuple[str, ...], list[Difference]] = {}
    for one in found:
        alike.setdefault(view.likeness(one), []).append(one)
    headings = (
        t.text("key"),
        t.text("what"),
        t.text("before"),
        t.text("after"),
        t.text("when"),
        t.text("who"),
        t.text("event"),
        t.text("more"),
    )
    screen.table(headings, [view.row(group) for group in alike.values()])
    instances = len({d.instance for d in found})
    text = t.text(
        "{changes} changes in {instances} instances.", changes=len(found), instances=instances
    )
    screen.line((text, FAINT))


class _View:
    def __init__(self, screen: Screen, plan: Plan) -> None:
        self.t, self.names = screen.words, Names(screen.words, plan)
        self.times = Times(screen.words, ZoneInfo(plan.zone))
        self.short = len(plan.key) + 1

    def likeness(self, found: Difference) -> tuple[str, ...]:
        """Return what makes two changes one line."""
        act = found.act
        done = (str(act.occurred_at), str(act.recorded_at), act.actor) if act else ()
        return (*self._said(found), *done)

    def row(self, alike: Sequence[Difference]) -> Sequence[Cell]:
        """Return one line for changes that are alike."""
        found, event, act = alike[0], alike[0].event, alike[0].act
        keys = [d.instance[self.short :] or d.instance for d in alike[:FIRST]]
        more = f" +{len(alike) - FIRST}" if len(alike) > FIRST else ""
        what, before, after = self._said(found)
        return (
            (" ".join(keys) + more, STRONG),
            what,
            (before, FAINT),
            after,
            self.times.moment(event.occurred_at) if event else "",
            who(act, self.t) if act else "",
            (f"#{event.position}" if event else "", FAINT),
            self._grounds(event, act),
        )

    def _grounds(self, event: Event | None, act: Event | None) -> Cell:
        if event is None or act is None:
            return ""
        occurred, recorded = self.times.moment(act.occurred_at), self.times.moment(act.recorded_at)
        said = [act.authority, act.texts.get("reason", "")]
        spans: list[tuple[str, str]] = []
        if act.actor == event.actor and occurred[:10] != recorded[:10]:
            text = self.t.text("recorded {moment}", moment=recorded)
            spans.append((text + ("; " if any(said) else ""), WARN))
        spans.append(("; ".join(part for part in said if part), FAINT))
        return spans

    def _said(self, found: Difference) -> tuple[str, str, str]:
        t = self.t
        if found.what == "fact":
            name = t.word("field", found.name)
        else:
            name = t.text(WHAT[found.what])
            if found.what in ("date", "exempt"):
                name = f"{name} {found.name}"
            if found.what == "holder":
                name = f"{name} {self.names.owner(found.name)}"
        return name, self._value(found, found.before), self._value(found, found.after)

    def _value(self, found: Difference, value: object) -> str:
        t = self.t
        if value in (None, [], ""):
            return "-"
        if isinstance(value, Deadline):
            return self.times.due(value)
        if isinstance(value, list):
            return t.shown([str(person) for person in value])
        match found.what:
            case "there" | "state":
                return t.word("state", str(value), found.workflow)
            case "owner":
                return self.names.owner(str(value))
            case "exempt":
                return t.word("event", str(value))
            case "fact":
                return self._fact(str(value))
            case _:
                return str(value)

    def _fact(self, value: str) -> str:
        try:
            return self.times.moment(to_moment(value))
        except ValueError:
            return self.t.word("choice", value)
