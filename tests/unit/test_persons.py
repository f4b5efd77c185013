"""Persons as the log covers them, and as a reader of a bundle sees them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.bundle.pseudonyms import Pseudonyms
from adapters.bundle.verifier.persons import OPENING, names_of, persons_in, renamed
from adapters.bundle.verifier.trouble import Bad
from engine.events import Event, Kind
from engine.persons import Persons, commitment

MOMENT = datetime(2024, 1, 1, tzinfo=UTC)
EVENT = Event(
    instance="x",
    sequence=1,
    kind=Kind.MOVED,
    actor="chen",
    acting_for="li/bureau",
    occurred_at=MOMENT,
    recorded_at=MOMENT,
    data={
        "chain": {"confirmed_by": "wu", "confirmed_for": "li/bureau", "proposed_by": "chen"},
        "parties": ["chen", "li"],
        "set": {"title": "chen"},
    },
)


SALT = "e91b18d9e99933ec666ab80548ad0bf084bf4ee133d0637411217e94f957c08d"
HASH = "#fd8f7482da0d9ba73dd3b196d7fad1a66229d3bb063f1c6f3b6b2bdade2667a2"


def test_the_hash_of_a_person_is_fixed_forever() -> None:
    """Never change it: every log ever sealed holds such hashes."""
    persons = Persons("secret")
    assert persons.salt("li") == SALT
    assert persons.of("li") == commitment(SALT, "li") == HASH


def test_whoever_an_event_names_is_numbered_in_order() -> None:
    shown = Pseudonyms().event(EVENT)
    assert (shown.actor, shown.acting_for) == ("#1", "#2/bureau")
    assert shown.data["chain"] == {
        "confirmed_by": "#3",
        "confirmed_for": "#2/bureau",
        "proposed_by": "#1",
    }
    assert shown.data["parties"] == ["#1", "#2"]
    assert shown.data["set"] == {"title": "chen"}


@pytest.mark.parametrize(
    ("acting_for", "shown"),
    [
        ("", ""),
        ("bureau", "bureau"),
        ("bureau (deputy)", "bureau (deputy)"),
        ("li/", "#1/"),
        ("li/bureau (deputy)", "#1/bureau (deputy)"),
    ],
)
def test_a_post_is_no_person(acting_for: str, shown: str) -> None:
    numbered = Pseudonyms()
    assert numbered.chain(acting_for) == shown
    assert numbered.of("daemon") == Persons("s").of("daemon") == "daemon"
    assert numbered.recipient("post:bureau") == "post:bureau"


def test_two_databases_have_nothing_in_common() -> None:
    assert Persons("a").of("li") != Persons("b").of("li")
    assert Persons("a").of("li") != Persons("a").of("wu")


def test_a_person_is_opened_with_the_salt_and_nobody_else_is() -> None:
    persons = Persons("secret")
    row = {"name": "li", "person": persons.of("li"), "salt": persons.salt("li")}
    assert names_of([row], OPENING, "x") == {persons.of("li"): "li"}
    plan = persons.within({"posts": [{"holder": {"person": "li"}}]})
    assert persons_in(plan) == {persons.of("li")}
    assert renamed(plan, {persons.of("li"): "li"}) == {"posts": [{"holder": {"person": "li"}}]}
    for wrong in ({**row, "name": "wu"}, {**row, "salt": ""}, {**row, "person": persons.of("wu")}):
        with pytest.raises(Bad, match="other-person"):
            names_of([wrong], OPENING, "x")


@pytest.mark.parametrize(
    "rows",
    [{}, [1], [{}], [{"name": "li", "person": "#1", "salt": ""}], [{"name": 1, "person": []}]],
)
def test_what_is_no_list_of_names_is_not_taken(rows: object) -> None:
    with pytest.raises(Bad, match="no-names"):
        names_of(rows, OPENING, "x")
