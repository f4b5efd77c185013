"""Forcing: administrators only, both texts, asked first, shown before it is done (R-29)."""

from __future__ import annotations

from tests.cli.office import ADMINISTRATOR, Office

FORCE = ("force", "qz-2024/T-001", "evaluated")
GROUNDS = ("--reason", "领导批示", "--authority", "会议纪要1号")


def test_both_texts_are_required(early: Office) -> None:
    assert early.refused(*FORCE, "--yes", as_=ADMINISTRATOR).endswith("[reason-required]\n")
    assert early.refused(*FORCE, "--yes", "--reason", "x", as_=ADMINISTRATOR).endswith(
        "[authority-required]\n"
    )


def test_it_is_for_administrators(early: Office) -> None:
    assert early.refused(*FORCE, *GROUNDS, "--yes") == (
        "Error: wang may not force qz-2024/T-001; this is for: administrator. [not-permitted]\n"
    )


def test_it_asks_and_no_answer_is_no(early: Office) -> None:
    for answer in ("", "\n", "n\n"):
        result = early.run(*FORCE, *GROUNDS, as_=ADMINISTRATOR, typed=answer)
        assert result.exit_code == 1
        assert result.stderr == "Force it? [y/N] "
        assert result.stdout.endswith("Nothing was changed.\n")
    assert early.json("show", "qz-2024/T-001")["state"] == "drafting"
    early.does(*FORCE, *GROUNDS, as_=ADMINISTRATOR, typed="y\n")
    assert early.json("show", "qz-2024/T-001")["state"] == "evaluated"


def test_a_dry_run_shows_what_would_change_and_changes_nothing(early: Office) -> None:
    before = early.json("list"), early.json("history", "qz-2024/T-001")
    assert early.does(*FORCE, *GROUNDS, "--dry-run", as_=ADMINISTRATOR) == (
        "This would be recorded:\n"
        "  qz-2024/T-001  FORCED: drafting → evaluated\n"
        "It goes around:\n"
        "  the order of states: no lawful move leads there from here\n"
        "How many stand where:\n"
        "  target drafting   10 → 9\n"
        "  target evaluated  0 → 1\n"
        "What is waited for:\n"
        "  all is self-assessed and handed in  16 awaited → 15 awaited\n"
        "What is owed:\n"
        "  qz-2024/T-001  Self-assessment by each section  open → met\n"
        "Nothing was changed.\n"
    )
    assert (early.json("list"), early.json("history", "qz-2024/T-001")) == before


def test_what_was_gone_around_stays_on_record(early: Office) -> None:
    early.does(*FORCE, *GROUNDS, "--yes", as_=ADMINISTRATOR)
    event = early.json("history", "qz-2024/T-001")[-1]
    assert event["forced"] is True
    assert event["authority"] == "会议纪要1号"
    assert event["texts"] == {"reason": "领导批示"}
    assert event["data"]["around"] == ["order"]
    assert early.json("verify")["breaks"] == []


def test_a_state_that_cannot_be_forced_is_refused(early: Office) -> None:
    words = ("force", "qz-2024/T-001", "withdrawn", *GROUNDS, "--yes")
    assert early.refused(*words, as_=ADMINISTRATOR).endswith("[not-forcible]\n")
