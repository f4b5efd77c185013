"""A year whose plan asks for two persons, and what waits in it."""

from __future__ import annotations

from dataclasses import replace

from engine.events import Event, Kind
from tests.unit.year import Year, begin, publish, small
from workflows.plan.oversight import FourEyes, Guarded
from workflows.running.desk import desk
from workflows.running.proposals import (
    Outcome,
    Proposal,
    all_proposals,
    open_proposals,
    unnoted,
)
from workflows.running.requests import Grounds, Who

ALL = FourEyes(acts=tuple(Guarded), break_glass=True)
LEADER = Who(person="p.group-head")
VICE = Who(person="p.vice-leader-a")
WHY = Grounds(reason="情况说明")
FORCED = Grounds(reason="审计要求", authority="泉审〔2024〕3号")
ALONE = replace(FORCED, alone=True)


def watched(rule: FourEyes, now: str = "2024-08-20 10:00") -> Year:
    found = begin(replace(small(), four_eyes=rule), "2024-07-01 09:00")
    publish(found)
    found.tick(now)
    return found


def proposed(year: Year) -> list[Proposal]:
    with year.store.reading() as reader:
        return list(open_proposals(desk(year.app, reader, year.key)))


def outcomes(year: Year) -> list[Outcome]:
    with year.store.reading() as reader:
        return [p.outcome for p in all_proposals(desk(year.app, reader, year.key))]


def flagged(year: Year) -> list[Event]:
    with year.store.reading() as reader:
        return list(unnoted(desk(year.app, reader, year.key)))


def propose_force(year: Year, name: str = "T-2", state: str = "evaluated") -> Event:
    (event,) = year.force(name, state)
    assert event.kind is Kind.ACT_PROPOSED
    return event
