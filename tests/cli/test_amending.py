"""`duban amend`: shown first and for whom, then done, and taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.office import ADMINISTRATOR, REFERENCE, Office

GROUNDS = ("--reason", "市里调整部署", "--authority", "泉委〔2024〕9号")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """The reference plan with an earlier date for the self-assessment, and one target more."""
    text = REFERENCE.read_text(encoding="utf-8")
    assert text.count("due: 12月31日前") >= 1
    file = tmp_path / "new.yaml"
    file.write_text(text.replace("due: 12月31日前", "due: 12月20日前"), encoding="utf-8")
    return file


def test_it_is_shown_and_asked_then_done_and_taken_back(public: Office, plan: Path) -> None:
    words = ("amend", "qz-2024", str(plan), *GROUNDS)
    before = public.json("status")["next"]
    shown = public.does(*words, "--dry-run")
    for part in ("2024-12-31", "2024-12-20", "-11d", "Nothing was changed."):
        assert part in shown
    found = json.loads(public.does(*words, "--json"))
    assert {"date"} <= {a["part"] for a in found}
    assert public.json("status")["next"] == before
    assert public.run(*words, typed="n\n").exit_code == 1
    assert "plan amended" in public.does(*words, "--yes")
    assert "方案调整" in public.does("history", "qz-2024", language="zh")
    assert public.json("status")["next"] != before
    assert public.json("verify")["breaks"] == []
    assert "not-amendable" in public.refused(*words, "--yes")
    assert "taken back" in public.does("amend", "qz-2024", "--revert", "--reason", "误发")
    assert public.json("status")["next"] == before
    assert public.json("verify")["breaks"] == []
    assert "not-found" in public.refused("amend", "qz-2024", "--revert", "--reason", "误发")


def test_the_past_is_shown_under_the_plan_of_its_day(public: Office, plan: Path) -> None:
    public.at("2024-09-01 09:00")
    public.does("amend", "qz-2024", str(plan), "--yes", *GROUNDS)
    public.at("2024-09-02 09:00")
    now = public.json("show", "qz-2024/T-001")["obligations"]
    then = public.json("show", "qz-2024/T-001", "--as-of", "2024-08-20")["obligations"]
    assert [o["due_at"][:10] for o in now if o["step"] == "s4"] == ["2024-12-21"]
    assert [o["due_at"][:10] for o in then if o["step"] == "s4"] == ["2025-01-01"]


def test_what_is_missing_or_wrong_is_said(public: Office, plan: Path) -> None:
    assert "--revert" in public.wrong("amend", "qz-2024")
    words = ("amend", "qz-2024", str(plan), "--yes")
    assert "reason-required" in public.refused(*words)
    assert "authority-required" in public.refused(*words, "--reason", "x")
    assert "--map target:" in public.wrong(*words, "--map", "target:evaluated", *GROUNDS)
    assert "unknown-mapping" in public.refused(*words, "--map", "targets", *GROUNDS)
    assert "not-permitted" in public.run(*words, *GROUNDS, as_="chen").stderr
    assert public.does(*words, *GROUNDS, as_=ADMINISTRATOR)
