"""Evidence and removal by law, on the real command line."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.office import ADMINISTRATOR, SECTION, Office

CONTENT = b"%PDF-1.7 report"
HASH = hashlib.sha256(CONTENT).hexdigest()
GROUNDS = ("--reason", "当事人申请", "--authority", "某局〔2025〕12号")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "总结.pdf"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def handed_in(public: Office, file: Path) -> Office:
    public.does("evidence", "add", "qz-2024/T-001", str(file), as_=SECTION)
    return public


def kept(office: Office) -> Path:
    return office.database.with_name("duban.db.files") / HASH


def position(office: Office, kind: str) -> int:
    events = office.json("history", "qz-2024/T-001")
    found: int = next(e for e in events if e["kind"] == kind)["position"]
    return found


def test_what_is_handed_in_is_listed_checked_and_handed_out(
    handed_in: Office, tmp_path: Path
) -> None:
    (listed,) = handed_in.json("evidence", "list", "qz-2024/T-001")
    assert (listed["sha256"], listed["name"], listed["actor"]) == (HASH, "总结.pdf", SECTION)
    assert handed_in.json("evidence", "list", "qz-2024/T-002") == []
    assert handed_in.json("evidence", "list", "qz-2024") == [listed]
    (checked,) = handed_in.json("evidence", "check")
    assert checked == {
        "sha256": HASH,
        "standing": "sound",
        "size": len(CONTENT),
        "events": [listed["event"]],
        "removed_by": None,
    }
    handed_in.does("evidence", "get", HASH[:8], str(tmp_path / "out.pdf"))
    assert (tmp_path / "out.pdf").read_bytes() == CONTENT
    assert handed_in.refused("evidence", "get", HASH[:7], "x").endswith("[not-found]\n")
    assert handed_in.does("evidence", "get", HASH, "-") == CONTENT.decode()


def test_a_record_of_another_kind_can_speak_of_a_file(public: Office, file: Path) -> None:
    words = ("evidence", "add", "qz-2024", str(file), "--kind", "publication")
    public.does(*words, "--field", "channel=website")
    facts = public.json("show", "qz-2024")["facts"]
    assert facts["publication:website.proof"] == f"sha256:{HASH}"
    assert [e["sha256"] for e in public.json("evidence", "list", "qz-2024")] == [HASH]
    assert public.wrong("evidence", "add", "qz-2024", str(file), "--kind", "reply").startswith(
        "Error: This record holds no file"
    )
    out = public.refused("evidence", "add", "qz-2024", str(file), "--kind", "nothing")
    assert out.endswith("[unknown-record]\n")
    assert public.refused("evidence", "add", "qz-2024/T-0", str(file)).endswith("[not-found]\n")


@pytest.mark.parametrize("code", ["missing", "altered"])
def test_verify_and_doctor_name_a_file_that_is_not_what_it_was(
    handed_in: Office, code: str
) -> None:
    kept(handed_in).unlink()
    if code == "altered":
        kept(handed_in).write_bytes(CONTENT + b" ")
    (broken,) = handed_in.json("verify", status=3)["breaks"]
    assert (broken["instance"], broken["code"]) == ("qz-2024/T-001", f"evidence-{code}")
    assert broken["found"] == HASH
    examined = handed_in.json("doctor", status=1)["examined"]
    (one,) = [e for e in examined if e["subject"] == "evidence"]
    assert (one["sound"], one["found"]) == (False, f"{HASH[:16]} (qz-2024/T-001)")
    (checked,) = handed_in.json("evidence", "check", status=3)
    assert checked["standing"] == code
    assert handed_in.run("evidence", "get", HASH, "-").exit_code == 1


def test_a_file_that_nobody_speaks_of_is_no_break(handed_in: Office) -> None:
    stray = kept(handed_in).with_name(hashlib.sha256(b"stray").hexdigest())
    stray.write_bytes(b"stray")
    standings = {e["sha256"]: e["standing"] for e in handed_in.json("evidence", "check")}
    assert standings == {HASH: "sound", stray.name: "unrecorded"}


def test_a_file_removed_by_law_leaves_its_hash_and_the_reason(
    handed_in: Office, file: Path
) -> None:
    words = ("evidence", "remove", HASH[:12])
    assert handed_in.refused(*words, *GROUNDS).endswith("[not-permitted]\n")
    assert handed_in.refused(*words, as_=ADMINISTRATOR).endswith("[reason-required]\n")
    assert handed_in.refused(*words, *GROUNDS[:2], as_=ADMINISTRATOR).endswith(
        "[authority-required]\n"
    )
    assert kept(handed_in).exists()
    handed_in.does(*words, *GROUNDS, as_=ADMINISTRATOR)
    assert not kept(handed_in).exists()
    said = handed_in.json("history", "qz-2024/T-001")[-1]
    assert (said["kind"], said["data"], said["authority"]) == (
        "redacted",
        {"file": HASH},
        "某局〔2025〕12号",
    )
    assert said["texts"] == {"reason": "当事人申请"}
    assert handed_in.json("verify")["breaks"] == []
    (checked,) = handed_in.json("evidence", "check")
    assert (checked["standing"], checked["removed_by"]) == ("removed", said["position"])
    again = handed_in.does(*words, *GROUNDS, as_=ADMINISTRATOR)
    assert again == "It was removed before; nothing was changed.\n"
    assert handed_in.refused("evidence", "add", "qz-2024/T-001", str(file)).endswith(
        "[removed-by-law]\n"
    )
    assert not kept(handed_in).exists()


def test_a_removal_that_was_interrupted_is_seen_and_finished(handed_in: Office) -> None:
    words = ("evidence", "remove", HASH, *GROUNDS)
    handed_in.does(*words, as_=ADMINISTRATOR)
    kept(handed_in).write_bytes(CONTENT)
    assert handed_in.json("verify", status=3)["breaks"][0]["code"] == "evidence-left"
    events = len(handed_in.json("history", "qz-2024/T-001"))
    assert handed_in.does(*words, as_=ADMINISTRATOR) == (
        "The file was still there; it is gone now.\n"
    )
    assert not kept(handed_in).exists()
    assert len(handed_in.json("history", "qz-2024/T-001")) == events


def test_evidence_lies_where_it_is_said(public: Office, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    public.environment["DUBAN_EVIDENCE"] = str(folder)
    public.does("evidence", "add", "qz-2024/T-001", str(file))
    assert (folder / HASH).exists()
    assert public.json("verify")["breaks"] == []


@pytest.fixture
def noted(public: Office) -> Office:
    words = ("record", "qz-2024/T-001", "progress", "--field", "percent=40")
    public.does(*words, "--field", "note=张三住院-PRIVATE", "--reason", "季度填报")
    return public


def test_a_text_removed_by_law_is_gone_and_the_history_says_so(noted: Office) -> None:
    at = position(noted, "recorded")
    words = ("redact", str(at), "--field", "note")
    assert noted.refused(*words, *GROUNDS).endswith("[not-permitted]\n")
    assert noted.refused(*words, as_=ADMINISTRATOR).endswith("[reason-required]\n")
    noted.does(*words, *GROUNDS, as_=ADMINISTRATOR)
    *_, recorded, said = noted.json("history", "qz-2024/T-001")
    assert recorded["texts"] == {"reason": "季度填报"}
    assert said["data"] == {"event": at, "texts": ["note"]}
    shown = noted.does("history", "qz-2024/T-001", language="zh")
    assert f"已依法删除，见 #{said['position']}" in "".join(shown.split("\n"))
    assert noted.json("verify")["breaks"] == []
    assert noted.refused(*words, *GROUNDS, as_=ADMINISTRATOR).endswith("[no-such-text]\n")


def test_a_removed_text_is_nowhere_in_the_files_of_the_database(noted: Office) -> None:
    private = "张三住院-PRIVATE".encode()

    def found() -> bool:
        beside = noted.database.parent.glob("duban.db*")
        return any(private in path.read_bytes() for path in beside if path.is_file())

    assert found()
    noted.does("redact", str(position(noted, "recorded")), *GROUNDS, as_=ADMINISTRATOR)
    assert not found()


def test_why_something_was_removed_has_to_stay(noted: Office) -> None:
    noted.does("redact", str(position(noted, "recorded")), *GROUNDS, as_=ADMINISTRATOR)
    out = noted.refused("redact", str(position(noted, "redacted")), *GROUNDS, as_=ADMINISTRATOR)
    assert out.endswith("[of-the-redaction]\n")
    out = noted.refused("redact", "999999", *GROUNDS, as_=ADMINISTRATOR)
    assert out.endswith("[not-found]\n")


def test_a_text_of_the_office_can_be_removed(public: Office) -> None:
    public.does(
        *("post", "assign", "finance-head", "zhao", "--reason", "PRIVATE"), as_=ADMINISTRATOR
    )
    at = public.json("history", "office")[-1]["position"]
    public.does("redact", str(at), *GROUNDS, as_=ADMINISTRATOR)
    assert public.json("history", "office")[-2]["texts"] == {}


def test_verify_names_a_text_that_is_gone_without_a_word(noted: Office) -> None:
    """The one change that the triggers allow: they cannot tell a redaction from a theft."""
    with closing(sqlite3.connect(noted.database)) as connection:
        connection.execute("UPDATE event_text SET text = NULL WHERE name = 'note'")
        connection.commit()
    (broken,) = noted.json("verify", status=3)["breaks"]
    assert (broken["code"], broken["found"]) == ("text-gone", "note")
    assert broken["instance"] == "qz-2024/T-001"
