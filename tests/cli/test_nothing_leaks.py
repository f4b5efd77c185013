"""Every reading command, asked by people who may not read it all: not a word of others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.commands.table import AUDIT, LOOK, TABLE
from tests.cli.office import ADMINISTRATOR, OFFICE, REFERENCE, SECTION, Office

RULES = """
reading: {sections: own}
four_eyes: {acts: [excuse_late, force, posts], within: 300 days, break_glass: true}
"""
OTHERS = "qz-2024/T-002"
HIDDEN = "机密"
"""In every text, document and name that has to do with what others answer for."""
DAYS = (
    "edition: d1\nsource: x\ndays: [{day: 2025-01-24, kind: off}, {day: 2025-01-27, kind: off}]\n"
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("secrets")
    (folder / "plan.yaml").write_text(REFERENCE.read_text("utf-8") + RULES, "utf-8")
    (folder / "days.yaml").write_text(DAYS, "utf-8")
    made = Office(folder / "duban.db")
    root = {"as_": ADMINISTRATOR}
    made.does("init", "--trial", "--clock", "2024-07-08 10:00", **root)
    made.does("open", str(folder / "plan.yaml"), **root)
    alone = ("--break-glass", "--reason", f"{HIDDEN}任命", "--document", f"{HIDDEN}1号")
    for post, person in (("group-office", OFFICE), ("reform-head", SECTION)):
        made.does("post", "assign", post, person, *alone, **root)
    made.at("2024-08-20 09:00")
    (file := folder / f"{HIDDEN}.txt").write_text(HIDDEN, "utf-8")
    made.does("evidence", "add", OTHERS, str(file))
    words = ("--field", "percent=37", "--field", f"note={HIDDEN}", "--reason", f"{HIDDEN}进展")
    made.does("record", OTHERS, "progress", *words)
    made.at("2025-01-10 10:00")
    made.does("daemon", "--once", **root)
    made.does("excuse", OTHERS, "s4", "--reason", f"{HIDDEN}理由")
    forced = (
        "--yes",
        "--break-glass",
        "--reason",
        f"{HIDDEN}领导批示",
        "--authority",
        f"{HIDDEN}2号",
    )
    made.does("force", OTHERS, "evaluated", *forced, **root)
    made.does("seal")
    return made


def asked(office: Office) -> Iterator[tuple[str, ...]]:
    """What the commands that only read are asked, of the whole and of what others have."""
    span = ("2024-07-08", "2025-01-11")
    proposal = str(office.json("proposals")[0]["proposal"])
    event = str(office.json("history", OTHERS)[0]["position"])
    days = str(office.database.with_name("days.yaml"))
    yield from [("status",), ("status", "--as-of", "2025-01-09"), ("list", "qz-2024")]
    yield from [("list", "--late"), ("list", "--as-of", "2025-01-09"), ("sheet", "qz-2024")]
    yield from [("coverage", "qz-2024"), ("show", "qz-2024"), ("show", "office")]
    yield from [("show", OTHERS), ("show", "T-002"), ("show", "qz-2024/T-0002")]
    yield from [("due",), ("due", "--explain", "s4"), ("due", "--explain", "s4", OTHERS)]
    yield from [("calendar", "show"), ("calendar", "import", days), ("notices",)]
    yield from [("diagram", "qz-2024"), ("diagram", OTHERS)]
    yield from [("history", "qz-2024"), ("history", "office"), ("history", OTHERS)]
    yield from [("diff", "qz-2024", *span), ("diff", OTHERS, *span)]
    yield from [("replay", "qz-2024"), ("replay", "office"), ("replay", OTHERS)]
    bundle = str(office.database.with_name("none.zip"))
    yield from [
        ("export", "--bundle", bundle),
        ("export", "--bundle", bundle, "--instance", OTHERS),
    ]
    yield from [("verify",), ("verify", "qz-2024"), ("verify", "qz-2023"), ("checkpoint",)]
    yield from [("audit", "alone"), ("audit", "anomalies"), ("audit", "note", event)]
    yield from [("proposals",), ("proposals", "--all"), ("confirm", proposal)]
    yield from [("refuse", proposal, "--reason", "x"), ("backfill",), ("post", "list")]
    yield from [("evidence", "list"), ("evidence", "check"), ("evidence", "list", OTHERS)]
    yield from [("daemon", "--plan"), ("doctor",), ("key", "show"), ("record", OTHERS)]
    yield from [
        ("correct", event, "--void", "--reason", "x"),
        ("amend", "qz-2024", days, "--dry-run"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("person", [SECTION, "stranger"])
def test_no_reading_command_tells_of_others(office: Office, person: str) -> None:
    commands = list(asked(office))
    assert {words[0] for words in commands} >= {*TABLE[LOOK], *TABLE[AUDIT]}
    for words in commands:
        for more in ((), ("--json",)):
            result = office.run(*words, *more, as_=person)
            said = result.output.replace(OTHERS, "") if OTHERS in words else result.output
            said = said.replace("T-0002", "")
            assert HIDDEN not in said, (words, more)
            if "T-002" not in words:
                assert "T-002" not in said, (words, more)
            if person == "stranger" and "qz-2024" not in " ".join(words):
                assert "qz-2024" not in said, (words, more)
            assert result.exit_code in (0, 1, 2), (words, more, result.exception)
            assert result.exception is None or isinstance(result.exception, SystemExit), words


def test_the_secrets_are_there_for_those_who_may_read_them(office: Office) -> None:
    for words in (("history", OTHERS), ("history", "office"), ("audit", "anomalies"), ("status",)):
        assert HIDDEN in office.does(*words), words
    assert Path(office.database).exists()
