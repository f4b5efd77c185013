"""What is lawful but unusual is listed with its grounds; nobody is accused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.office import ADMINISTRATOR, SECTION, Office


@pytest.fixture
def busy(public: Office) -> Office:
    """Somebody forced, was late in recording, released after the date, and confirmed his own."""
    force = ("force", "qz-2024/T-002", "self_assessed", "--reason", "领导批示")
    public.does(*force, "--authority", "纪要1号", as_=ADMINISTRATOR, typed="y\n")
    public.at("2024-10-12 09:00")
    public.does(
        *("record", "qz-2024/T-001", "self_report", "--occurred-at", "2024-10-09 10:00"),
        *("--field", "completion=95", "--document", "报告1号"),
        as_=SECTION,
    )
    public.does(
        *("excuse", "qz-2024/quarterly-progress-2024-Q3-party", "quarterly-progress"),
        *("--reason", "人员外派"),
    )
    public.at("2024-12-31 23:50")
    public.does("record", "qz-2024/T-003", "self_report", "--field", "completion=80")
    return public


def listed(office: Office, *words: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in office.json("audit", "anomalies", *words):
        found.setdefault(one["kind"], []).append(one)
    return found


def test_each_kind_is_listed_with_reason_and_authority(busy: Office) -> None:
    found = listed(busy)
    (forced,) = found["forced"]
    assert (forced["event"]["authority"], forced["event"]["reason"]) == ("纪要1号", "领导批示")
    assert "guard:self_assess" in forced["details"]["around"]
    (back_dated,) = [a for a in found["back_dated"] if a["event"]["instance"].endswith("T-001")]
    assert back_dated["details"] == {"days": 2}
    assert back_dated["event"]["authority"] == "报告1号"
    (released,) = found["released_late"]
    assert released["details"] == {
        "step": "quarterly-progress",
        "due": "2024-10-11T00:00:00+08:00",
    }
    assert released["event"]["reason"] == "人员外派"
    (near,) = found["near_date"]
    assert (near["details"]["step"], near["details"]["minutes"]) == ("s4", -10)


def test_limits_can_be_told(busy: Office) -> None:
    assert "near_date" not in listed(busy, "--near", "5")
    assert not [
        a
        for a in listed(busy, "--back-dated", "3").get("back_dated", [])
        if a["event"]["instance"].endswith("T-001")
    ]
    assert set(listed(busy, "--kind", "forced")) == {"forced"}
    assert "burst" not in listed(busy)
    bursts = listed(busy, "--burst", "2", "--within", "1")["burst"]
    assert {(b["event"]["actor"], b["details"]["count"]) for b in bursts} == {("wang", 2)}


def test_both_sides_by_one_person_or_one_post_are_listed(public: Office) -> None:
    key = "qz-2024/quarterly-progress-2024-Q3-reform"
    public.does("post", "delegate", "group-office", "zhao", "--until", "2024-12-31", as_="admin")
    public.at("2024-10-08 09:00")
    public.does("daemon", "--once")
    public.does("record", key, "handed_in", "--document", "季报1号")
    public.does("move", key, "accept")
    (same,) = listed(public)["same_person"]
    assert same["details"] == {"how": "person", "did": "submit"}
    other = key.replace("reform", "party")
    public.does("record", other, "handed_in", "--document", "季报2号")
    public.does("move", other, "accept", as_="zhao")
    (_, by_deputy) = listed(public)["same_person"]
    assert by_deputy["details"]["how"] == "post"
    assert by_deputy["other"]["actor"] == "wang"


def test_the_screen_accuses_nobody(busy: Office) -> None:
    for language, end in (("en", "worth a look."), ("zh", "列出仅供核查参考。")):
        screen = busy.does("audit", "anomalies", "qz-2024", language=language)
        assert screen.rstrip().endswith(end)
        for word in ("violation", "fraud", "suspicious", "违规", "可疑", "舞弊", "异常"):
            assert word not in screen


def test_where_there_is_nothing_it_says_so(early: Office) -> None:
    assert "Nothing unusual was done." in early.does("audit", "anomalies")


def test_the_list_says_from_where_on_it_lists_and_what_the_plan_says(busy: Office) -> None:
    shown = busy.does("audit", "anomalies")
    assert "recorded 1 or more days later; within 30 minutes" in " ".join(shown.split())
    assert "the plan says" not in shown
    (one,) = listed(busy)["back_dated"]
    assert one["limit"] == "1d"
    own = busy.does("audit", "anomalies", "--near", "5", language="zh")
    assert "方案规定 1／30／20／10" in own
    assert "near_date" not in listed(busy, "--near", "5")
