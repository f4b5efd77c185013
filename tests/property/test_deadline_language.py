"""The deadline language as a whole: total, reversible, monotone, and of no machine's time zone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from adapters.calendars import calendar_named
from engine.calendar import add_working_days, working_days_between
from engine.errors import EngineError
from workflows.deadlines import (
    Absence,
    Context,
    Kind,
    Resolution,
    Rule,
    Settings,
    explain,
    occurrences,
    parse,
    render,
    resolve,
)
from workflows.deadlines import days as d
from workflows.deadlines import rule as r
from workflows.deadlines.parse import EXAMPLES

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDARS = {name: calendar_named(name) for name in ("china", "weekdays", "holidays:DE")}
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Kiritimati", "Africa/Cairo")

names = st.one_of(
    st.sampled_from(
        [
            "circular",
            "record:reply",
            "moved:approved",
            "own:start",
            "own:入职",
            "通报",
            "自评",
            "end",
            "step",
            "next",
            "每月例会",
            "次年计划",
            "审前会议",
            "批复之日",
            "步骤",
            "s4.1",
            "q3",
            "H1",
            "国庆节",
            "国庆活动",
            "季后",
            "月底",
            "九月例会",
            "次月例会",
            "三季度",
            "年底",
            "于九月",
            "festival",
            "working",
        ]
    ),
    st.text(st.sampled_from("ab z09_:.-后前自至每通报之日月10（，"), min_size=1, max_size=8).map(
        str.strip
    ),
).filter(bool)
years = st.one_of(st.integers(-1, 1).map(d.CycleYear), st.integers(1, 9999).map(d.CalendarYear))
months = st.builds(d.Month, st.integers(1, 12), years)


def legal(build: Callable[..., Any], *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Build values, leaving out those that the data itself refuses."""

    def attempt(values: tuple[Any, ...]) -> Any:
        try:
            return build(*values)
        except EngineError:
            return None

    return st.tuples(*parts).map(attempt).filter(lambda built: built is not None)


