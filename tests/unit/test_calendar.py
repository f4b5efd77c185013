"""Working calendars: China as announced, other countries, overrides, and counting over them."""

from __future__ import annotations

import importlib
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.calendars import calendar_named, parse_overrides, read_overrides
from adapters.calendars.chinese import CORRECTED
from adapters.calendars.overrides import BadOverrides
from adapters.calendars.registry import UnknownCalendar
from engine.calendar import (
    Calendar,
    DateOutOfRange,
    DayKind,
    NoWorkingDay,
    add_working_days,
    is_working_day,
    next_working_day,
    on_or_after,
    on_or_before,
    previous_working_day,
    working_days_between,
)

CHINA = calendar_named("china")
WEEKDAYS = calendar_named("weekdays")
ONE_DAY = timedelta(days=1)


def days_of(first: int, last: int) -> list[date]:
    start, end = date(first, 1, 1), date(last, 12, 31)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


@pytest.mark.parametrize(
    ("start", "n", "expected", "monday_to_friday"),
    [
        (date(2025, 1, 24), 15, date(2025, 2, 20), date(2025, 2, 14)),
        (date(2025, 1, 24), 10, date(2025, 2, 13), date(2025, 2, 7)),
        (date(2025, 9, 26), 3, date(2025, 9, 30), date(2025, 10, 1)),
        (date(2026, 2, 12), 10, date(2026, 3, 4), date(2026, 2, 26)),
        (date(2024, 4, 26), 10, date(2024, 5, 13), date(2024, 5, 10)),
        (date(2024, 9, 27), 13, date(2024, 10, 21), None),
    ],
)
def test_known_counts_over_festivals(
    start: date, n: int, expected: date, monday_to_friday: date | None
) -> None:
    counted = add_working_days(CHINA, start, n)
    assert counted.day == expected
    assert not counted.provisional
    assert working_days_between(CHINA, start, expected).working_days == n
    if monday_to_friday:
        assert add_working_days(WEEKDAYS, start, n).day == monday_to_friday


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2021, 2, 7), True),  # a Sunday, worked
        (date(2026, 2, 28), True),  # a Saturday, worked
        (date(2025, 1, 31), False),  # a Friday in Spring Festival
        (date(2024, 7, 10), True),
        (date(2024, 12, 31), True),
        (date(2025, 2, 28), True),
    ],
)
def test_known_days_of_china(day: date, working: bool) -> None:
    assert CHINA.day(day).working is working
    assert is_working_day(CHINA, day) == (working, False)


def test_holidays_is_of_the_same_opinion() -> None:
    """Every day of 2004-2026."""
    holidays = importlib.import_module("holidays")
    second = holidays.country_holidays("CN", years=range(2004, 2028))
    differing = [
        day for day in days_of(2004, 2026) if CHINA.day(day).working != second.is_working_day(day)
    ]
    assert differing == []


def test_the_day_that_the_package_leaves_out_follows_its_announcement() -> None:
    """Once the package has it, our correction says nothing new and may go."""
    package = importlib.import_module("chinese_calendar")
    for day, (working, _) in CORRECTED.items():
        assert CHINA.day(day).working is working
        assert CHINA.day(day).special
        assert "2005" in CHINA.day(day).source
        assert package.is_workday(day) is not working


def test_working_days_of_each_year() -> None:
    counts = [sum(CHINA.day(day).working for day in days_of(y, y)) for y in range(2020, 2027)]
    assert counts == [249, 250, 249, 249, 251, 248, 248]


def test_a_year_not_announced_is_provisional_and_follows_the_law() -> None:
    first = CHINA.day(date(2027, 1, 1))
    assert (first.working, first.provisional) == (False, True)
    assert all(CHINA.day(day).provisional for day in days_of(2027, 2027))
    weekends = [day for day in days_of(2027, 2027) if day.weekday() >= 5]
    assert not any(CHINA.day(day).working for day in weekends), "no make-up day is guessed"
    assert not any(CHINA.day(day).provisional for day in days_of(2026, 2026))


