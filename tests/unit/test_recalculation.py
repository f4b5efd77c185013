"""Dates under another calendar: exactly what must move moves, and what has fired stays (R-25)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.deadline import Certainty
from engine.errors import NotPermitted
from engine.events import Kind
from engine.ladder import Action, Ladder, Rung, Unit
from tests.unit.dated import (
    CLIMB,
    WHY,
    climbed,
    content,
    dated,
    import_days,
    last_days,
    of_targets,
    own_day,
    plan_with,
)
from tests.unit.year import ADMINISTRATOR, OFFICE, Year, begin, goal, head, local, small
from workflows import office
from workflows.running.additions import add_target
from workflows.running.announcing import enter_rung
from workflows.running.exceptions import extend
from workflows.running.recalculation import adopt, preview
from workflows.running.requests import Grounds

FIRST_ANNOUNCED = """\
edition: announced-2019-11-21
source: 国办发明电〔2019〕16号
days:
  - {day: 2020-01-31, kind: working}
  - {day: 2020-02-01, kind: working}
"""
"""Spring Festival 2020 as it was announced first: 24 to 30 January, 1 February worked."""

EXTENDED = """\
edition: extended-2020-01-27
source: 国办发明电〔2020〕1号
days:
  - {day: 2020-01-31, kind: off}
  - {day: 2020-02-01, kind: off}
  - {day: 2020-02-02, kind: off}
