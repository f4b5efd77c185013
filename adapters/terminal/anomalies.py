"""Acts that are worth a look, each with the reason and the authority given."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from adapters.messages import Translator
from adapters.terminal.event_words import around, what, who
from adapters.terminal.names import Names
from adapters.terminal.screen import FAINT, GOOD, STRONG, WARN, Cell, Screen
from adapters.terminal.times import Times
from engine.errors import N_
from workflows.plan.model import Plan
from workflows.running.anomalies import Anomaly, Limits, Unusual, minutes

KINDS = {
    Unusual.FORCED: N_("forced"),
    Unusual.ALONE: N_("done alone"),
    Unusual.BACK_DATED: N_("back-dated"),
    Unusual.NEAR_DATE: N_("close to the date"),
    Unusual.SAME_PERSON: N_("same on both sides"),
    Unusual.RELEASED_LATE: N_("released after the date"),
    Unusual.REOPENED: N_("re-opened"),
    Unusual.BURST: N_("many at once"),
}


def show_anomalies(screen: Screen, plan: Plan, found: Sequence[Anomaly], limits: Limits) -> None:
    """Print one line for each; the screen says that none of them is a fault in itself.

    It says from where on it lists them, for the plan is that of those who are looked at.
    """
    t = screen.words
    screen.line((plan.key, STRONG), f"  {plan.name.in_language(t.language)}")
    screen.line((_listed_from(limits, plan, t), FAINT))
    if not found:
        screen.line((t.text("Nothing unusual was done."), GOOD))
        return
    headings = (
        t.text("event"),
        t.text("instance"),
        t.text("why listed"),
        t.text("what"),
        t.text("when"),
        t.text("who"),
        t.text("more"),
    )
    view = _View(screen, plan)
    screen.table(headings, [view.row(anomaly) for anomaly in found])
    text = t.text("{count} acts that the rules allow and that are worth a look.", count=len(found))
    screen.line((text, FAINT))


def _listed_from(limits: Limits, plan: Plan, t: Translator) -> str:
    text = t.text(
        "Listed: recorded {days} or more days later; within {near} minutes of a date; "
        "{burst} or more acts of one person within {within} minutes",
        days=limits.back_dated.days,
        near=minutes(limits.near),
        burst=limits.burst,
        within=minutes(limits.within),
    )
    if limits == Limits.of(plan.anomalies):
        return text
    own = Limits.of(plan.anomalies)
    said = t.text(
        "the plan says {days} / {near} / {burst} / {within}",
        days=own.back_dated.days,
        near=minutes(own.near),
        burst=own.burst,
        within=minutes(own.within),
    )
    return f"{text} ({said})" if t.language == "en" else f"{text}（{said}）"


class _View:
    def __init__(self, screen: Screen, plan: Plan) -> None:
        self.t, self.names = screen.words, Names(screen.words, plan)
        self.times = Times(screen.words, ZoneInfo(plan.zone))

    def row(self, found: Anomaly) -> Sequence[Cell]:
        """Return the cells of one line."""
        event = found.event
        grounds = "; ".join(x for x in (event.authority, event.texts.get("reason", "")) if x)
        detail = self._detail(found)
        return (
            (f"#{event.position}", FAINT),
            (f"{event.instance} #{event.sequence}", STRONG),
            (self.t.text(KINDS[found.kind]), WARN),
            what(event, self.t, self.times),
            self.times.moment(event.occurred_at),
            who(event, self.t),
            [detail, "; " if detail and grounds else "", (grounds, FAINT)],
        )

    def _detail(self, found: Anomaly) -> str:
        t, details, other = self.t, found.details, found.other
        match found.kind:
            case Unusual.FORCED:
                codes = [around(str(code), t) for code in details["around"]]
                return t.text("went around: {what}", what=codes) if codes else ""
            case Unusual.BACK_DATED:
                moment = self.times.moment(found.event.recorded_at)
                days = details["days"]
                return t.text("recorded {moment}, {days} days later", moment=moment, days=days)
            case Unusual.NEAR_DATE:
                return t.text(
                    "{minutes} minutes from the date {due} of {step}",
                    minutes=f"{details['minutes']:+}",
                    due=self.times.full(details["due"]),
                    step=details["step"],
                )
            case Unusual.SAME_PERSON if other is not None:
                return t.text(
                    "{did} was by {who}, #{event}",
                    did=t.word("trigger", str(details["did"])),
                    who=who(other, t),
                    event=other.position,
                )
            case Unusual.RELEASED_LATE:
                due = self.times.last_day(details["due"])
                return t.text("{step} had been due by {due}", step=details["step"], due=due)
            case Unusual.BURST:
                return t.text(
                    "{count} acts up to {moment}",
                    count=details["count"],
                    moment=self.times.moment(details["until"]),
                )
            case _:
                return ""
