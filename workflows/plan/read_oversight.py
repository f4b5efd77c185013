"""Reading which acts need a second person, and who may read what."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.plan.diagnostics import brief
from workflows.plan.element import Element
from workflows.plan.names import nearest
from workflows.plan.oversight import (
    AnomalyLimits,
    FourEyes,
    Guarded,
    LogHash,
    ReadingRule,
    Sight,
)
from workflows.plan.read_ladders import days_of
from workflows.plan.read_people import roles_named

FOUR_EYES = "four_eyes"


def read_four_eyes(plan: Element) -> FourEyes:
    """Return which acts one person proposes and another confirms."""
    node = plan.get(FOUR_EYES)
    if node is None:
        return FourEyes()
    plan.reading.names.declare("plan", FOUR_EYES, node.place)
    with plan.reading.element(node, FOUR_EYES) as e:
        if e is None:
            return FourEyes()
        usual = FourEyes()
        days, unit = usual.within, usual.unit
        if text := e.text("within"):
            found = days_of(text, e.reading.counting)
            if found is None or found[0] < 1:
                e.note("P144", e.at("within"), key="within", text=brief(text))
            else:
                days, unit = found
        return FourEyes(
            acts=tuple(dict.fromkeys(_acts(e))),
            within=days,
            unit=unit,
            confirmed_by=roles_named(e, "confirmed_by", usual.confirmed_by),
            break_glass=e.flag("break_glass"),
        )


def _acts(e: Element) -> Iterator[Guarded]:
    known = [str(act) for act in Guarded]
    for text, place in e.placed("acts", required=True):
        if text in known:
            yield Guarded(text)
        else:
            near = nearest(text, known)
            e.note("P130", place, key="acts", value=brief(text), known=near)


def read_anomalies(plan: Element) -> AnomalyLimits:
    """Return from where on an act is listed for whoever audits."""
    node = plan.get("anomalies")
    if node is None:
        return AnomalyLimits()
    with plan.reading.element(node, "anomalies") as e:
        if e is None:
            return AnomalyLimits()
        usual = AnomalyLimits()
        return AnomalyLimits(
            back_dated_days=e.number("back_dated_days", 0, 366, usual.back_dated_days),
            near_minutes=e.number("near_minutes", 0, 1440, usual.near_minutes),
            burst=e.number("burst", 2, 10_000, usual.burst),
            burst_minutes=e.number("burst_minutes", 1, 1440, usual.burst_minutes),
        )


def read_log_hash(plan: Element) -> LogHash:
    """Return with which hash function the log has to be made."""
    node = plan.get("log")
    if node is None:
        return LogHash.ANY
    with plan.reading.element(node, "log") as e:
        return LogHash.ANY if e is None else e.choice("hash", LogHash, LogHash.ANY)


def read_sight(plan: Element) -> ReadingRule:
    """Return who may read what; everybody everything where nothing is said."""
    node = plan.get("reading")
    if node is None:
        return ReadingRule()
    with plan.reading.element(node, "reading") as e:
        if e is None:
            return ReadingRule()
        return ReadingRule(
            sections=e.choice("sections", Sight, Sight.ALL),
            everything=roles_named(e, "everything", ReadingRule().everything),
        )
