"""From nothing to a running cycle: init, check, open, backfill (R-19, R-20)."""

from __future__ import annotations

from pathlib import Path

from tests.cli.office import ADMINISTRATOR, OFFICE, PLANS, REFERENCE, Office

BACKFILL = """\
- {step: s1a, on: 2024-07-09, document: 初稿}
- {step: s1b, on: 2024-07-18}
- {step: s1c, on: 2024-07-25, document: 请示1号}
- {step: s1d, on: 2024-07-25 16:30, document: 请示2号}
- {step: s1c, on: 2024-07-29, record: decision, document: 批示1号}
- {step: s1d, on: 2024-07-30, record: reply, document: 批复1号}
"""


def test_init_says_what_it_did_and_can_be_repeated(tmp_path: Path) -> None:
    office = Office(tmp_path / "duban.db", person=ADMINISTRATOR)
    assert office.does("init", "--trial", "--clock", "2024-07-08 09:30") == (
        f"The database {office.database} is ready.\n"
        "TRIAL: its own clock shows 2024-07-08 Mon 09:30.\n"
        "The log of events is signed with a key in duban.db.key; keep a copy elsewhere, "
        "and nobody else may read it.\n"
        "admin is its first administrator.\n"
        "Next: duban check PLAN, then duban open PLAN\n"
    )
    assert office.does("init", "--trial") == (
        f"The database {office.database} was already up to date.\n"
        "TRIAL: its own clock shows 2024-07-08 Mon 09:30.\n"
    )
    assert office.does("status") == "There is no cycle yet; open one: duban open PLAN\n"


def test_a_real_database_has_no_clock_and_does_not_become_a_trial(tmp_path: Path) -> None:
    office = Office(tmp_path / "duban.db", person=ADMINISTRATOR)
    assert office.wrong("init", "--clock", "2024-07-08") == (
        "Error: --clock goes with --trial: a real database has no clock."
    )
    assert not office.database.exists()
    office.does("init")
    assert office.refused("init", "--trial") == (
        f"Error: {office.database} is a real database and cannot become a trial; "
        "name another file. [trial-mismatch]\n"
    )
    assert office.refused("clock", "set", "2030-01-01").endswith("[not-a-trial]\n")


def test_check_ends_with_1_where_there_is_an_error(tmp_path: Path) -> None:
    office = Office(tmp_path / "none.db")
    bad = tmp_path / "bad.yaml"
    bad.write_text("duban: 1\nid: x\nidd: y\n", encoding="utf-8")
    result = office.run("check", str(bad))
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert all(line.startswith("bad.yaml:") for line in lines[:-1])
    assert lines[-1].startswith("bad.yaml cannot be opened: ")
    shape = office.json("check", str(bad), status=1)
    assert shape["sound"] is False
    assert {"code", "severity", "line", "column", "message"} == set(shape["diagnostics"][0])


def test_the_template_asks_for_its_year(tmp_path: Path) -> None:
    office = Office(tmp_path / "none.db")
    template = str(PLANS / "municipal-department.yaml")
    result = office.run("check", template)
    assert result.exit_code == 1
    assert "P201" in result.stdout
    assert office.run("check", template, "--year", "2024").exit_code == 0


def test_open_says_what_is_unrecorded_and_what_comes_next(tmp_path: Path) -> None:
    office = Office(tmp_path / "duban.db", person=ADMINISTRATOR)
    office.does("init", "--trial", "--clock", "2024-08-02")
    first, _, rest = office.does("open", str(REFERENCE)).partition("\n")
    assert first.startswith("quanzhou-sasac-2024.yaml can be opened; ")
    assert rest == (
        "Opened qz-2024: Performance plan of Quanzhou SASAC for 2024.\n"
        "  It stands at: drafting. Targets: 10; to be handed in: 6.\n"
        "\n"
        "Unrecorded (未补录):\n"
        "  s1a  2024-07-10 Wed  Draft the plan\n"
        "  s1b  2024-07-19 Fri  Review of the plan by peers\n"
        "  s1c  2024-07-26 Fri  Submit the plan for decision\n"
        "  s1d  2024-07-26 Fri  Submit the plan for written reply\n"
        "  Enter them with: duban backfill qz-2024\n"
        "\n"
        "Next\n"
        "  2024-08-15 Thu  due     Make the internal plan and file it            四（二）②\n"
        "  2024-10-01 Tue  opens   Quarterly analysis 2024-Q3                    五（二）\n"
        "  2024-10-01 Tue  opens   Quarterly progress of each section 2024-Q3    五（二）\n"
        "  2024-10-01 Tue  opens   Assist with evaluation by leaders and public  四（三）\n"
        "  2024-10-10 Thu  due     Quarterly analysis 2024-Q3                    五（二）\n"
        "  2024-10-10 Thu  due     Quarterly progress of each section 2024-Q3    五（二）\n"
        "  2024-12-31 Tue  closes  Assist with evaluation by leaders and public  四（三）\n"
        "  2024-12-31 Tue  due     Self-assessment by each section               四（四）\n"
        "\n"
        "Say who holds which post: duban post assign POST PERSON\n"
    )


def test_a_second_opening_is_refused(late: Office) -> None:
    assert late.refused("open", str(REFERENCE), as_=ADMINISTRATOR) == (
        "Error: cycle qz-2024 exists already. duban show qz-2024 [already-exists]\n"
    )