@pytest.mark.parametrize("year", [1, 1949, 2003, 2101, 9999])
def test_no_year_is_an_exception(year: int) -> None:
    assert all(CHINA.day(day).provisional for day in days_of(year, year))


def test_a_count_into_an_unannounced_year_is_provisional() -> None:
    assert add_working_days(CHINA, date(2026, 12, 28), 3).provisional is False
    assert add_working_days(CHINA, date(2026, 12, 28), 15).provisional is True
    assert working_days_between(CHINA, date(2026, 12, 28), date(2027, 1, 4)).provisional is True


def test_editions_name_packages_and_versions() -> None:
    assert CHINA.edition.startswith("china chinesecalendar-1.")
    assert " holidays-0." in CHINA.edition
    assert calendar_named("holidays:germany").edition.startswith("holidays:DE holidays-0.")
    assert calendar_named("holidays:de-by").edition.startswith("holidays:DE-BY ")


def test_neighbours() -> None:
    saturday = date(2024, 7, 13)
    assert next_working_day(CHINA, saturday).day == date(2024, 7, 15)
    assert previous_working_day(CHINA, saturday).day == date(2024, 7, 12)
    assert on_or_after(CHINA, saturday).day == date(2024, 7, 15)
    assert on_or_before(CHINA, saturday).day == date(2024, 7, 12)
    friday = date(2024, 7, 12)
    assert on_or_after(CHINA, friday).day == friday == on_or_before(CHINA, friday).day
    assert next_working_day(CHINA, friday).day == date(2024, 7, 15)
    assert on_or_after(CHINA, date(2025, 1, 31)).holidays[0] == date(2025, 1, 31)


def test_zero_and_negative_counts() -> None:
    assert add_working_days(CHINA, date(2025, 2, 1), 0).day == date(2025, 2, 1)
    assert add_working_days(CHINA, date(2025, 2, 20), -15).day == date(2025, 1, 24)
    back = working_days_between(CHINA, date(2025, 2, 20), date(2025, 1, 24))
    assert back.working_days == -15


def test_a_count_tells_the_special_days_it_met() -> None:
    counted = add_working_days(CHINA, date(2025, 1, 24), 2)
    assert counted.made_up == (date(2025, 1, 26),)
    assert counted.holidays == ()
    assert add_working_days(CHINA, date(2025, 1, 27), 1).holidays[0] == date(2025, 1, 28)


class NeverWorking:
    edition = "rest"

    def day(self, day: date) -> DayKind:
        return DayKind(working=False)


class OneGuessedHoliday:
    edition = "guess"

    def day(self, day: date) -> DayKind:
        guessed = day == date(2024, 7, 10)
        return DayKind(working=not guessed, provisional=guessed)


def test_a_guessed_day_off_makes_the_rolled_day_provisional() -> None:
    assert on_or_after(OneGuessedHoliday(), date(2024, 7, 10)).provisional
    assert not on_or_after(OneGuessedHoliday(), date(2024, 7, 11)).provisional


def test_a_calendar_without_working_days_is_refused_not_searched_forever() -> None:
    rest: Calendar = NeverWorking()
    with pytest.raises(NoWorkingDay, match="Calendar rest has no working day within 400 days"):
        next_working_day(rest, date(2024, 1, 1))


def test_a_count_out_of_all_years() -> None:
    with pytest.raises(DateOutOfRange):
        add_working_days(WEEKDAYS, date(9999, 12, 30), 5)
    with pytest.raises(DateOutOfRange):
        add_working_days(WEEKDAYS, date(1, 1, 3), -5)


# --- other countries ----------------------------------------------------------------------------


def test_germany_has_its_holidays_and_no_guess() -> None:
    germany = calendar_named("holidays:DE")
    unity = germany.day(date(2024, 10, 3))
    assert (unity.working, unity.provisional, unity.special) == (False, False, True)
    assert germany.day(date(2024, 10, 4)).working
    assert not germany.day(date(2024, 10, 5)).working
    assert not germany.day(date(2030, 10, 3)).provisional


