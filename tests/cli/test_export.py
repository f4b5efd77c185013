"""`duban export`, on the real command line."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

from tests.cli.office import ADMINISTRATOR, REFERENCE, Office
from tests.integration.bundles import outcome


def sealed(office: Office) -> Path:
    """Seal the log; return the last checkpoint, as somebody keeps it."""
    office.does("seal")
    note = office.database.with_name("held.note")
    note.write_text(office.does("checkpoint"), "utf-8")
    return note


def test_a_cycle_is_exported_and_verified(public: Office, tmp_path: Path) -> None:
    public.does("evidence", "add", "qz-2024/T-001", __file__)
    note, target = sealed(public), tmp_path / "qz.zip"
    made = public.json("export", "--bundle", str(target))
    assert made["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert (made["unsealed"], made["evidence"], made["left_out"]) == (0, 1, [])
    status, said = outcome(target, "--checkpoint", str(note))
    assert (status, said.splitlines()[0]) == (0, "GOOD")
    assert "TRIAL" in said
    out = public.run("export", "--bundle", str(target))
    assert (out.exit_code, "[file]" in out.stderr) == (1, True)


def test_a_log_with_another_key_later_is_one_log(public: Office, tmp_path: Path) -> None:
    first = sealed(public).rename(tmp_path / "first.note")
    before = public.json("key", "show")[-1]["key"]
    public.does("key", "rotate", "--reason", "yearly", as_=ADMINISTRATOR)
    sealed(public)
    words = ("export", "--named", "--bundle", str(tmp_path / "r.zip"))
    public.does(*words, as_=ADMINISTRATOR)
    status, said = outcome(tmp_path / "r.zip", "--checkpoint", str(first), "--key", before)
    assert (status, said.splitlines()[0]) == (0, "GOOD"), said
    assert said.count("Signed by") == 2


def test_names_are_for_administrators_and_auditors(public: Office, tmp_path: Path) -> None:
    words = ("export", "qz-2024", "--bundle", str(tmp_path / "n.zip"))
    assert public.refused(*words, "--named").endswith("[not-permitted]\n")
    assert public.refused(*words, "--names", "x.json").endswith("[not-permitted]\n")
    assert not (tmp_path / "n.zip").exists()
    public.does("post", "assign", "auditor", "zhu", as_=ADMINISTRATOR)
    note = sealed(public)
    names = tmp_path / "names.json"
    public.does(*words, "--names", str(names), as_="zhu")
    assert names.stat().st_mode & 0o777 == 0o600
    assert "wang" in {row["name"] for row in json.loads(names.read_text("utf-8"))}
    status, said = outcome(
        tmp_path / "n.zip", "--names", str(names), "--checkpoint", str(note), "--whole"
    )
    assert (status, said.splitlines()[0]) == (0, "GOOD"), said


def test_what_is_not_sealed_is_told(public: Office, tmp_path: Path) -> None:
    out = public.does("export", "--bundle", str(tmp_path / "a.zip"))
    assert "events are not sealed yet" in out
    assert outcome(tmp_path / "a.zip")[1].startswith("BAD: log.json: nothing was sealed")


def test_one_instance_is_exported(public: Office, tmp_path: Path) -> None:
    target = tmp_path / "one.zip"
    public.does("export", "--instance", "qz-2024/T-001", "--bundle", str(target))
    with zipfile.ZipFile(target) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["instance"] == "qz-2024/T-001"
    assert [row[0] for row in manifest["instances"]] == ["qz-2024/T-001"]
    for wrong in (("--instance", "qz-2024/T-0"), ("other",), ("other", "--instance", "qz-2024")):
        out = public.refused("export", *wrong, "--bundle", str(tmp_path / "x.zip"))
        assert out.endswith("[not-found]\n")
    assert not (tmp_path / "x.zip").exists()


def test_tampering_before_the_export_is_in_the_bundle_to_be_found(
    public: Office, tmp_path: Path
) -> None:
    from tests.cli.test_auditing import tamper  # noqa: PLC0415 - only here

    note = sealed(public)
    tamper(
        public.database,
        "DROP TRIGGER event_refuses_update",
        "UPDATE event SET authority = 'forged' WHERE kind = 'recorded'",
    )
    words = ("export", "--named", "--bundle", str(tmp_path / "t.zip"))
    public.does(*words, as_=ADMINISTRATOR)
    status, said = outcome(tmp_path / "t.zip", "--checkpoint", str(note))
    assert (status, "[wrong-root]" in said) == (3, True)


def test_a_cycle_that_was_amended_comes_with_both_plans_and_machines(
    public: Office, tmp_path: Path
) -> None:
    plan = tmp_path / "new.yaml"
    text = REFERENCE.read_text("utf-8")
    assert "silence_approves: false" in text
    plan.write_text(text.replace("silence_approves: false", "silence_approves: true"), "utf-8")
    grounds = ("--reason", "调整", "--authority", "泉委〔2024〕9号")
    public.does("amend", "qz-2024", str(plan), "--map", "cycle", "--yes", *grounds)
    note, target = sealed(public), tmp_path / "a.zip"
    public.does("export", "--named", "--bundle", str(target), as_=ADMINISTRATOR)
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        assert sum(1 for name in names if name.startswith("plans/")) == 2
        events = [json.loads(line) for line in archive.read("events.jsonl").splitlines()]
    assert any(e["kind"] == "amended" and "machine" in e["data"] for e in events)
    status, said = outcome(target, "--checkpoint", str(note))
    assert (status, said.splitlines()[0]) == (0, "GOOD"), said


def test_a_bundle_as_known_at_a_moment_is_the_one_made_then(public: Office, tmp_path: Path) -> None:
    then, now = tmp_path / "then.zip", tmp_path / "now.zip"
    words = ("export", "qz-2024", "--bundle")
    known = ("--known-at", "2024-09-20 09:00")
    public.at("2024-09-20 09:00")
    sealed(public)
    made = public.json(*words, str(then))
    assert (made["as_of"], made["known_at"]) == (None, None)
    public.at("2024-10-12 09:00")
    public.does("record", "qz-2024/T-001", "progress", "--field", "percent=10", as_="chen")
    sealed(public)
    again = public.json(*words, str(now), *known)
    assert again["known_at"] == "2024-09-20T09:00:00+08:00"
    assert (again["events"], again["instances"]) == (made["events"], made["instances"])
    with zipfile.ZipFile(then) as one, zipfile.ZipFile(now) as other:
        assert one.read("events.jsonl") == other.read("events.jsonl")
        assert "截至" not in one.read("report.zh.html").decode()
        assert "2024-09-20 周五 09:00 时的情况" in other.read("report.zh.html").decode()
    status, said = outcome(now)
    assert (status, said.splitlines()[0]) == (0, "GOOD"), said
    refused = public.refused(*words, str(tmp_path / "x.zip"), "--known-at", "2024-09-01")
    assert refused.endswith("[nothing-sealed-then]\n")
    wrong = public.refused(*words, str(tmp_path / "x.zip"), "--as-of", "2025-01-01")
    assert "is not past" in wrong
    alone = public.json(*words, str(tmp_path / "a.zip"), "--as-of", "2024-10-01")
    assert alone["events"] > made["events"]
    assert outcome(tmp_path / "a.zip")[0] == 0
