"""Four eyes on the command line: asked for by one, decided by another, seen by all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.office import ADMINISTRATOR, OFFICE, REFERENCE, Office

RULE = """
four_eyes:
  acts: [force, excuse_late, reopen, amend, posts, correct, open, calendar]
  break_glass: true
"""
GROUNDS = ("--reason", "审计要求", "--authority", "泉审〔2024〕3号")
LEADER = "li"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("eyes")
    text = REFERENCE.read_text(encoding="utf-8")
    holders = {"group-head": LEADER, "group-office": OFFICE}
    for post, person in holders.items():
        assert text.count(f"id: {post}\n") == 1
        text = text.replace(f"id: {post}\n", f"id: {post}\n    holders: [{{person: {person}}}]\n")
    plan = folder / "plan.yaml"
    plan.write_text(text + RULE, encoding="utf-8")
    office = Office(folder / "duban.db")
    office.does("init", "--trial", "--clock", "2024-08-20 10:00", as_=ADMINISTRATOR)
    office.does("post", "assign", "auditor", "zhou", as_=ADMINISTRATOR)
    office.does("open", str(plan), as_=ADMINISTRATOR)
    return office


def second(folder: Path) -> Path:
    """The plan of another year of the same body, as far as it goes."""
    plan = folder / "second.yaml"
    text = REFERENCE.read_text(encoding="utf-8")
    plan.write_text(text.replace("key: qz-2024\n", "key: qz-second\n"), encoding="utf-8")
    return plan


@pytest.fixture
def office(built: Office, tmp_path: Path) -> Office:
    return built.copy(tmp_path / "duban.db")


def propose(office: Office) -> str:
    said = office.does("force", "qz-2024/T-001", "evaluated", "--yes", *GROUNDS, as_=ADMINISTRATOR)
    assert "It waits for a second person until 2024-08-24 00:00" in said
    return said.rpartition("duban confirm ")[2].strip()


def test_a_force_is_asked_for_and_confirmed_by_another(office: Office) -> None:
    number = propose(office)
    assert office.json("show", "qz-2024/T-001")["state"] == "drafting"
    shown = office.does("proposals")
    for part in (
        f"#{number}",
        "审计要求",
        "泉审〔2024〕3号",
        "T-001",
        "drafting → evaluated",
        LEADER,
    ):
        assert part in shown
    assert "duban proposals" in office.does("status")
    assert f"#{number}" in office.does("show", "qz-2024/T-001")
    assert "own-proposal" in office.refused("confirm", number, as_=ADMINISTRATOR)
    assert "own-proposal" in office.refused(
        "confirm", number, "--as", "group-head", as_=ADMINISTRATOR
    )
    assert "not-permitted" in office.refused("confirm", number)
    done = office.does("confirm", number, "--reason", "同意", as_=LEADER)
    assert "confirmed by a second person" in done
    assert "FORCED" in done
    assert office.json("show", "qz-2024/T-001")["state"] == "evaluated"
    history = office.does("history", "qz-2024/T-001")
    assert f"proposed: {ADMINISTRATOR} #{number}; confirmed: {LEADER}" in " ".join(history.split())
    assert "proposal-settled" in office.refused("confirm", number, as_=LEADER)
    assert office.json("proposals") == []
    (found,) = office.json("proposals", "--all")
    assert (found["outcome"], found["decided_by"]) == ("confirmed", LEADER)
    assert office.json("verify")["breaks"] == []


def test_it_is_shown_before_it_is_asked_for(office: Office) -> None:
    words = ("force", "qz-2024/T-001", "evaluated", *GROUNDS)
    shown = office.does(*words, "--dry-run", as_=ADMINISTRATOR)
    assert "Nothing was changed." in shown
    assert office.json("proposals") == []
    result = office.run(*words, as_=ADMINISTRATOR, typed="n\n")
    assert "Put it to a second person?" in result.stderr
    assert office.json("proposals") == []


def test_a_refusal_is_kept_with_its_reason(office: Office) -> None:
    number = propose(office)
    assert "reason-required" in office.refused("refuse", number, as_=LEADER)
    office.does("refuse", number, "--reason", "依据不足", as_=LEADER)
    assert "依据不足" in office.does("history", "qz-2024/T-001")


def test_a_pass_lapses_what_nobody_decided_on(office: Office) -> None:
    number = propose(office)
    office.at("2024-08-26 09:00")
    assert "proposal-settled" in office.refused("confirm", number, as_=LEADER)
    office.does("daemon", "--once")
    kinds = [e["kind"] for e in office.json("history", "qz-2024/T-001")]
    assert kinds.count("act_lapsed") == 1


def test_glass_is_broken_until_an_auditor_has_noted_it(office: Office) -> None:
    words = ("force", "qz-2024/T-001", "evaluated", "--yes", "--break-glass", *GROUNDS)
    assert "Flagged until an auditor" in office.does(*words, as_=ADMINISTRATOR)
    (flag,) = office.json("audit", "alone")
    assert "Done alone" in office.does("status")
    assert "审计尚未签注" in office.does("status", language="zh")
    number = str(flag["position"])
    assert "not-permitted" in office.refused("audit", "note", number, as_=LEADER)
    office.does("audit", "note", number, "--reason", "已核", as_="zhou")
    assert office.json("audit", "alone") == []
    assert office.json("status")["alone"] == []


def test_a_post_is_given_by_two(office: Office) -> None:
    said = office.does("post", "assign", "group-head", "sun", as_=ADMINISTRATOR)
    number = said.rpartition("duban confirm ")[2].strip()
    assert "fill the post group-head sun" in office.does("proposals")
    office.does("confirm", number, as_=LEADER)
    assert "sun" in office.does("post", "list")


def test_wrong_numbers_are_refused(office: Office) -> None:
    assert "not-found" in office.refused("confirm", "99999", as_=LEADER)
    assert "not-found" in office.refused("refuse", "1", "--reason", "x", as_=LEADER)
    assert "not-found" in office.refused("audit", "note", "1", as_="zhou")


def test_working_days_and_another_year_wait_for_a_second_person(
    office: Office, tmp_path: Path
) -> None:
    days = tmp_path / "days.yaml"
    days.write_text("edition: d1\nsource: x\ndays: [{day: 2025-01-02, kind: off}]\n", "utf-8")
    words = ("calendar", "import", str(days), "--apply")
    assert "duban confirm" in office.does(*words, as_=ADMINISTRATOR, language="zh")
    assert "already-proposed" in office.run(*words, as_=ADMINISTRATOR).stderr
    said = office.does("open", str(second(tmp_path)), as_=ADMINISTRATOR)
    assert "It waits for a second person" in said
    assert "not-found" in office.refused("show", "qz-second")
    for number in [str(p["proposal"]) for p in office.json("proposals")]:
        office.does("confirm", number, as_=LEADER)
    assert office.json("show", "qz-second")["state"] == "drafting"
    assert "import the calendar" not in office.does("proposals")
    assert office.json("verify")["breaks"] == []
