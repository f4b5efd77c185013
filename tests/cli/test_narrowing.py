"""`duban extend --ask|--refuse`, `announce`, `rung`, and what `show` counts of it."""

from __future__ import annotations

from tests.cli.office import SECTION, Office

WHY = ("--reason", "审计顺延")
T1 = "qz-2024/T-001"


def due_of(office: Office, key: str, step: str) -> str:
    found = [o for o in office.json("show", key)["obligations"] if o["step"] == step]
    return str(found[0]["due_at"])


def test_a_section_asks_and_the_office_grants(early: Office) -> None:
    early.at("2024-12-30")
    said = early.does("extend", T1, "s4", "2025-01-10", "--ask", *WHY, as_=SECTION)
    assert "extension asked for s4" in said
    assert due_of(early, T1, "s4") == "2025-01-01T00:00:00+08:00"
    assert early.refused("extend", T1, "s4", "2025-01-10", *WHY, as_=SECTION).endswith(
        "[not-permitted]\n"
    )
    early.at("2025-01-02")
    early.does("extend", T1, "s4", "2025-01-10", *WHY)
    assert due_of(early, T1, "s4") == "2025-01-11T00:00:00+08:00"
    assert early.json("show", T1)["conduct"]["extended"] == 1


def test_refused_the_old_date_stays(early: Office) -> None:
    early.does("extend", T1, "s4", "2025-01-10", "--ask", *WHY, as_=SECTION)
    assert "extension refused s4" in early.does("extend", T1, "s4", "--refuse", *WHY)
    assert due_of(early, T1, "s4") == "2025-01-01T00:00:00+08:00"
    assert early.refused("extend", T1, "s4", "--refuse", *WHY).endswith("[not-found]\n")


def test_too_late_to_ask(early: Office) -> None:
    early.at("2025-01-01 00:00")
    refusal = early.refused("extend", T1, "s4", "2025-01-10", "--ask", *WHY, as_=SECTION)
    assert f"duban excuse {T1} s4 --reason" in refusal
    assert refusal.endswith("[asked-too-late]\n")


def test_the_day_is_said_once_and_not_in_a_refusal(early: Office) -> None:
    for words in ((), ("2025-01-10", "--until", "2025-01-11"), ("2025-01-10", "--refuse")):
        assert early.wrong("extend", T1, "s4", *words, *WHY).startswith("Error: Say the last day")
    assert "extended" in early.does("extend", T1, "s4", "--until", "2025-01-15", *WHY)


def test_a_step_that_does_not_bind_is_no_step_of_the_instance(early: Office) -> None:
    for words in (
        ("extend", T1, "s1a", "2024-08-01"),
        ("excuse", T1, "s1a"),
        ("rung", T1, "s1a", "0"),
    ):
        assert early.refused(*words, *WHY).endswith("[not-found]\n")


def test_announcing_says_the_new_date(early: Office) -> None:
    said = early.does("announce", "qz-2024", "s3", "11-01..11-15", "--authority", "通知5号")
    assert said.endswith("s3 is now due: 2024-11-01 Fri – 2024-11-15\n")
    assert early.refused("announce", "qz-2024", "s1a", "2024-08-01").endswith(
        "[not-open-to-announcement]\n"
    )
    assert early.refused("announce", "qz-2024", "s3", "2025-02-01").endswith("[not-narrower]\n")
    assert early.refused("announce", "qz-2024", "s3", "soon").endswith("[deadline-syntax]\n")


def test_a_rung_is_entered_with_a_reason_and_shown(early: Office) -> None:
    assert early.refused("rung", T1, "s4", "0").endswith("[reason-required]\n")
    assert early.refused("rung", T1, "s4", "99", *WHY).endswith("[no-such-rung]\n")
    assert "rung entered by hand s4" in early.does("rung", T1, "s4", "0", *WHY)
    shown = early.does("show", T1)
    assert "lamp 蓝" in shown
    assert "\nCounted  rungs 1\n" in shown


def test_show_is_silent_where_there_is_nothing_to_count(early: Office) -> None:
    assert "Counted" not in early.does("show", T1)
    shape = early.json("show", T1)
    assert set(shape["conduct"].values()) == {0}
    assert shape["slips"] == []


def test_show_counts_lateness_and_names_slips(early: Office) -> None:
    early.at("2025-02-20")
    early.does("daemon", "--once", as_="admin")
    shape = early.json("show", T1)
    assert shape["conduct"]["late"] == 1
    assert shape["conduct"]["days_late"] > 20
    shown = early.does("show", T1)
    assert f"times late 1, days late {shape['conduct']['days_late']}" in shown
    assert len(shape["slips"]) == shown.count("督办单第")


def test_history_and_verify_know_all_of_it(early: Office) -> None:
    early.does("extend", T1, "s4", "2025-01-10", "--ask", *WHY, as_=SECTION)
    early.does("extend", T1, "s4", "2025-01-10", *WHY)
    early.does("announce", "qz-2024", "s3", "11-01..11-15")
    early.does("rung", T1, "s4", "0", *WHY)
    kinds = [e["kind"] for e in early.json("history", T1)]
    assert kinds[1:] == ["extension_asked", "extended", "entered", "lamp"]
    assert early.run("verify").exit_code == 0
