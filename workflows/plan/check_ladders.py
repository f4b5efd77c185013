"""Checking ladders: rungs that tell nobody, come at the wrong side of the date, or never act."""

from __future__ import annotations

from collections.abc import Iterator

from engine.ladder import Action, Rung
from workflows.deadlines.rule import InPeriod, Recurring, Undated, Window, events_of, steps_of
from workflows.plan.diagnostics import Diagnostic
from workflows.plan.model import Plan, Step
from workflows.plan.places import Places
from workflows.plan.read_steps import MACHINE_OF
from workflows.target import PROGRESS

SILENT = (Action.LATE, Action.MOVE)
"""Actions that do something without telling anybody."""


def check_ladders(plan: Plan, places: Places) -> Iterator[Diagnostic]:
    """Yield what is wrong with the ladders of ``plan`` and with how steps use them."""
    used = {step.ladder for step in plan.steps}
    answering = {rung.reply_ladder for ladder in plan.ladders for rung in ladder.rungs}
    used |= answering
    for ladder in plan.ladders:
        place = places.of("ladder", ladder.name)
        if ladder.name not in used:
            yield Diagnostic.at(place, "P313", ladder=ladder.name)
        if ladder.name in answering and ladder.asks_who_is_behind:
            yield Diagnostic.at(place, "P257", ladder=ladder.name)
        for rung in ladder.rungs:
            if rung.action is Action.LATE and rung.offset < 0:
                yield Diagnostic.at(place, "P248", ladder=ladder.name)
            if rung.reply and ladder.name in answering and ladder.name:
                at = _written(rung)
                yield Diagnostic.at(place, "P254", ladder=ladder.name, at=at)
            if not rung.recipients and rung.action not in SILENT:
                yield Diagnostic.at(place, "P310", ladder=ladder.name, at=_written(rung))
    yield from _uses(plan, places)


def _uses(plan: Plan, places: Places) -> Iterator[Diagnostic]:
    moving = {x.name for x in plan.ladders if any(r.action is Action.MOVE for r in x.rungs)}
    paced = {ladder.name for ladder in plan.ladders if ladder.asks_who_is_behind}
    family = {machine.name: machine for machine in plan.machines}
    for step in plan.steps:
        place = places.of("step", step.id)
        if step.ladder in paced:
            machine = family.get(MACHINE_OF[step.scope])
            kind = machine.record(PROGRESS) if machine else None
            if machine and (kind is None or all(f.name != "percent" for f in kind.fields)):
                values = {"step": step.id, "ladder": step.ladder, "machine": machine.name}
                yield Diagnostic.at(place, "P255", **values)
            if not _begins(step):
                yield Diagnostic.at(place, "P256", step=step.id, ladder=step.ladder)
        if step.ladder in moving and not step.fires:
            yield Diagnostic.at(place, "P249", ladder=step.ladder, step=step.id)
        if step.ladder and never_due(step):
            yield Diagnostic.at(place, "P312", step=step.id)
        if not step.ladder and not step.attend and not never_due(step):
            yield Diagnostic.at(place, "P315", step=step.id)


def _begins(step: Step) -> bool:
    """Return whether the time of the step has a beginning: a window's, or the year's."""
    match step.due.deadline if step.due else Undated():
        case Window() | Recurring() | InPeriod(deadline=Window()):
            return True
        case rule:
            return not events_of(rule) and not steps_of(rule)


def never_due(step: Step) -> bool:
    """Return whether the step has no date, whatever happens."""
    match step.due.deadline if step.due else Undated():
        case Undated() | Window(closes=None):
            return True
        case _:
            return False


def _written(rung: Rung) -> str:
    return f"{rung.offset:+} {rung.unit.replace('_', ' ')}s" if rung.offset else "0"
