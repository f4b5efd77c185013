"""Every rung has its effect once, on those whom it concerns, in order, whatever people do.

Random ladders, acts, downtimes; the oracle tells from the ladder's data what must come of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import example, given, settings

from engine.errors import Refused
from engine.events import Event, Kind
from engine.ladder import Action, Rung, Unit
from engine.ports import NoticeItem
from tests.property.ladder_lives import END, OPENED, Life, lives
from tests.property.ladder_oracle import Climbed, Marked, Number, Office, Owed
from tests.unit.year import Year, begin
from workflows.running.exceptions import ask_extension, excuse, extend, resume, suspend
from workflows.running.requests import Grounds, Who

WHY = Grounds(reason="情况说明")
CLERK = Who(person="clerk")


# acts: in the year, and in the oracle, which says whether it is refused


def does(year: Year, key: str, what: str, until: date) -> bool:
    """Do it in the year; return whether it was accepted."""
    head = Who(person={"a": "ann", "b": "bob", "c": "cat"}[year.find(key).owner])
    step = year.find(key).origin.partition("@")[0]
    name = year.name(key)
    try:
        match what:
            case "hand in":
                year.record(key, "handed_in", {}, head)
            case "return":
                year.move(key, "return", CLERK, reason="材料不全")
            case "void":
                year.move(key, "excuse", CLERK, reason="不再需要")
            case "prove":
                year.record(key, "evidence", {"sha256": "ab"}, head)
            case "excuse":
                excuse(year.app, name, step, CLERK, WHY)
            case "suspend":
                suspend(year.app, name, step, CLERK, WHY)
            case "resume":
                resume(year.app, name, step, CLERK, WHY)
            case "ask":
                ask_extension(year.app, name, step, until, head, WHY)
            case _:
                extend(year.app, name, step, until, CLERK, WHY)
    except Refused:
        return False
    return True


def accepts(office: Office, thing: Owed, what: str, now: datetime) -> bool:
    """Return whether it must be accepted; what is refused changes nothing at all."""
    in_time = now < office.binding(thing).due
    allowed = {
        "hand in": thing.owes,
        "return": thing.done and not thing.void,
        "void": thing.owes,
        "prove": not thing.void,
        "excuse": not thing.excused,
        "suspend": not thing.excused,
        "resume": thing.suspended and not thing.excused,
        "ask": in_time and not thing.excused,
        "extend": (in_time or thing.asked) and not thing.excused,
    }
    return allowed[what]


def happens(office: Office, thing: Owed, what: str, days: int, now: datetime) -> None:
    """Do it in the oracle."""
    clock = office.binding(thing)
    match what:
        case "hand in":
            thing.done = True
        case "return":
            thing.done = False
            office.falls_short(thing, now)
        case "void":
            thing.void = True
        case "prove":
            thing.evidence = True
        case "excuse":
            thing.excused = True
            thing.void = thing.void or thing.owes  # nobody waits for it any more: that is its end
        case "suspend":
            thing.suspended = True
        case "resume":
            thing.suspended = False
            if thing.owes and clock.number not in thing.was_late:
                office.falls_short(thing, now)
        case "ask":
            thing.asked = True
        case _:
            thing.asked = False
            office.new_date(thing, clock.last + timedelta(days=days), now)


def live(life: Life) -> tuple[Year, Office]:
    """Live the life in both; they agree on what is refused."""
    year, office = begin(life.plan(), "2025-03-17 09:00"), life.office()
    for moment, what, which, days in life.agenda():
        year.at(moment)
        if not what:
            office.passes(moment, until_quiet=False)
            year.tick()
            continue
        keys = sorted(office.things)
        thing = office.things[keys[which % len(keys)]]
        expected = accepts(office, thing, what, moment)
        until = office.binding(thing).last + timedelta(days=days)
        if expected:
            office.passes(moment, until_quiet=True)
            happens(office, thing, what, days, moment)
        assert does(year, thing.key, what, until) is expected, (what, thing)
    for moment in (END, END + timedelta(days=1), END + timedelta(days=2)):
        year.at(moment)
        office.passes(moment, until_quiet=False)
        year.tick()
    return year, office


# what came of it


def numbers(year: Year) -> dict[str, tuple[Number, int]]:
    """Return for each timer which version of which date it belongs to, and its rung."""
    with year.store.reading() as reader:
        dates = {d.id: d for d in reader.deadlines(year.key, all_versions=True)}
        timers = reader.timers(year.key, pending=False)
    found = {}
    for timer in timers:
        d = dates[timer.deadline]
        own = d.instance.partition("/")[2]
        found[timer.id] = (d.step, d.occurrence, own, d.version), int(timer.rung[1:])
    return found


def items(year: Year) -> list[tuple[NoticeItem, Event]]:
    """Return all that anybody was told or would be, held items too."""
    found: list[tuple[NoticeItem, Event]] = []
    with year.store.unit_of_work(year.clock.now()) as unit:
        unit.release_notices()
        while notices := unit.gather():
            for notice in notices:
                unit.settle_notice(notice, "", None)
                found += notice.items
    return found


def climbed(year: Year, told: Sequence[tuple[NoticeItem, Event]]) -> list[Climbed]:
    known = numbers(year)
    found = []
    for event in year.history("", Kind.REMINDED, Kind.FOLDED):
        whom = sorted((i.recipient, tuple(sorted(i.about))) for i, e in told if e == event)
        number, rung = known[event.timer]
        speaks = event.kind is Kind.REMINDED
        found.append(
            Climbed(number, rung, event.occurred_at, event.recorded_at, speaks, tuple(whom))
        )
    return found


def marked(year: Year) -> list[Marked]:
    known = numbers(year)
    kinds = (Kind.LATE, Kind.SLIP, Kind.PROPOSED, Kind.LAMP)
    return [
        Marked(
            key.partition("/")[2],
            str(e.kind),
            str(e.data.get("lamp", "")),
            e.occurred_at,
            e.recorded_at,
            *known[e.timer],
        )
        for key, events in year.histories().items()
        for e in events
        if e.kind in kinds and e.timer
    ]


def life(
    rungs: Sequence[Rung], *acts: tuple[datetime, str, int, int], due: date = date(2025, 4, 8)
) -> Life:
    """Return a life with one pass of a daemon a month after the date, and every day from then."""
    silence = OPENED, timedelta(days=45)
    return Life(tuple(rungs), (), due, "", acts, (), silence)


TOLD = ("owner",)
MANY_AT_ONCE = [Rung(offset=0, lamp=f"第{n}", recipients=TOLD) for n in range(11)]
"""More than ten rungs of one moment: the eleventh comes after the third."""
OF_TWO_UNITS = [
    Rung(offset=4, unit=Unit.WORKING_DAY, lamp="后", recipients=TOLD),
    Rung(offset=5, unit=Unit.CALENDAR_DAY, lamp="前", recipients=TOLD),
]
"""Over a weekend four working days end after five days."""
ON_NEW_DATES = [
    Rung(offset=0, action=Action.LATE, recipients=TOLD),
    *[Rung(offset=3, lamp=c, recipients=TOLD, after_previous=True) for c in "橙红黑"],
]
LONG_BEFORE = [Rung(offset=-8, unit=Unit.CALENDAR_DAY, lamp="前", recipients=TOLD)]
SLIP = [Rung(offset=0, action=Action.SLIP, reply=3, recipients=TOLD)]


def day(number: int) -> datetime:
    return OPENED + timedelta(days=number, minutes=7)


@settings(max_examples=100, deadline=None)
@given(lives)
@example(life(MANY_AT_ONCE))
@example(life(OF_TWO_UNITS, due=date(2025, 4, 9)))
@example(  # a date of its own, paused while a new date runs out, then resumed
    life(
        ON_NEW_DATES,
        (day(24), "hand in", 0, 1),
        (day(25), "return", 0, 1),
        (day(47), "suspend", 0, 1),
        (day(55), "resume", 0, 1),
    )
)
@example(life(LONG_BEFORE, (day(21), "extend", 0, 2)))
@example(  # late, then a later date, which runs out in a pause
    life(
        ON_NEW_DATES[:1],
        (day(20), "ask", 0, 12),
        (day(24), "extend", 0, 12),
        (day(25), "suspend", 0, 1),
        (day(40), "resume", 0, 1),
    )
)
@example(life(SLIP, (day(47), "extend", 0, 9)))
@example(life(SLIP, (day(1), "excuse", 0, 1), (day(1), "hand in", 0, 1), (day(2), "prove", 0, 1)))
@example(life(SLIP, (day(1), "hand in", 0, 1), (day(1), "excuse", 0, 1), (day(2), "return", 0, 1)))
def test_every_rung_has_its_effect_once_on_whom_it_concerns(life: Life) -> None:
    year, office = live(life)
    told = items(year)
    found = climbed(year, told)
    assert sorted(found) == sorted(office.climbed)
    assert sorted(marked(year)) == sorted(office.marked)
    assert set(Counter((c.number, c.rung) for c in found).values()) <= {1}
    assert set(Counter((i.event, i.recipient, i.channel) for i, _ in told).values()) <= {1}
    assert all(one.nominal <= one.actual for one in found)
    for one, other in pairwise(found):
        assert one.actual < other.actual or one.nominal <= other.nominal, "out of order"
    slips = [
        (key, str(i.facts["matter"]).partition("/")[2], i.owner, due)
        for key, _, _, due in office.slips
        for i in [year.find(key)]
    ]
    assert slips == office.slips
    for key, _, _, due in office.slips:
        step, _, occurrence = year.find(key).origin.partition("@")
        assert year.deadline(step, occurrence=occurrence).due_at == due
    year.assert_sound()
