"""Four eyes: what one person proposes, with its dry run, until another decides on it.

A proposal is an act by name with its parameters, so that confirming it makes
the very same act. What it would bring about is kept with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from engine.act import Act
from engine.deadline import Rungs
from engine.errors import N_, ReasonRequired, Refused
from engine.events import Data, Event, Kind
from engine.facts import clean_text, to_moment, to_text
from engine.ports import Reader, UnitOfWork
from workflows.plan.oversight import Guarded
from workflows.roles import AUDITOR
from workflows.running.asking import Asked, Grounds, Who, at_desk, running
from workflows.running.desk import Application, Desk, desk
from workflows.running.effects import to_data
from workflows.running.granting import granted_until
from workflows.running.lapse import PROPOSAL, arm_lapse, tell
from workflows.running.people import chain_of, persons_behind, recipients
from workflows.running.preview import Preview, preview

Doing = Callable[[Desk[UnitOfWork], Asked], Sequence[Event]]
"""Makes an act at an open desk; its first event is the act's own."""

Parting = Callable[[Desk[UnitOfWork], Asked], Asked]
"""Parts the parameters that are personal from the others."""

GuardOf = Callable[[Desk[UnitOfWork]], Guarded | None]
"""As which of the acts that a plan may give to two persons an act counts now, if as any."""

GLASS = "break_glass:"
"""Begins the facts of a cycle that are there until an auditor has noted what was done alone."""


class AlreadyProposed(Refused):
    """The same act waits for a second person already."""

    code = "already-proposed"
    template = N_(
        "{person} has proposed that already, as {proposal}; somebody else can now "
        "duban confirm {proposal}, or duban refuse {proposal} --reason …"
    )


class NoGlassToBreak(Refused):
    """Nothing here needs a second person."""

    code = "no-glass"
    template = N_("{act} {key} needs no second person; leave out --break-glass.")


class GlassForbidden(Refused):
    """The plan lets nobody act alone."""

    code = "glass-forbidden"
    template = N_(
        "The plan lets nobody {act} {key} alone; leave out --break-glass, and it is proposed."
    )


