"""Later dates: asked for in time, granted by whom the plan says, refused with the old one kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.errors import EngineError, NotFound, NotPermitted, ReasonRequired
from engine.events import Kind
from tests.unit.dated import CLIMB, WHY, climbed, dated, of_targets, own_day, plan_with
from tests.unit.year import OFFICE, Year, begin, head, local, self_assess
from workflows.running.exceptions import (
    AskedTooLate,
    NoDate,
    NotSuspended,
    ask_extension,
    excuse,
    extend,
    refuse_extension,
    resume,
    suspend,
)
from workflows.running.exempting import AlreadyExcused
from workflows.running.requests import Grounds, Who

LATER = date(2024, 12, 20)


def begun(**changes: object) -> Year:
    plan = plan_with(
        of_targets("t", "2024-12-10"),
        of_targets("open", "undated", ladder=""),
        dated("c", "2024-12-10"),
        year=2024,
        targets=2,
    )
    dates = replace(plan.dates, **changes)  # type: ignore[arg-type]  # what a test varies
    return begin(replace(plan, dates=dates), "2024-11-01 09:00")


def owner(year: Year) -> Who:
    return head(year.find("T-1").owner)


def ask(year: Year, until: date = LATER) -> None:
    ask_extension(year.app, year.name("T-1"), "t", until, owner(year), WHY)


def grant(year: Year, until: date = LATER, who: Who = OFFICE) -> None:
    extend(year.app, year.name("T-1"), "t", until, who, WHY)


def test_a_later_date_is_asked_for_before_the_present_one_has_passed() -> None:
    year = begun()
    year.at("2024-12-10 23:59")
    ask(year)
    (asked,) = year.history("T-1", Kind.EXTENSION_ASKED)
    assert asked.acting_for == f"{year.find('T-1').owner}-head"
    assert own_day(year, "t", "T-1") == "", "asking moves nothing"
    year.tick_daily("2024-12-11")
    assert year.late("T-1") == ["t"]


def test_afterwards_it_is_too_late_to_ask() -> None:
    year = begun()
    year.at("2024-12-11 00:00")
    with pytest.raises(AskedTooLate):
        ask(year)
    with pytest.raises(AskedTooLate):
        grant(year)


def test_who_had_asked_in_time_can_be_granted_it_later() -> None:
    year = begun()
    ask(year)
    year.tick_daily("2024-12-12")
    assert (year.late("T-1"), year.find("T-1").lamp) == (["t"], "红")
    grant(year)
    assert year.find("T-1").lamp == "", "nothing of it is late any more"
    assert year.standing("t", "T-1") == "due_soon"
    (granted,) = year.history("T-1", Kind.EXTENDED)
    (asked,) = year.history("T-1", Kind.EXTENSION_ASKED)
    assert granted.data["asked"] == asked.position
    assert granted.data["from"] != granted.data["to"]


def test_refused_keeps_the_old_date_and_answers_the_request() -> None:
    year = begun()
    ask(year)
    before = year.timers()
    refuse_extension(year.app, year.name("T-1"), "t", OFFICE, WHY)
    assert (year.timers(), own_day(year, "t", "T-1")) == (before, "")
    year.tick_daily("2024-12-20")
    assert climbed(year, "t") == [(0, "12-04"), (1, "12-11"), (2, "12-15")]
    assert (year.late("T-1"), year.standing("t", "T-1")) == (["t"], "late")
    with pytest.raises(NotFound):
        refuse_extension(year.app, year.name("T-1"), "t", OFFICE, WHY)
    with pytest.raises(AskedTooLate):
        grant(year)


def test_granted_climbs_the_ladder_anew_for_it_alone() -> None:
    year = begun()
    year.tick_daily("2024-12-06")
    grant(year)
    year.tick_daily("2024-12-31")
    assert climbed(year, "t") == [
        (0, "12-04"),
        (1, "12-11"),
        (2, "12-15"),
        (0, "12-16"),
        (1, "12-21"),
        (2, "12-25"),
    ]
    late = {name: year.history(name, Kind.LATE)[0].occurred_at for name in ("T-1", "T-2")}
    assert late == {"T-1": local("2024-12-21"), "T-2": local("2024-12-11")}


def test_met_by_the_granted_day_was_never_late() -> None:
    year = begun()
    grant(year)
    year.at("2024-12-20 18:00")
    year.force("", "published", cascade=True)
    self_assess(year, ["T-1"])
    year.tick_daily("2024-12-31")
    assert year.late("T-1") == []
    assert year.standing("t", "T-1") == "met"


def test_the_plan_says_who_grants() -> None:
    year = begun(extended_by=("leading_group",))
    with pytest.raises(NotPermitted):
        grant(year)
    leaders = [p for p in year.plan.posts if "leading_group" in p.roles]
    grant(year, who=Who(person=f"p.{leaders[0].id}"))
    assert own_day(year, "t", "T-1") == "2024-12-20"
    with pytest.raises(NotPermitted):
        grant(begun(), who=owner(year))


def test_the_last_day_ends_at_the_hour_that_the_plan_says() -> None:
    year = begun(cutoff="17:30")
    with pytest.raises(NoDate):
        grant(year, date(2024, 12, 10))
    grant(year)
    assert year.deadline("t", "T-1").due_at == local("2024-12-20 17:30")


@pytest.mark.parametrize(
    ("name", "step", "until", "error"),
    [
        ("T-1", "t", date(2024, 12, 9), NoDate),
        ("T-1", "t", date(2024, 12, 10), NoDate),
        ("T-1", "open", LATER, NoDate),
        ("T-1", "c", LATER, NotFound),
        ("T-1", "nowhere", LATER, NotFound),
        ("T-9", "t", LATER, NotFound),
        ("", "t", LATER, NotFound),
    ],
)
def test_only_a_date_that_binds_can_be_later(
    name: str, step: str, until: date, error: type[EngineError]
) -> None:
    year = begun()
    for act in (ask_extension, extend):
        with pytest.raises(error):
            act(year.app, year.name(name), step, until, OFFICE, WHY)
    with pytest.raises(NotFound):
        refuse_extension(year.app, year.name(name), step, OFFICE, WHY)


def test_the_cycle_itself_can_be_granted_a_later_date() -> None:
    year = begun()
    extend(year.app, year.key, "c", LATER, OFFICE, WHY)
    year.tick_daily("2024-12-31")
    (late,) = (e for e in year.history("", Kind.LATE) if e.data["step"] == "c")
    assert late.occurred_at == local("2024-12-21")
    year.assert_sound()


def test_everything_needs_a_reason() -> None:
    year = begun()
    ask(year)
    with pytest.raises(ReasonRequired):
        extend(year.app, year.name("T-1"), "t", LATER, OFFICE, Grounds())
    with pytest.raises(ReasonRequired):
        refuse_extension(year.app, year.name("T-1"), "t", OFFICE, Grounds())


def test_an_excuse_is_for_good() -> None:
    year = begun()
    excuse(year.app, year.name("T-1"), "t", OFFICE, WHY)
    with pytest.raises(AlreadyExcused):
        grant(year)
    for act in (excuse, suspend):
        with pytest.raises(AlreadyExcused):
            act(year.app, year.name("T-1"), "t", OFFICE, WHY)
    with pytest.raises(NotSuspended):
        resume(year.app, year.name("T-1"), "t", OFFICE, WHY)
    year.tick_daily("2024-12-31")
    assert (year.late("T-1"), year.late("T-2")) == ([], ["t"])


def test_an_excuse_puts_the_lamp_out() -> None:
    year = begun()
    year.tick_daily("2024-12-12")
    excuse(year.app, year.name("T-1"), "t", OFFICE, WHY)
    assert (year.find("T-1").lamp, year.find("T-2").lamp) == ("", "红")


def test_what_fell_due_in_a_pause_is_late_when_the_pause_ends() -> None:
    year = begun()
    suspend(year.app, year.name("T-1"), "t", OFFICE, WHY)
    year.tick_daily("2024-12-18")
    assert (year.late("T-1"), year.find("T-1").lamp) == ([], "")
    resume(year.app, year.name("T-1"), "t", OFFICE, WHY)
    year.tick()
    assert (year.late("T-1"), year.find("T-1").lamp) == (["t"], "紫")


def test_a_pause_does_not_make_late_twice() -> None:
    year = begun()
    year.tick_daily("2024-12-12")
    suspend(year.app, year.name("T-1"), "t", OFFICE, WHY)
    assert year.find("T-1").lamp == ""
    resume(year.app, year.name("T-1"), "t", OFFICE, WHY)
    assert year.find("T-1").lamp == CLIMB.rungs[1].lamp
    year.tick_daily("2024-12-31")
    assert year.late("T-1") == ["t"]


def test_an_extension_within_a_pause_leaves_the_pause() -> None:
    year = begun()
    suspend(year.app, year.name("T-1"), "t", OFFICE, WHY)
    grant(year)
    assert year.standing("t", "T-1") == "suspended"
    year.tick_daily("2024-12-31")
    assert year.late("T-1") == []
    resume(year.app, year.name("T-1"), "t", OFFICE, WHY)
    year.tick()
    assert year.late("T-1") == ["t"]
