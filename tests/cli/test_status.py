"""The year on one screen: right without a daemon, narrow or wide (promise 10, R-19)."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.office import SECTION, Office

ROOT = Path(__file__).parents[2]


def on_terminal(office: Office, columns: int, language: str, *words: str) -> list[str]:
    """Return what a command shows on a terminal of so many columns, without its colours."""
    ours, theirs = pty.openpty()
    ran = subprocess.Popen(
        [sys.executable, "-m", "cli", "--database", str(office.database), *words],
        cwd=ROOT,
        env={
            **os.environ,
            "DUBAN_LANG": language,
            "COLUMNS": str(columns),
            "TERM": "xterm-256color",
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert ran.wait(60) == 0, shown.decode()
    assert b"\x1b[" in shown
    text = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())
    return [line.rstrip("\r") for line in text.split("\n")]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("words", [("status",), ("show", "qz-2024/T-001"), ("list",)])
def test_no_line_is_wider_than_the_terminal(
    words: tuple[str, ...], columns: int, language: str, public: Office
) -> None:
    public.at("2024-10-12 09:00")
    lines = on_terminal(public, columns, language, *words)
    assert [line for line in lines if cell_len(line) > columns] == []


def test_the_line_of_states_is_a_picture(public: Office) -> None:
    lines = on_terminal(public, 80, "en", "status")
    rail = next(n for n, line in enumerate(lines) if "◉" in line)
    assert [lines[rail].count(mark) for mark in "●◉○"] == [4, 1, 3]
    names = lines[rail + 1]
    assert names.split() == (
        ["drafting", "drafted", "peer-", "approved", "published", "self-", "evaluated", "rectified"]
    )
    assert lines[rail].index("◉") == names.index("published")
    assert lines[rail + 2].split() == ["reviewed", "assessed"]


def test_what_no_daemon_has_opened_is_late_all_the_same(public: Office) -> None:
    """The quarter's assignments do not exist before a daemon opens them; the screens know them."""
    public.at("2024-10-12 09:00")
    before = public.json("status")
    late = {(o["step"], o["count"], o["days_late"]) for o in before["late"]}
    assert late == {
        ("s2b", 1, 37),
        ("quarterly-analysis", 1, 2),
        ("quarterly-progress", 6, 2),
    }
    assert before["undone"] > 0
    listed = public.json("list", "--late")
    assert len(listed) == 8
    assert "qz-2024/quarterly-progress-2024-Q3-reform" in {row["key"] for row in listed}
    assert {line["step"] for line in public.json("due") if line["person"] == SECTION} == {
        "quarterly-progress"
    }
    public.does("daemon", "--once")
    after = public.json("status")
    assert after["undone"] == 0
    for name in ("late", "targets", "assignments", "next", "unrecorded"):
        assert after[name] == before[name]
    assert public.json("list", "--late")[0]["lamp"] == "红"


def test_looking_changes_nothing(public: Office) -> None:
    public.at("2024-10-12 09:00")
    before = public.json("history", "qz-2024")
    for words in (("status",), ("list",), ("due",), ("show", "qz-2024"), ("daemon", "--plan")):
        public.does(*words)
    assert public.json("history", "qz-2024") == before


def test_another_moment_can_be_looked_at(late: Office) -> None:
    shape = late.json("status", "--now", "2024-08-20")
    assert shape["moment"] == "2024-08-20T00:00:00+08:00"
    assert [o["step"] for o in shape["late"]] == ["s2b"]
    assert "as of 2024-08-20 Tue 00:00" in late.does("status", "--now", "2024-08-20")
    assert late.json("status")["late"] == []


def test_cron_is_told_when_no_daemon_is_alive(public: Office) -> None:
    assert public.run("status", "--assert-alive").exit_code == 1
    public.does("daemon", "--once")
    assert public.run("status", "--assert-alive").exit_code == 0
    assert "A daemon is alive:" in public.does("status")


def test_what_is_late_since_a_weekend_has_its_line_beside_what_is_later(early: Office) -> None:
    early.at("2024-07-20 12:00")  # a Saturday: what was due on Friday is late by no working day
    assert sorted(o["days_late"] for o in early.json("status")["late"]) == [0, 7]
    lines = early.does("status").splitlines()
    late = lines[lines.index("Late  2") + 1 :][:2]
    assert ["working day" in line for line in late] == [True, False]


def test_what_lies_outside_is_not_late(late: Office) -> None:
    for step, day in (("s1a", "09"), ("s1b", "18"), ("s1c", "25"), ("s1d", "25")):
        late.does("backfill", "--step", step, "--on", f"2024-07-{day}")
    shape = late.json("status")
    assert shape["late"] == []
    assert [(o["body"], o["since"]) for o in shape["outside"]] == [
        ("city-vice-leader", "2024-07-25T12:00:00+08:00"),
        ("performance-office", "2024-07-25T12:00:00+08:00"),
    ]


def test_held_notices_are_told_of_and_let_go(public: Office) -> None:
    public.at("2024-10-25")
    public.does("daemon", "--once")
    held = public.json("status")["notices"].get("held", 0)
    assert held
    assert f"{held} notices are held after a long silence" in public.does("status")
    assert "held" in {n["state"] for n in public.json("notices")["notices"]}
    assert public.does("daemon", "--apply") == f"Notices let go: {held}.\n"
    assert "held" not in public.json("status")["notices"]
