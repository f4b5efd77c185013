"""The settings of a plan's dates: what 日 counts, at which hour a day ends, days granted anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.ladder import Action, Ladder, Rung, Unit
from tests.unit.dated import climbed, of_targets, plan_with
from tests.unit.plan_samples import SOUND
from tests.unit.year import Year, begin, local
from workflows.plan.check import check_file
from workflows.plan.model import Counting, Dates, Plan
from workflows.plan.read import read_plan
from workflows.plan.store_form import from_data, to_data


def sound(**changes: tuple[str, str]) -> Plan:
    text = SOUND
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    plan = read_plan(text.encode()).plan
    assert plan is not None
    return plan


def written(days: str, due: str = "03-11", rung: str = "-3 working days") -> Plan:
    return sound(
        a=("cutoff: '17:30'", f"cutoff: '17:30'{days}"),
        b=("due: 03-11", f"due: {due}"),
        c=("at: -3 working days", f"at: {rung}"),
    )


@pytest.mark.parametrize(
    ("days", "day"),
    [("", "2024-10-03"), (", days: calendar", "2024-10-03"), (", days: working", "2024-10-11")],
)
def test_the_plan_says_what_plain_days_count(days: str, day: str) -> None:
    """Six days after Friday, 27 September: over National Day, with a make-up day before it."""
    plan = written(days, due="2024年9月27日后6日内，遇休息日不顺延")
    year = begin(replace(plan, steps=(replace(plan.steps[1], done=()),)), "2024-01-02 09:00")
    assert year.deadline("b").last_day == day
    assert from_data(to_data(plan)) == plan


def test_plain_days_of_a_ladder_count_the_same() -> None:
    units = [
        written(days, rung=rung).ladders[0].rungs[0].unit
        for days in ("", ", days: working")
        for rung in ("-3日", "-3 days", "-3个工作日", "-3自然日", "-3 calendar days")
    ]
    calendar, working = Unit.CALENDAR_DAY, Unit.WORKING_DAY
    assert units[:5] == [calendar, calendar, working, calendar, calendar]
    assert units[5:] == [working, working, working, calendar, calendar]


def test_other_words_for_what_days_count_are_refused() -> None:
    text = SOUND.replace("cutoff: '17:30'", "cutoff: '17:30', days: worked")
    (found,) = check_file(text.encode()).diagnostics
    assert (found.code, found.values["known"]) == ("P130", ("working",))


SLIPS = Ladder(
    name="slips",
    rungs=(
        Rung(offset=0, action=Action.LATE),
        Rung(offset=2, action=Action.SLIP, recipients=("owner",), reply=3),
        Rung(offset=4, unit=Unit.CALENDAR_DAY, lamp="红", after_previous=True),
    ),
)


def begun(dates: Dates, due: str = "2024-12-10") -> Year:
    step = of_targets("t", due, ladder="slips")
    plan = plan_with(step, year=2024, ladders=(SLIPS,), targets=1)
    return begin(replace(plan, dates=dates), "2024-11-01 09:00")


def test_days_to_answer_a_slip_end_at_the_hour_of_the_plan() -> None:
    year = begun(Dates(cutoff="17:30"))
    year.tick("2024-12-12 09:00")
    answer = year.deadline("t+r1", occurrence="v1")
    assert (answer.last_day, answer.due_at) == ("2024-12-17", local("2024-12-17 17:30"))
    year.tick("2024-12-17 17:29")
    assert year.late("S-0001") == []
    year.tick("2024-12-17 17:30")
    assert year.late("S-0001") == ["t+r1"]


def test_days_granted_anew_end_at_the_hour_of_the_plan_and_off_no_day_off() -> None:
    """Four days from Thursday the 12th end on Monday; from the 10th they would on a Saturday."""
    year = begun(Dates(cutoff="17:30"))
    year.tick("2024-12-12 09:00")
    year.tick("2024-12-16 17:29")
    assert year.find("T-1").lamp == ""
    year.tick("2024-12-16 17:30")
    assert year.find("T-1").lamp == "红"
    for rolls, day in ((True, "12-17"), (False, "12-15")):
        other = begun(Dates(roll_relative=rolls), due="2024-12-07")
        other.tick_daily("2024-12-20")
        assert dict(climbed(other, "t"))[2] == day


def test_the_hour_that_a_step_says_itself_counts_for_its_days_granted_anew() -> None:
    year = begun(Dates(), due="2024-12-10 cutoff 12:00")
    year.tick("2024-12-12 09:00")
    year.tick("2024-12-16 12:00")
    assert year.find("T-1").lamp == "红"
    assert year.deadline("t+r1", occurrence="v1").due_at == local("2024-12-18 00:00")


def test_the_default_is_calendar_days() -> None:
    assert written("").dates.days is Counting.CALENDAR
