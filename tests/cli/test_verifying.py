"""Verify decides guards and dates anew, and names what somebody wrote who had full rights."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.office import SECTION, Office
from tests.cli.test_auditing import tamper

DROP = ("DROP TRIGGER event_refuses_update", "DROP TRIGGER event_refuses_delete")


@pytest.fixture
def worked(public: Office) -> Office:
    public.at("2024-10-12 09:00")
    public.does("daemon", "--once")
    public.does("record", "qz-2024/T-001", "self_report", "--field", "completion=95", as_=SECTION)
    public.does("extend", "qz-2024/T-004", "s4", "--until", "2025-01-15", "--reason", "审计顺延")
    public.does("excuse", "qz-2024/T-003", "s4", "--reason", "合并到其他目标")
    return public


def breaks(office: Office) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.json("verify", "qz-2024", status=3)["breaks"]
    return found


def codes(office: Office) -> set[tuple[str, str]]:
    return {(b["instance"], b["code"]) for b in breaks(office)}


def test_all_dates_are_computed_anew(worked: Office) -> None:
    found = worked.json("verify", "qz-2024")
    assert found["breaks"] == []
    assert found["dates"]["verified"] > 15
    assert found["dates"]["undecided"] == 0
    assert "dates computed anew." in worked.does("verify")


def test_more_processes_find_the_same(worked: Office) -> None:
    tamper(worked.database, "UPDATE instance SET lamp='绿' WHERE key='qz-2024/T-005'")
    one = worked.run("verify", "qz-2024", "--json", "--jobs", "1")
    many = worked.run("verify", "qz-2024", "--json", "--jobs", "2")
    assert (one.exit_code, many.exit_code) == (3, 3)
    assert one.stdout == many.stdout


def test_a_move_whose_guard_did_not_hold_is_named(worked: Office) -> None:
    """The report was taken out of the history: everything still joins, but for the guard."""
    tamper(
        worked.database,
        *DROP,
        "UPDATE event SET data = json_remove(data, '$.set.self_report') WHERE kind = 'recorded'"
        " AND data LIKE '%self_report%'",
        "UPDATE instance SET facts = json_remove(facts, '$.self_report')"
        " WHERE key = 'qz-2024/T-001'",
    )
    (broken,) = breaks(worked)
    assert (broken["instance"], broken["code"]) == ("qz-2024/T-001", "guard")
    assert broken["found"] == "published -self_assess-> self_assessed"


def test_a_target_that_went_ahead_of_its_cycle_is_named(public: Office) -> None:
    """What was read of the parent is looked up in the parent's own history."""
    tamper(
        public.database,
        *DROP,
        "UPDATE event SET data = json_set(data, '$.read.parent', 2) WHERE trigger = 'publish'"
        " AND instance_id = (SELECT id FROM instance WHERE key = 'qz-2024/T-002')",
    )
    assert codes(public) == {("qz-2024/T-002", "guard")}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE deadline SET due_at='2026-01-01T00:00:00.000000Z' WHERE step='s4'", "date"),
        ("UPDATE deadline SET due_at='2026-01-01T00:00:00.000000Z' WHERE step='s2b'", "date"),
        ("UPDATE deadline SET current=0 WHERE step='s5'", "date"),
        ("UPDATE timer SET fires_at='2026-01-01T00:00:00.000000Z' WHERE rung='close'", "timer"),
        ("DELETE FROM exemption WHERE kind='excused'", "projection"),
        ("UPDATE exemption SET kind='excused' WHERE kind='own_date'", "projection"),
    ],
)
def test_an_edited_date_timer_or_excuse_is_named(change: str, code: str, worked: Office) -> None:
    tamper(worked.database, "PRAGMA foreign_keys=OFF", change)
    assert code in {b["code"] for b in breaks(worked)}


def test_an_extension_is_held_against_what_was_granted(worked: Office) -> None:
    tamper(
        worked.database,
        "UPDATE deadline SET due_at='2025-02-01T00:00:00.000000Z' WHERE instance_id IS NOT NULL",
    )
    found = breaks(worked)
    assert {b["instance"] for b in found if b["code"] == "date"} == {"qz-2024/T-004"}
    assert "2025-01-15T16:00:00" in found[0]["expected"]