"""
"""The extension of 27 January 2020, in the middle of the cycle."""

STEPS = (
    dated("working", "5 working days after 2020-01-22"),
    dated("rolls", "12 days after 2020-01-20"),
    dated("over", "3 working days after 2020-01-10"),
    dated("fixed", "2020-02-28"),
    dated("reminded", "2020-02-05"),
    dated("undated", "undated", ladder=""),
)


@pytest.fixture
def year() -> Year:
    year = begin(plan_with(*STEPS), "2020-01-05 09:00")
    import_days(year, FIRST_ANNOUNCED)
    return year


def test_the_extension_of_spring_festival_moves_exactly_what_it_must(year: Year) -> None:
    assert last_days(year) == {
        "working": "2020-02-04",
        "rolls": "2020-02-01",
        "over": "2020-01-15",
        "fixed": "2020-02-28",
        "reminded": "2020-02-05",
        "undated": "",
    }
    year.tick("2020-01-27 20:00")
    edition, days = content(EXTENDED)
    seen = preview(year.app, edition, days)
    assert {s.step.id: (s.days, s.timers) for s in seen} == {
        "working": (2, 2),  # its reminder was sent on 22 January: that stays
        "rolls": (2, 2),
        "reminded": (0, 1),
    }
    untouched = {s: d for s, d in last_days(year).items() if s not in ("working", "rolls")}
    (done,) = adopt(year.app, edition, days, ADMINISTRATOR, WHY)
    assert (done.data["edition"], done.data["moved"]) == (edition, len(seen))
    assert last_days(year) == {**untouched, "working": "2020-02-06", "rolls": "2020-02-03"}


def test_a_preview_changes_nothing_and_says_whom_it_touches(year: Year) -> None:
    edition, days = content(EXTENDED)
    before = year.histories(), year.timers(pending=False), last_days(year)
    shifts = preview(year.app, edition, days)
    assert (year.histories(), year.timers(pending=False), last_days(year)) == before
    with year.store.reading() as reader:
        assert reader.calendar(edition) == {}
    assert {tally.owner for shift in shifts for tally in shift.touched} == {"group_office"}


def test_one_event_of_the_office_says_what_counts_and_why_dates_moved(year: Year) -> None:
    year.at("2020-01-27 20:00")
    import_days(year, EXTENDED)
    with year.store.reading() as reader:
        first, second = (e for e in reader.history(office.KEY) if e.kind is Kind.CALENDAR)
    assert first.data["before"] == ""
    assert second.data["before"] == first.data["edition"] == content(FIRST_ANNOUNCED)[0]
    assert second.data == {
        "edition": content(EXTENDED)[0],
        "before": first.data["edition"],
        "moved": 3,
    }
    assert (second.authority, second.texts["reason"]) == (WHY.authority, WHY.reason)
    moved = [e for e in year.history("", Kind.DEADLINE_SET) if e.cause == second.position]
    assert {e.data["step"] for e in moved} == {"working", "rolls", "reminded"}
    assert all(content(EXTENDED)[0] in e.data["calendar"] for e in moved)
    year.assert_sound()


def test_what_fired_stays_and_what_waits_fires_at_its_new_moment(year: Year) -> None:
    year.tick_daily("2020-01-27")
    assert climbed(year, "working") == [(0, "01-23")]
    import_days(year, EXTENDED)
    year.tick_daily("2020-02-20")
    assert climbed(year, "working") == [(0, "01-23"), (1, "02-07"), (2, "02-11")]
    # its reminder was still to come, and is past by the new days: it speaks at once
    assert climbed(year, "reminded") == [(0, "01-22"), (1, "02-06"), (2, "02-10")]
    assert year.late().count("working") == 1


def test_a_rung_does_not_fire_again_however_often_the_date_moves(year: Year) -> None:
    year.tick_daily("2020-01-27")
    for text in (EXTENDED, FIRST_ANNOUNCED, EXTENDED, FIRST_ANNOUNCED, EXTENDED):
        import_days(year, text)
        year.tick()
    assert climbed(year, "working") == [(0, "01-23")]


def test_what_was_due_before_the_import_takes_effect_first(year: Year) -> None:
    """No daemon ran: the old date passed on 5 February, whenever anybody looked."""
    year.at("2020-02-05 12:00")
    import_days(year, EXTENDED)
    (late,) = (e for e in year.history("", Kind.LATE) if e.data["step"] == "working")
    assert late.occurred_at == local("2020-02-05")
    assert last_days(year)["working"] == "2020-02-06"


def test_the_same_calendar_moves_nothing(year: Year) -> None:
    year.tick_daily("2020-02-12")
    before = year.timers()
    assert preview(year.app) == []
    assert import_days(year, FIRST_ANNOUNCED) == []
    assert year.timers() == before


RESET = Ladder(
    name="reset",
    rungs=(
        Rung(offset=-1, unit=Unit.CALENDAR_DAY, recipients=("owner",)),
        Rung(offset=0, action=Action.LATE, recipients=("owner",)),
        Rung(offset=3, action=Action.PROPOSE, after_previous=True, recipients=("owner",)),
        Rung(
            offset=15,
            unit=Unit.CALENDAR_DAY,
            action=Action.SLIP,
            reply=3,
            recipients=("owner",),
        ),
    ),
)


def test_the_same_calendar_moves_nothing_that_people_decided() -> None:
    """Entered rungs, granted dates, dates late at once, slips and re-set dates all stay."""
    steps = (
        of_targets("t", "2020-01-20", ladder="reset"),
        of_targets("u", "10 working days after own:start"),
    )
    plan = plan_with(*steps, ladders=(CLIMB, RESET), targets=4)
    year = begin(plan, "2020-01-05 09:00")
    extend(year.app, year.name("T-1"), "t", date(2020, 3, 2), OFFICE, WHY)
    enter_rung(year.app, year.name("T-2"), "t", 1, OFFICE, WHY)
    year.record("T-3", "start", {}, head(year.find("T-3").owner))
    for day in ("2020-01-10", "2020-01-22", "2020-02-06", "2020-02-20"):
        year.tick(f"{day} 10:00")
        assert preview(year.app) == [], day
    added, *_ = add_target(year.app, year.key, goal(plan, 8), OFFICE, Grounds())
    year.tick()
    assert own_day(year, "t", added.instance.partition("/")[2]) == "2020-01-20"
    assert preview(year.app) == []


def test_a_re_set_date_is_counted_again_from_the_day_it_was_set() -> None:
    plan = plan_with(dated("d", "2020-01-22", ladder="reset"), ladders=(RESET,))
    year = begin(plan, "2020-01-05 09:00")
    import_days(year, FIRST_ANNOUNCED)
    year.tick_daily("2020-01-27")  # late on 23 January: three working days are granted anew
    (shift,) = import_days(year, EXTENDED)
    assert (shift.days, shift.timers) == (0, 1)
    year.tick_daily("2020-02-10")
    assert climbed(year, "d")[:3] == [(0, "01-21"), (1, "01-23"), (2, "02-06")]


def test_a_ladder_on_re_set_dates_survives_a_date_that_moves_ahead_again() -> None:
    """The rung before fires anew, so what was granted on its first firing is void."""
    ladder = replace(RESET, rungs=RESET.rungs[:3])
    plan = plan_with(
        dated("d", "5 working days after 2020-01-22", ladder="reset"), ladders=(ladder,)
    )
    year = begin(plan, "2020-01-05 09:00")
    import_days(year, FIRST_ANNOUNCED)
    year.tick_daily("2020-02-05")
    assert (1, "02-05") in climbed(year, "d")
    import_days(year, EXTENDED)
    year.tick_daily("2020-02-20")
    assert climbed(year, "d") == [(0, "02-03"), (1, "02-05"), (1, "02-07"), (2, "02-13")]


def test_own_clocks_move_and_granted_days_stay() -> None:
    steps = (of_targets("own", "5 working days after own:start"), of_targets("t", "2020-02-03"))
    year = begin(plan_with(*steps, targets=2), "2020-01-05 09:00")
    import_days(year, FIRST_ANNOUNCED)
    year.at("2020-01-20 10:00")
    year.record("T-1", "start", {}, head(year.find("T-1").owner))
    extend(year.app, year.name("T-2"), "t", date(2020, 2, 4), OFFICE, WHY)
    assert own_day(year, "own", "T-1") == "2020-02-01"
    year.at("2020-01-27 20:00")
    moved = {(s.step.id, s.before.instance): s.days for s in import_days(year, EXTENDED)}
    assert moved == {("own", year.name("T-1")): 3}
    assert own_day(year, "own", "T-1") == "2020-02-04"
    assert own_day(year, "t", "T-2") == "2020-02-04"


def test_an_answer_to_a_slip_is_counted_again_from_its_issue() -> None:
    ladder = Ladder(
        name="slips",
        rungs=(
            Rung(offset=0, action=Action.LATE),
            Rung(offset=1, action=Action.SLIP, reply=3, recipients=("owner",)),
        ),
    )
    year = begin(
        plan_with(dated("d", "2020-01-21", ladder="slips"), ladders=(ladder,)), "2020-01-05"
    )
    import_days(year, FIRST_ANNOUNCED)
    year.tick_daily("2020-01-22")
    assert last_days(year)["d+r1"] == "2020-02-01"
    (shift,) = import_days(year, EXTENDED)
    assert (shift.step.id, shift.days) == ("d+r1", 3)
    assert last_days(year)["d+r1"] == "2020-02-04"


def test_the_next_years_announcement_makes_provisional_dates_certain() -> None:
    plan = plan_with(dated("d", "10 working days after 2026-12-28"), year=2026)
    year = begin(plan, "2026-10-09 09:00")
    assert year.deadline("d").certainty is Certainty.PROVISIONAL
    announced = "edition: n\nsource: 国办\ncomplete: [2027]\ndays:\n"
    days = "  - {day: 2027-01-01, kind: off}\n  - {day: 2027-01-09, kind: working}\n"
    (shift,) = import_days(year, announced + days)
    assert (shift.before.certainty, shift.after.certainty) == ("provisional", "fixed")
    assert year.deadline("d").certainty is Certainty.FIXED
    assert (year.deadline("d").last_day, year.deadline("d").version) == ("2027-01-11", 2)
    assert import_days(year, announced + days) == []


def test_a_cycle_that_has_ended_is_left_alone(year: Year) -> None:
    year.at("2020-01-20 09:00")
    year.force("", "rectified", cascade=True)
    assert year.state() in year.plan.machine("cycle").final
    assert import_days(year, EXTENDED) == []


def test_only_an_administrator_imports(year: Year) -> None:
    edition, days = content(EXTENDED)
    with pytest.raises(NotPermitted):
        adopt(year.app, edition, days, OFFICE, WHY)
    with year.store.reading() as reader:
        assert reader.setting("calendar") == content(FIRST_ANNOUNCED)[0]


def test_two_cycles_are_both_recalculated() -> None:
    year = begin(plan_with(*STEPS), "2020-01-05 09:00")
    import_days(year, FIRST_ANNOUNCED)
    from workflows.running.launch import launch  # noqa: PLC0415

    launch(year.app, replace(small(1, 2020), key="second", steps=STEPS, ladders=(CLIMB,)), "root")
    year.at("2020-01-27 20:00")
    assert sorted({s.cycle for s in import_days(year, EXTENDED)}) == sorted([year.key, "second"])
