"""Dates of rules: rolling, cut-offs, exclusion, other steps, own clocks, what waits."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from adapters.calendars import calendar_named, parse_overrides
from engine.calendar import DateOutOfRange
from workflows.deadlines import (
    Absence,
    Context,
    Kind,
    Resolution,
    Settings,
    explain,
    parse,
    resolve,
)
from workflows.deadlines.days import Unit
from workflows.deadlines.errors import NaiveMoment, NoSuchDay

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = calendar_named("china")
EVENTS = {
    "friday": datetime(2024, 7, 5, 17, tzinfo=SHANGHAI),
    "late": datetime(2024, 12, 28, 9, tzinfo=SHANGHAI),
    "own:start": datetime(2024, 10, 8, 9, tzinfo=SHANGHAI),
    "new-year": datetime(2026, 12, 28, 9, tzinfo=SHANGHAI),
    "monday": datetime(2024, 7, 8, 9, tzinfo=SHANGHAI),
}


def ask(
    text: str, *absences: Absence, settings: Settings | None = None, year: int = 2024
) -> Resolution:
    context = Context(year, CHINA, settings or Settings(), events=EVENTS.get, absences=absences)
    return resolve(parse(text), context)


def last_day(text: str, *absences: Absence, settings: Settings | None = None) -> str:
    found = ask(text, *absences, settings=settings).last_day
    assert found is not None
    return found.isoformat()


def test_the_last_day_ends_at_the_first_moment_of_the_next_in_utc() -> None:
    found = ask("by 07-10")
    assert found.due_at == datetime(2024, 7, 10, 16, tzinfo=UTC)
    assert found.due_at is not None
    assert found.due_at.tzinfo is UTC
    assert (found.opens_at, found.kind, found.soft) == (None, Kind.FIXED, False)
    assert found.calendar_edition == CHINA.edition


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("06-30", "2024-06-30"),  # a Sunday: fixed dates do not roll
        ("06-30 roll", "2024-07-01"),
        ("02-10 roll", "2024-02-18"),  # out of Spring Festival, onto a worked Sunday
        ("1 day after friday", "2024-07-08"),  # a Saturday: periods roll
        ("1 day after friday no roll", "2024-07-06"),
        ("1 calendar day after friday", "2024-07-08"),
        ("1 week after friday", "2024-07-12"),
        ("1 working day after friday", "2024-07-08"),
        ("2 days before monday", "2024-07-05"),  # backward: forward would be the event itself
        ("2 days before monday no roll", "2024-07-06"),
        ("on 06-30", "2024-06-30"),
        ("on 06-30 roll", "2024-07-01"),
        ("last third of 06", "2024-06-30"),
        ("06-01..06-30", "2024-06-30"),
        ("06-01..06-30 roll", "2024-07-01"),
        ("06-30 exclusive", "2024-06-29"),
        ("07-01 exclusive roll", "2024-07-01"),
        ("on 06-30 exclusive", "2024-06-30"),
        ("10 days after friday exclusive no roll", "2024-07-14"),
        ("earlier of (06-30, 07-05) exclusive", "2024-06-29"),
        ("later of (06-30, friday)", "2024-07-05"),
        ("earlier of (1 day after friday, 07-31)", "2024-07-08"),
        ("day of friday", "2024-07-05"),
        ("10 days after (end of 02)", "2024-03-11"),
        ("1 month after 1 month after 01-31 no roll", "2024-03-29"),
        ("1 month before 03-31 no roll", "2024-02-29"),
        ("1 year after 02-29 no roll", "2025-02-28"),
        ("5 working days before start of last third of 12", "2024-12-16"),
        ("5 working days after second third of 12", "2024-12-27"),
        ("last friday of 02", "2024-02-23"),
        ("fourth monday of 02", "2024-02-26"),
    ],
)
def test_the_last_day(text: str, expected: str) -> None:
    assert last_day(text) == expected


@pytest.mark.parametrize(
    ("text", "settings", "expected"),
    [
        ("06-30", Settings(roll_fixed=True), "2024-07-01"),
        ("06-30 no roll", Settings(roll_fixed=True), "2024-06-30"),
        ("1 day after friday", Settings(roll_relative=False), "2024-07-06"),
        ("1 day after friday roll", Settings(roll_relative=False), "2024-07-08"),
        ("07-10", Settings(inclusive=False), "2024-07-09"),
        ("07-10 inclusive", Settings(inclusive=False), "2024-07-10"),
        ("10 days after monday", Settings(inclusive=False), "2024-07-18"),  # n日内 includes
        ("10 days after monday", Settings(counting_unit=Unit.WORKING_DAY), "2024-07-22"),
        ("10 calendar days after monday", Settings(counting_unit=Unit.WORKING_DAY), "2024-07-18"),
    ],
)
def test_settings_of_the_plan_and_of_the_text(text: str, settings: Settings, expected: str) -> None:
    assert last_day(text, settings=settings) == expected


def test_cutoffs() -> None:
    half_past_five = datetime(2024, 7, 10, 17, 30, tzinfo=SHANGHAI)
    assert ask("07-10 cutoff 17:30").due_at == half_past_five
    closing = Settings(cutoff=time(17, 30))
    assert ask("07-10", settings=closing).due_at == half_past_five
    midnight = datetime(2024, 7, 11, tzinfo=SHANGHAI)
    assert ask("07-10 cutoff 24:00", settings=closing).due_at == midnight
    assert ask("07-11 exclusive cutoff 17:30").due_at == half_past_five


def test_a_cutoff_is_an_hour_of_the_wall_on_the_day_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = ask("03-31 cutoff 17:30", settings=Settings(zone=berlin))
    assert found.due_at == datetime(2024, 3, 31, 15, 30, tzinfo=UTC)


def test_the_zone_of_the_plan_decides_the_day_of_an_event() -> None:
    """17:00 in Shanghai is the same day there, and 23:00 the day before in Honolulu."""
    honolulu = Settings(zone=ZoneInfo("Pacific/Honolulu"), roll_relative=False)
    assert last_day("1 day after monday") == "2024-07-09"
    assert last_day("1 day after monday", settings=honolulu) == "2024-07-08"


def test_windows() -> None:
    found = ask("10-01..12-31")
    assert found.opens_at == datetime(2024, 10, 1, tzinfo=SHANGHAI), "a holiday opens it too"
    assert found.due_at == datetime(2025, 1, 1, tzinfo=SHANGHAI)
    exact = ask("on 03-15")
    assert exact.opens_at == datetime(2024, 3, 15, tzinfo=SHANGHAI)
    third = ask("second third of 12")
    assert third.opens_at == datetime(2024, 12, 11, tzinfo=SHANGHAI)


def test_a_window_that_an_event_opens_or_closes() -> None:
    before = ask("notice..second third of 12")
    assert (before.kind, before.opens_at, before.due_at) == (Kind.WAITING, None, None)
    assert before.waits_for == ("notice",)
    open_end = ask("10-01..notice")
    assert open_end.opens_at == datetime(2024, 10, 1, tzinfo=SHANGHAI)
    assert (open_end.kind, open_end.due_at) == (Kind.WAITING, None)
    opened = ask("friday..second third of 12")
    assert opened.opens_at == datetime(2024, 7, 5, tzinfo=SHANGHAI)
    too_late = ask("late..second third of 12")
    assert too_late.opens_at == too_late.due_at
    assert too_late.reasons[-1].code == "never-open"


def test_earlier_is_bounded_by_what_is_known_and_later_waits() -> None:
    bounded = ask("earlier of (12-31, 10 days after reply)")
    assert bounded.last_day == date(2024, 12, 31)
    assert (bounded.kind, bounded.waits_for) == (Kind.PROVISIONAL, ("reply",))
    waiting = ask("later of (12-31, 10 days after reply, congress)")
    assert (waiting.kind, waiting.due_at) == (Kind.WAITING, None)
    assert waiting.waits_for == ("reply", "congress")
    assert ask("earlier of (reply, congress)").waits_for == ("reply", "congress")


def test_soft_undated_and_announced() -> None:
    soft = ask("soft 06-30")
    assert soft.soft
    assert soft.last_day == date(2024, 6, 30)
    assert ask("undated").kind is Kind.UNDATED
    assert ask("soft undated").soft
    announced = ask('announced "early January" planned next year 01-05')
    assert (announced.kind, announced.last_day) == (Kind.PROVISIONAL, date(2025, 1, 5))
    assert ask('announced "?" planned 3 days after reply').kind is Kind.WAITING


def test_a_step_of_the_plan_as_anchor() -> None:
    answers = {
        "s4": ask("12-31"),
        "s5": ask("next year 01-10..end of 02 next year"),
        "s6": ask("undated"),
        "s7": ask("5 days after reply"),
        "s8": ask("15 working days after new-year"),
    }

    def of(text: str) -> Resolution:
        return resolve(parse(text), Context(2024, CHINA, steps=answers.get))

    assert of("5 working days before step s4").last_day == date(2024, 12, 24)
    assert of("5 working days after step s4").last_day == date(2025, 1, 8)
    assert of("step s4").last_day == date(2024, 12, 31)
    assert of("5 working days before step s5").last_day == date(2025, 2, 21)
    assert of("5 working days before start of step s5").last_day == date(2025, 1, 3)
    assert of("5 days after step s6").waits_for == ("step:s6",)
    assert of("5 days after step s7").waits_for == ("reply",)
    assert of("5 days after step nowhere").waits_for == ("step:nowhere",)
    assert of("1 working day before step s8").kind is Kind.PROVISIONAL


def test_an_own_clock_stands_in_absences() -> None:
    away = Absence(date(2024, 10, 10), date(2024, 10, 19))
    assert last_day("60 days after own:start") == "2024-12-09"  # 7 December is a Saturday
    assert last_day("60 days after own:start no roll", away) == "2024-12-17"
    assert last_day("60 days after friday no roll", away) == "2024-09-03", "not an own event"
    assert last_day("10 working days after own:start") == "2024-10-21"
    assert last_day("10 working days after own:start", away) == "2024-10-31"
    assert last_day("1 month after own:start no roll", away) == "2024-11-18"


def test_absences_may_overlap_touch_or_lie_outside() -> None:
    overlapping = (
        Absence(date(2024, 10, 15), date(2024, 10, 19)),
        Absence(date(2024, 10, 10), date(2024, 10, 16)),
        Absence(date(2024, 9, 1), date(2024, 9, 30)),
        Absence(date(2026, 1, 1), None),
        Absence(date(2024, 11, 9), date(2024, 11, 1)),
    )
    assert last_day("60 days after own:start no roll", *overlapping) == "2024-12-17"


def test_an_absence_counts_only_from_the_start_of_the_clock() -> None:
    away = Absence(date(2024, 9, 1), date(2024, 10, 10))
    assert last_day("60 days after own:start no roll", away) == "2024-12-09"
    assert last_day("60 days after own:start no roll") == "2024-12-07"


def test_an_absence_that_goes_on_leaves_the_date_open() -> None:
    found = ask("60 days after own:start", Absence(date(2024, 10, 20), None))
    assert (found.kind, found.waits_for) == (Kind.WAITING, ("own:return",))
    assert last_day("60 days after own:start", Absence(date(2025, 1, 1), None)) == "2024-12-09"


def test_a_last_day_does_not_roll_into_an_absence() -> None:
    away = Absence(date(2024, 12, 9), date(2024, 12, 13))
    assert last_day("60 days after own:start", away) == "2024-12-16"
    still_away = Absence(date(2024, 12, 9), None)
    assert ask("60 days after own:start", still_away).waits_for == ("own:return",)


def test_the_day_that_does_not_exist_this_year() -> None:
    assert ask("02-29", year=2024).last_day == date(2024, 2, 29)
    with pytest.raises(NoSuchDay) as caught:
        ask("02-29", year=2025)
    message = "There is no day 2025-02-29; for the last day of a month write: end of 2025-02"
    assert str(caught.value) == message
    assert ask("end of 02", year=2025).last_day == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("9999-12-31", 2024),
        ("0001-01-01 exclusive", 2024),
        ("9999 years after friday", 2024),
        ("9999 weeks before 0002-01-01", 2024),
        ("07-10", 0),
        ("next year 07-10", 9999),
        ("end of 02", -5),
        ("every month by day 10", 10000),
    ],
)
def test_out_of_all_years_is_a_diagnostic(text: str, year: int) -> None:
    with pytest.raises(DateOutOfRange):
        ask(text, year=year)


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2024, 7, 5, 9)  # noqa: DTZ001 - the point of the test
    context = Context(2024, CHINA, events=lambda _: naive)
    with pytest.raises(NaiveMoment, match="Event circular is dated 2024-07-05T09:00:00 without"):
        resolve(parse("3 days after circular"), context)


def test_a_new_edition_of_the_calendar_moves_only_what_counts_by_it() -> None:
    """A notice makes 2027 definite, and gives 4 January, a Monday, off."""
    notice = parse_overrides(
        "day,kind,source,edition\n2027,complete,n,e\n2027-01-01,off,n,e\n2027-01-04,off,n,e\n",
        "notice.csv",
    )
    announced = Context(2026, calendar_named("china", notice), events=EVENTS.get)
    before = ask("15 working days after new-year", year=2026)
    after = resolve(parse("15 working days after new-year"), announced)
    assert (before.kind, before.last_day) == (Kind.PROVISIONAL, date(2027, 1, 19))
    assert (after.kind, after.last_day) == (Kind.FIXED, date(2027, 1, 20))
    assert after.calendar_edition != before.calendar_edition
    assert (
        ask("next year 01-31", year=2026).due_at
        == resolve(parse("next year 01-31"), announced).due_at
    )


# --- explanations -------------------------------------------------------------------------------


def told(text: str, *absences: Absence) -> tuple[str, str]:
    found = ask(text, *absences)
    return explain(parse(text), found, SHANGHAI, "en"), explain(parse(text), found, SHANGHAI)


def test_a_count_is_explained_step_by_step() -> None:
    english, chinese = told("15 working days after late")
    assert english == (
        "Rule: 15 working days after late. Event late is dated 2024-12-28. "
        "Counting 15 working days after 2024-12-28, without that day itself, leads to 2025-01-20. "
        "Left out as holidays: 2025-01-01. "
        "The last day is 2025-01-20 (Monday); it is late from 2025-01-21 00:00. "
        f"Calendar: {CHINA.edition}."
    )
    assert chinese == (
        "规则：late后15个工作日内。事项“late”日期为2024年12月28日。"
        "自2024年12月28日的次日起数15个工作日，至2025年1月20日。其中放假不计：2025年1月1日。"
        "最后一日为2025年1月20日（星期一），2025年1月21日 00:00起算逾期。"
        f"日历版本：{CHINA.edition}。"
    )


def test_waiting_provisional_soft_and_absence_are_explained() -> None:
    english, chinese = told("10 days after reply")
    assert (
        "Event reply has not happened; there is no date before it. It waits for: reply." in english
    )
    assert "等待：reply。" in chinese
    assert "provisional and may still move" in told("15 working days after new-year")[0]
    soft_english, soft_chinese = told("soft 06-30")
    assert "late from" not in soft_english
    assert "起算逾期" not in soft_chinese
    away = Absence(date(2024, 10, 10), date(2024, 10, 19))
    assert (
        "stood during the absence from 2024-10-10 to 2024-10-19"
        in told("60 days after own:start", away)[0]
    )
    assert "2024-07-06 is a day off, so it moves to 2024-07-08." in told("1 day after friday")[0]