def test_opening_is_for_the_administrator_or_the_group_office(tmp_path: Path) -> None:
    office = Office(tmp_path / "duban.db")
    office.does("init", "--trial", "--clock", "2024-08-02", as_=ADMINISTRATOR)
    assert office.refused("open", str(REFERENCE), as_="zhao").endswith("[not-permitted]\n")
    assert office.json("status") == {"cycles": []}


def test_an_earlier_day_of_loading_makes_what_is_past_late(tmp_path: Path) -> None:
    office = Office(tmp_path / "duban.db")
    office.does("init", "--trial", "--clock", "2024-08-02", as_=ADMINISTRATOR)
    office.does("open", str(REFERENCE), "--loaded-on", "2024-07-15", as_=ADMINISTRATOR)
    shape = office.json("status")
    assert [o["step"] for o in shape["unrecorded"]] == ["s1a"]
    assert [o["step"] for o in shape["late"]] == ["s1b", "s1c", "s1d"]
    later = office.refused(
        *("open", str(PLANS / "municipal-department.yaml"), "--year", "2024"),
        *("--loaded-on", "2025-01-01"),
        as_=ADMINISTRATOR,
    )
    assert later.endswith("cannot be the date of this act: it lies in the future. [bad-moment]\n")


def test_holders_named_in_the_plan_hold_their_posts(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    text = REFERENCE.read_text(encoding="utf-8")
    plan.write_text(
        text.replace(
            "    roles: [group_office]\n",
            "    roles: [group_office]\n    holders: [{person: wang, since: 2024-01-01}]\n",
        ),
        encoding="utf-8",
    )
    office = Office(tmp_path / "duban.db")
    office.does("init", "--trial", "--clock", "2024-07-08", as_=ADMINISTRATOR)
    assert "Holders of posts: 1.\n" in office.does("open", str(plan), as_=ADMINISTRATOR)
    office.does("move", "qz-2024", "draft", as_=OFFICE)


def test_what_the_plan_says_was_done_is_recorded_when_it_is_opened(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    text = REFERENCE.read_text(encoding="utf-8")
    plan.write_text(
        text.replace(
            "    due: 7月10日前\n",
            "    due: 7月10日前\n    done: [{on: 2024-07-09, document: 初稿}]\n",
        ),
        encoding="utf-8",
    )
    office = Office(tmp_path / "duban.db")
    office.does("init", "--trial", "--clock", "2024-08-02", as_=ADMINISTRATOR)
    assert "  Recorded from the plan: 1.\n" in office.does("open", str(plan), as_=ADMINISTRATOR)
    shape = office.json("status")
    assert shape["cycle"]["state"] == "drafted"
    assert [o["step"] for o in shape["unrecorded"]] == ["s1b", "s1c", "s1d"]


def test_a_backfill_from_a_file_brings_the_cycle_to_where_it_really_is(
    late: Office, tmp_path: Path
) -> None:
    file = tmp_path / "backfill.yaml"
    file.write_text(BACKFILL, encoding="utf-8")
    late.does("backfill", "qz-2024", str(file))
    assert late.json("status")["cycle"]["state"] == "approved"
    assert late.does("backfill") == "TRIAL\nqz-2024: nothing is unrecorded.\n"
    moves = [e for e in late.json("history", "qz-2024") if e["kind"] == "moved"]
    assert [(e["trigger"], e["occurred_at"]) for e in moves] == [
        ("draft", "2024-07-09T12:00:00+08:00"),
        ("peer_review", "2024-07-18T12:00:00+08:00"),
        ("approve", "2024-07-30T12:00:00+08:00"),
    ]
    assert late.json("history", "qz-2024")[-1]["kind"] != "late"


def test_a_backfill_is_whole_or_nothing(late: Office, tmp_path: Path) -> None:
    file = tmp_path / "backfill.yaml"
    file.write_text(
        "- {step: s1a, on: 2024-07-09}\n- {step: s2a, on: 2024-07-10}\n", encoding="utf-8"
    )
    before = late.json("history", "qz-2024")
    assert late.refused("backfill", "qz-2024", str(file)).startswith("Error: ")
    assert late.json("history", "qz-2024") == before


def test_a_backfill_one_by_one(late: Office) -> None:
    assert late.does("backfill", "--step", "s1a", "--on", "2024-07-09") == (
        "qz-2024  draft: drafting → drafted  2024-07-09 12:00  wang for group-office  #23\n"
    )
    assert late.refused("backfill", "qz-2024", "--step", "s9", "--on", "2024-07-09") == (
        "Error: There is no step s9. See what there is with: duban backfill qz-2024 [not-found]\n"
    )
    assert late.wrong("backfill", "qz-2024", "--step", "s1b") == (
        "Error: Say with --on when it was done."
    )


def test_a_file_that_is_no_backfill_is_explained(late: Office, tmp_path: Path) -> None:
    file = tmp_path / "b.yaml"
    for content, said in (
        (b"\xff\xfe\x00", "it is not in UTF-8"),
        (b"a: [", "it is no valid YAML"),
        (b"step: s1a", "it is no list"),
        (b"- {step: s1a}", "entry 1"),
        (b"- {step: s1a, on: 2024-07-09, paper: x}", "entry 1: paper"),
        (b"- {step: s1a, on: soon}", "'soon' is no date"),
    ):
        file.write_bytes(content)
        line = late.refused("backfill", "qz-2024", str(file))
        assert said in line, line
        assert line.endswith("[file]\n")
