"""`duban notices`: what is not delivered, and another try for what was given up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.application import application
from adapters.commands.session import Session
from adapters.commands.session import account as own_account
from cli import main
from engine.ports import NoticeItem
from workflows import cycle

PLAN = Path(cycle.__file__).parent / "plans" / "municipal-department.yaml"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with one notice that was given up and one that waits, in office hours."""
    file = tmp_path / "duban.db"
    assert run(file, "init", "--trial").exit_code == 0
    assert run(file, "clock", "set", "2030-12-03T10:00:00+08:00").exit_code == 0
    assert run(file, "open", str(PLAN), "--year", "2031").exit_code == 0
    app = application(str(file))
    with app.store.unit_of_work(app.clock.now()) as unit:
        event = unit.history("md-2031")[0].position
        unit.tell(NoticeItem(event=event, recipient=who, channel="mail") for who in ("li", "zhang"))
        first, _ = unit.gather()
        unit.settle_notice(first, "no such address", None)
    app.store.close()  # type: ignore[attr-defined]
    return file


def run(database: Path, *words: str) -> Result:
    session = Session(account=own_account())
    return CliRunner().invoke(
        main, ["--lang", "en", "--database", str(database), *words], obj=session
    )


def rows(database: Path, *words: str) -> list[tuple[str, str]]:
    result = run(database, *words, "--json")
    assert result.exit_code == 0, result.output
    return [(n["key"].rpartition("/")[0], n["state"]) for n in json.loads(result.output)["notices"]]


def test_the_list_names_keys_and_what_to_do(database: Path) -> None:
    expected = [("li/mail", "dead"), ("zhang/mail", "pending")]
    assert rows(database, "notices") == rows(database, "notices", "list") == expected
    shown = run(database, "notices").output
    assert "no such address" in shown
    assert "duban notices retry --all-dead" in shown
    assert "duban notices retry li/mail/" in shown


def test_one_notice_is_revived_by_its_key(database: Path) -> None:
    listed = json.loads(run(database, "notices", "--json").output)["notices"]
    keys = {n["recipient"]: n["key"] for n in listed}
    refused = run(database, "notices", "retry", keys["zhang"])
    assert refused.exit_code == 1
    assert "[not-found]" in refused.output
    done = run(database, "notices", "retry", keys["li"])
    assert (done.exit_code, done.output) == (
        0,
        "Will be tried again at the next pass of a daemon: 1.\n",
    )
    assert rows(database, "notices") == [("li/mail", "pending"), ("zhang/mail", "pending")]


def test_all_that_was_given_up_is_revived(database: Path) -> None:
    done = run(database, "notices", "retry", "--all-dead")
    assert done.output == "Will be tried again at the next pass of a daemon: 1.\n"
    again = run(database, "notices", "retry", "--all-dead")
    assert again.output == "Will be tried again at the next pass of a daemon: 0.\n"


@pytest.mark.parametrize("words", [(), ("li/mail/1", "--all-dead")])
def test_it_wants_one_or_all(database: Path, words: tuple[str, ...]) -> None:
    assert run(database, "notices", "retry", *words).exit_code == 2


def test_the_daemon_delivers_by_the_channels_of_the_file(database: Path) -> None:
    file = database.with_name("duban.db.channels.yaml")
    file.write_text("channels: {mail: {kind: folder, path: drop}}\n")
    assert run(database, "notices", "retry", "--all-dead").exit_code == 0
    done = run(database, "daemon", "--once")
    assert done.exit_code == 0, done.output
    dropped = sorted(path.name.partition("-")[0] for path in (database.parent / "drop").iterdir())
    assert dropped == ["li", "zhang"]
    assert rows(database, "notices") == []


def test_a_channels_file_that_cannot_be_used_stops_the_daemon_and_says_why(database: Path) -> None:
    database.with_name("duban.db.channels.yaml").write_text("chanels: {}\n")
    done = run(database, "daemon", "--once")
    assert done.exit_code == 1
    assert "duban.db.channels.yaml knows no chanels. Did you mean: channels?" in done.output
    other = database.with_name("other.yaml")
    other.write_text("")
    assert run(database, "--channels", str(other), "daemon", "--once").exit_code == 0
