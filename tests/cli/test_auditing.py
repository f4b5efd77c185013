"""History, replay and verify; exit 3 where a history is broken."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.office import Office


def tamper(database: Path, *statements: str) -> None:
    """Change the database as nobody can through duban; triggers that were dropped are put back."""
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT sql, name FROM sqlite_master WHERE type = 'trigger'"
        triggers = dict(connection.execute(query).fetchall())
        for statement in statements:
            connection.execute(statement)
        left = {name for _, name in connection.execute(query)}
        for sql, name in triggers.items():
            if name not in left:
                connection.execute(sql)
        connection.commit()


def test_verify_says_that_all_holds(public: Office) -> None:
    assert public.does("verify", "qz-2024").startswith("TRIAL\nAll histories hold; ")
    assert public.json("verify")["breaks"] == []


def test_verify_names_a_projection_that_was_edited_by_hand(public: Office) -> None:
    tamper(public.database, "UPDATE instance SET state='rectified' WHERE key='qz-2024/T-001'")
    result = public.run("verify")
    assert result.exit_code == 3
    mark, first, *_ = result.stdout.splitlines()
    assert mark == "TRIAL"
    assert first == (
        "qz-2024/T-001: the projection differs from the history "
        "(found: state=rectified; expected: state=published) [projection]"
    )
    (broken,) = public.json("verify", status=3)["breaks"]
    assert broken == {
        "instance": "qz-2024/T-001",
        "sequence": 0,
        "code": "projection",
        "problem": "the projection differs from the history",
        "found": "state=rectified",
        "expected": "state=published",
    }


def test_a_broken_history_is_named_by_verify_and_by_replay(public: Office) -> None:
    tamper(
        public.database,
        "DROP TRIGGER event_refuses_delete",
        "DELETE FROM event WHERE sequence = 3 AND instance_id = "
        "(SELECT id FROM instance WHERE key = 'qz-2024/T-001')",
    )
    assert public.run("verify").exit_code == 3
    for words in (("replay", "qz-2024/T-001"), ("replay", "qz-2024/T-001", "--step")):
        result = public.run(*words)
        assert result.exit_code == 3
        assert result.stderr.startswith("Error: History of qz-2024/T-001 breaks at event 4: ")
    with closing(sqlite3.connect(public.database)) as connection:
        connection.execute("DROP TRIGGER event_refuses_delete")
    assert public.run("doctor").exit_code == 1
    for command in ("doctor", "verify"):
        assert "- trigger event_refuses_delete" in public.run(command).stdout


def test_replay_gives_what_was_true_and_what_was_known(late: Office) -> None:
    late.does("backfill", "--step", "s1a", "--on", "2024-07-09")
    late.at("2024-08-05")
    late.does("backfill", "--step", "s1b", "--on", "2024-07-18")
    states = {
        words: late.json("replay", "qz-2024/T-001", *words)["state"]
        for words in (
            (),
            ("--as-of", "2024-07-10"),
            ("--as-of", "2024-07-20"),
            ("--as-of", "2024-07-20", "--known-at", "2024-08-03"),
        )
    }
    assert states == {
        (): "peer_reviewed",
        ("--as-of", "2024-07-10"): "drafted",
        ("--as-of", "2024-07-20"): "peer_reviewed",
        ("--as-of", "2024-07-20", "--known-at", "2024-08-03"): "drafted",
    }


def test_a_day_means_its_end(public: Office) -> None:
    states = [
        [e["target"] for e in public.json("history", "qz-2024", "--as-of", day) if e["target"]]
        for day in ("2024-07-17", "2024-07-18")
    ]
    assert states == [["drafted"], ["drafted", "peer_reviewed"]]
    assert public.does("history", "qz-2024", "--as-of", "2023-01-01").endswith(
        "Nothing had happened by then.\n"
    )


@pytest.mark.parametrize("words", [("history",), ("replay",), ("show",), ("record",)])
def test_an_unknown_instance_names_what_may_have_been_meant(
    words: tuple[str, ...], public: Office
) -> None:
    assert "duban show qz-2024/T-001" in public.refused(*words, "qz-2024/T-01")
    assert "duban show qz-2024/T-002" in public.refused(*words, "T-002")
