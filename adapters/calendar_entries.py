"""The dates of a cycle as entries of a calendar: one for each date, one for each opening."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time

from adapters.calendar_feed import Entry
from adapters.messages import Translator
from adapters.terminal.names import Names
from engine.deadline import Certainty, Deadline
from engine.guards import ALWAYS
from engine.ports import Reader
from workflows.plan.model import REPLY, Scope, Step
from workflows.roles import OWNER
from workflows.running.desk import Desk
from workflows.running.people import recipients
from workflows.running.schedule import last_day_of
from workflows.running.steps import concerned, owner_of


def entries(at: Desk[Reader], words: Translator, person: str = "") -> Iterator[Entry]:
    """Yield the dates of the cycle; with ``person``, those that this person answers for."""
    names = Names(words, at.plan)
    former = _former(at)
    for deadline in at.unit.deadlines(at.key):
        step = at.plan.step(deadline.step)
        if step is None:
            continue
        owners = owners_of(at, step, deadline)
        if person and person not in recipients(at, (OWNER,), owners):
            continue
        shown = _Shown(at, words, names, step, deadline, owners)
        if deadline.opens_at is not None and deadline.due_at != deadline.opens_at:
            yield shown.opening()
        if deadline.due_at is not None:
            yield shown.closing(deadline)
        elif (last := former.get(_stem(deadline))) is not None:
            yield shown.closing(last, cancelled=True)


def owners_of(at: Desk[Reader], step: Step, deadline: Deadline) -> Sequence[str]:
    """Return the owners of all whom a deadline concerns, done or not, born or still to come."""
    found = {
        owner_of(step, tally.owner)
        for tally in at.unit.tally(concerned(step, deadline, ALWAYS), first=0)
    }
    if found or REPLY in step.id:
        return sorted(found)
    if step.scope is Scope.SECTIONS:
        return sorted({owner_of(step, section.id) for section in at.plan.sections})
    return [owner_of(step, "")]


def _former(at: Desk[Reader]) -> dict[str, Deadline]:
    """Return the last version that had a date, of each deadline that has none now."""
    every = at.unit.deadlines(at.key, all_versions=True)
    dated = sorted((d for d in every if d.due_at is not None), key=lambda d: d.version)
    return {_stem(d): d for d in dated}


def _stem(deadline: Deadline) -> str:
    return deadline.id.rpartition("#")[0]


class _Shown:
    """One deadline in the words of one reader."""

    def __init__(
        self,
        at: Desk[Reader],
        words: Translator,
        names: Names,
        step: Step,
        deadline: Deadline,
        owners: Sequence[str],
    ) -> None:
        self.at, self.words, self.names = at, words, names
        self.step, self.deadline, self.owners = step, deadline, owners

    def opening(self) -> Entry:
        opens = self.deadline.opens_at
        day = opens.astimezone(self.at.zone).date() if opens else date.min
        return self._entry("opens", day, self.words.text("{what} opens", what=self._title()))

    def closing(self, dated: Deadline, *, cancelled: bool = False) -> Entry:
        due = dated.due_at or self.at.now
        local = due.astimezone(self.at.zone)
        when = last_day_of(self.at, due) if local.time() == time() else due
        return self._entry("due", when, self._title(), cancelled=cancelled)

    def _entry(self, edge: str, when: date, summary: str, *, cancelled: bool = False) -> Entry:
        provisional = self.deadline.certainty is Certainty.PROVISIONAL
        status = "TENTATIVE" if provisional else "CONFIRMED"
        return Entry(
            uid=f"{_stem(self.deadline)}/{edge}@{self.at.plan.body}",
            sequence=self.deadline.version,
            when=when,
            summary=summary,
            description="\n".join(self._lines(provisional=provisional)),
            category=self.at.key,
            status="CANCELLED" if cancelled else status,
        )

    def _title(self) -> str:
        key = self.deadline.instance or self.at.key
        parts = (self.names.step(self.step.id), self.deadline.occurrence, f"({key})")
        return " ".join(part for part in parts if part)

    def _lines(self, *, provisional: bool) -> Iterator[str]:
        t, step = self.words, self.step
        if step.clause:
            yield t.text("Clause: {clause}", clause=step.clause)
        if self.deadline.rule:
            yield t.text("Date: {rule}", rule=self.deadline.rule)
        yield t.text("Owes it: {owners}", owners=[self.names.owner(o) for o in self.owners])
        if provisional:
            yield t.text("The date is provisional and may still move.")
        if self.deadline.soft:
            yield t.text("It reminds, and is never late.")
        yield f"duban due --explain {step.id} {self.at.key}"
