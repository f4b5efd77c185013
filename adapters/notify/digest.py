"""What a notice is about, as it stands when it is sent: what, whose, until when, what to do next.

Made from codes and parameters at the moment of sending: what has been done
meanwhile is left out, a date that has moved is told as it is now. Where
nothing is left, there is nothing to send.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.messages import Translator
from adapters.notify.next_step import next_step
from adapters.terminal.times import Times
from adapters.trial_clock import TRIAL
from engine.deadline import Deadline, Exempt
from engine.events import Event
from engine.facts import to_moment
from engine.guards import All
from engine.population import Tally
from engine.ports import Notice, NoticeItem, Reader
from workflows.plan.model import Plan, Step
from workflows.running.desk import Application, Desk, desk
from workflows.running.obligations import days_late
from workflows.running.schedule import ladder_of
from workflows.running.steps import laggards, owner_of

SHOWN = 10
"""How many keys one matter names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One thing that one owner owes, as the reader is told of it."""

    cycle: str
    name: str
    clause: str = ""
    owner: str = ""
    count: int = 0
    keys: tuple[str, ...] = ()
    deadline: Deadline | None = None
    due: str = ""
    """Until when it is, or was, in time; for people."""
    late: bool = False
    days_late: int = 0
    """Working days."""
    lamp: str = ""
    command: str = ""
    also: tuple[str, ...] = ()
    """Who else is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """All that one notice says, the most urgent first."""

    recipient: str
    """The account, for commands; empty for a post that nobody holds."""
    name: str
    """What to call the reader."""
    as_of: str
    matters: tuple[Matter, ...]
    trial: bool = False

    @property
    def late(self) -> Sequence[Matter]:
        """Return what is overdue."""
        return [matter for matter in self.matters if matter.late]

    @property
    def coming(self) -> Sequence[Matter]:
        """Return what is coming due."""
        return [matter for matter in self.matters if not matter.late]


@dataclass(slots=True)
class Digester:
    """Makes the digests of one pass; asks once who still owes what."""

    app: Application
    words: Translator
    _owing: dict[tuple[int, str], tuple[Deadline | None, Sequence[Tally]]] = field(
        default_factory=dict
    )

    def digest(self, reader: Reader, notice: Notice) -> Digest | None:
        """Return what ``notice`` says now; None when all of it has been done."""
        found: dict[tuple[object, ...], Matter] = {}
        desks: dict[str, Desk[Reader]] = {}
        for item, event in notice.items:
            cycle = event.instance.partition("/")[0]
            at = desks[cycle] = desks.get(cycle) or desk(self.app, reader, cycle)
            for identity, matter in self._matters(at, item, event):
                known = found.get(identity)
                if known is not None:
                    also = tuple(sorted({*known.also, *matter.also}))
                    lamp = matter.lamp or known.lamp
                    matter = replace(matter, also=also, lamp=lamp)  # noqa: PLW2901 - the last rung speaks
                found[identity] = matter
        if not found:
            return None
        first = next(iter(desks.values()))
        post = notice.recipient.startswith("post:")
        return Digest(
            recipient="" if post else notice.recipient,
            name=person_name(first.plan, notice.recipient, self.words),
            as_of=Times(self.words, first.zone).moment(first.now),
            matters=tuple(sorted(found.values(), key=_urgency)),
            trial=bool(reader.setting(TRIAL)),
        )

    def _matters(
        self, at: Desk[Reader], item: NoticeItem, event: Event
    ) -> Iterator[tuple[tuple[object, ...], Matter]]:
        """Yield what an item comes to, with what makes two items one matter."""
        step = at.plan.step(str(event.data.get("step", "")))
        if step is None or "rung" not in event.data:
            name = self.words.word("event", str(event.kind))
            matter = Matter(cycle=at.key, name=name, count=1, keys=(event.instance,))
            yield (event.position,), replace(matter, command=f"duban history {event.instance}")
            return
        deadline, tallies = self._still_owing(at, step, event)
        if deadline is None:
            return
        told = [other for other in at.unit.told(item.event) if other.recipient != item.recipient]
        for tally in tallies:
            owner = owner_of(step, tally.owner)
            if item.about and owner not in item.about:
                continue
            yield (
                (deadline.id, owner),
                Matter(
                    cycle=at.key,
                    name=step.name.in_language(self.words.language),
                    clause=step.clause,
                    owner=owner_name(at.plan, owner, self.words),
                    count=tally.count,
                    keys=tally.first[:SHOWN],
                    deadline=deadline,
                    due=_due(at, deadline, self.words),
                    late=_is_late(at, deadline),
                    days_late=days_late(at, deadline),
                    lamp=str(event.data.get("label", "")),
                    command=next_step(at, step, tally.first[0] if tally.first else at.key),
                    also=tuple(
                        dict.fromkeys(
                            person_name(at.plan, other.recipient, self.words)
                            for other in told
                            if not other.about or owner in other.about
                        )
                    ),
                ),
            )

    def _still_owing(
        self, at: Desk[Reader], step: Step, event: Event
    ) -> tuple[Deadline | None, Sequence[Tally]]:
        """Return the date as it stands now, and who still owes what it asks."""
        key = (event.position, at.key)
        if key not in self._owing:
            deadline = _current(at, step, event)
            self._owing[key] = (deadline, _tallies(at, step, deadline, event) if deadline else ())
        return self._owing[key]


def _current(at: Desk[Reader], step: Step, event: Event) -> Deadline | None:
    """Return the date that stands now in the place of the one whose rung fired."""
    known = at.unit.deadlines(at.key, step.id, all_versions=True)
    fired = next((d for d in known if d.id == event.timer.rpartition(":")[0]), None)
    instance = fired.instance if fired else ""
    occurrence = str(event.data.get("occurrence", ""))
    return next(
        (d for d in known if d.current and (d.occurrence, d.instance) == (occurrence, instance)),
        None,
    )


def _tallies(at: Desk[Reader], step: Step, deadline: Deadline, event: Event) -> Sequence[Tally]:
    released = (Exempt.EXCUSED, Exempt.SUSPENDED)
    if deadline.instance and at.unit.exemptions(deadline.instance).get(step.id) in released:
        return ()
    population = laggards(at.plan, step, deadline)
    rungs = ladder_of(at.plan, step).rungs
    number = int(event.data["rung"])
    if number < len(rungs):
        population = replace(population, where=All((population.where, rungs[number].when)))
    return at.unit.tally(population, SHOWN)


def _is_late(at: Desk[Reader], deadline: Deadline) -> bool:
    return deadline.due_at is not None and deadline.due_at <= at.now


def _due(at: Desk[Reader], deadline: Deadline, words: Translator) -> str:
    return Times(words, at.zone).due(deadline)


def _urgency(matter: Matter) -> tuple[bool, datetime]:
    """Order by lateness, then by date: what has been overdue longest stands first."""
    due = matter.deadline.due_at if matter.deadline else None
    return (not matter.late, due or FAR)


FAR = to_moment("9999-01-01T00:00:00+00:00")


def owner_name(plan: Plan, owner: str, words: Translator) -> str:
    """Return the name of a section, post or role for the reader."""
    names = {s.id: s.name for s in plan.sections} | {p.id: p.name for p in plan.posts}
    if owner in names:
        return names[owner].in_language(words.language)
    return words.word("role", owner)


def person_name(plan: Plan, recipient: str, words: Translator) -> str:
    """Return what to call a recipient: the account, or the post that nobody holds."""
    if not recipient.startswith("post:"):
        return recipient
    return owner_name(plan, recipient.removeprefix("post:"), words)
