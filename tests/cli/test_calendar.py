"""`duban calendar`: shown, checked, and imported after a look."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.office import ADMINISTRATOR, Office
from tests.cli.small import PLAN, opened_small

OVERRIDES = """\
edition: qz-2024-2
source: 泉国资办〔2024〕9号
days:
  - {day: 2024-07-23, kind: off}
  - {day: 2024-10-12, kind: off}
"""

JULY = """\
TRIAL

2024-07  22 working days
  Mon  Tue     Wed  Thu  Fri  Sat  Sun
  1    2       3    4    5    6    7
  8    9       10   11   12   13   14
  15   16      17   18   19   20   21
  22   23 off  24   25   26   27   28
  29   30      31
  2024-07-23 Tue  off  泉国资办〔2024〕9号

off: a holiday; work: a make-up working day; ?: provisional, may still change
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "days.yaml"
    path.write_text(OVERRIDES, encoding="utf-8")
    return path


def calendar_events(office: Office) -> list[dict[str, object]]:
    events = office.json("history", "office")
    return [e for e in events if e["kind"] == "calendar"]


def test_a_month_is_a_grid_with_its_special_days_and_their_notice(early: Office) -> None:
    shown = early.does("calendar", "show", "2024-10")
    assert "2024-10  19 working days" in shown
    assert "11  12 work  13" in re.sub(r" {2,}", "  ", shown)
    assert "1 off  2 off  3 off  4 off  5" in shown
    assert re.search(r"2024-10-01 Tue – 2024-10-07 Mon +off +State Council .* for 2024", shown)
    assert re.search(r"2024-10-12 Sat +work +State Council announcement for 2024", shown)
    assert "Edition: china chinesecalendar-" in shown


def test_without_a_month_it_is_the_present_one(early: Office, file: Path) -> None:
    early.does("calendar", "import", str(file), "--apply", as_=ADMINISTRATOR)
    shown = early.does("calendar", "show")
    assert shown.startswith(JULY)
    assert re.search(r"^Edition: china .* \+ overrides:qz-2024-2#[0-9a-f]{8}$", shown, re.MULTILINE)


def test_a_year_has_twelve_months_and_a_sum(early: Office) -> None:
    shown = early.does("calendar", "show", "2025")
    assert re.findall(r"^2025-(\d\d) ", shown, re.MULTILINE) == [f"{n:02}" for n in range(1, 13)]
    assert "2025: 248 working days" in shown


def test_a_year_that_is_not_announced_says_so_on_every_day(early: Office) -> None:
    shown = early.does("calendar", "show", "2027-02", language="zh")
    assert "5 放假?" in shown or "5 休?" in shown
    assert "15?" in shown
    days = early.json("calendar", "show", "2027-02")["days"]
    assert len(days) == 28
    assert all(day["provisional"] for day in days)


def test_programs_read_each_day_with_its_source(early: Office) -> None:
    shape = early.json("calendar", "show", "2024-10", "qz-2024")
    assert shape["edition"].startswith("china ")
    assert shape["days"][11] == {
        "day": "2024-10-12",
        "working": True,
        "provisional": False,
        "special": True,
        "source": "State Council announcement for 2024",
    }


def test_the_words_of_show_come_in_any_order_and_are_checked(early: Office) -> None:
    one = early.does("calendar", "show", "2024-10", "qz-2024")
    assert early.does("calendar", "show", "qz-2024", "2024-10") == one
    assert early.does("calendar", "show", "2024年10月") == one
    assert "[not-found]" in early.refused("calendar", "show", "2024-13")
    assert early.wrong("calendar", "show", "2024-10", "qz-2024", "more").startswith("Error: Say a")


def test_there_is_a_calendar_before_there_is_a_cycle(tmp_path: Path) -> None:
    office = Office(tmp_path / "duban.db")
    office.does("init", "--trial", "--clock", "2024-07-08", as_=ADMINISTRATOR)
    assert "2024-07  23 working days" in office.does("calendar", "show")
    assert office.does("calendar", "check") == "TRIAL\nNo cycle is open.\n"
    assert office.json("calendar", "check") == []


