"""What was published stands in the log, and can be asked for by its name."""

from __future__ import annotations

import json

import pytest

from engine.clock import Clock
from engine.entries import Entry
from engine.merkle import Hashing
from engine.ports import Store
from tests.contract.test_sealing import application, signed
from tests.contract.world import CYCLE, GOAL
from workflows.running.sealing import seal


@pytest.mark.parametrize(
    ("kind", "edition"), [("workflow", GOAL.edition), ("plan", f"plan@{CYCLE}")], ids=str
)
def test_what_was_published_has_a_leaf_once_it_is_sealed(
    store: Store, clock: Clock, kind: str, edition: str
) -> None:
    with store.reading() as reader:
        assert reader.sealed_edition(kind, edition) is None
    seal(application(store, clock), signed)
    with store.reading() as reader:
        found = reader.sealed_edition(kind, edition)
        assert reader.sealed_edition(kind, "another") is None
        assert reader.sealed_edition("another", edition) is None
    assert found is not None
    leaf, entry = found
    assert (leaf.kind, leaf.hash) == (Entry.EDITION, Hashing().leaf(entry))
    assert json.loads(entry)["edition"] == edition
