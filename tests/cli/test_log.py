"""The log on the command line: its key, sealing, checkpoints kept elsewhere, and verify."""

from __future__ import annotations

import shutil
import stat
import sys
from pathlib import Path

import pytest

from tests.cli.office import ADMINISTRATOR, Office
from tests.cli.test_auditing import tamper
from tests.contract.signing import Pen


def key_file(office: Office) -> Path:
    return office.database.with_name(f"{office.database.name}.key")


def everything_said(office: Office, *words: str, as_: str = "") -> str:
    result = office.run(*words, as_=as_)
    return result.output + result.stderr + repr(result.exception)


def test_a_new_database_has_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    office = Office(tmp_path / "new.db")
    said = office.does("init", "--trial", as_=ADMINISTRATOR)
    assert "signed with a key in new.db.key" in said
    assert stat.S_IMODE(key_file(office).stat().st_mode) == 0o600
    (key,) = office.json("key", "show")
    assert key["by"] == ADMINISTRATOR
    assert "signed" not in office.does("init", "--trial", as_=ADMINISTRATOR)
    assert "holds the present key" in office.does("key", "show")


def test_what_is_sealed_is_said_and_can_be_kept(public: Office) -> None:
    assert public.refused("checkpoint").endswith("duban checkpoint --list [not-found]\n")
    first = public.does("seal")
    assert "Sealed: " in first
    assert "There was nothing to seal." in public.does("seal")
    sealed = public.json("seal")
    assert sealed["sealed"] == 0
    note = public.does("checkpoint")
    assert note == sealed["checkpoint"]["note"]
    assert note.splitlines()[1] == str(sealed["checkpoint"]["size"])
    assert public.does("checkpoint", str(sealed["checkpoint"]["size"])) == note
    assert len(public.json("checkpoint", "--list")) == 1
    assert public.refused("checkpoint", "1").startswith("Error: There is no checkpoint 1.")
    assert "Log of events: " in public.does("status")


def test_verify_hashes_the_log_and_counts_what_is_not_sealed(public: Office) -> None:
    public.does("seal")
    log = public.json("verify")["log"]
    assert log["leaves"] > 50
    assert (log["checkpoints"], log["signed"], log["unsealed"]) == (1, 1, 0)
    public.does("post", "assign", "reform-head", "zhao", as_=ADMINISTRATOR)
    assert public.json("verify")["log"]["unsealed"] == 1
    assert "Events not sealed yet: 1." in public.does("verify")


def test_an_event_that_was_changed_is_named(public: Office) -> None:
    public.does("seal")
    tamper(
        public.database,
        "DROP TRIGGER event_refuses_update",
        "UPDATE event SET actor = 'somebody' WHERE sequence = 3 AND instance_id = "
        "(SELECT id FROM instance WHERE key = 'qz-2024/T-001')",
    )
    result = public.run("verify")
    assert result.exit_code == 3
    assert "qz-2024/T-001 #3: it is not what was sealed" in result.stdout
    assert "[sealed-changed]" in result.stdout
    result = public.run("verify", language="zh")
    assert "qz-2024/T-001 #3：" in result.stdout or "qz-2024/T-001 #3: " in result.stdout
    assert "与封存时不一致" in result.stdout


def test_a_backup_that_was_restored_is_found_by_a_checkpoint_kept_elsewhere(
    public: Office, tmp_path: Path
) -> None:
    public.does("seal")
    backup = tmp_path / "backup.db"
    shutil.copy(public.database, backup)
    public.does("post", "assign", "reform-head", "zhao", as_=ADMINISTRATOR)
    public.does("seal")
    kept = tmp_path / "kept.txt"
    kept.write_bytes(public.does("checkpoint").replace("\n", "\r\n").encode())
    public.does("verify", "--checkpoint", str(kept))
    shutil.copy(backup, public.database)
    public.does("verify")
    result = public.run("verify", "--checkpoint", str(kept))
    assert result.exit_code == 3
    assert "[outside-short]" in result.stdout


