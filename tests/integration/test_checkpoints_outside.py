"""Checkpoints leave the office: by folder, mail and webhook, and to a time-stamping authority."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.messages import translator
from adapters.notify.configuration import read_configuration
from tests.cli.office import ADMINISTRATOR, Office
from tests.integration.post_office import post_office
from tests.integration.receivers import free_port, receiving
from tests.integration.stamping import stamping


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "duban.db")
    made.does("init", "--trial", "--clock", "2024-07-08 09:00", as_=ADMINISTRATOR)
    return made


def configure(office: Office, text: str) -> None:
    office.database.with_name("duban.db.channels.yaml").write_text(text)


def happens(office: Office) -> None:
    """Let something happen, and the daemon pass."""
    office.does("post", "assign", "auditor", "shen", as_=ADMINISTRATOR)
    office.does("daemon", "--once", as_=ADMINISTRATOR)


def dropped(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.txt"))


def test_a_checkpoint_goes_to_a_folder_and_can_be_compared(office: Office, tmp_path: Path) -> None:
    configure(
        office,
        "channels: {drop: {kind: folder, path: outside}}\n"
        "checkpoints: {usb: {channel: drop, every: checkpoint}}\n",
    )
    happens(office)
    (first,) = dropped(tmp_path / "outside")
    assert office.does("checkpoint") in first.read_text()
    office.does("daemon", "--once", as_=ADMINISTRATOR)
    assert dropped(tmp_path / "outside") == [first]
    office.does("verify", "--checkpoint", str(first))
    backup = tmp_path / "backup.db"
    shutil.copy(office.database, backup)
    happens(office)
    (second,) = set(dropped(tmp_path / "outside")) - {first}
    shutil.copy(backup, office.database)
    office.does("verify", "--checkpoint", str(first))
    result = office.run("verify", "--checkpoint", str(second))
    assert (result.exit_code, "[outside-short]" in result.stdout) == (3, True)


def test_a_checkpoint_goes_by_mail_once_a_day(office: Office, tmp_path: Path) -> None:
    with post_office() as (postbox, port):
        configure(
            office,
            f"channels: {{mail: {{kind: smtp, host: 127.0.0.1, port: {port}, security: plain, "
            "from: duban@office.example}}\n"
            "checkpoints: {audit: {channel: mail, to: audit@court.example}}\n",
        )
        happens(office)
        happens(office)
        (letter,) = postbox.letters
        assert letter["To"] == "audit@court.example"
        assert "Checkpoint of duban/" in letter["Subject"]
        saved = tmp_path / "saved.txt"
        body = letter.get_body(("plain",))
        assert body is not None
        saved.write_text(body.get_content())
        office.does("verify", "--checkpoint", str(saved))
        office.at("2024-07-09 10:00")
        office.does("daemon", "--once", as_=ADMINISTRATOR)
        assert len(postbox.letters) == 2


def test_a_webhook_that_fails_is_asked_again_later(office: Office, tmp_path: Path) -> None:
    (tmp_path / "secret").touch(mode=0o600)
    (tmp_path / "secret").write_text("s3cret")
    with receiving() as receiver:
        configure(
            office,
            f"channels: {{hook: {{kind: webhook, url: '{receiver.url}', secret: 'file:secret'}}}}\n"
            "checkpoints: {archive: {channel: hook, every: checkpoint}}\n",
        )
        receiver.status = 503
        happens(office)
        happens(office)
        assert len(receiver.asked) == 1
        assert "archive: HTTP 503" in office.run("doctor").stdout
        receiver.status = 200
        office.at("2024-07-08 10:00")
        office.does("daemon", "--once", as_=ADMINISTRATOR)
        first, second = receiver.asked
        assert (first.json["attempt"], second.json["attempt"]) == (1, 2)
        assert office.does("checkpoint") in second.json["text"]
        assert "archive: HTTP" not in office.run("doctor").stdout


@pytest.mark.slow
def test_an_authority_stamps_a_checkpoint_and_verify_looks_at_it(
    office: Office, tmp_path: Path
) -> None:
    with stamping(tmp_path / "tsa") as stamper:
        configure(
            office,
            f"stamps: {{tsa: {{url: '{stamper.url}', trust: tsa/ca.pem, every: checkpoint}}}}\n",
        )
        happens(office)
        assert len(stamper.asked) == 1
        log = office.json("verify")["log"]
        assert (log["stamps"], log["checkpoints"]) == (1, 1)
        stamper.again = stamper.last
        happens(office)
        assert "it answers another question" in office.run("doctor").stdout
        stamper.again, stamper.broken = None, b"no stamp"
        office.at("2024-07-08 10:00")
        office.does("daemon", "--once", as_=ADMINISTRATOR)
        assert "the authority gave none" in office.run("doctor").stdout
        stamper.broken = None
        office.at("2024-07-08 12:00")
        office.does("daemon", "--once", as_=ADMINISTRATOR)
        assert office.json("verify")["log"]["stamps"] == 2
    with closing(sqlite3.connect(office.database)) as connection:
        connection.execute("DROP TRIGGER checkpoint_stamp_refuses_update")
        connection.execute(
            "UPDATE checkpoint_stamp SET token = (SELECT max(token) FROM checkpoint_stamp)"
        )
        connection.commit()
    result = office.run("verify")
    assert (result.exit_code, result.stdout.count("[time-stamp]")) == (3, 1)


@pytest.mark.slow
def test_a_stamp_of_a_stranger_is_not_kept(office: Office, tmp_path: Path) -> None:
    with stamping(tmp_path / "tsa") as stamper, stamping(tmp_path / "other") as other:
        place = f"stamps: {{tsa: {{url: '{stamper.url}', every: checkpoint"
        configure(office, f"{place}, trust: {other.trust}}}}}\n")
        happens(office)
        assert "its signature is not of an authority that is trusted" in office.run("doctor").stdout
        assert office.json("verify")["log"]["stamps"] == 0
        configure(office, f"{place}}}}}\n")
        office.at("2024-07-08 12:00")
        office.does("daemon", "--once", as_=ADMINISTRATOR)
        assert "nobody vouches for: 1" in office.does("verify")
        configure(office, f"{place}, trust: {other.trust}}}}}\n")
        assert "[time-stamp]" in office.run("verify").stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("checkpoints: {a: {}}", "it is missing"),
        ("checkpoints: {a: {channel: pigeon}}", "knows no pigeon"),
        ("checkpoints: {a: {channel: log, every: week}}", "knows no week"),
        ("checkpoints: {a: {channel: log, evry: day}}", "knows no evry"),
        ("stamps: {a: {url: 'http://tsa.example/'}}", "only https"),
        ("stamps: {a: {}}", "it is missing"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(office: Office, text: str, said: str) -> None:
    configure(office, text)
    assert said in office.refused("daemon", "--once", as_=ADMINISTRATOR)


def test_a_place_that_is_down_stops_no_other(office: Office, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/tsa"
    configure(
        office,
        "channels: {drop: {kind: folder, path: outside}}\n"
        "checkpoints: {usb: {channel: drop, every: hour}}\n"
        f"stamps: {{tsa: {{url: '{url}'}}}}\n",
    )
    happens(office)
    assert len(dropped(tmp_path / "outside")) == 1


def test_the_example_of_the_page_can_be_used(office: Office) -> None:
    page = (Path(__file__).parents[2] / "docs" / "auditing.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    configure(office, example)
    places = read_configuration(office.database.with_name("duban.db.channels.yaml")).outside(
        translator("en")
    )
    assert [place.name for place in places] == ["court-of-audit", "usb", "tsa"]