class Outcome(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    LAPSED = "lapsed"


OUTCOMES = {
    Kind.ACT_CONFIRMED: Outcome.CONFIRMED,
    Kind.ACT_DECLINED: Outcome.DECLINED,
    Kind.ACT_LAPSED: Outcome.LAPSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One act that was proposed."""

    event: Event
    lapses_at: datetime
    outcome: Outcome
    decided: Event | None = None
    """The event by which it was decided on, or lapsed."""

    @property
    def asked(self) -> Asked:
        """Return the act as it was asked for."""
        return asked_of(self.event)


def nobody(_at: Desk[UnitOfWork]) -> Guarded | None:
    """Guard an act that takes two persons only where it is dated back over a date."""
    return None


def whole(_at: Desk[UnitOfWork], asked: Asked) -> Asked:
    """Part nothing: no parameter is personal."""
    return asked


def carry_out(
    app: Application, asked: Asked, do: Doing, guard_of: GuardOf, part: Parting = whole
) -> Sequence[Event]:
    """Do what is asked, or propose it where the plan gives it to two persons.

    Whether something is dated back over a date shows only when it is done;
    then it is taken back, and proposed.

    Raises:
        EngineError: it is refused; then it cannot be proposed either.
        AlreadyProposed: it waits for a second person already.
        NoGlassToBreak, GlassForbidden: nobody may, or need, do it alone.

    """
    try:
        with at_desk(app, asked.key, asked.who.person, above=asked.above) as at:
            guard = guard_of(at)
            if guard is None or guard not in at.plan.four_eyes.acts:
                return _done_by_one(at, asked, do)
            if asked.grounds.alone:
                return _alone(at, asked, do, guard, part)
    except _DatedBack:
        guard = Guarded.BACKDATE
        if asked.grounds.alone:
            with at_desk(app, asked.key) as at:
                return _alone(at, asked, do, guard, part)
    rehearsed = preview(app, asked.key, lambda at: do(at, asked), above=asked.above)
    with at_desk(app, asked.key, above=asked.above) as at:
        return [_propose(at, part(at, asked), guard, rehearsed)]


class _DatedBack(Exception):
    """Rolls an act back that turned out to be dated back over a date."""


def _done_by_one(at: Desk[UnitOfWork], asked: Asked, do: Doing) -> Sequence[Event]:
    """Do what takes one person, unless it turns out to take two."""
    watched = Guarded.BACKDATE in at.plan.four_eyes.acts
    if asked.grounds.alone and not watched:
        raise NoGlassToBreak(act=asked.act, key=asked.key)
    at.back_dated.clear()  # by what has fired of itself
    events = do(at, asked)
    if watched and at.back_dated:
        raise _DatedBack
    if asked.grounds.alone:
        raise NoGlassToBreak(act=asked.act, key=asked.key)
    return events


def watching(app: Application, body: str, guard: Guarded) -> str:
    """Return the running cycle whose plan gives such an act about ``body`` to two persons.

    What concerns the database itself, and no body, concerns every plan; of
    several that ask for two persons the one that was opened last counts.
    """
    with app.store.reading() as reader:
        for cycle in reversed(running(reader)):
            plan = desk(app, reader, cycle).plan
            if guard in plan.four_eyes.acts and body in ("", plan.body):
                return cycle
    return ""


def parted(values: Data, personal: Collection[str]) -> tuple[Data, Data]:
    """Return ``values`` as JSON data without those that are personal, and these as text."""
    plain = {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()}
    return (
        {k: v for k, v in plain.items() if k not in personal},
        {k: str(v) for k, v in plain.items() if k in personal and v is not None},
    )


def asked_of(event: Event) -> Asked:
    """Return the act that a proposal holds, with the words of whoever proposed it."""
    data = event.data
    return Asked(
        act=str(data["act"]),
        key=event.instance,
        values=data["with"],
        who=Who(person=event.actor, acting_for=str(data["as"])),
        grounds=Grounds(
            occurred_at=_when(data),
            reason=event.texts.get("reason", ""),
            authority=event.authority,
        ),
        private={name: text for name, text in event.texts.items() if name != "reason"},
    )


def open_proposals(at: Desk[Reader], key: str = "") -> Sequence[Proposal]:
    """Return what waits for a second person: in the cycle, or for one instance of it."""
    waiting = {t.deadline for t in at.unit.timers(at.key) if t.rung == Rungs.LAPSE}
    known = [d for d in at.unit.deadlines(at.key, PROPOSAL) if d.id in waiting]
    found = [one for d in known if (one := proposal(at, int(d.occurrence)))]
    mine = [p for p in found if not p.decided and (not key or p.event.instance == key)]
    return sorted(mine, key=lambda p: p.event.position)


def all_proposals(at: Desk[Reader]) -> Sequence[Proposal]:
    """Return every proposal of the cycle, decided on or not, oldest first."""
    found = []
    for deadline in at.unit.deadlines(at.key, PROPOSAL):
        one = proposal(at, int(deadline.occurrence))
        if one is not None:
            found.append(one)
    return sorted(found, key=lambda p: p.event.position)


def proposal(at: Desk[Reader], position: int) -> Proposal | None:
    """Return one proposal of the cycle, with what became of it."""
    event = at.unit.event(position)
    if event is None or event.kind is not Kind.ACT_PROPOSED:
        return None
    decided = next(
        (
            e
            for e in at.unit.history(event.instance)
            if e.kind in OUTCOMES and e.data["proposal"] == position
        ),
        None,
    )
    lapses_at = to_moment(str(event.data["lapses"]))
    outcome = Outcome.OPEN if at.now < lapses_at else Outcome.LAPSED
    if decided is not None:
        outcome = OUTCOMES[decided.kind]
    return Proposal(event=event, lapses_at=lapses_at, outcome=outcome, decided=decided)


def may_decide(at: Desk[Reader], proposed: Event) -> Sequence[str]:
    """Return who could confirm or refuse a proposal: everybody with the role but its own side."""
    owner = _owner(at, proposed.instance)
    found = recipients(at, at.plan.four_eyes.confirmed_by, [owner])
    return [who for who in found if who not in proposed.data["parties"]]


def unnoted(at: Desk[Reader]) -> Sequence[Event]:
    """Return what one person did alone and no auditor has noted yet, oldest first."""
    flags = {name for name in at.cycle().facts if name.startswith(GLASS)}
    if not flags:
        return ()
    return [
        event
        for event in at.unit.history(at.key)
        if event.kind is Kind.GLASS_BROKEN and f"{GLASS}{event.sequence}" in flags
    ]


def _propose(at: Desk[UnitOfWork], asked: Asked, guard: Guarded, rehearsed: Preview) -> Event:
    for other in open_proposals(at, asked.key):
        mine, theirs = asked, other.asked
        same = (theirs.act, theirs.values, theirs.private) == (mine.act, mine.values, mine.private)
        if same and other.outcome is Outcome.OPEN:
            raise AlreadyProposed(person=other.event.actor, proposal=other.event.position)
    rule = at.plan.four_eyes
    chain = rehearsed.events[0].acting_for
    moment = granted_until(at, at.today, rule.within, rule.unit)
    instance = at.unit.load(asked.key)
    act = replace(_act(at, asked), acting_for=chain)
    data = {
        "act": asked.act,
        "with": dict(asked.values),
        "as": asked.who.acting_for,
        **_said_when(asked.grounds.occurred_at),
        "guard": str(guard),
        "lapses": to_text(moment),
        "parties": sorted(_parties(at, asked.who, chain)),
        "effects": to_data(rehearsed),
    }
    blank = act.on(at.unit, instance, Kind.ACT_PROPOSED, data)
    event = at.unit.append(replace(blank, texts={**asked.private, **blank.texts}))
    arm_lapse(at, event, moment)
    tell(at, event, may_decide(at, event))
    return event


def _alone(
    at: Desk[UnitOfWork], asked: Asked, do: Doing, guard: Guarded, part: Parting
) -> Sequence[Event]:
    """Let one person do it alone, for all to see until an auditor has noted it."""
    if not at.plan.four_eyes.break_glass:
        raise GlassForbidden(act=asked.act, key=asked.key)
    if not asked.grounds.reason.strip():
        raise ReasonRequired(act=asked.act, key=asked.key)
    cycle = at.unit.load(at.key)
    act = replace(_act(at, asked), acting_for=chain_of(at, asked.who.acting_for))
    data = {
        "act": asked.act,
        "key": asked.key,
        "with": dict(part(at, asked).values),
        "guard": str(guard),
        "parties": sorted(_parties(at, asked.who, asked.who.acting_for)),
        "set": {f"{GLASS}{cycle.sequence + 1}": True},
    }
    flag = at.unit.append(act.on(at.unit, cycle, Kind.GLASS_BROKEN, data))
    grounds = replace(
        asked.grounds, alone=False, cause=flag.position, chain={"alone": flag.position}
    )
    events = do(at, replace(asked, grounds=grounds))
    roles = (AUDITOR, *at.plan.four_eyes.confirmed_by)
    watching = recipients(at, roles, [_owner(at, asked.key)])
    tell(at, flag, [who for who in watching if who not in data["parties"]])
    return [flag, *events]


def _act(at: Desk[UnitOfWork], asked: Asked) -> Act:
    return Act(
        actor=asked.who.person,
        occurred_at=at.now,
        authority=clean_text("authority", asked.grounds.authority, 400),
        reason=clean_text("reason", asked.grounds.reason),
    )


def _parties(at: Desk[Reader], who: Who, chain: str) -> frozenset[str]:
    """Return everybody on the side of whoever asks: account, person named, holder of the post."""
    return persons_behind(at, who.person, chain) | persons_behind(at, who.person, who.acting_for)


def _owner(at: Desk[Reader], key: str) -> str:
    found = at.unit.find(key)
    return found.owner if found else ""


def _said_when(moment: datetime | date | None) -> Data:
    if moment is None:
        return {}
    if isinstance(moment, datetime):
        return {"moment": to_text(moment)}
    return {"day": moment.isoformat()}


def _when(data: Data) -> datetime | date | None:
    if "moment" in data:
        return to_moment(str(data["moment"]))
    return date.fromisoformat(str(data["day"])) if "day" in data else None