@pytest.mark.parametrize("content", [b"", b"no checkpoint\n", b"\xff", b"a\n1\nb\n\n"])
def test_a_file_that_is_no_checkpoint_is_refused(
    public: Office, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "kept.txt"
    file.write_bytes(content)
    assert "[bad-note]" in public.refused("verify", "--checkpoint", str(file))
    assert "[file]" in public.refused("verify", "--checkpoint", str(tmp_path / "none"))


def test_a_key_is_changed_with_a_reason_and_both_sign(public: Office) -> None:
    public.does("seal")
    assert "[reason-required]" in public.refused("key", "rotate", as_=ADMINISTRATOR)
    assert "[not-permitted]" in public.refused("key", "rotate", "--reason", "x")
    assert "[key-exists]" in public.refused("key", "new", as_=ADMINISTRATOR)
    before = key_file(public).read_text()
    public.does("key", "rotate", "--reason", "yearly", as_=ADMINISTRATOR)
    assert key_file(public).read_text() != before
    assert stat.S_IMODE(key_file(public).stat().st_mode) == 0o600
    old, new = public.json("key", "show")
    assert old["until"] == new["since"]
    assert len(public.json("checkpoint")["signed_by"]) == 2
    public.does("post", "assign", "reform-head", "zhao", as_=ADMINISTRATOR)
    public.does("seal")
    assert len(public.json("checkpoint")["signed_by"]) == 1
    assert public.json("verify")["log"]["signed"] == 3
    assert "yearly" in public.does("history", "office")


def test_a_key_that_is_gone_or_readable_by_others_signs_nothing(public: Office) -> None:
    key_file(public).chmod(0o640)
    assert "chmod 600" in public.refused("seal")
    assert "WRONG  key of the log" in public.run("doctor").stdout
    key_file(public).unlink()
    assert "the file is not there" in public.refused("seal")
    assert "[key]" in public.refused("key", "rotate", "--reason", "lost", as_=ADMINISTRATOR)
    public.does("key", "rotate", "--lost", "--reason", "lost", as_=ADMINISTRATOR)
    assert public.json("key", "show")[-1]["lost"] is True
    public.does("verify")


def test_a_rotation_that_was_cut_short_is_finished(public: Office) -> None:
    """Killed after the event and before the new file took the old one's place."""
    following = key_file(public).with_name(f"{key_file(public).name}.next")
    old = key_file(public).read_text()
    public.does("key", "rotate", "--reason", "yearly", as_=ADMINISTRATOR)
    new = key_file(public).read_text()
    key_file(public).write_text(old)
    following.touch(mode=0o600)
    following.write_text(new)
    public.does("post", "assign", "reform-head", "zhao", as_=ADMINISTRATOR)
    public.does("seal")
    assert (key_file(public).read_text(), following.exists()) == (new, False)
    public.does("verify")


def test_no_secret_is_ever_shown(public: Office) -> None:
    secret = key_file(public).read_text().strip().rpartition("+")[2]
    public.does("seal")
    for words in (("key", "show"), ("key", "show", "--json"), ("checkpoint",), ("verify",),
                  ("history", "office", "--json"), ("doctor",), ("seal", "--json")):  # fmt: skip
        assert secret not in everything_said(public, *words)
    public.does("post", "assign", "reform-head", "zhao", as_=ADMINISTRATOR)
    key_file(public).write_text(key_file(public).read_text().replace("+", "-", 1))
    for words in (("seal",), ("doctor",), ("key", "show")):
        said = everything_said(public, *words)
        assert secret not in said
        assert "no key file" in said
    assert secret.encode() not in public.database.read_bytes()


SIGNER = """
import base64, sys
from tests.contract.signing import Pen
sys.stdout.write(base64.b64encode(Pen({name!r}, {seed!r}).sign(sys.stdin.buffer.read())).decode())
"""


def test_a_command_of_the_office_signs(public: Office, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    script = tmp_path / "sign.py"
    begin = f"import sys; sys.path.insert(0, {str(root)!r})"
    name = public.json("key", "show")[0]["key"].partition("+")[0]
    script.write_text(begin + SIGNER.format(name=name, seed="safe"))
    key_file(public).unlink()
    public.environment["DUBAN_SIGNING_COMMAND"] = f"{sys.executable} {script}"
    other = ("key", "rotate", "--reason", "safe", "--public", str(Pen("gov/log").key))
    assert "[key-name]" in public.refused(*other, as_=ADMINISTRATOR)
    key = str(Pen(name, "safe").key)
    public.does("key", "rotate", "--public", key, "--reason", "safe", as_=ADMINISTRATOR)
    public.does("verify")
    assert public.json("key", "show")[-1]["key"] == key
    script.write_text(script.read_text().replace("safe", "other"))
    public.does("post", "assign", "reform-head", "zhao", as_=ADMINISTRATOR)
    assert "its signature is not one of the log's key" in public.refused("seal")
    for command, said in (("false", "it failed"), ("no-such", "cannot be run"), ("'", "cannot be")):
        public.environment["DUBAN_SIGNING_COMMAND"] = command
        assert said in public.refused("seal")


def test_a_log_without_a_key_is_sealed_and_says_so(tmp_path: Path) -> None:
    office = Office(tmp_path / "new.db")
    office.environment["DUBAN_SIGNING_COMMAND"] = "signer"
    assert "not signed yet" in office.does("init", "--trial", as_=ADMINISTRATOR)
    assert "Nobody signs the log" in office.does("seal")
    assert "Nobody signs the log" in office.does("key", "show")
    assert "Nobody signs the log" in office.does("verify")
    assert "WRONG  log is signed" in office.run("doctor").stdout
    del office.environment["DUBAN_SIGNING_COMMAND"]
    office.does("key", "new", "--name", "gov.example/qz", as_=ADMINISTRATOR)
    office.does("seal")
    assert office.does("checkpoint").startswith("gov.example/qz\n")
    office.does("verify")
    assert [c["signed_by"] != [] for c in office.json("checkpoint", "--list")] == [False, True]


def test_a_log_may_use_the_national_hash(tmp_path: Path) -> None:
    office = Office(tmp_path / "new.db")
    office.does("init", "--trial", "--hash", "sm3", as_=ADMINISTRATOR)
    office.does("seal")
    assert office.json("checkpoint")["hash"] == "sm3"
    assert "\nhash sm3\n" in office.does("checkpoint")
    office.does("verify")
    office.does("init", "--trial", "--hash", "sm3", as_=ADMINISTRATOR)
    said = office.refused("init", "--trial", "--hash", "sha256", as_=ADMINISTRATOR)
    assert "has begun with sm3 and cannot go on with sha256" in said


def test_the_daemon_seals(public: Office) -> None:
    public.does("daemon", "--once", as_=ADMINISTRATOR)
    assert public.json("verify")["log"]["unsealed"] == 0
    assert public.json("checkpoint")["size"] > 50


def test_a_damaged_file_gets_one_clear_sentence(public: Office) -> None:
    public.does("seal")
    content = bytearray(public.database.read_bytes())
    for place in range(4096, len(content), 512):
        content[place : place + 64] = b"\xff" * 64
    public.database.write_bytes(bytes(content))
    result = public.run("verify")
    assert result.exit_code in (1, 3)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert (result.stderr.count("\n") == 1) == (result.exit_code == 1)