def test_an_import_is_shown_first_and_changes_nothing(early: Office, file: Path) -> None:
    before = early.json("due", "--within", "400d")
    shown = early.does("calendar", "import", str(file), as_=ADMINISTRATOR)
    assert "Days: 2 come, 0 change, 0 of those imported before are dropped." in shown
    assert "Nothing was changed. To apply it: --apply" in shown
    assert calendar_events(early) == []
    assert early.json("due", "--within", "400d") == before
    shape = early.json("calendar", "import", str(file))
    assert (shape["applied"], shape["before"]) == (False, "")
    quarterly = ["quarterly-analysis", "quarterly-progress"]
    assert sorted(s["step"] for s in shape["moved"]) == [*quarterly, "s1b", "s1c", "s1d"]
    assert {s["days"] for s in shape["moved"]} == {0}, "fixed days stay; what climbs after moves"


def test_applied_it_says_what_moved_and_is_on_record(early: Office, file: Path) -> None:
    words = ("calendar", "import", str(file), "--apply", "--reason", "防汛", "--authority", "1号")
    shown = early.does(*words, as_=ADMINISTRATOR)
    assert re.search(r"Applied: \d+ dates were set anew\.", shown)
    (event,) = calendar_events(early)
    assert event["authority"] == "1号"
    assert event["texts"] == {"reason": "防汛"}
    assert str(event["data"]["edition"]).startswith("overrides:qz-2024-2#")  # type: ignore[index]
    again = early.does("calendar", "import", str(file), "--apply", as_=ADMINISTRATOR)
    assert again.endswith("This edition counts already; nothing was changed.\n")
    assert len(calendar_events(early)) == 1
    assert early.does("verify")


def test_without_a_file_it_takes_what_is_installed(early: Office) -> None:
    shown = early.does("calendar", "import", as_=ADMINISTRATOR)
    assert "No date of an open cycle moves." in shown
    assert shown.endswith("This edition counts already; nothing was changed.\n")


def test_a_yes_from_a_pipe_is_none(early: Office, file: Path) -> None:
    early.does("calendar", "import", str(file), as_=ADMINISTRATOR, typed="y\n")
    assert calendar_events(early) == []


def test_only_an_administrator_imports(early: Office, file: Path) -> None:
    refusal = early.refused("calendar", "import", str(file), "--apply")
    assert refusal.endswith("[not-permitted]\n")
    assert calendar_events(early) == []


@pytest.mark.parametrize("text", ["days: [{day: 2024-02-30, kind: off}]", "[]", "\x00"])
def test_a_bad_file_is_refused_in_one_line(early: Office, file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    refusal = early.refused("calendar", "import", str(file), "--apply", as_=ADMINISTRATOR)
    assert refusal.endswith("[bad-overrides]\n")
    refusal = early.refused("calendar", "import", str(file.with_name("none.csv")))
    assert refusal.endswith("[bad-overrides]\n")


def test_check_tells_years_differences_and_what_may_move(early: Office, file: Path) -> None:
    early.does("calendar", "import", str(file), "--apply", as_=ADMINISTRATOR)
    shown = early.does("calendar", "check")
    assert re.search(r"2024 +official +249 working days", shown)
    assert "Overrides that differ from the announcement" in shown
    assert "2024-10-12  off  泉国资办〔2024〕9号  not State Council announcement for 2024" in shown
    assert "365 days may change" in early.does("calendar", "check", "--year", "2027")
    (shape,) = early.json("calendar", "check", "--year", "2026")
    assert shape["years"] == [{"year": 2026, "official": True, "working_days": 248, "open_days": 0}]
    assert shape["disagreements"] == []


def test_check_ends_with_1_where_people_contradict_each_other(tmp_path: Path, file: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    office = opened_small(tmp_path, plan)
    office.does("calendar", "import", str(file), "--apply", as_=ADMINISTRATOR)
    result = office.run("calendar", "check")
    assert result.exit_code == 1
    assert "Overrides that contradict each other" in result.stdout
    (shape,) = office.json("calendar", "check", status=1)
    (contradiction,) = [d for d in shape["disagreements"] if d["contradiction"]]
    assert (contradiction["day"], contradiction["working"]) == ("2024-10-12", True)
    assert contradiction["source"] == "某局通知"


def test_check_lists_the_provisional_dates(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    text = PLAN.replace("2024", "2026").replace(
        "due: 2026-12-10", "due: 10 working days after 12-28"
    )
    plan.write_text(text, encoding="utf-8")
    office = opened_small(tmp_path, plan, "2026-02-02")
    shown = office.does("calendar", "check")
    assert "Provisional dates of small-2026" in shown
    assert "10 working days after 12-28" in shown
    (shape,) = office.json("calendar", "check")
    assert [d["step"] for d in shape["provisional"]] == ["draft"]
