"""A bundle, as whoever was handed it verifies it."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path

import pytest

from adapters.bundle.verifier.running import NOTE_BEGINS, NOTE_ENDS
from adapters.evidence.trouble import FileTrouble
from adapters.notify.outside import BEGIN, END
from engine.note import Checkpoint, Note
from tests.contract.signing import Pen
from tests.integration.bundles import (
    FILE,
    PRIVATE,
    TARGET,
    Sealed,
    outcome,
    sealed_office,
    stranger,
    unpacked,
)
from tests.integration.office import KEY


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    return sealed_office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def bundle(sealed: Sealed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Persons numbered."""
    target = tmp_path_factory.mktemp("bundle") / "small.zip"
    sealed.write(target)
    return target


@pytest.fixture(scope="module")
def named(sealed: Sealed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("named") / "small.zip"
    sealed.write(target, named=True)
    return target


def test_a_stranger_verifies_it_with_nothing_but_python(named: Path, tmp_path: Path) -> None:
    run = stranger(named, tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    first, *rest = run.stdout.splitlines()
    assert first == "GOOD"
    assert any("are, byte for byte, what the log sealed" in line for line in rest)
    assert any("Signed by duban/test" in line for line in rest)


def test_an_unpacked_bundle_verifies_itself(named: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(named) as archive:
        archive.extractall(tmp_path)
    assert outcome(tmp_path)[0] == 0
    (tmp_path / "events.jsonl").write_bytes(b"")
    assert outcome(tmp_path) == (
        3,
        (
            "BAD: events.jsonl: the file is not the one that is listed [wrong-hash]\n"
            "Nothing after this was looked at.\n"
        ),
    )


def test_the_same_input_gives_the_same_bytes(sealed: Sealed, bundle: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    sealed.write(again)
    assert again.read_bytes() == bundle.read_bytes()


def test_it_does_not_replace_what_is_there(sealed: Sealed, tmp_path: Path) -> None:
    target = tmp_path / "small.zip"
    target.write_bytes(b"mine")
    with pytest.raises(FileTrouble, match="there already"):
        sealed.write(target)
    assert [p.name for p in tmp_path.iterdir()] == ["small.zip"]
    assert target.read_bytes() == b"mine"


def test_nobody_is_named_unless_it_is_asked_for(bundle: Path, named: Path) -> None:
    files = unpacked(bundle)
    del files["verify.py"]
    for person in (rb"\bchen\b", rb"\broot\b", rb"\bzhang\b"):
        assert [name for name, data in files.items() if re.search(person, data)] == []
    assert b"chen" in unpacked(named)["persons.json"]


def test_it_is_proven_whole_without_a_name(bundle: Path) -> None:
    status, said = outcome(bundle, "--whole")
    assert (status, said.splitlines()[0]) == (0, "GOOD")
    assert "who they are is not said, nor needed for the proof" in said
    lines = unpacked(bundle)["events.jsonl"].splitlines()
    assert f"{len(lines)} events are, byte for byte, what the log sealed" in said


def test_whoever_holds_the_names_proves_who_they_are(
    sealed: Sealed, bundle: Path, tmp_path: Path
) -> None:
    done = sealed.write(tmp_path / "again.zip")
    names = tmp_path / "names.json"
    names.write_text(json.dumps(done.names), "utf-8")
    assert {row["name"] for row in done.names} == {"root", "chen", "li", "zhang"}
    status, said = outcome(bundle, "--names", str(names))
    assert (status, said.splitlines()[0]) == (0, "GOOD")
    assert "Of 4 persons 4 are named" in said
    names.write_text(json.dumps(done.names[:1]), "utf-8")
    assert "Of 4 persons 1 are named" in outcome(bundle, "--names", str(names))[1]
    one, other = done.names[:2]
    names.write_text(json.dumps([one | {"name": other["name"]}, other]), "utf-8")
    status, said = outcome(bundle, "--names", str(names))
    assert (status, "[other-person]" in said) == (3, True)


def test_a_list_of_the_staff_is_not_enough_to_find_out_who_acted(
    sealed: Sealed, bundle: Path
) -> None:
    """The salts are not in it, and none of them can be had from another."""
    done = sealed.write(bundle.with_name("guessed.zip"))
    data = b"".join(data for name, data in unpacked(bundle).items() if name != "verify.py")
    for row in done.names:
        assert row["person"].encode() in data
        assert row["salt"].encode() not in data
    assert len({row["salt"] for row in done.names}) == len(done.names)


def test_each_line_is_what_the_log_sealed(sealed: Sealed, named: Path) -> None:
    files = unpacked(named)
    lines = files["events.jsonl"].splitlines()
    leaves = [json.loads(line) for line in files["leaves.jsonl"].splitlines()]
    with sealed.office.store.reading() as reader:
        stored = {leaf.number: leaf for leaf in reader.leaves()}
        for line, leaf in zip(lines, leaves, strict=True):
            assert stored[leaf["index"]].entry == line
            assert stored[leaf["index"]].hash == hashlib.sha256(b"\0" + line).hexdigest()


def test_what_was_published_is_proven_too(bundle: Path, named: Path) -> None:
    for path in (bundle, named):
        files = unpacked(path)
        published = [json.loads(files[n]) for n in files if n.startswith(("machines/", "plans/"))]
        assert all(row["index"] is not None for row in published)
        said = f"{len(published)} of the machines, plans and calendars"
        assert said in outcome(path)[1]


def test_whom_each_event_was_told_to_and_what_was_sent_is_proven(
    sealed: Sealed, bundle: Path
) -> None:
    lines = [json.loads(line) for line in unpacked(bundle)["notices.jsonl"].splitlines()]
    entries = [json.loads(line["entry"]) for line in lines]
    with sealed.office.store.reading() as reader:
        leaves = {leaf.number: leaf for leaf in reader.leaves()}
    kinds = {leaf.kind for leaf in leaves.values()}
    assert {"told", "sent"} <= kinds
    for line in lines:
        assert leaves[line["index"]].entry == line["entry"].encode()
    for kind in ("told", "sent"):
        mine = [entry for entry in entries if entry["entry"] == kind]
        assert len(mine) == sum(leaf.kind == kind for leaf in leaves.values())
    told = sum(entry["entry"] == "told" for entry in entries)
    assert f"{told} times somebody was to be told of an event" in outcome(bundle)[1]


def test_the_office_has_its_history_in_it_and_one_instance_has_not(
    sealed: Sealed, bundle: Path, tmp_path: Path
) -> None:
    def kinds(path: Path) -> set[str]:
        events = [json.loads(line) for line in unpacked(path)["events.jsonl"].splitlines()]
        return {event["kind"] for event in events if event["instance"] == "office"}

    assert {"tenure", "key"} <= kinds(bundle)
    sealed.write(tmp_path / "one.zip", TARGET)
    assert kinds(tmp_path / "one.zip") == set()


def test_a_text_that_was_removed_by_law_is_told_and_everything_still_verifies(
    bundle: Path,
) -> None:
    files = unpacked(bundle)
    assert not any(PRIVATE.encode() in data for data in files.values())
    (removed,) = [
        row
        for line in files["texts.jsonl"].splitlines()
        if "removed_by" in (row := json.loads(line))
    ]
    assert (removed["instance"], removed["name"]) == (TARGET, "note")
    assert "1 were removed by law" in outcome(bundle)[1]


def test_evidence_lies_in_it_under_its_hash(bundle: Path) -> None:
    assert hashlib.sha256(unpacked(bundle)[f"evidence/{FILE}"]).hexdigest() == FILE


def test_evidence_that_is_missing_or_unwanted_is_listed(sealed: Sealed, tmp_path: Path) -> None:
    done = sealed.write(tmp_path / "without.zip", with_files=False)
    assert done.left_out == [FILE]
    assert not any(n.startswith("evidence/") for n in unpacked(tmp_path / "without.zip"))
    status, said = outcome(tmp_path / "without.zip")
    assert status == 0
    assert "1 are not in the bundle" in said


def test_a_checkpoint_from_outside_is_held_against_it(
    sealed: Sealed, bundle: Path, tmp_path: Path
) -> None:
    for number, held in enumerate(sealed.held):
        note = tmp_path / f"{number}.note"
        note.write_text(held, "utf-8")
        status, said = outcome(bundle, "--checkpoint", str(note))
        assert status == 0
        assert f"of {Checkpoint.parse(Note.parse(held).text).size} leaves, is of the same" in said


def test_a_checkpoint_is_found_in_the_message_that_brought_it(
    sealed: Sealed, bundle: Path, tmp_path: Path
) -> None:
    assert (NOTE_BEGINS, NOTE_ENDS) == (BEGIN, END)
    message = f"您好：\n\n{BEGIN}{sealed.held[0]}{END}\n此致\n".replace("\n", "\r\n")
    (tmp_path / "mail.txt").write_bytes(message.encode())
    status, said = outcome(bundle, "--checkpoint", str(tmp_path / "mail.txt"))
    assert (status, "is of the same log" in said) == (0, True)


def test_a_checkpoint_of_another_log_is_named(sealed: Sealed, bundle: Path, tmp_path: Path) -> None:
    first = Checkpoint.parse(Note.parse(sealed.held[0]).text)
    note = tmp_path / "other.note"

    def said_of(size: int, pen: Pen, root: bytes = bytes(32)) -> str:
        other = Checkpoint(origin="duban/test", size=size, root=root)
        note.write_text(str(Note(other.text).signed_by([pen])), "utf-8")
        status, said = outcome(bundle, "--checkpoint", str(note))
        assert status == 3
        return said

    assert "[other-log]" in said_of(first.size, sealed.pen)
    assert "[note-not-covered]" in said_of(first.size - 1, sealed.pen)
    assert "[newer-note]" in said_of(first.size + 10_000, sealed.pen)
    assert "[unknown-key]" in said_of(first.size, Pen("duban/other", "2"), first.root)
    note.write_text(sealed.held[0].replace(f"\n{first.size}\n", "\n1\n", 1), "utf-8")
    assert "[bad-signature]" in outcome(bundle, "--checkpoint", str(note))[1]
    note.write_bytes(b"\xff")
    assert outcome(bundle, "--checkpoint", str(note))[0] == 3
    assert outcome(bundle, "--checkpoint", str(tmp_path / "none"))[0] == 3


def test_a_key_from_outside_vouches_for_what_it_signed(sealed: Sealed, bundle: Path) -> None:
    status, said = outcome(bundle, "--key", str(sealed.pen.key))
    assert status == 0
    size = Checkpoint.parse(Note.parse(sealed.held[-1]).text).size
    assert f"vouches for the first {size} leaves" in said
    status, said = outcome(bundle, "--key", str(Pen("duban/test", "2").key))
    assert (status, "[key-signed-nothing]" in said) == (3, True)


def test_one_instance_comes_with_what_is_below_it_only(sealed: Sealed, tmp_path: Path) -> None:
    target = tmp_path / "one.zip"
    sealed.write(target, TARGET, named=True)
    lines = unpacked(target)["events.jsonl"].splitlines()
    assert {json.loads(line)["instance"] for line in lines} == {TARGET}
    assert outcome(target)[0] == 0


def test_sm3_is_verified_too(tmp_path: Path) -> None:
    if "sm3" not in hashlib.algorithms_available:
        pytest.skip("this OpenSSL has no SM3")
    sealed_office(tmp_path, "sm3").write(tmp_path / "sm3.zip", named=True)
    assert outcome(tmp_path / "sm3.zip")[0] == 0


def test_what_is_not_sealed_yet_is_told(tmp_path: Path) -> None:
    sealed = sealed_office(tmp_path)
    sealed.office.run_until("2024-03-21 09:00")
    sealed.office.tick("2025-01-02 09:00")
    done = sealed.write(tmp_path / "late.zip", named=True)
    assert done.unsealed > 0
    status, said = outcome(tmp_path / "late.zip")
    assert status == 4
    assert f"NOT PROVEN: {done.unsealed} of {done.events} events" in said
    assert said.startswith("GOOD, IN PART")
    status, said = outcome(tmp_path / "late.zip", "--whole")
    assert (status, "[not-whole]" in said) == (3, True)


def test_the_report_reads_in_both_languages_and_loads_nothing(bundle: Path) -> None:
    files = unpacked(bundle)
    zh, en = files["report.zh.html"].decode(), files["report.en.html"].decode()
    assert "强制" in zh
    assert "FORCED" in en
    assert TARGET in zh
    for page in (zh, en):
        assert "default-src 'none'" in page
        assert "http" not in page.replace("http-equiv", "")
        assert "<script" not in page
        assert page.count("<table>") == page.count("</table>") > 1


def test_the_report_says_who_is_who_who_was_told_and_what_the_office_did(
    sealed: Sealed, bundle: Path, named: Path
) -> None:
    zh = unpacked(bundle)["report.zh.html"].decode()
    for heading in ("人员", "目前情况", "通知", "最新检查点"):
        assert f"<h2>{heading}</h2>" in zh
    assert "机构记录：岗位、密钥、工作日历" in zh
    assert str(sealed.pen.key) in zh
    numbered = zh.split("<h2>人员</h2>")[1].split("<h2>")[0]
    assert numbered.count("未实名") == 4
    assert "未发出" not in zh.split("<h2>通知</h2>")[1]
    whole = unpacked(named)["report.zh.html"].decode()
    assert "未实名" not in whole
    assert '<td class="">chen</td>' in whole


def test_a_report_shows_what_people_wrote_as_text(tmp_path: Path) -> None:
    from tests.integration.bundles import CHEN  # noqa: PLC0415 - only here
    from workflows.running.requests import Grounds, record  # noqa: PLC0415 - only here

    sealed = sealed_office(tmp_path)
    evil = "<script>alert('x')</script>&"
    record(sealed.office.app, TARGET, "progress", {"percent": 1}, CHEN, Grounds(reason=evil))
    sealed.write(tmp_path / "evil.zip")
    page = unpacked(tmp_path / "evil.zip")["report.en.html"].decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_key_of_a_bundle_is_that_of_its_office(bundle: Path) -> None:
    assert json.loads(unpacked(bundle)["manifest.json"])["cycle"] == KEY
