"""The daemon seals: what happened is in the log within a minute, and it is signed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.application import application
from adapters.daemon import SEALING, Daemon
from adapters.keys import KeyRing
from tests.cli.office import ADMINISTRATOR, Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "duban.db")
    made.does("init", "--trial", "--clock", "2024-07-08 09:00", as_=ADMINISTRATOR)
    return made


def daemon(office: Office, ring: KeyRing | None = None) -> Daemon:
    keys = ring or KeyRing(office.database.with_name("duban.db.key"))
    return Daemon(application(str(office.database)), signers=keys.signers)


def happens(office: Office) -> None:
    office.does("post", "assign", "auditor", "shen", as_=ADMINISTRATOR)


def unsealed(office: Office) -> int:
    found: int = office.json("verify")["log"]["unsealed"]
    return found


def test_what_happens_is_sealed_by_the_next_pass_or_the_one_after_it(office: Office) -> None:
    working = daemon(office)
    working.once()
    assert unsealed(office) == 0
    happens(office)
    working.once()
    assert unsealed(office) == 1  # it has sealed a moment ago: one checkpoint a minute is enough
    assert working.sealed_at is not None
    working.sealed_at -= SEALING
    working.once()
    assert unsealed(office) == 0
    working.once()
    happens(office)
    working.sealed_at -= timedelta(minutes=1)
    working.once()
    assert unsealed(office) == 0
    assert office.json("verify")["log"]["signed"] == 3


def test_a_daemon_without_the_key_seals_nothing_and_goes_on(office: Office, tmp_path: Path) -> None:
    working = daemon(office, KeyRing(tmp_path / "none.key"))
    assert working.once() == 0
    assert Daemon(application(str(office.database))).once() == 0
    assert office.json("verify")["log"]["leaves"] == 0
