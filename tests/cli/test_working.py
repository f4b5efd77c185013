"""Moving, recording, correcting, targets, findings, exceptions, posts (R-04, R-11, R-23, R-35)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.cli.office import ADMINISTRATOR, SECTION, Office

REPORT = ("record", "qz-2024/T-001", "self_report", "--field", "completion=100")


def test_a_move_says_what_happened_and_takes_the_targets_along(early: Office) -> None:
    assert early.does("move", "qz-2024", "draft") == (
        "qz-2024  draft: drafting → drafted  2024-07-08 00:00  wang for group-office  #23\n"
        "  Targets now: drafted 10\n"
    )


def test_a_wrong_order_is_refused_with_what_is_possible(early: Office) -> None:
    assert early.refused("move", "qz-2024", "publish") == (
        "Error: Cannot publish qz-2024: it is drafting; from there you can: draft. "
        "[illegal-transition]\n"
    )
    assert early.refused("move", "qz-2024", "publish", language="zh").endswith(
        "[illegal-transition]\n"
    )
    assert early.refused("move", "qz-2024", "fly").startswith(
        "Error: cycle knows no trigger fly; its triggers are: "
    )


def test_a_refusal_says_who_may(early: Office) -> None:
    assert early.refused("move", "qz-2024", "draft", as_=SECTION) == (
        "Error: chen may not draft qz-2024; this is for: group office. [not-permitted]\n"
    )


def test_acting_for_a_post_is_for_administrators_and_both_are_recorded(early: Office) -> None:
    assert "may not" in early.refused("move", "qz-2024", "draft", "--as", "group-office")
    assert early.does("move", "qz-2024", "draft", "--as", "group-office", as_=ADMINISTRATOR) == (
        "qz-2024  draft: drafting → drafted  2024-07-08 00:00  admin for group-office  #23\n"
        "  Targets now: drafted 10\n"
    )


def test_a_date_in_the_future_is_refused_and_one_without_form_is_wrong(early: Office) -> None:
    assert early.refused("move", "qz-2024", "draft", "--occurred-at", "2024-07-09") == (
        "Error: 2024-07-09 12:00 cannot be the date of this act: it lies in the future. "
        "[bad-moment]\n"
    )
    for text in ("2024-02-30", "yesterday", "2024-07-08 25:00", "2024-07-08Z"):
        assert early.wrong("move", "qz-2024", "draft", "--occurred-at", text) == (
            f"Error: Invalid value for '--occurred-at': {text!r} is no date; "
            "write it as 2024-07-10, or 2024-07-10 14:30."
        )


def test_dates_may_be_written_as_offices_write_them(early: Office) -> None:
    early.at("2024-07-09 10:00")
    early.does("move", "qz-2024", "draft", "--occurred-at", "2024年7月8日 14:30")
    (moved,) = [e for e in early.json("history", "qz-2024") if e["kind"] == "moved"]
    assert moved["occurred_at"] == "2024-07-08T14:30:00+08:00"
    assert moved["recorded_at"] == "2024-07-09T10:00:00+08:00"


def test_several_moves_stop_at_the_first_refusal_and_say_so(early: Office) -> None:
    keys = [f"qz-2024/T-00{n}" for n in (1, 2, 3)]
    early.does("move", keys[1], "draft")
    result = early.run("move", *keys, "draft")
    assert result.exit_code == 1
    assert result.stdout == (
        "qz-2024/T-001  draft: drafting → drafted  2024-07-08 00:00  wang for group-office  #24\n"
        "Moved: 1; refused: 1; not tried: 1.\n"
    )
    assert result.stderr.startswith("Error: Cannot draft qz-2024/T-002: it is drafted; ")
    result = early.run("move", *keys, "draft", "--keep-going")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "Moved: 1; refused: 2; not tried: 0."


def test_all_in_a_state_are_moved_together(early: Office) -> None:
    words = ("move", "--all", "--state", "drafting", "qz-2024")
    out = early.does(*words, "withdraw", "--reason", "方案调整")
    assert out.splitlines()[-1] == "Moved: 10; refused: 0; not tried: 0."
    assert early.does(*words, "draft") == "Nothing is in that state; nothing was done.\n"
    assert early.wrong("move", "--all", "qz-2024", "draft") == (
        "Error: --all and --state go together."
    )
    assert early.wrong("move", "--all", "--state", "draft", "qz-2024", "draft").startswith(
        "Error: There is no state draft; there are: drafting, drafted, "
    )
    assert early.wrong("move", "draft") == (
        "Error: Name the instance and the trigger: duban move INSTANCE TRIGGER"
    )


def test_a_record_moves_what_waited_for_it(public: Office) -> None:
    assert public.does(*REPORT, as_=SECTION).splitlines()[1].split("  ")[1] == (
        "self-assess: published → self-assessed"
    )
    assert public.json("status")["targets"] == {"published": 9, "self_assessed": 1}


def test_a_record_that_lacks_something_says_what(public: Office) -> None:
    assert public.refused("record", "qz-2024/T-001", "progress") == (
        "Error: The record progress for qz-2024/T-001 cannot be kept: a field is missing: percent "
        "(percentage done). [bad-record]\n"
    )
    assert public.wrong("record", "qz-2024/T-001", "progress", "--field", "percent=many") == (
        "Error: percent is a whole number; 'many' is none."
    )
    assert public.wrong("record", "qz-2024/T-001", "progress", "--field", "percent") == (
        "Error: 'percent' is no field; write it as NAME=VALUE."
    )
    chinese = public.wrong("replay", "qz-2024", "--as-of", "2024-13-40", language="zh")
    assert "“2024-13-40”不是日期" in chinese, "quoted once"
    assert public.refused("record", "qz-2024/T-001", "reply").endswith("[unknown-record]\n")
    assert public.refused("record", "qz-2024", "evaluation_result").endswith("[not-now]\n")


def test_evidence_is_kept_beside_the_database_under_its_hash(
    public: Office, tmp_path: Path
) -> None:
    file = tmp_path / "总结.txt"
    file.write_bytes(b"evidence")
    digest = hashlib.sha256(b"evidence").hexdigest()
    public.does("record", "qz-2024/T-001", "evidence", "--file", str(file), as_=SECTION)
    folder = tmp_path / "duban.db.files"
    assert sorted(path.name for path in folder.iterdir()) == [".lock", digest]
    assert (folder / digest).read_bytes() == b"evidence"
    facts = public.json("show", "qz-2024/T-001")["facts"]
    assert (facts["evidence.sha256"], facts["evidence.name"]) == (digest, "总结.txt")


def test_evidence_that_is_refused_is_not_kept(public: Office, tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_bytes(b"evidence")
    words = ("record", "qz-2024/T-001", "evidence", "--file", str(file))
    assert public.refused(*words, as_="zhao").endswith("[not-permitted]\n")
    assert [path.name for path in (tmp_path / "duban.db.files").iterdir()] == [".lock"]
    assert public.refused(*words[:-1], str(tmp_path)).endswith("[file]\n")
    assert public.refused(*words[:-1], str(tmp_path / "none")).endswith("[file]\n")
    assert public.wrong("record", "qz-2024/T-001", "self_report", "--file", str(file)).startswith(
        "Error: This record holds no file; record it as evidence beside: "
    )


def test_a_wrong_date_and_document_are_superseded(public: Office) -> None:
    events = public.json("history", "qz-2024")
    reply = next(e for e in events if e["data"].get("record") == "reply")["position"]
    words = ("correct", str(reply), "--occurred-at", "2024-07-29", "--document", "批复2号")
    assert public.refused(*words).endswith("[reason-required]\n")
    out = public.does(*words, "--reason", "文号抄错")
    assert out.startswith(
        f"qz-2024  corrects event {reply}: 2024-07-29 12:00  2024-08-02 00:00  "
        "wang for group-office  #"
    )
    assert public.json("show", "qz-2024")["facts"]["reply.document"] == "批复2号"
    assert public.refused(*words, "--reason", "again").endswith("[already-exists]\n")


def test_a_record_for_the_wrong_target_is_given_to_the_right_one(public: Office) -> None:
    words = ("record", "qz-2024/T-001", "progress", "--field", "percent=40")
    public.does(*words, "--field", "note=顺利", "--occurred-at", "2024-08-01")
    wrong = str(_last(public))
    out = public.does("correct", wrong, "--to", "qz-2024/T-002", "--reason", "填错目标")
    assert [line.split("  ")[0] for line in out.splitlines()] == ["qz-2024/T-001", "qz-2024/T-002"]
    assert "progress.percent" not in public.json("show", "qz-2024/T-001")["facts"]
    there = public.json("history", "qz-2024/T-002")[-1]
    assert there["occurred_at"] == "2024-08-01T12:00:00+08:00"
    assert there["texts"]["note"] == "顺利"
    assert public.json("show", "qz-2024/T-002")["facts"]["progress.percent"] == 40
    assert public.json("verify")["breaks"] == []


def test_a_correction_that_says_nothing_is_wrong_usage(public: Office) -> None:
    assert public.wrong("correct", "3", "--reason", "x").startswith("Error: Say what is right: ")
    assert public.wrong("correct", "3", "--void", "--field", "a=b").startswith("Error: --void")
    assert public.refused("correct", "99999", "--void", "--reason", "x").endswith("[not-found]\n")


def test_targets_join_change_and_leave(public: Office) -> None:
    words = ("target", "add", "qz-2024", "T-011", "--title", "新任务", "--section", "reform")
    dynamic = (*words, "--category", "dynamic", "--source", "ecology")
    assert "a dynamic target needs the document behind it" in public.refused(*dynamic)
    public.does(
        *("target", "withdraw", "qz-2024/T-004", "--reason", "并入其他目标"),
    )
    public.does(*dynamic, "--basis", "市政府〔2024〕9号")
    assert public.json("show", "qz-2024/T-011")["facts"]["basis"] == "市政府〔2024〕9号"
    assert public.refused(*dynamic, "--basis", "x").endswith("[already-exists]\n")
    public.does("target", "amend", "qz-2024/T-011", "--section", "party", "--pace", "每月")
    shown = public.json("show", "qz-2024/T-011")
    assert (shown["owner"], shown["facts"]["work_plan.pace"]) == ("party", "每月")
    assert public.wrong("target", "amend", "qz-2024/T-011").startswith("Error: Say what changes")
    assert public.wrong(*words[:3], "a/b", *words[4:], "--category", "dynamic").startswith(
        "Error: 'a/b' cannot be the id of a target"
    )


def test_a_finding_is_raised_submitted_and_verified_by_another(public: Office) -> None:
    assert public.does("finding", "raise", "qz-2024/T-001", "报送不及时").startswith(
        "qz-2024/T-001/F-1  opened"
    )
    public.does("move", "qz-2024/T-001/F-1", "submit")
    assert public.refused("move", "qz-2024/T-001/F-1", "verify").endswith("[same-person]\n")


def test_exceptions_need_a_reason_and_change_what_is_owed(public: Office) -> None:
    assert public.refused("excuse", "qz-2024/T-001", "s4").endswith("[reason-required]\n")
    public.does("excuse", "qz-2024/T-001", "s4", "--reason", "并入")
    assert _standing(public, "qz-2024/T-001") == "excused"
    public.does("suspend", "qz-2024/T-002", "s4", "--reason", "审计")
    assert _standing(public, "qz-2024/T-002") == "suspended"
    public.does("resume", "qz-2024/T-002", "s4", "--reason", "审计结束")
    assert _standing(public, "qz-2024/T-002") == "open"
    words = ("extend", "qz-2024/T-003", "s4", "--reason", "顺延", "--until")
    assert public.refused(*words, "2024-12-01") == (
        "Error: The date of step s4 for qz-2024/T-003 cannot be extended: "
        "the new date is not later. [no-date]\n"
    )
    public.does(*words, "2025-01-15")
    (row,) = [r for r in public.json("list") if r["key"] == "qz-2024/T-003"]
    assert row["due_at"] == "2025-01-16T00:00:00+08:00"
    assert public.refused("excuse", "qz-2024/T-001", "s99", "--reason", "x").endswith(
        "[not-found]\n"
    )


def test_posts_have_holders_deputies_and_ends(public: Office) -> None:
    public.does("post", "delegate", "reform-head", "li", "--until", "2024-08-31", as_=ADMINISTRATOR)
    public.does(*REPORT, as_="li")
    last = public.json("history", "qz-2024/T-001")[-2]
    assert (last["actor"], last["acting_for"]) == ("li", "reform-head (deputy)")
    public.at("2024-09-02")
    public.does("post", "assign", "reform-head", "sun", as_=ADMINISTRATOR)
    words = ("record", "qz-2024/T-001", "progress", "--field", "percent=1")
    assert public.refused(*words, as_=SECTION).endswith("[not-permitted]\n")
    public.does(*words, as_="sun")
    (tenure,) = [t for t in public.json("post", "list") if t["person"] == "sun"]
    assert tenure["since"] == "2024-09-02"
    end = ("post", "end", str(tenure["event"]), "--until", "2024-09-01")
    assert public.refused(*end, as_=SECTION).endswith("[not-permitted]\n")
    public.does(*end, as_=ADMINISTRATOR)
    assert public.refused(*words, as_="sun").endswith("[not-permitted]\n")
    assert "reform-head" in public.refused("post", "assign", "reform-haed", "li", as_=ADMINISTRATOR)


def _last(office: Office) -> int:
    keys = [row["key"] for row in office.json("list")]
    return max(int(office.json("history", key)[-1]["position"]) for key in keys)


def _standing(office: Office, key: str) -> str:
    found = office.json("show", key)["obligations"]
    return str(next(o["standing"] for o in found if o["step"] == "s4"))


def test_what_cannot_be_answered_yet_is_not_offered(early: Office) -> None:
    early.does("move", "qz-2024", "draft")
    early.does("move", "qz-2024", "peer_review")

    def offered() -> set[str]:
        records = json.loads(early.does("show", "qz-2024", "--json"))["records"]
        return {one["kind"] for one in records if one["now"]}

    assert {"submitted_for_reply"} <= offered()
    assert "reply" not in offered()
    early.does("record", "qz-2024", "submitted_for_reply", "--document", "请示1号")
    assert "reply" in offered()
