"""Launching a cycle as people ask for it: who may, from when, and what was done before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from engine.definition import ADMINISTRATOR
from engine.errors import N_, BadMoment, NotPermitted
from engine.ports import Reader
from workflows import office
from workflows.plan.model import Plan, Post
from workflows.roles import GROUP_OFFICE
from workflows.running.backfill import backfill_at, entries_of_plan
from workflows.running.desk import Application, take
from workflows.running.opening import open_cycle
from workflows.running.people import holds_on, is_administrator
from workflows.running.requests import Who
from workflows.running.tenures import appoint_holders


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """What an opening came to."""

    key: str
    backfilled: int
    """How many of the plan's own ``done`` entries were recorded."""
    appointed: int
    """How many holders of posts the plan named."""


def launch(
    app: Application, plan: Plan, person: str, loaded_on: date | datetime | None = None
) -> Launched:
    """Open the cycle of a checked plan, with its holders and what it says was done already.

    All in one unit of work: an entry that is refused leaves nothing behind.

    Args:
        app: the application.
        plan: without errors.
        person: who opens; an administrator, or of the body's group office.
        loaded_on: from when on steps can be late, a day from its beginning; now if none.

    Raises:
        AlreadyExists: the cycle is open.
        NotPermitted: the person is neither administrator nor of the group office.
        BadMoment: ``loaded_on`` lies in the future.
        EngineError: an entry of the plan is refused.

    """
    zone = ZoneInfo(plan.zone)
    with app.store.unit_of_work(app.clock.now()) as unit:
        take(app, unit, office.KEY)
        today = unit.now.astimezone(zone).date()
        who = _who(unit, plan, person, today)
        loaded_at = unit.now
        if isinstance(loaded_on, datetime):
            loaded_at = loaded_on
        elif loaded_on is not None:
            loaded_at = datetime.combine(loaded_on, time(), zone)
        if loaded_at > unit.now:
            raise BadMoment(moment=loaded_at, problem=N_("it lies in the future"))
        opened = open_cycle(app, unit, plan, person, loaded_at)
        appointed = appoint_holders(unit, plan, person)
        done = [entry for step in plan.steps for entry in entries_of_plan(step)]
        backfill_at(opened, done, who)
    return Launched(key=plan.key, backfilled=len(done), appointed=appointed)


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
