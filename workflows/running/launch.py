"""Launching a cycle as people ask for it: who may, from when, and what was done before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

from engine.act import Act
from engine.definition import ADMINISTRATOR
from engine.errors import N_, BadMoment, NotFound, NotPermitted
from engine.events import Event, Kind
from engine.facts import clean_text
from engine.ports import Reader, UnitOfWork
from workflows import office
from workflows.plan.model import Plan, Post
from workflows.plan.oversight import Guarded
from workflows.plan.store_form import edition, from_data, to_data
from workflows.roles import GROUP_OFFICE
from workflows.running.asking import NO_GROUNDS, OPEN, Asked, Grounds, Who
from workflows.running.backfill import backfill_at, entries_of_plan
from workflows.running.desk import Application, Desk, take
from workflows.running.opening import open_cycle
from workflows.running.people import authorities, holds_on, is_administrator
from workflows.running.proposals import Doing, NoGlassToBreak, carry_out, watching
from workflows.running.sealing import require_hash
from workflows.running.tenures import appoint_holders, new_holders


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """What an opening came to."""

    key: str
    backfilled: int = 0
    """How many of the plan's own ``done`` entries were recorded."""
    appointed: int = 0
    """How many holders of posts the plan named."""
    events: Sequence[Event] = ()
    """Where another plan of the body asks for two persons: the proposal, or what was done alone."""

    @property
    def proposed(self) -> bool:
        """Return whether it waits for a second person."""
        return any(event.kind is Kind.ACT_PROPOSED for event in self.events)


def launch(
    app: Application,
    plan: Plan,
    person: str,
    loaded_on: date | datetime | None = None,
    grounds: Grounds = NO_GROUNDS,
    progress: Callable[[int], None] = lambda _instances: None,
) -> Launched:
    """Open the cycle of a checked plan, with its holders and what it says was done already.

    All in one unit of work: an entry that is refused leaves nothing behind.
    Where a running plan of the same body gives openings to two persons, or the
    posts to which this plan names holders, it is proposed there.

    Args:
        app: the application.
        plan: without errors.
        person: who opens; an administrator, or of the body's group office.
        loaded_on: from when on steps can be late, a day from its beginning; now if none.
        grounds: why, and on what document; whether alone, where it takes two.
        progress: is told how many more instances there are.

    Raises:
        AlreadyExists: the cycle is open.
        NotPermitted: the person is neither administrator nor of the group office.
        BadMoment: ``loaded_on`` lies in the future.
        EngineError: an entry of the plan is refused.

    """
    values = {"cycle": plan.key, "loaded_on": loaded_on.isoformat() if loaded_on else ""}
    grounds = replace(grounds, occurred_at=None)
    asked = Asked(act=OPEN, key="", values=values, who=Who(person=person), grounds=grounds)
    cycle, guard = _watching(app, plan)
    if guard:
        with app.store.unit_of_work(app.clock.now()) as unit:
            _who(unit, plan, person, unit.now.astimezone(ZoneInfo(plan.zone)).date())
            # Only here: of a plan with very many targets this is a copy of all of them.
            whole = edition(plan)
            unit.publish_plan(whole, to_data(plan))
        watched = replace(asked, key=cycle, values={**values, "plan": whole})
        events = carry_out(app, watched, ACTS[OPEN], lambda _at: guard)
        return Launched(key=plan.key, events=events)
    if grounds.alone:
        raise NoGlassToBreak(act=OPEN, key=plan.key)
    with app.store.unit_of_work(app.clock.now()) as unit:
        take(app, unit, office.KEY)
        return _launch(app, unit, plan, asked, progress=progress)


def _watching(app: Application, plan: Plan) -> tuple[str, Guarded | None]:
    """Return the cycle whose plan gives this opening to two persons, and as which act."""
    if cycle := watching(app, plan.body, Guarded.OPEN):
        return cycle, Guarded.OPEN
    cycle = watching(app, plan.body, Guarded.POSTS)
    with app.store.reading() as reader:
        named = bool(cycle) and bool(new_holders(reader, plan))
    return (cycle, Guarded.POSTS) if named else ("", None)


def _launch(
    app: Application,
    unit: UnitOfWork,
    plan: Plan,
    asked: Asked,
    acting_for: str = "",
    progress: Callable[[int], None] = lambda _instances: None,
) -> Launched:
    zone, person = ZoneInfo(plan.zone), asked.who.person
    who = _who(unit, plan, person, unit.now.astimezone(zone).date())
    loaded_at = _loaded_at(unit, asked.values["loaded_on"], zone)
    require_hash(unit, plan)
    grounds = asked.grounds
    act = Act(
        actor=person,
        acting_for=acting_for,
        occurred_at=unit.now,
        authority=clean_text("authority", grounds.authority, 400),
        reason=clean_text("reason", grounds.reason),
        cause=grounds.cause,
        chain=grounds.chain,
    )
    opened = open_cycle(app, unit, plan, person, loaded_at, act, progress)
    appointed = appoint_holders(unit, plan, person)
    done = [entry for step in plan.steps for entry in entries_of_plan(step)]
    backfill_at(opened, done, who)
    return Launched(key=plan.key, backfilled=len(done), appointed=appointed)


def _loaded_at(unit: UnitOfWork, said: str, zone: ZoneInfo) -> datetime:
    if not said:
        return unit.now
    if len(said) == len("2024-07-10"):
        found = datetime.combine(date.fromisoformat(said), time(), zone)
    else:
        found = datetime.fromisoformat(said)
    if found > unit.now:
        raise BadMoment(moment=found, problem=N_("it lies in the future"))
    return found


def _launch_at(at: Desk[UnitOfWork], asked: Asked) -> Sequence[Event]:
    """Open another cycle at the desk of one that runs."""
    if at.app is None:
        raise NotFound(what="cycle", key=at.key, hint="duban status")
    plan = from_data(dict(at.unit.published_plan(asked.values["plan"])))
    roles, person = (GROUP_OFFICE, ADMINISTRATOR), asked.who.person
    acting_for = next(authorities(at, person, "", "", roles, OPEN, plan.key), "")
    launched = _launch(at.app, at.unit, plan, asked, acting_for)
    return at.unit.history(launched.key)[:1]


ACTS: Mapping[str, Doing] = MappingProxyType({OPEN: _launch_at})
"""What can be proposed, by name."""


def _who(reader: Reader, plan: Plan, person: str, today: date) -> Who:
    """Return as whom the plan's own entries are recorded, or refuse."""
    offices = [post for post in plan.posts if GROUP_OFFICE in post.roles]
    if any(_holds(reader, plan, post, person, today) for post in offices):
        return Who(person=person)
    if not is_administrator(reader, person, today):
        allowed = [ADMINISTRATOR, GROUP_OFFICE]
        raise NotPermitted(person=person, act="open", key=plan.key, allowed=allowed)
    return Who(person=person, acting_for=offices[0].id if offices else "")


def _holds(reader: Reader, plan: Plan, post: Post, person: str, today: date) -> bool:
    if any(h.person == person and _within(h.since, h.until, today) for h in post.holders):
        return True
    return any(
        t.body == plan.body and t.post == post.id and holds_on(t, today)
        for t in reader.tenures(person=person)
    )


def _within(since: date | None, until: date | None, day: date) -> bool:
    return (since is None or since <= day) and (until is None or day <= until)
