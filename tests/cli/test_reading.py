"""Reading where the plan restricts it: refusals tell nobody what there is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.office import ADMINISTRATOR, OFFICE, REFERENCE, SECTION, Office
from tests.cli.test_auditing import tamper
from tests.integration.bundles import outcome

RULE = "\nreading: {sections: own}\n"
OTHERS, NOWHERE = "qz-2024/T-002", "qz-2024/T-902"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("reading")
    plan = folder / "plan.yaml"
    plan.write_text(REFERENCE.read_text(encoding="utf-8") + RULE, encoding="utf-8")
    office = Office(folder / "duban.db")
    office.does("init", "--trial", "--clock", "2024-07-08 10:00", as_=ADMINISTRATOR)
    office.does("open", str(plan), as_=ADMINISTRATOR)
    office.does("post", "assign", "group-office", OFFICE, as_=ADMINISTRATOR)
    office.does("post", "assign", "reform-head", SECTION, as_=ADMINISTRATOR)
    office.does("post", "assign", "auditor", "zhou", as_=ADMINISTRATOR)
    office.at("2025-01-10 10:00")
    return office


@pytest.fixture
def office(built: Office, tmp_path: Path) -> Office:
    return built.copy(tmp_path / "duban.db")


def ask(office: Office, *words: str) -> str:
    return office.refused(*words, as_=SECTION).replace(OTHERS, "KEY").replace(NOWHERE, "KEY")


def test_a_section_reads_its_own_and_no_other(office: Office) -> None:
    assert OTHERS in office.does("list", "qz-2024")
    mine = office.does("list", "qz-2024", as_=SECTION)
    assert "qz-2024/T-001" in mine
    assert OTHERS not in mine
    assert "qz-2024/T-001" in office.does("show", "qz-2024/T-001", as_=SECTION)
    for words in (
        ("status",),
        ("due",),
        ("history", "qz-2024"),
        ("status", "--as-of", "2025-01-09"),
    ):
        assert "T-002" not in office.does(*words, as_=SECTION), words


@pytest.mark.parametrize(
    "words",
    [
        ("show",),
        ("history",),
        ("replay",),
        ("excuse", "s4", "--reason", "x"),
        ("record", "progress", "--field", "percent=4"),
        ("force", "evaluated", "--reason", "x", "--authority", "y"),
        ("move", "withdraw", "--reason", "x"),
        ("target", "amend", "--title", "x"),
        ("extend", "s4", "2025-02-01", "--reason", "x"),
        ("rung", "s4", "0", "--reason", "x"),
        ("due", "--explain", "s4"),
        ("diff", "2024-07-09", "2025-01-01"),
    ],
    ids=lambda words: words[0],
)
def test_another_section_s_target_is_refused_like_one_that_is_not_there(
    office: Office, words: tuple[str, ...]
) -> None:
    verb = 2 if words[0] == "target" else 1
    asked = [(*words[:verb], key, *words[verb:]) for key in (OTHERS, NOWHERE)]
    assert ask(office, *asked[0]) == ask(office, *asked[1])
    assert "not-found" in ask(office, *asked[0])


def test_what_a_file_names_is_refused_like_that_too(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "done.yaml"
    said = []
    for key in (OTHERS, NOWHERE):
        file.write_text(f"- {{step: s4, on: 2024-12-01, instance: {key}}}\n", encoding="utf-8")
        said.append(ask(office, "backfill", "qz-2024", str(file)))
    assert said[0] == said[1]
    assert "not-found" in said[0]


def test_who_holds_no_post_sees_no_cycle(office: Office) -> None:
    assert "There is no cycle yet" in office.does("status", as_="stranger")
    assert "not-found" in office.refused("show", "qz-2024", as_="stranger")
    assert "not-found" in office.refused("show", "qz-2025", as_="stranger")


def test_the_office_an_administrator_and_an_auditor_read_everything(office: Office) -> None:
    for person in (OFFICE, ADMINISTRATOR, "zhou"):
        assert OTHERS in office.does("show", OTHERS, as_=person)
    refused = office.refused("record", OTHERS, "progress", "--field", "percent=4", as_="zhou")
    assert "not-permitted" in refused  # an auditor writes nothing but notes


def test_the_daemon_acts_for_nobody_and_sees_all(office: Office) -> None:
    office.does("daemon", "--once", as_="stranger")
    kinds = [e["kind"] for e in office.json("history", OTHERS)]
    assert "late" in kinds


def test_an_event_of_others_is_refused_like_one_that_never_was(office: Office) -> None:
    number = office.json("history", OTHERS)[0]["position"]
    said = [
        office.refused("correct", str(n), "--reason", "x", "--void", as_=SECTION).replace(
            str(n), "N"
        )
        for n in (number, 99999)
    ]
    assert said[0] == said[1]


def test_evidence_of_others_is_not_there(office: Office, tmp_path: Path) -> None:
    for number, key in enumerate(("qz-2024/T-001", OTHERS)):
        file = tmp_path / f"{number}.txt"
        file.write_text(f"evidence {number}", encoding="utf-8")
        office.does("evidence", "add", key, str(file))
    mine, others = (
        hashlib.sha256(f"evidence {number}".encode()).hexdigest() for number in range(2)
    )
    for words in (("list",), ("list", "qz-2024"), ("check",), ("check", "qz-2024")):
        said = office.does("evidence", *words, "--json", as_=SECTION)
        assert mine in said
        assert others not in said
    assert "not-found" in ask(office, "evidence", "get", others, str(tmp_path / "out"))
    office.does("evidence", "get", mine, str(tmp_path / "out"), as_=SECTION)


def test_a_section_exports_its_own_and_not_the_whole(office: Office, tmp_path: Path) -> None:
    words = ("export", "--bundle", str(tmp_path / "a.zip"))
    assert "not-permitted" in ask(office, *words)
    assert ask(office, *words, "--instance", OTHERS) == ask(office, *words, "--instance", NOWHERE)
    office.does("seal")
    office.does(*words, "--instance", "qz-2024/T-001", as_=SECTION)
    assert outcome(tmp_path / "a.zip")[0] == 0


def test_verify_looks_at_all_and_tells_of_others_only_where(office: Office) -> None:
    assert "All histories hold" in office.does("verify", as_=SECTION)
    tamper(office.database, "UPDATE instance SET owner='x' WHERE key='qz-2024/T-002'")
    told = office.run("verify", "qz-2024", as_=SECTION)
    assert told.exit_code == 3
    assert OTHERS in told.stdout
    assert "owner" not in told.stdout
    assert "owner=x" in office.run("verify", "qz-2024").stdout
