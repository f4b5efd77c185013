"""`duban calendar export`: a feed that any calendar program reads, and reads again."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.office import ADMINISTRATOR, OFFICE, SECTION, Office
from tests.cli.small import PLAN, opened_small


def events_of(feed: str) -> list[dict[str, str]]:
    """Return the events of a feed, unfolded and unescaped, as a calendar program reads them."""
    assert feed.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert feed.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in feed.split("\r\n"))
    assert "\n" not in feed.replace("\r\n", "")
    unfolded = feed.replace("\r\n ", "")
    found: list[dict[str, str]] = []
    for line in unfolded.split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and name not in ("END", "BEGIN"):
            plain = value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";")
            found[-1][name] = plain.replace("\\\\", "\\")
    return found


def exported(office: Office, tmp_path: Path, *words: str) -> dict[str, dict[str, str]]:
    file = tmp_path / "feed.ics"
    office.does("calendar", "export", *words, "--output", str(file))
    found = events_of(file.read_bytes().decode())
    by_uid = {event["UID"]: event for event in found}
    assert len(by_uid) == len(found)
    return by_uid


S4 = "qz-2024:s4/due@quanzhou-sasac"
S3 = "qz-2024:s3"


def test_a_feed_has_every_date_as_a_whole_day(early: Office, tmp_path: Path) -> None:
    found = exported(early, tmp_path, "qz-2024")
    assert found[S4]["DTSTART;VALUE=DATE"] == "20241231"
    assert found[S4]["DTEND;VALUE=DATE"] == "20250101"
    assert (found[S4]["SEQUENCE"], found[S4]["STATUS"]) == ("1", "CONFIRMED")
    assert found[S4]["SUMMARY"] == "Self-assessment by each section (qz-2024)"
    assert "Clause: 四（四）" in found[S4]["DESCRIPTION"]
    assert found[f"{S3}/opens@quanzhou-sasac"]["DTSTART;VALUE=DATE"] == "20241001"
    assert found[f"{S3}/due@quanzhou-sasac"]["DTSTART;VALUE=DATE"] == "20241231"
    assert not any("s6" in uid or "s7" in uid for uid in found), "undated, and waiting"


def test_printed_it_is_the_same_bytes(early: Office, tmp_path: Path) -> None:
    file = tmp_path / "feed.ics"
    early.does("calendar", "export", "--output", str(file))
    printed = early.run("calendar", "export")
    assert printed.stdout_bytes == file.read_bytes()


def test_what_moves_keeps_its_identity_with_a_higher_number(early: Office, tmp_path: Path) -> None:
    before = exported(early, tmp_path)
    early.does("announce", "qz-2024", "s3", "11-01..11-15")
    after = exported(early, tmp_path)
    assert before.keys() == after.keys()
    moved = {uid for uid in after if after[uid] != before[uid]}
    assert moved == {f"{S3}/opens@quanzhou-sasac", f"{S3}/due@quanzhou-sasac"}
    assert after[f"{S3}/due@quanzhou-sasac"]["DTSTART;VALUE=DATE"] == "20241115"
    assert after[f"{S3}/due@quanzhou-sasac"]["SEQUENCE"] == "2"


def test_a_date_that_is_none_any_more_is_cancelled(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    relative = PLAN.replace("due: 2024-12-10", "due: 10 days after request")
    plan.write_text(relative, encoding="utf-8")
    office = opened_small(tmp_path, plan)
    assert exported(office, tmp_path) == {}, "it waits"
    office.does("post", "assign", "bureau", OFFICE, as_=ADMINISTRATOR)
    said = office.does("record", "small-2024", "request", "--document", "请示1号")
    uid = "small-2024:draft/due@small-body"
    before = exported(office, tmp_path)
    (number,) = re.findall(r"#(\d+)", said.splitlines()[0])
    office.does("correct", number, "--void", "--reason", "误录")
    after = exported(office, tmp_path)
    assert before[uid]["STATUS"] == "CONFIRMED"
    assert after[uid]["STATUS"] == "CANCELLED"
    assert int(after[uid]["SEQUENCE"]) > int(before[uid]["SEQUENCE"])


def test_each_person_has_a_feed_of_what_they_answer_for(early: Office, tmp_path: Path) -> None:
    everything, mine = exported(early, tmp_path), exported(early, tmp_path, "--person", SECTION)
    assert mine.keys() < everything.keys()
    assert S4 in mine
    assert "qz-2024:quarterly-progress@2024-Q3/due@quanzhou-sasac" in mine
    assert "qz-2024:s1a/due@quanzhou-sasac" not in mine
    early.does("extend", "qz-2024/T-001", "s4", "2025-01-20", "--reason", "审计")
    early.does("extend", "qz-2024/T-002", "s4", "2025-01-20", "--reason", "审计")
    own = exported(early, tmp_path, "--person", SECTION).keys() - mine.keys()
    assert own == {"qz-2024:s4!T-001/due@quanzhou-sasac"}
    assert early.refused("calendar", "export", "--person", "nobody").endswith("[not-found]\n")


def test_a_day_that_ends_at_an_hour_is_a_moment_in_utc(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    (event,) = exported(opened_small(tmp_path, plan), tmp_path).values()
    assert event["DTSTART"] == "20241210T093000Z"
    assert "DTEND" not in event
    assert event["DTSTAMP"] == "20240201T160000Z"


def test_a_feed_speaks_chinese_and_is_replaced_as_a_whole(early: Office, tmp_path: Path) -> None:
    file = tmp_path / "feed.ics"
    file.write_text("old", encoding="utf-8")
    said = early.does("calendar", "export", "--output", str(file), language="zh")
    assert str(file) in said
    found = {e["UID"]: e for e in events_of(file.read_bytes().decode())}
    assert found[S4]["SUMMARY"].endswith("(qz-2024)")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []
    nowhere = str(tmp_path / "none" / "feed.ics")
    assert early.refused("calendar", "export", "--output", nowhere).endswith("[file]\n")


def test_a_provisional_date_is_tentative(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    text = PLAN.replace("2024", "2026").replace(
        "due: 2026-12-10", "due: 10 working days after 12-28"
    )
    plan.write_text(text, encoding="utf-8")
    (event,) = exported(opened_small(tmp_path, plan, "2026-02-02"), tmp_path).values()
    assert event["STATUS"] == "TENTATIVE"
    assert "provisional" in event["DESCRIPTION"]
