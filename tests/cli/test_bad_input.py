"""Bad input: one clear sentence, a code, the right exit status, and nothing changed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.office import ADMINISTRATOR, REFERENCE, Office

ROOT = Path(__file__).parents[2]


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    office = Office(tmp_path / "none.db")
    assert office.refused("status") == (
        f"Error: The database {office.database} cannot be used: there is no such file. "
        "Create it with: duban init [database]\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_a_binary_and_an_empty_file_are_no_databases(tmp_path: Path) -> None:
    assert "it is a folder" in Office(tmp_path).refused("status")
    binary = tmp_path / "binary.db"
    binary.write_bytes(os.urandom(5000))
    for words in (("status",), ("init",), ("verify",)):
        assert "the file is not a duban database" in Office(binary).refused(*words)
    empty = tmp_path / "empty.db"
    empty.touch()
    assert "it is not a duban database yet" in Office(empty).refused("status")


def test_a_read_only_database_can_be_read_and_refuses_to_be_changed(late: Office) -> None:
    url = f"sqlite:///file:{late.database}?mode=ro&uri=true"
    reader = Office(Path("ignored"))
    shown = reader.run("--database", url, "status", "--json")
    assert shown.exit_code == 0
    refused = reader.run("--database", url, "move", "qz-2024", "draft")
    assert refused.exit_code == 1
    assert "the file is read-only" in refused.stderr


def test_a_database_of_a_newer_duban_is_refused(late: Office) -> None:
    import sqlite3  # noqa: PLC0415 - here only

    connection = sqlite3.connect(late.database)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    assert "it was made by a newer duban" in late.refused("status")
    assert "it was made by a newer duban" in late.refused("init", as_=ADMINISTRATOR)


@pytest.mark.parametrize("text", ["\0", "a\0b", "\x1b[31m", "\ud800"])
def test_text_that_cannot_be_kept_is_refused_and_never_reaches_the_terminal(
    text: str, late: Office
) -> None:
    before = late.json("history", "qz-2024")
    if text != "\x1b[31m":
        words = ("record", "qz-2024", "minutes", "--field", f"note={text}")
        assert late.refused(*words).endswith("[bad-text]\n")
    result = late.run("show", f"qz-2024/{text}")
    assert result.exit_code == 1
    assert "\x1b" not in result.stderr
    assert "\0" not in result.stderr
    assert late.json("history", "qz-2024") == before


def test_very_long_words_are_refused_in_a_short_line(late: Office) -> None:
    long = "a" * 100_000
    for words in (
        ("show", long),
        ("show", f"qz-2024/{long}"),
        ("status", long),
        ("move", "qz-2024", "send_back", "--reason", long),
    ):
        assert len(late.refused(*words)) < 400
    assert len(late.wrong("list", "--state", long)) < 1000
    assert len(late.wrong(long)) < 200


def test_files_that_are_no_plans_are_explained(tmp_path: Path) -> None:
    office = Office(tmp_path / "none.db")
    assert office.refused("check", str(tmp_path / "none.yaml")).endswith("[file]\n")
    assert office.refused("check", str(tmp_path)).endswith("[file]\n")
    assert office.refused("check", "a\0b").endswith("[file]\n")
    for content, code in ((b"", "P101"), (b"\0\1\2", "P102"), ("督办".encode("gb18030"), "P103")):
        file = tmp_path / "plan.yaml"
        file.write_bytes(content)
        result = office.run("check", str(file))
        assert result.exit_code == 1
        assert code in result.stdout


def test_a_trial_clock_does_not_go_back_once_a_cycle_is_open(late: Office) -> None:
    assert late.refused("clock", "set", "2024-08-01").endswith("[clock-backwards]\n")
    assert late.json("clock", "show") == {"now": "2024-08-02T00:00:00+08:00", "trial": True}


def test_several_cycles_want_to_be_named(late: Office) -> None:
    other = late.database.with_name("other.yaml")
    text = REFERENCE.read_text(encoding="utf-8")
    other.write_text(text.replace("key: qz-2024", "key: qz-b"), encoding="utf-8")
    late.does("open", str(other), as_=ADMINISTRATOR)
    assert [c["cycle"]["key"] for c in late.json("status")["cycles"]] == ["qz-2024", "qz-b"]
    assert late.json("status", "qz-b")["cycle"]["key"] == "qz-b"
    assert late.wrong("backfill") == ("Error: There are several cycles; name one of: qz-2024, qz-b")
    assert {row["key"].partition("/")[0] for row in late.json("list")} == {"qz-2024", "qz-b"}


def duban(*words: str, database: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cli", "--database", str(database), *words],
        cwd=ROOT,
        env={**os.environ, "DUBAN_LANG": "en"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_ends_a_command_quietly_with_130(early: Office) -> None:
    words = ("force", "qz-2024", "drafted", "--reason", "x", "--authority", "y", "--as", "admin")
    early.does("post", "assign", "administrator", _account(), as_=ADMINISTRATOR)
    with duban(*words[:-2], database=early.database) as process:
        assert process.stderr is not None
        while "[y/N]" not in process.stderr.read(1) + process.stderr.read(15):
            pass
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert early.json("status")["cycle"]["state"] == "drafting"


def test_a_reader_that_goes_away_is_no_error(public: Office) -> None:
    with duban("history", "qz-2024", "--json", database=public.database) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            process.wait(60)
    assert process.returncode == 0


def _account() -> str:
    from adapters.commands.session import account  # noqa: PLC0415 - here only

    return account()
