"""`duban simulate`: a year before it is signed, on a screen or for a program."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.office import PLANS, Office

MUNICIPAL = str(PLANS / "municipal-department.yaml")


@pytest.fixture
def office(tmp_path: Any) -> Office:
    return Office(tmp_path / "none.db")


def played(office: Office, *more: str, people: str = "mixed") -> Any:
    """What a program reads: nothing else may stand on the standard output."""
    words = ("simulate", MUNICIPAL, "--year", "2025", "--targets", "3", "--people", people)
    return json.loads(office.does(*words, "--json", *more))


def test_a_program_reads_the_whole_year(office: Office) -> None:
    found = played(office)
    assert found["cycle"]["key"] == "md-2025"
    assert set(found) >= {"cycle", "targets", "late", "unrecorded", "next", "notices", "timeline"}
    assert found["breaks"] == []
    assert sum(found["targets"].values()) == 3
    assert sum(found["notices"].values()) > 0
    moments = [one["moment"] for one in found["timeline"]]
    assert moments == sorted(moments)
    assert {"moment", "instance", "what", "whom"} <= set(found["timeline"][0])
    assert not office.database.exists(), "nothing is kept"


def test_the_same_seed_is_the_same_year_and_another_one_is_not(office: Office) -> None:
    assert played(office) == played(office)
    assert played(office) != played(office, "--seed", "2")


def test_punctual_people_come_to_the_end_and_silent_ones_nowhere(office: Office) -> None:
    punctual, silent = played(office, people="punctual"), played(office, people="silent")
    assert punctual["cycle"]["state"] == "rectified"
    assert silent["cycle"]["state"] == "drafting"
    assert sum(silent["notices"].values()) > sum(punctual["notices"].values())
    assert silent["late"]


def test_it_stops_on_the_day_that_was_asked(office: Office) -> None:
    found = played(office, "--until", "2025-08-01")
    assert max(one["moment"] for one in found["timeline"]) < "2025-08-02"


def test_a_person_reads_it_in_both_languages(office: Office) -> None:
    words = ("simulate", MUNICIPAL, "--year", "2025", "--targets", "2", "--until", "2025-08-01")
    assert "What would happen" in office.does(*words)
    assert "推演" in office.does(*words, language="zh")


def test_a_plan_with_errors_is_not_played(office: Office, tmp_path: Any) -> None:
    broken = tmp_path / "plan.yaml"
    broken.write_text("duban: 1\n", encoding="utf-8")
    result = office.run("simulate", str(broken))
    assert result.exit_code == 1
    assert "plan.yaml" in result.output