def test_a_part_of_a_country_adds_its_own() -> None:
    assert calendar_named("holidays:DE").day(date(2024, 1, 6)).special is False
    assert calendar_named("holidays:DE").day(date(2025, 1, 6)).working
    assert not calendar_named("holidays:DE-BY").day(date(2025, 1, 6)).working


def test_weekends_are_the_country_s_own() -> None:
    arabia = calendar_named("holidays:SA")
    friday, sunday = date(2024, 1, 5), date(2024, 1, 7)
    assert not arabia.day(friday).working
    assert arabia.day(sunday).working


def test_estimates_of_the_moon_are_provisional_with_their_neighbours() -> None:
    provisional = [
        day for day in days_of(2030, 2030) if calendar_named("holidays:SA").day(day).provisional
    ]
    assert date(2030, 2, 3) in provisional
    assert date(2030, 2, 2) in provisional
    assert date(2030, 6, 3) not in provisional


def test_a_country_that_decrees_working_days_is_provisional_before_the_decree() -> None:
    china = calendar_named("holidays:CN")
    assert china.day(date(2026, 2, 28)).working
    assert not china.day(date(2026, 2, 28)).provisional
    assert china.day(date(2027, 3, 3)).provisional
    assert china.day(date(2005, 12, 31)).working, "decreed with the following year"


def test_years_that_a_country_does_not_cover_are_provisional() -> None:
    assert calendar_named("holidays:DE").day(date(2101, 12, 25)).provisional


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "chna",
            (
                "There is no calendar chna; write china, weekdays, or holidays: with a country, "
                "such as holidays:DE or holidays:DE-BY."
            ),
        ),
        ("holidays:", "There is no calendar holidays:; write china, weekdays, or holidays: "),
        (
            "holidays:Germny",
            "There is no holiday calendar for Germny. Near to it: Germany, Guernsey, Yemen.",
        ),
        ("holidays:DE-XX", "There is no holiday calendar for DE-XX. Near to it: none."),
    ],
)
def test_unknown_calendars(name: str, message: str) -> None:
    with pytest.raises(Exception, match="There is no") as caught:
        calendar_named(name)
    assert str(caught.value).startswith(message)


def test_an_unknown_calendar_has_a_code() -> None:
    with pytest.raises(UnknownCalendar) as caught:
        calendar_named("moon")
    assert caught.value.code == "unknown-calendar"


# --- overrides ----------------------------------------------------------------------------------

YAML = """\
edition: qz-1
source: 泉国资办〔2026〕9号
days:
  - {day: 2026-11-27, kind: off}
  - {day: 2026-11-28, kind: working, source: 泉国资办〔2026〕10号, edition: qz-2}
"""
CSV = """\
day,kind,source,edition
2026-11-27,off,泉国资办〔2026〕9号,qz-1
2026-11-28,working,泉国资办〔2026〕10号,qz-2
"""


@pytest.mark.parametrize(("text", "name"), [(YAML, "a.yaml"), (YAML, "a.YML"), (CSV, "a.csv")])
def test_overrides_win_and_name_their_source(text: str, name: str) -> None:
    calendar = calendar_named("china", parse_overrides(text, name))
    off, worked = calendar.day(date(2026, 11, 27)), calendar.day(date(2026, 11, 28))
    assert (off.working, off.source, off.special) == (False, "泉国资办〔2026〕9号", True)
    assert (worked.working, worked.source) == (True, "泉国资办〔2026〕10号")
    assert calendar.day(date(2026, 11, 26)) == CHINA.day(date(2026, 11, 26))
    assert calendar.edition.startswith(f"{CHINA.edition} + overrides:qz-1,qz-2#")


def test_an_edited_file_never_passes_for_the_old_edition() -> None:
    one = parse_overrides(CSV, "a.csv").edition
    assert parse_overrides(CSV, "b.csv").edition == one
    assert parse_overrides(CSV.replace("27,off", "27,working"), "a.csv").edition != one


