"""Random bytes of a database are changed: nothing that means something passes unnoticed.

`duban verify` names a break, or says in one sentence that the file is damaged;
it never crashes. What it passes over leaves every event, text, edition, notice
and checkpoint as it was.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.keys import verifies
from adapters.sql.database import connect
from adapters.sql.store import SqlStore
from adapters.sql.trouble import DatabaseTrouble
from engine.clock import StandingClock
from engine.verification import verify
from tests.cli.office import ADMINISTRATOR, Office, opened, published
from tests.contract.world import NOW
from workflows.running.log_audit import audit_log

FEWER = 10
"""Of those that change nothing that is read, one in so many is verified all the same."""
FLIPS = int(os.environ.get("DUBAN_FLIPS", "60"))
"""How many; a campaign has 10,000."""

MEANINGFUL = {
    "event": "*",
    "event_text": "*",
    "instance": "*",
    "plan_edition": "*",
    "workflow_edition": "*",
    "calendar_edition": "*",
    "legal_move": "*",
    "leaf": "*",
    "log_node": "*",
    "log_edition": "*",
    "checkpoint": "*",
    "tenure": "*",
    "notice_item": "id, event, recipient, channel, about",
    "notice": "id, key, recipient, channel, state, created_at, sent_at",
}
"""What the log and the histories vouch for. Deadlines, timers and settings are not among it."""
JSON_COLUMNS = {"content", "data", "facts", "about"}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a published cycle, notices that were sent, and a sealed log."""
    folder = tmp_path_factory.mktemp("lived")
    office = published(opened(folder / "duban.db", "2024-07-08"))
    office.at("2024-08-20 09:00")
    for _ in range(2):
        office.does("daemon", "--once", as_=ADMINISTRATOR)
    office.does("daemon", "--apply", as_=ADMINISTRATOR)
    office.does("daemon", "--once", as_=ADMINISTRATOR)
    office.does("seal")
    with closing(sqlite3.connect(folder / "duban.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "duban.db"


def meaning(place: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that is stored, as it is read: the same JSON in other words is the same."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with closing(sqlite3.connect(place)) as connection:
        for table, columns in MEANINGFUL.items():
            cursor = connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2")  # noqa: S608 - our own
            # SQLite takes `coNtent` for `content`; so does this.
            names = [column[0].lower() for column in cursor.description]
            found[table] = [
                tuple(
                    json.dumps(json.loads(value), sort_keys=True) if name in JSON_COLUMNS else value
                    for name, value in zip(names, row, strict=True)
                )
                for row in cursor
            ]
    return found


def verdict(place: Path, opened: Engine | None = None) -> str:
    """What `duban verify` would say: nothing, a break's code, or that the file is damaged."""
    database = opened or connect(str(place))  # one that was used before knows its statements
    try:
        with SqlStore(database, StandingClock(NOW)).reading() as reader:
            for broken in verify(reader):
                return broken.code
            for broken in audit_log(reader, verifies):
                return broken.code
    except DatabaseTrouble:
        return "damaged"
    finally:
        database.dispose()
    return ""


def flipped(source: Path, place: Path, chance: random.Random) -> str:
    """Copy the database with one byte, or one bit, changed; return where and how."""
    shutil.copyfile(source, place)
    for suffix in ("-wal", "-shm"):
        place.with_name(place.name + suffix).unlink(missing_ok=True)
    with place.open("r+b") as file:
        at = chance.randrange(source.stat().st_size)
        file.seek(at)
        (before,) = file.read(1)
        after = before ^ (
            1 << chance.randrange(8) if chance.random() < 0.5 else chance.randrange(1, 256)
        )
        file.seek(at)
        file.write(bytes([after]))
    return f"byte {at}: {before} → {after}"


def campaign(lived: Path, place: Path, flips: int, seed: int) -> Iterator[tuple[str, str]]:
    chance = random.Random(seed)
    known = meaning(lived)
    opened = connect(str(place))
    for number in range(flips):
        what = flipped(lived, place, chance)
        try:
            same = meaning(place) == known
        except (sqlite3.Error, ValueError, TypeError, RecursionError):
            same = False
        if same and number % FEWER:
            yield what, "says the same"
        else:
            yield what, verdict(place, opened) or ("says the same" if same else "UNNOTICED")


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.timeout(300 + FLIPS)
def test_no_changed_byte_that_means_something_passes_unnoticed(lived: Path, tmp_path: Path) -> None:
    seed = int(os.environ.get("DUBAN_SEED", random.SystemRandom().randrange(10**6)))
    seen: Counter[str] = Counter()
    for what, said in campaign(lived, tmp_path / "copy.db", FLIPS, seed):
        seen[said] += 1
        assert said != "UNNOTICED", f"seed {seed}, {what}"
    print(f"seed {seed}: {dict(seen)}")  # noqa: T201 - the campaign's report


def test_the_unharmed_copy_holds(lived: Path, tmp_path: Path) -> None:
    shutil.copyfile(lived, tmp_path / "copy.db")
    assert verdict(tmp_path / "copy.db") == ""
    office = Office(tmp_path / "copy.db")
    shutil.copy(f"{lived}.key", tmp_path / "copy.db.key")
    assert office.json("verify")["breaks"] == []


def test_a_file_whose_pages_are_damaged_gets_one_clear_sentence(
    lived: Path, tmp_path: Path
) -> None:
    content = bytearray(lived.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 8] = b"\xff" * 8
    (tmp_path / "copy.db").write_bytes(bytes(content))
    for words in (("verify",), ("seal",), ("checkpoint",), ("status",)):
        said = Office(tmp_path / "copy.db").refused(*words)
        assert "the file is damaged" in said or "not a duban database" in said
