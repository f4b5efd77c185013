"""What a leader asks for at a meeting: which source led to which target; the ledger on paper."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.office import ADMINISTRATOR, REFERENCE, SECTION, Office


def matrix(office: Office, name: str = "qz-2024") -> Any:
    return json.loads(office.does("coverage", name, "--json"))


def test_every_source_of_the_reference_plan_leads_to_a_target_or_is_named(public: Office) -> None:
    """R-09, R-10: the matrix of source items and duties, before opening and after."""
    found, planned = matrix(public), matrix(public, str(REFERENCE))
    short = [[t["target"].rpartition("/")[2] for t in s["targets"]] for s in found["sources"]]
    assert short == [[t["target"] for t in s["targets"]] for s in planned["sources"]]
    covered = {s["source"] for s in found["sources"] if s["targets"]}
    assert covered
    assert set(found["uncovered"]) == {s["source"] for s in found["sources"]} - covered
    assert found["without_source"] == []


def test_a_source_whose_only_target_is_withdrawn_is_named(public: Office) -> None:
    """R-09: remove one mapping, and the report names it."""
    before = matrix(public)
    source, target = next(
        (s["source"], s["targets"][0]["target"])
        for s in before["sources"]
        if len(s["targets"]) == 1
    )
    assert source not in before["uncovered"]
    public.does("target", "withdraw", target, "--reason", "任务取消")
    assert source in matrix(public)["uncovered"]
    assert "no target" in public.does("coverage")
    assert "无对应目标" in public.does("coverage", language="zh")


def test_a_target_without_a_source_is_named(public: Office) -> None:
    """R-09: so is a target that nobody asked for on paper."""
    words = ("--title", "无来源", "--section", "reform", "--category", "routine")
    public.does("target", "add", "qz-2024", "T-900", *words)
    (found,) = matrix(public)["without_source"]
    assert found == {"target": "qz-2024/T-900", "title": "无来源"}
    assert "Targets without a source" in public.does("coverage")


def test_a_source_that_the_plan_does_not_have_is_named(public: Office) -> None:
    public.does("target", "amend", "qz-2024/T-001", "--source", "nowhere")
    assert matrix(public)["unknown"] == [{"target": "qz-2024/T-001", "source": "nowhere"}]


@pytest.fixture
def reported(public: Office) -> Office:
    """T-001 with progress in two quarters, a report that was sent back, and a dangerous title."""
    public.does("clock", "set", "2024-09-20T09:00", as_=ADMINISTRATOR)
    public.does("record", "qz-2024/T-001", "progress", "--field", "percent=40", as_=SECTION)
    public.does("clock", "set", "2024-12-20T09:00", as_=ADMINISTRATOR)
    public.does("record", "qz-2024/T-001", "progress", "--field", "percent=90", as_=SECTION)
    fields = ("--field", "completion=95", "--field", "shortfall=一家企业未完成")
    public.does("record", "qz-2024/T-001", "self_report", *fields, as_=SECTION)
    public.does("target", "amend", "qz-2024/T-002", "--title", "=HYPERLINK(1)")
    return public


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff"), "spreadsheets take it for another encoding otherwise"
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_sheet_has_a_row_per_target_with_its_quarters(reported: Office) -> None:
    """R-38."""
    found = rows(reported.does("sheet", language="zh"))
    assert len(found) == 10
    first = found[0]
    assert (first["编号"], first["责任科室"]) == ("qz-2024/T-001", "改革重组科")
    assert (first["三季度进展"], first["四季度进展"], first["二季度进展"]) == ("40%", "90%", "")
    assert (first["完成比例"], first["状态"]) == ("95%", "已自评")
    assert first["存在问题"] == "一家企业未完成"
    assert first["质量要求"]


def test_no_cell_is_a_formula(reported: Office) -> None:
    assert rows(reported.does("sheet"))[1]["target"] == "'=HYPERLINK(1)"


def test_each_cell_names_the_event_that_set_it(reported: Office) -> None:
    """R-38: every cell can be traced to the event that set it."""
    first = json.loads(reported.does("sheet", "--json"))[0]
    history = json.loads(reported.does("history", "qz-2024/T-001", "--json"))
    by_position = {e["position"]: e for e in history}
    for column, percent in (("q3", 40), ("q4", 90)):
        told = by_position[first[column]["event"]]
        assert told["data"]["set"]["progress.percent"] == percent
    assert by_position[first["state"]["event"]]["target"] == "self_assessed"
    assert by_position[first["title"]["event"]]["kind"] == "opened"


def test_a_correction_is_what_the_sheet_shows(reported: Office) -> None:
    wrong = json.loads(reported.does("sheet", "--json"))[0]["q3"]["event"]
    reported.does("correct", str(wrong), "--field", "percent=45", "--reason", "录入有误")
    first = json.loads(reported.does("sheet", "--json"))[0]
    assert first["q3"]["value"] == "45%"
    assert first["q3"]["event"] != wrong


def test_it_is_written_into_a_file_whole_or_not_at_all(reported: Office, tmp_path: Path) -> None:
    place = tmp_path / "台账.csv"
    assert "10" in reported.does("sheet", "--output", str(place))
    assert len(rows(place.read_bytes().decode())) == 10
    assert [p.name for p in tmp_path.glob("*台账*")] == ["台账.csv"]
    refused = reported.refused("sheet", "--output", str(tmp_path / "no" / "x.csv"))
    assert refused.endswith("[file]\n")
