"""Who may read what: a section its own and the cycle; what may not be read is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest

from adapters.restricted import restricted
from engine.definition import ADMINISTRATOR
from engine.errors import NotFound
from engine.events import Kind
from engine.population import Population
from engine.ports import Reader
from tests.unit.year import ROOT, Year, begin, publish, small
from workflows import target
from workflows.plan.oversight import ReadingRule, Sight
from workflows.roles import AUDITOR
from workflows.running.desk import desk
from workflows.running.overview import overview
from workflows.running.proposals import GLASS
from workflows.running.tenures import assign

OWN = ReadingRule(sections=Sight.OWN)
TARGETS = Population(cycle="qz-2024", workflow=target.NAME)


@pytest.fixture(scope="module")
def year() -> Year:
    """Every section has a target that is late."""
    found = begin(replace(small(6), reading=OWN), "2024-07-01 09:00")
    publish(found)
    assign(found.app, body="", post=AUDITOR, person="p.auditor", actor=ROOT)
    assign(found.app, body="", post=ADMINISTRATOR, person="p.second", actor=ROOT)
    found.tick("2025-01-10 10:00")
    return found


@contextmanager
def reading(year: Year, person: str) -> Iterator[Reader]:
    with restricted(year.app, person).store.reading() as reader:
        yield reader


def seen(year: Year, person: str) -> set[str]:
    with reading(year, person) as reader:
        return {i.key for i, _ in reader.histories()}


def test_a_section_sees_its_own_and_the_cycle(year: Year) -> None:
    mine = seen(year, "p.planning-head")
    assert {"qz-2024", "qz-2024/T-2", "qz-2024/s4-incentive-planning", "office"} <= mine
    assert "qz-2024/T-1" not in mine
    with reading(year, "p.planning-head") as reader:
        assert {i.owner for i in reader.select(TARGETS)} == {"planning"}
        assert reader.count(TARGETS) == 1
        assert [t.owner for t in reader.tally(TARGETS)] == ["planning"]
        assert sum(reader.by_state("qz-2024", target.NAME).values()) == 1
        lamps = sum(reader.by_lamp("qz-2024").values())
    with year.store.reading() as whole:
        assert 0 < lamps < sum(whole.by_lamp("qz-2024").values())


def test_what_may_not_be_read_is_not_there(year: Year) -> None:
    """The very refusal of a key that never was, whatever is asked of it."""
    position = year.history("T-1")[0].position
    with reading(year, "p.planning-head") as reader:
        assert reader.find("qz-2024/T-1") is reader.find("qz-2024/T-999") is None
        assert reader.event(position) is reader.event(10**6) is None
        for question in (reader.history, reader.exemptions):
            refusals = []
            for key in ("qz-2024/T-1", "qz-2024/T-9"):
                with pytest.raises(NotFound) as refused:
                    question(key)
                refusals.append(str(refused.value).replace(key, "KEY"))
            assert refusals[0] == refusals[1]


def test_the_cycle_says_nothing_of_others(year: Year) -> None:
    with reading(year, "p.planning-head") as reader:
        told = [e for e in reader.history("qz-2024") if "owed" in e.data]
        assert told
        assert {line["owner"] for e in told for line in e.data["owed"]} == {"planning"}
        found = overview(desk(year.app, reader, "qz-2024"))
    owners = {t.owner for o in (*found.late, *found.soon) for t in o.tallies}
    assert owners == {"planning", "group_office"}  # the office owes what the cycle itself owes
    assert all("/T-1" not in key for o in found.late for t in o.tallies for key in t.first)


def test_those_who_run_or_audit_the_year_see_everything(year: Year) -> None:
    whole = set(year.histories()) | {"office"}
    for person in (ROOT, "p.second", "p.auditor", "p.group-office", "p.group-head"):
        assert seen(year, person) == whole, person


def test_a_vice_leader_outside_the_leading_group_sees_the_sections_in_charge() -> None:
    plan = small(6)
    posts = tuple(
        replace(p, roles=("vice_leader",)) if p.id == "vice-leader-a" else p for p in plan.posts
    )
    year = begin(replace(plan, posts=posts, reading=OWN), "2024-07-01 09:00")
    (post,) = [p for p in posts if p.id == "vice-leader-a"]
    with reading(year, "p.vice-leader-a") as reader:
        assert {i.owner for i in reader.select(TARGETS)} == set(post.in_charge_of)


def test_who_holds_no_post_sees_no_cycle(year: Year) -> None:
    with reading(year, "nobody") as reader:
        assert reader.cycles() == []
        assert reader.find("qz-2024") is None
        with pytest.raises(NotFound):
            reader.plan("qz-2024")


def test_a_post_is_seen_through_for_as_long_as_it_is_held(year: Year) -> None:
    assign(
        year.app,
        body="quanzhou-sasac",
        post="finance-head",
        person="p.former",
        actor=ROOT,
        since=date(2024, 1, 1),
        until=date(2024, 12, 31),
        replaces=False,
    )
    assert seen(year, "p.former") == {"office"}


def test_open_as_long_as_the_plan_says_nothing() -> None:
    year = begin(small(2), "2024-07-01 09:00")
    assert restricted(year.app, "nobody") is year.app


def test_the_flag_of_what_was_done_alone_names_no_instance(year: Year) -> None:
    assert all(value is True for name, value in year.find().facts.items() if name.startswith(GLASS))
    assert year.history("", Kind.GLASS_BROKEN) == []
