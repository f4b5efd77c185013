"""`duban due --explain`: how a date came about, in one paragraph, and who changed it since."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.office import ADMINISTRATOR, SECTION, Office

FIRST = (
    "TRIAL\n"
    "Step s1a, Draft the plan, stands in clause 四（一）① of 泉国资办〔2024〕197号. "
    "The plan says: 7月10日前. Rule: 07-10. It names 2024-07-10. The last day is 2024-07-10 "
    "(Wednesday); it is late from 2024-07-11 00:00. Calendar: "
)


def test_a_date_by_the_plan_alone_is_one_paragraph(early: Office) -> None:
    shown = early.does("due", "--explain", "s1a")
    assert shown.startswith(FIRST)
    assert shown.count("\n") == 2


def test_the_paragraph_is_in_the_readers_language(early: Office) -> None:
    shown = early.does("due", "--explain", "s1a", "qz-2024", language="zh")
    assert "最后一日为2024年7月10日（星期三）" in shown
    assert ". " not in shown


def test_the_event_on_which_it_rests_is_named_with_who_entered_it(public: Office) -> None:
    shown = public.does("due", "--explain", "s2a")
    assert "Event reply is dated 2024-07-30." in shown
    assert "was entered by wang for group-office on 2024-07-30 00:00 (event #" in shown
    assert "It is version 2 of the date." in shown
    assert "qz-2024  no date, as the cycle was opened" in shown
    assert "open from 2024-07-30 Tue, since 2024-07-30 00:00: wang for group-office" in shown


def test_a_series_lists_its_dates(early: Office) -> None:
    shown = early.does("due", "--explain", "quarterly-progress")
    assert "It recurs 2 times, from 2024-Q3 to 2024-Q4." in shown
    assert "  2024-Q3  2024-10-10 Thu\n  2024-Q4  2025-01-10 Fri\n" in shown


def test_every_change_says_who_and_on_what_paper(early: Office) -> None:
    reason = ("--reason", "审计顺延", "--authority", "会议纪要3号")
    early.does("extend", "qz-2024/T-001", "s4", "2025-01-10", "--ask", *reason, as_=SECTION)
    early.does("extend", "qz-2024/T-001", "s4", "2025-01-15", *reason)
    shown = early.does("due", "--explain", "s4")
    asked, granted = shown.splitlines()[-2:]
    assert "extension asked for: 2025-01-10 Fri; chen for reform-head, 2024-07-08 00:00" in asked
    assert "extended: 2025-01-15 Wed; wang for group-office, 2024-07-08 00:00" in granted
    assert granted.endswith("会议纪要3号 审计顺延")


def test_an_announced_date_shows_both_versions(early: Office) -> None:
    early.does("announce", "qz-2024", "s3", "11-01..11-15", "--authority", "通知5号")
    shown = early.does("due", "--explain", "s3")
    assert "The plan says: 10月1日至12月31日. Rule: 11-01..11-15." in shown
    assert "2024-12-31 Tue, as the cycle was opened" in shown
    assert "announced “11-01..11-15”" in shown


def test_an_imported_calendar_is_named_as_the_cause(early: Office, tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    file.write_text("day,kind,source,edition\n2024-07-23,off,9号,qz-3\n", encoding="utf-8")
    early.does("calendar", "import", str(file), "--apply", as_=ADMINISTRATOR)
    shown = early.does("due", "--explain", "s1c")
    assert "admin for administrator imported the calendar overrides:qz-3#" in shown


def test_one_instance_is_explained_by_its_own_clock_and_requests(early: Office) -> None:
    why = ("--reason", "审计顺延")
    early.does("extend", "qz-2024/T-001", "s4", "2025-01-10", "--ask", *why, as_=SECTION)
    early.does("extend", "qz-2024/T-001", "s4", "--refuse", *why)
    assert "What was done" not in early.does("due", "--explain", "s4")
    shown = early.does("due", "--explain", "s4", "qz-2024/T-001")
    assert "extension refused; wang for group-office" in shown


def test_programs_get_the_paragraph_and_its_parts(early: Office) -> None:
    early.does("announce", "qz-2024", "s3", "11-01..11-15")
    shape = early.json("due", "--explain", "s3")
    assert shape["text"].startswith("Step s3,")
    assert (shape["cycle"], shape["rule"]) == ("qz-2024", "10月1日至12月31日")
    assert [c["what"] for c in shape["changes"]] == ["opened", "set"]
    assert shape["changes"][1]["kind"] == "amended"
    (date,) = shape["dates"]
    assert (date["version"], date["last_day"]) == (2, "2024-11-15")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("quarterly-report",), "duban due --explain quarterly-progress"),
        (("s4", "qz-2025"), "duban show qz-2024"),
        (("s4", "qz-2024/T-01"), "duban show qz-2024/T-001"),
    ],
)
def test_what_is_not_there_is_refused_with_what_was_meant(
    early: Office, words: tuple[str, ...], said: str
) -> None:
    refusal = early.refused("due", "--explain", *words)
    assert said in refusal
    assert refusal.endswith("[not-found]\n")


def test_a_person_whom_nobody_knows_is_not_one_who_owes_nothing(early: Office) -> None:
    assert early.does("due", "--person", SECTION).startswith("TRIAL\n")
    assert early.refused("due", "--person", "nobody").endswith(
        "There is no person nobody. See what there is with: duban post list [not-found]\n"
    )
