"""The hash of the log as a plan's choice: it decides where nothing is sealed, and never after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.eyes import FORCED
from tests.unit.year import ADMINISTRATOR, ROOT, Year, begin, small
from workflows.plan.oversight import LogHash
from workflows.running.amending import amend
from workflows.running.launch import launch
from workflows.running.sealing import HashAsked, HashChosen, choose_hash, seal

SM3 = replace(small(1), log_hash=LogHash.SM3)


def hashing(year: Year) -> str:
    with year.store.reading() as reader:
        last = reader.checkpoint()
    assert last is not None
    return last.hashing


def test_where_nothing_is_sealed_a_plan_decides() -> None:
    year = begin(SM3, "2024-07-01 09:00")
    seal(year.app)
    assert hashing(year) == "sm3"
    launch(year.app, replace(small(1), key="second"), ROOT)  # one that does not mind
    with pytest.raises(HashChosen):
        choose_hash(year.app, "sha256")


def test_a_log_that_has_begun_keeps_its_hash() -> None:
    year = begin(small(1), "2024-07-01 09:00")
    seal(year.app)
    with pytest.raises(HashAsked) as refused:
        launch(year.app, replace(SM3, key="second"), ROOT)
    assert "init --hash sm3" in str(refused.value)
    with year.store.reading() as reader:
        assert reader.find("second") is None
    with pytest.raises(HashAsked):
        amend(year.app, year.key, SM3, ADMINISTRATOR, FORCED)
    seal(year.app)
    assert hashing(year) == "sha256"
    launch(year.app, replace(small(1), key="third", log_hash=LogHash.SHA256), ROOT)


def test_two_plans_do_not_ask_for_two_hashes() -> None:
    year = begin(SM3, "2024-07-01 09:00")
    with pytest.raises(HashAsked):
        launch(year.app, replace(small(1), key="second", log_hash=LogHash.SHA256), ROOT)
    with pytest.raises(HashAsked):
        choose_hash(year.app, "sha256")
