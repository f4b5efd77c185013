"""What a notice is about, as it stands when it is sent: what, whose, until when, what to do next.

Made from codes and parameters at the moment of sending: what has been done
meanwhile is left out, a date that has moved is told as it is now. Where
nothing is left, there is nothing to send.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from adapters.messages import Translator
from adapters.notify.next_step import next_step
from adapters.terminal.event_words import asked_for
from adapters.terminal.times import Times
from engine.deadline import Deadline, Exempt
from engine.events import Event, Kind
from engine.facts import to_moment
from engine.guards import ALWAYS, AnyOf
from engine.population import Tally
from engine.ports import Notice, NoticeItem, Reader
from workflows.office import TRIAL
from workflows.plan.model import NoticeTexts, Plan, Step
from workflows.running.desk import Application, Desk, desk
from workflows.running.obligations import days_late
from workflows.running.pro_rata import condition_of
from workflows.running.proposals import Outcome, proposal
from workflows.running.schedule import ladder_of
from workflows.running.steps import falling_short, owner_of

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
    plan: str = ""
    """What its plan is called."""
    texts: NoticeTexts = field(default_factory=NoticeTexts)
    """How its plan words it."""


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
    plan: str = ""
    """What the plans are called."""
    texts: NoticeTexts = field(default_factory=NoticeTexts)
    """How the plans word a letter, where all that it is about do it alike."""

    @property
    def about(self) -> str:
        """Return the one instance that all of it is about; a cycle where there are more."""
        keys = {key for matter in self.matters for key in matter.keys}
        alone = all(matter.count == 1 for matter in self.matters)
        return keys.pop() if alone and len(keys) == 1 else self.matters[0].cycle

    @property
    def late(self) -> Sequence[Matter]:
        """Return what is overdue."""
        return [matter for matter in self.matters if matter.late]

    @property
    def coming(self) -> Sequence[Matter]:
        """Return what is coming due."""
        return [matter for matter in self.matters if not matter.late]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One date, and what of a notice is about it."""

    at: Desk[Reader]
    step: Step
    deadline: Deadline
    items: list[tuple[NoticeItem, Event]] = field(default_factory=list)


_Fired: TypeAlias = tuple[tuple[int, datetime], ...]
"""Rungs, each with the moment at which it fired, its nominal one."""


