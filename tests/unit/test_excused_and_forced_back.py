"""What an excuse and a force back leave behind: joins do not wait, moves do not bounce."""

from __future__ import annotations

from engine.population import Population
from tests.unit.year import OFFICE, Year, begin, publish, small
from workflows import assignment, cycle
from workflows.running import exceptions
from workflows.running.requests import Grounds


def handed_in_but_one(year: Year) -> str:
    """Hand in all that the join waits for but one section's material; return its key."""
    for number in range(1, 4):
        year.record(f"T-{number}", "self_report", {"completion": 100})
    where = Population(cycle=year.key, workflow=assignment.NAME, origin="s4-incentive")
    with year.store.reading() as reader:
        first, *others = [found.key for found in reader.select(where)]
    for key in others:
        year.record(key.partition("/")[2], "handed_in")
    return first


def test_a_join_does_not_wait_for_an_assignment_that_is_excused() -> None:
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    last = handed_in_but_one(year)
    assert year.state() == cycle.PUBLISHED
    exceptions.excuse(year.app, last, "s4-incentive", OFFICE, Grounds(reason="机构撤并"))
    assert year.state(last.partition("/")[2]) == assignment.EXCUSED
    assert year.state() == cycle.SELF_ASSESSED
    year.assert_sound()


def test_what_is_forced_back_stays_there_until_it_is_done_anew() -> None:
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    year.force("", cycle.APPROVED)
    assert year.state() == cycle.APPROVED
    year.tick()
    assert year.state() == cycle.APPROVED, "the old publication would have published it again"
    voided = year.history()[-1].data["unset"]
    assert "publication:website" in voided
    assert not any(fact.startswith("reply") for fact in voided)
    for channel in ("website", "notice_board"):
        year.record("", "publication", {"channel": channel, "proof": "重新公开"})
    assert year.state() == cycle.PUBLISHED
    year.assert_sound()
