"""Deciding on proposals, and noting what one person did alone: always somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.act import Act
from engine.errors import N_, NotFound, NotPermitted, ReasonRequired, Refused
from engine.events import Event, Kind
from engine.facts import clean_text
from engine.ports import UnitOfWork
from workflows.roles import AUDITOR
from workflows.running import (
    amending,
    backfill,
    correcting,
    exceptions,
    launch,
    recalculation,
    requests,
    reverting,
    tenures,
)
from workflows.running.asking import NO_GROUNDS, Grounds, Who, at_desk
from workflows.running.desk import Application, Desk
from workflows.running.effects import differences, to_data
from workflows.running.lapse import lapse_id, tell
from workflows.running.people import authorities, persons_behind
from workflows.running.preview import watched
from workflows.running.proposals import GLASS, Doing, Outcome, asked_of, proposal

ACTS: Mapping[str, Doing] = {
    **requests.ACTS,
    **exceptions.ACTS,
    **tenures.ACTS,
    **amending.ACTS,
    **reverting.ACTS,
    **correcting.ACTS,
    **backfill.ACTS,
    **launch.ACTS,
    **recalculation.ACTS,
}
"""Every act that can be proposed, by name."""


class OwnProposal(Refused):
    """Nobody decides on what came from their own side."""

    code = "own-proposal"
    template = N_(
        "{person} cannot {act} {proposal}: it came from {parties}, in person or on somebody's "
        "behalf; somebody else decides, one of: {allowed}."
    )


class ProposalSettled(Refused):
    """It was decided on, or lapsed."""

    code = "proposal-settled"
    template = N_("{proposal} was {outcome} already; see: duban history {key}")


class WorldMoved(Refused):
    """What was proposed would now do something else."""

    code = "world-moved"
    template = N_(
        "Since {proposal} was proposed things have changed, then / now: {differences}. "
        "Refuse it, look anew, and propose again."
    )


def confirm(
    app: Application, position: int, who: Who, grounds: Grounds = NO_GROUNDS
) -> Sequence[Event]:
    """Confirm a proposal: it is rehearsed again and, where nothing has changed, done.

    Raises:
        NotFound: there is no such proposal.
        ProposalSettled: it was decided on, or has lapsed.
        NotPermitted, OwnProposal: somebody else has to decide.
        WorldMoved: it would now do something else than when it was proposed.

    """
    key, above = _place_of(app, position)
    with at_desk(app, key, above=above) as at:
        proposed = _open(at, position)
        asked = asked_of(proposed)
        decided = _decide(at, proposed, who, grounds, Kind.ACT_CONFIRMED)
        chain = {
            "proposal": position,
            "proposed_by": proposed.actor,
            "confirmed_by": decided.actor,
            "confirmed_for": decided.acting_for,
        }
        again = replace(asked, grounds=replace(asked.grounds, chain=chain, cause=decided.position))
        try:
            found = watched(at, key, lambda at: ACTS[asked.act](at, again), above=above)
        except (Refused, NotFound) as refused:
            raise WorldMoved(proposal=position, differences=[refused]) from refused
        moved = differences(proposed.data["effects"], to_data(found), at.now)
        if moved:
            raise WorldMoved(proposal=position, differences=[str(d) for d in moved[:SHOWN]])
        return [decided, *found.events]


SHOWN = 5
"""Differences that a refusal names."""


def decline(app: Application, position: int, who: Who, grounds: Grounds) -> Event:
    """Refuse a proposal, with a reason.

    Raises:
        NotFound: there is no such proposal.
        ReasonRequired: no reason was given.
        ProposalSettled: it was decided on, or has lapsed.
        NotPermitted, OwnProposal: somebody else has to decide.

    """
    key, _ = _place_of(app, position)
    with at_desk(app, key) as at:
        proposed = _open(at, position)
        if not grounds.reason.strip():
            raise ReasonRequired(act="refuse", key=position)
        return _decide(at, proposed, who, grounds, Kind.ACT_DECLINED)


def note(app: Application, position: int, who: Who, grounds: Grounds = NO_GROUNDS) -> Event:
    """Note, as an auditor, what one person did alone: it is no longer flagged.

    Raises:
        NotFound: nothing was done alone by that event.
        ProposalSettled: it was noted already.
        NotPermitted, OwnProposal: it is for an auditor who had no part in it.

    """
    flag = _flag(app, position)
    with at_desk(app, flag.instance) as at:
        cycle = at.unit.load(at.key)
        name = f"{GLASS}{flag.sequence}"
        acting_for = _another(at, flag, who, "note", (AUDITOR,), cycle.owner)
        if name not in cycle.facts:
            raise ProposalSettled(proposal=flag.position, outcome="noted", key=at.key)
        act = _act(at, who, grounds, acting_for, flag)
        data = {"event": flag.position, "unset": [name]}
        return at.unit.append(act.on(at.unit, cycle, Kind.NOTED, data))


def _decide(at: Desk[UnitOfWork], proposed: Event, who: Who, grounds: Grounds, kind: Kind) -> Event:
    instance = at.unit.load(proposed.instance)
    verb = "confirm" if kind is Kind.ACT_CONFIRMED else "refuse"
    roles = at.plan.four_eyes.confirmed_by
    acting_for = _another(at, proposed, who, verb, roles, instance.owner)
    act = _act(at, who, grounds, acting_for, proposed)
    data = {
        "proposal": proposed.position,
        "act": proposed.data["act"],
        "proposed_by": proposed.actor,
    }
    decided = at.unit.append(act.on(at.unit, instance, kind, data))
    at.unit.cancel_timers(at.key, lapse_id(at.key, proposed.position))
    tell(at, decided, [proposed.actor])
    return decided


def _another(
    at: Desk[UnitOfWork],
    of: Event,
    who: Who,
    verb: str,
    roles: Sequence[str],
    owner: str,
) -> str:
    """Return on whose behalf somebody else than those behind ``of`` decides, or refuse."""
    parties = set(of.data["parties"])
    barred = False
    for chain in authorities(at, who.person, who.acting_for, owner, roles, verb, f"#{of.position}"):
        if not parties & (
            persons_behind(at, who.person, chain) | persons_behind(at, who.person, who.acting_for)
        ):
            return chain
        barred = True
    if barred:
        raise OwnProposal(
            person=who.person,
            act=verb,
            proposal=of.position,
            parties=sorted(parties),
            allowed=sorted(roles),
        )
    raise NotPermitted(person=who.person, act=verb, key=f"#{of.position}", allowed=sorted(roles))


def _act(at: Desk[UnitOfWork], who: Who, grounds: Grounds, acting_for: str, cause: Event) -> Act:
    return Act(
        actor=who.person,
        acting_for=acting_for,
        occurred_at=at.now,
        authority=clean_text("authority", grounds.authority, 400),
        reason=clean_text("reason", grounds.reason),
        cause=cause.position,
    )


def _open(at: Desk[UnitOfWork], position: int) -> Event:
    event = at.unit.event(position)
    if event is not None:
        at.unit.load(event.instance)  # locked before it is read: of two who decide one comes first
    found = proposal(at, position)
    if found is None:
        raise NotFound(what="proposal", key=position, hint="duban proposals")
    if found.outcome is not Outcome.OPEN:
        raise ProposalSettled(
            proposal=position, outcome=str(found.outcome), key=found.event.instance
        )
    return found.event


def _place_of(app: Application, position: int) -> tuple[str, bool]:
    """Return on which instance something was proposed, and whether it is above its cycle."""
    with app.store.reading() as reader:
        event = reader.event(position)
    if event is None or event.kind is not Kind.ACT_PROPOSED:
        raise NotFound(what="proposal", key=position, hint="duban proposals")
    return event.instance, asked_of(event).above


def _flag(app: Application, position: int) -> Event:
    """Return the event that flags what was done alone, by its number or by that of the act."""
    with app.store.reading() as reader:
        event = reader.event(position)
        alone = event.data.get("chain", {}).get("alone") if event else None
        if alone is not None:
            event = reader.event(int(alone))
    if event is None or event.kind is not Kind.GLASS_BROKEN:
        raise NotFound(what="event", key=position, hint="duban status")
    return event