@dataclass(slots=True)
class Digester:
    """Makes the digests of one pass; asks once who still owes what."""

    app: Application
    words: Translator
    _dates: dict[int, Deadline | None] = field(default_factory=dict)
    _owing: dict[tuple[str, _Fired], Mapping[str, Tally]] = field(default_factory=dict)

    def digest(self, reader: Reader, notice: Notice) -> Digest | None:
        """Return what ``notice`` says now; None when all of it has been done."""
        found: list[Matter] = []
        desks: dict[str, Desk[Reader]] = {}
        spoken: dict[str, _Spoken] = {}
        for item, event in notice.items:
            cycle = event.instance.partition("/")[0]
            at = desks[cycle] = desks.get(cycle) or desk(self.app, reader, cycle)
            if event.kind is Kind.ACT_PROPOSED:
                found += self._to_decide(at, event)
                continue
            step = at.plan.step(str(event.data.get("step", "")))
            if step is None or "rung" not in event.data:
                found.append(self._bare(at, event))
                continue
            if event.position not in self._dates:
                self._dates[event.position] = _current(at, step, event)
            deadline = self._dates[event.position]
            if deadline is not None:
                said = spoken.setdefault(deadline.id, _Spoken(at, step, deadline))
                said.items.append((item, event))
        for said in spoken.values():
            found += self._matters(said)
        if not found:
            return None
        first = next(iter(desks.values()))
        texts = {at.plan.notices for at in desks.values()}
        plans = dict.fromkeys(matter.plan for matter in found)
        post = notice.recipient.startswith("post:")
        return Digest(
            recipient="" if post else notice.recipient,
            name=person_name(first.plan, notice.recipient, self.words),
            as_of=Times(self.words, first.zone).moment(first.now),
            matters=tuple(sorted(found, key=_urgency)),
            trial=bool(reader.setting(TRIAL)),
            plan=self.words.shown(list(plans)),
            texts=texts.pop() if len(texts) == 1 else NoticeTexts(),
        )

    def _bare(self, at: Desk[Reader], event: Event) -> Matter:
        """Return what an event comes to that is no rung of a ladder."""
        name = self.words.word("event", str(event.kind))
        command = f"duban history {event.instance}"
        return Matter(
            cycle=at.key,
            name=name,
            count=1,
            keys=(event.instance,),
            command=command,
            plan=at.plan.name.in_language(self.words.language),
            texts=at.plan.notices,
        )

    def _matters(self, said: _Spoken) -> Iterator[Matter]:
        """Yield what is still owed of one date, owner by owner; the last rung's lamp shows."""
        at, step, deadline = said.at, said.step, said.deadline
        for owner in self._still_owing(said, said.items):
            mine = [(i, e) for i, e in said.items if not i.about or owner in i.about]
            tally = self._still_owing(said, mine).get(owner) if mine else None
            if tally is None:
                continue
            yield Matter(
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
                lamp=next((str(e.data["label"]) for _, e in reversed(mine) if e.data["label"]), ""),
                command=next_step(at, step, tally.first[0] if tally.first else at.key),
                also=self._also_told(at, mine, owner),
                plan=at.plan.name.in_language(self.words.language),
                texts=at.plan.notices,
            )

    def _also_told(
        self, at: Desk[Reader], mine: Sequence[tuple[NoticeItem, Event]], owner: str
    ) -> tuple[str, ...]:
        told = dict.fromkeys(
            person_name(at.plan, other.recipient, self.words)
            for item, _ in mine
            for other in at.unit.told(item.event)
            if other.recipient != item.recipient and (not other.about or owner in other.about)
        )
        return tuple(sorted(told))

    def _to_decide(self, at: Desk[Reader], event: Event) -> Iterator[Matter]:
        """Yield what waits for the reader as a second person; nothing once it was decided on."""
        found = proposal(at, event.position)
        if found is None or found.outcome is not Outcome.OPEN:
            return
        asked = asked_for(event.data, self.words)
        yield Matter(
            cycle=at.key,
            name=self.words.text(
                "{person} asks for a second person: {act}", person=event.actor, act=asked
            ),
            count=1,
            keys=(event.instance,),
            due=Times(self.words, at.zone).moment(found.lapses_at),
            command=f"duban confirm {event.position}",
        )

    def _still_owing(
        self, said: _Spoken, items: Sequence[tuple[NoticeItem, Event]]
    ) -> Mapping[str, Tally]:
        """Return owner by owner who still owes it of those whom the rungs of ``items`` concern."""
        fired = tuple(sorted({(int(e.data["rung"]), e.occurred_at) for _, e in items}))
        key = (said.deadline.id, fired)
        if key not in self._owing:
            self._owing[key] = _by_owner(said, fired)
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


def _by_owner(said: _Spoken, fired: _Fired) -> Mapping[str, Tally]:
    at, step, deadline = said.at, said.step, said.deadline
    released = (Exempt.EXCUSED, Exempt.SUSPENDED)
    if deadline.instance and at.unit.exemptions(deadline.instance).get(step.id) in released:
        return {}
    rungs = ladder_of(at.plan, step).rungs
    conditions = tuple(
        condition_of(at, deadline, rungs[n], moment) if n < len(rungs) else ALWAYS
        for n, moment in fired
    )
    when = ALWAYS if ALWAYS in conditions else AnyOf(conditions)
    found: dict[str, Tally] = {}
    for tally in at.unit.tally(falling_short(at.plan, step, deadline, when), SHOWN):
        owner = owner_of(step, tally.owner)
        known = found.get(owner, Tally(owner=owner, count=0, first=()))
        count, first = known.count + tally.count, (*known.first, *tally.first)
        found[owner] = Tally(owner=owner, count=count, first=first)
    return found


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