def test_a_complete_year_is_no_longer_provisional() -> None:
    text = (
        "day,kind,source,edition\n2027,complete,notice,2027\n"
        "2027-02-06,working,notice,2027\n2027-02-08,off,notice,2027\n"
    )
    calendar = calendar_named("china", parse_overrides(text, "notice.csv"))
    assert not any(calendar.day(day).provisional for day in days_of(2027, 2027))
    assert calendar.day(date(2027, 2, 6)).working
    assert not calendar.day(date(2027, 2, 8)).working
    assert calendar.day(date(2027, 2, 9)).working, "without a row it follows its weekday"
    assert calendar.day(date(2028, 1, 4)).provisional


def test_overrides_from_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_bytes(b"\xef\xbb\xbf" + CSV.encode())
    assert len(read_overrides(path).days) == 2


HEAD = "day,kind,source,edition\n"


@pytest.mark.parametrize(
    ("name", "text", "where", "problem"),
    [
        ("a.txt", CSV, "the file", "its name must end in .yaml, .yml or .csv"),
        ("a.csv", "", "line 1", "the columns must be day, kind, source, edition"),
        ("a.csv", HEAD, "the file", "it has no row"),
        ("a.csv", HEAD + "2026-11-27,off,s\n", "line 2", "it has 3 fields, must have 4"),
        ("a.csv", HEAD + "2026-11-27,off,,e\n", "line 2", "source is empty"),
        ("a.csv", HEAD + "2026-11-27,free,s,e\n", "line 2", "kind is free, must be working or off"),
        (
            "a.csv",
            HEAD + "2026-11-31,off,s,e\n",
            "line 2",
            "day is 2026-11-31, must be a date such as 2027-02-06",
        ),
        (
            "a.csv",
            HEAD + "2026-11-27,off,s,e\n\n2026-11-27,off,s,e\n",
            "line 4",
            "2026-11-27 stands there twice; keep one row",
        ),
        (
            "a.csv",
            HEAD + "next,complete,s,e\n",
            "line 2",
            "day is next, must be a year such as 2027 where kind is complete",
        ),
        ("a.csv", HEAD + '"2026', "line 2", "it is not CSV (unexpected end of data)"),
        ("a.yaml", "- 1\n", "the top", "it must be fields with values"),
        ("a.yaml", "days: 3\n", "days", "it must be a list"),
        ("a.yaml", "days: [3]\n", "row 1", "it must be fields with values"),
        (
            "a.yaml",
            "days: [{dya: 2026-01-01}]\n",
            "row 1",
            "unknown field dya; known are day, edition, kind, source",
        ),
        (
            "a.yaml",
            "days: [\n",
            "line 2",
            "it is not YAML (nothing stands where a value is expected)",
        ),
        (
            "a.yaml",
            "days: [{day: 2026-02-30}]\n",
            "the file",
            "it holds no such date (day is out of range for month)",
        ),
    ],
)
def test_a_wrong_override_file_says_where_and_what(
    name: str, text: str, where: str, problem: str
) -> None:
    with pytest.raises(BadOverrides) as caught:
        parse_overrides(text, name)
    message = f"Cannot read calendar overrides from {name}, {where}: {problem}."
    assert str(caught.value) == message


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(BadOverrides, match="No such file"):
        read_overrides(tmp_path / "none.csv")
    (tmp_path / "gbk.csv").write_bytes("放假".encode("gbk"))
    with pytest.raises(BadOverrides, match="it is not UTF-8"):
        read_overrides(tmp_path / "gbk.csv")


def test_slow_packages_are_imported_on_first_use() -> None:
    """`duban --help` builds no calendar, so it must not pay for one."""
    script = (
        "import sys, adapters.calendars, workflows.deadlines\n"
        "adapters.calendars.calendar_named('china').edition\n"
        "print(sorted({'holidays', 'chinese_calendar', 'ruamel.yaml'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