thirds = st.builds(d.Third, st.integers(1, 3), months)
at_steps = st.builds(d.AtStep, names)
workday_places = st.sampled_from([*range(1, 16), d.LAST])
weekday_places = st.sampled_from([1, 2, 3, 4, d.LAST])
single_days: st.SearchStrategy[d.Day] = st.one_of(
    legal(d.DayOfMonth, months, st.integers(1, 31)),
    st.builds(d.MonthEnd, months),
    thirds,
    st.builds(d.NthWeekday, weekday_places, st.integers(0, 6), months),
    st.builds(d.NthWorkday, workday_places, months),
    st.builds(d.Festival, st.sampled_from(d.FESTIVALS), years),
    st.builds(d.AtEvent, names),
    at_steps,
    st.builds(d.StartOf, st.one_of(thirds, at_steps)),
)
counts = st.one_of(st.integers(1, 40), st.integers(1, 9999))
all_days: st.SearchStrategy[d.Day] = st.recursive(
    single_days,
    lambda inner: st.one_of(
        st.builds(d.Offset, counts, st.sampled_from(d.Unit), st.sampled_from(d.Side), inner),
        st.builds(d.Earlier, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(d.Later, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=4,
)
# A bare event is a moment, not a deadline; `day of` makes it one, and the text says so.
dated: st.SearchStrategy[r.Dated] = st.one_of(
    all_days, st.builds(r.On, all_days), legal(r.Window, all_days, st.none() | all_days)
)
patterns = st.one_of(
    st.builds(r.EveryMonthBy, st.integers(1, 31)),
    st.builds(r.EveryPlus, st.sampled_from(r.Period), counts, st.sampled_from(d.Unit)),
    st.builds(r.EveryPlus, st.sampled_from(r.Period), st.just(0), st.just(d.Unit.DAY)),
    st.builds(r.EveryWeekday, weekday_places, st.integers(0, 6)),
    st.builds(r.EveryWorkday, workday_places),
    st.builds(r.EveryBefore, st.sampled_from(r.Period), counts, st.sampled_from(d.Unit)),
    legal(r.EveryDayOf, st.sampled_from(r.Period), st.integers(1, 24), st.integers(1, 31)),
    st.builds(r.EveryWeek, st.integers(0, 6)),
    st.sampled_from(
        ["FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=WEEKLY;BYDAY=FR", "FREQ=YEARLY;BYMONTH=2;BYDAY=1MO"]
    ).map(r.EveryRRule),
)
texts = st.text(st.sampled_from("1月初前, later“”."), min_size=1, max_size=8).map(str.strip)
deadlines: st.SearchStrategy[r.Deadline] = st.one_of(
    dated,
    st.just(r.Undated()),
    st.builds(r.Announced, texts.filter(bool), dated),
    legal(r.Recurring, patterns, st.none() | months, st.none() | months),
    legal(r.InPeriod, st.integers(1, 12), st.integers(1, 24), st.integers(1, 9999), dated),
)
minutes = st.integers(1, 24 * 60).map(lambda n: timedelta(minutes=n))
switches = st.sampled_from([None, True, False])
rules = st.builds(r.Rule, deadlines, st.booleans(), switches, st.none() | minutes, switches)

moments = st.one_of(
    st.datetimes(datetime(2023, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - zone follows
    st.datetimes(),
).map(lambda naive: naive.replace(tzinfo=UTC))
absences = st.lists(
    st.builds(
        Absence,
        st.dates(date(2023, 1, 1), date(2028, 1, 1)),
        st.none() | st.dates(date(2023, 1, 1), date(2028, 1, 1)),
    ),
    max_size=3,
).map(tuple)
plan_settings = st.builds(
    Settings,
    inclusive=st.booleans(),
    cutoff=st.none() | st.times().map(lambda hour: hour.replace(second=0, microsecond=0)),
    roll_fixed=st.booleans(),
    roll_relative=st.booleans(),
    counting_unit=st.sampled_from([d.Unit.DAY, d.Unit.WORKING_DAY]),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    events = draw(st.dictionaries(names, moments, max_size=3))
    everything = draw(st.none() | moments)
    steps = draw(st.dictionaries(names, all_days.map(Rule), max_size=2))
    year = draw(st.integers(2023, 2028) | st.integers(-10, 10020))
    calendar = CALENDARS[draw(st.sampled_from(sorted(CALENDARS)))]
    plain = Context(year, calendar, draw(plan_settings), lambda name: events.get(name, everything))

    def step(name: str) -> Resolution | None:
        try:
            return resolve(steps[name], plain) if name in steps else None
        except EngineError:
            return None

    return Context(year, calendar, plain.settings, plain.events, step, draw(absences))


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settings(patient, max_examples=600)
@given(rule=rules)
def test_what_is_rendered_parses_to_the_same_rule(rule: Rule) -> None:
    for language in ("en", "zh"):
        text = render(rule, language)
        assume(len(text) <= 500)
        assert parse(text) == rule, text
        assert render(parse(text), language) == text


@settings(patient, max_examples=600)
@given(rule=rules, context=contexts())
def test_every_rule_has_a_resolution_or_a_diagnostic(rule: Rule, context: Context) -> None:
    try:
        found = resolve(rule, context)
    except EngineError:
        return
    assert (found.due_at is None) == (found.last_day is None)
    assert (found.kind in {Kind.FIXED, Kind.PROVISIONAL}) == (found.due_at is not None)
    assert bool(found.waits_for) or found.kind is not Kind.WAITING
    assert found.soft is rule.soft
    for moment in (found.opens_at, found.due_at):
        assert moment is None or moment.tzinfo is UTC
    if found.opens_at is not None and found.due_at is not None:
        assert found.opens_at <= found.due_at
    for language in ("en", "zh"):
        assert explain(rule, found, context.zone, language)
    assert resolve(rule, context) == found, "an unchanged calendar changes nothing"


@settings(patient, max_examples=400)
@given(rule=rules.filter(lambda rule: isinstance(rule.deadline, r.Recurring)), context=contexts())
def test_occurrences_are_total_unique_and_in_order(rule: Rule, context: Context) -> None:
    try:
        found = occurrences(rule, context)
    except EngineError:
        return
    labels = [each.label for each in found]
    assert len(set(labels)) == len(labels)
    assert [each.period_end for each in found] == sorted(each.period_end for each in found)
    assert [each.due_at for each in found] == sorted(each.due_at for each in found)
    assert all(each.opens_at <= each.due_at for each in found)


@settings(patient, max_examples=500)
@given(
    text=st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from([*" ".join(EXAMPLES).split(), *"".join(EXAMPLES)]), max_size=12
        ).map(" ".join),
        st.tuples(st.sampled_from(EXAMPLES), st.integers(0, 30), st.sampled_from("1月前 (“,")).map(
            lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]
        ),
    )
)
def test_every_text_is_a_rule_or_a_diagnostic(text: str) -> None:
    try:
        rule = parse(text)
    except EngineError:
        return
    assert parse(render(rule)) == rule
    assert parse(render(rule, "zh")) == rule


@settings(patient, max_examples=300)
@given(
    n=st.integers(1, 400),
    unit=st.sampled_from(d.Unit),
    side=st.sampled_from(d.Side),
    start=st.datetimes(datetime(2023, 1, 1), datetime(2027, 6, 1)),  # noqa: DTZ001 - zone follows
    away=absences,
    name=st.sampled_from(["circular", "own:start"]),
)
def test_more_units_are_never_nearer(
    n: int, unit: d.Unit, side: d.Side, start: datetime, away: tuple[Absence, ...], name: str
) -> None:
    moment = start.replace(tzinfo=SHANGHAI)
    context = Context(2024, CALENDARS["china"], events=lambda _: moment, absences=away)

    def last_day(count: int) -> date | None:
        return resolve(Rule(d.Offset(count, unit, side, d.AtEvent(name))), context).last_day

    nearer, farther = last_day(n), last_day(n + 1)
    if nearer is None:
        assert farther is None or side is d.Side.BEFORE
    elif farther is not None:
        assert nearer <= farther if side is d.Side.AFTER else nearer >= farther
        distance = (nearer - moment.date()).days
        assert distance >= 0 if side is d.Side.AFTER else distance <= 0


@settings(patient, max_examples=200)
@given(start=st.dates(date(2003, 1, 1), date(2028, 1, 1)), n=st.integers(-300, 300))
def test_counting_and_adding_working_days_are_inverse(start: date, n: int) -> None:
    for calendar in CALENDARS.values():
        end = add_working_days(calendar, start, n)
        assert working_days_between(calendar, start, end.day).working_days == n
        assert n == 0 or calendar.day(end.day).working


@settings(patient, max_examples=300)
@given(
    start=st.dates(date(2023, 1, 1), date(2026, 1, 1)),
    n=st.integers(1, 120),
    unit=st.sampled_from([d.Unit.CALENDAR_DAY, d.Unit.WORKING_DAY]),
    away=st.lists(
        st.tuples(st.dates(date(2023, 1, 1), date(2026, 6, 1)), st.integers(0, 60)), max_size=3
    ),
)
def test_an_own_clock_counts_exactly_the_days_present(
    start: date, n: int, unit: d.Unit, away: list[tuple[date, int]]
) -> None:
    """Against the plainest oracle: walk day by day, and skip each day of absence."""
    calendar = CALENDARS["china"]
    absent = {first + timedelta(days=k) for first, length in away for k in range(length + 1)}
    day, left = start, n
    while left:
        day += timedelta(days=1)
        if day not in absent and (unit is d.Unit.CALENDAR_DAY or calendar.day(day).working):
            left -= 1
    moment = datetime(start.year, start.month, start.day, 9, tzinfo=SHANGHAI)
    ranges = tuple(Absence(first, first + timedelta(days=length)) for first, length in away)
    context = Context(2024, calendar, events=lambda _: moment, absences=ranges)
    rule = Rule(d.Offset(n, unit, d.Side.AFTER, d.AtEvent("own:start")), roll=False)
    assert resolve(rule, context).last_day == day


@pytest.fixture
def machine_zone() -> Iterator[Callable[[str], None]]:
    before = os.environ.get("TZ")

    def change(zone: str) -> None:
        os.environ["TZ"] = zone
        time.tzset()

    yield change
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@settings(
    patient,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rule=rules, context=contexts())
def test_the_time_zone_of_the_machine_does_not_matter(
    rule: Rule, context: Context, machine_zone: Callable[[str], None]
) -> None:
    answers = []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"):
        machine_zone(zone)
        try:
            answers.append(repr(resolve(rule, context)))
        except EngineError as error:
            answers.append(str(error))
    assert len(set(answers)) == 1
