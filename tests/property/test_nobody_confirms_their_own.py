"""Nobody decides on their own proposal, however posts, deputies and names are drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definition import ADMINISTRATOR
from engine.errors import EngineError
from engine.events import Event, Kind
from engine.ports import Tenure
from tests.unit.year import ROOT, Year, begin, publish, small
from workflows.plan.oversight import FourEyes, Guarded
from workflows.running.confirming import confirm, decline
from workflows.running.desk import desk
from workflows.running.exceptions import excuse
from workflows.running.people import holds_on
from workflows.running.requests import Grounds, Who

PEOPLE = ("ann", "bao", "cai", ROOT)
POSTS = ("group-head", "vice-leader-a", "group-office")
WHY = Grounds(reason="情况说明")
DAY = date(2025, 1, 10)

people = st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True)


@st.composite
def registers(draw: st.DrawFn) -> list[Tenure]:
    """Draw who holds which post and who deputises in it; of two persons one may do anything."""
    held = [
        Tenure(body="quanzhou-sasac", post=post, person=person, since="", deputy=deputy)
        for post in POSTS
        for deputy in (False, True)
        for person in draw(people)
    ]
    return held + [
        Tenure(body="", post=ADMINISTRATOR, person=person, since="") for person in draw(people)
    ]


_YEAR: list[Year] = []


def late() -> Year:
    """Return a year of which T-1 is late; nobody holds a post but the first administrator."""
    if not _YEAR:
        rule = FourEyes(acts=(Guarded.EXCUSE_LATE,), within=300)
        plan = replace(small(1), four_eyes=rule)
        year = begin(plan, "2024-07-01 09:00")
        publish(year)
        year.tick(f"{DAY} 10:00")
        _YEAR.append(year)
    return _YEAR[0]


def instead(year: Year, drawn: list[Tenure]) -> None:
    """Let the drawn tenures be the only ones, with root as an administrator."""
    with year.store.unit_of_work(year.clock.now()) as unit:
        for known in unit.tenures():
            if not (known.post == ADMINISTRATOR and known.person == ROOT):
                unit.end_tenure(known.event, "2020-01-01")
        for number, tenure in enumerate(drawn, start=20):
            unit.set_tenure(replace(tenure, event=number))


def side_of(year: Year, who: Who) -> set[str]:
    """Return, found out anew, who stands behind what ``who`` asks in a name or for a post."""
    with year.store.reading() as reader:
        now = [t for t in reader.tenures() if holds_on(t, DAY)]
    named = {who.person, who.acting_for} & set(PEOPLE)
    holders = {t.person for t in now if t.post == who.acting_for and not t.deputy}
    return named if who.person in holders else named | holders


ANYBODY = [
    Who(person=person, acting_for=name) for person in PEOPLE for name in ("", *POSTS, *PEOPLE)
]


@settings(max_examples=60, deadline=None)
@given(register=registers(), proposer=st.sampled_from(ANYBODY), refuses=st.booleans())
def test_nobody_decides_on_what_came_from_their_own_side(
    register: list[Tenure], proposer: Who, refuses: bool
) -> None:
    year = late()
    instead(year, register)
    proposed = propose(year, proposer)
    for decider in ANYBODY if proposed else ():
        assert proposed is not None
        try:
            if refuses:
                decided = decline(year.app, proposed.position, decider, WHY)
            else:
                decided = confirm(year.app, proposed.position, decider)[0]
        except EngineError:
            continue
        assert not side_of(year, proposer) & side_of(year, decider)
        for one, other in ((proposed, decided), (decided, proposed)):
            assert one.actor not in held_by_way_of(year, other)
        settle(year, proposed)
        proposed = propose(year, proposer)
    if proposed:
        settle(year, proposed)


def propose(year: Year, who: Who) -> Event | None:
    """Let ``who`` propose to excuse what is late; nothing where they may not."""
    try:
        proposed = excuse(year.app, year.name("T-1"), "s4", who, WHY)
    except EngineError:
        return None
    assert proposed.kind is Kind.ACT_PROPOSED
    return proposed


def held_by_way_of(year: Year, event: Event) -> set[str]:
    """Return who holds the post by a deputy of which the event was made."""
    post, deputy, _ = event.acting_for.rpartition("/")[2].partition(" (deputy)")
    with year.store.reading() as reader:
        now = [t for t in reader.tenures() if holds_on(t, DAY)]
    return {t.person for t in now if deputy and t.post == post and not t.deputy}


def settle(year: Year, proposed: Event) -> None:
    """Take back what was proposed and done, so that the next example finds it as before."""
    with year.store.unit_of_work(year.clock.now()) as unit:
        at = desk(year.app, unit, year.key)
        unit.set_exemption(year.name("T-1"), "s4", None, proposed.position)
        unit.cancel_timers(at.key, f"{at.key}:+proposal@{proposed.position}#1")
