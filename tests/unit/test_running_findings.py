"""Quarters, findings and the daemon's work by hand: requirements R-39, R-41, R-42 and R-46."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from engine.errors import NotPermitted, SamePerson
from engine.events import Event, Kind
from tests.unit.year import (
    INSTANT,
    OFFICE,
    ROOT,
    Year,
    answer,
    begin,
    hand_in,
    head,
    local,
    proofs,
    publish,
    self_assess,
    shipped,
    small,
    submit,
)
from workflows.running.additions import raise_finding
from workflows.running.requests import Grounds, Who
from workflows.running.tenures import assign

QUARTERS_2025 = [
    ("2025-Q1", "2025-04-01", "2025-04-11"),
    ("2025-Q2", "2025-07-01", "2025-07-11"),
    ("2025-Q3", "2025-10-01", "2025-10-11"),
    ("2025-Q4", "2026-01-01", "2026-01-13"),
]
"""The tenth of January 2026 is a Saturday: a date that is counted rolls to the Monday."""


def deadlines_of(year: Year, step: str) -> list[tuple[str, object, object]]:
    with year.store.reading() as reader:
        found = reader.deadlines(year.key, step, instance="")
    return sorted((d.occurrence, d.opens_at, d.due_at) for d in found)


@pytest.mark.parametrize("step", ["quarterly-progress", "quarterly-analysis"])
def test_quarters_are_anchored_to_the_calendar_with_their_own_label(step: str) -> None:
    """R-39: "anchored to the calendar (no drift)", each due ten days after its quarter."""
    year = begin(small(1, 2025), "2025-01-02 09:00")
    assert deadlines_of(year, step) == [
        (label, local(opens), local(due)) for label, opens, due in QUARTERS_2025
    ]


@pytest.mark.parametrize("late_by_days", [0, 3, 40])
def test_a_quarter_handed_in_late_does_not_move_the_next(late_by_days: int) -> None:
    """R-39: no drift: what happened in one quarter leaves the others where they are."""
    year = begin(small(1, 2025), "2025-01-02 09:00")
    year.tick("2025-04-01")
    year.at(f"2025-{5 if late_by_days == 40 else 4:02}-{20 - (late_by_days == 3):02} 09:00")
    year.record("quarterly-analysis-2025-Q1", "handed_in")
    year.tick_daily("2026-01-12")
    assert deadlines_of(year, "quarterly-analysis") == [
        (label, local(opens), local(due)) for label, opens, due in QUARTERS_2025
    ]


def test_each_section_and_the_office_get_an_assignment_of_their_own() -> None:
    """R-39: from July on in the reference plan: Q3 first, opened when its quarter has ended."""
    year = begin(shipped(), "2024-06-20 09:00")
    year.tick(local("2024-10-01") - INSTANT)
    assert not [key for key in year.histories() if "quarterly" in key]
    year.tick("2024-10-01")
    born = {key.partition("/")[2]: e for key, e in year.histories().items() if "quarterly" in key}
    sections = {f"quarterly-progress-2024-Q3-{s.id}" for s in year.plan.sections}
    assert born.keys() == {*sections, "quarterly-analysis-2024-Q3"}
    assert year.find("quarterly-analysis-2024-Q3").owner == "group_office"
    assert {events[0].occurred_at for events in born.values()} == {local("2024-10-01")}


def test_the_label_is_that_of_its_quarter_however_late_it_was_opened() -> None:
    """R-39, promise 4: a daemon that slept from September to February."""
    year = begin(small(), "2024-06-20 09:00")
    year.tick("2025-02-10 09:00")
    born = sorted(
        (key.partition("/")[2], events[0].occurred_at)
        for key, events in year.histories().items()
        if "quarterly-analysis" in key
    )
    assert born == [
        ("quarterly-analysis-2024-Q3", local("2024-10-01")),
        ("quarterly-analysis-2024-Q4", local("2025-01-01")),
    ]


def finding(on: str = "T-1") -> Year:
    """A year in whose middle a finding was raised."""
    year = begin(small(), "2024-06-20 09:00")
    publish(year)
    year.at("2024-09-10 09:00")
    raise_finding(
        year.app, year.name(on), "台账不全", OFFICE, Grounds(), method="spot_verification"
    )
    return year


def test_a_finding_of_the_middle_of_the_year_is_rectified_in_the_middle_of_the_year() -> None:
    """R-41: "findings come from three+ sources and at any time"."""
    year = finding()
    year.move("T-1/F-1", "assign")
    year.move("T-1/F-1", "begin", head("office"))
    year.move("T-1/F-1", "submit", head("office"))
    year.move("T-1/F-1", "verify")
    year.move("T-1/F-1", "close")
    assert (year.state("T-1/F-1"), year.state("T-1")) == ("closed", "published")
    year.assert_sound()


@pytest.mark.parametrize("on", ["T-1", ""])
def test_the_cycle_is_rectified_when_every_finding_of_the_year_is_closed(on: str) -> None:
    """R-41: "rectified at cycle level = all findings of the year closed", of any target or none."""
    year = finding(on).at("2024-12-20 09:00")
    self_assess(year, ("T-1", "T-2", "T-3"))
    hand_in(year, [s.id for s in year.plan.sections])
    year.at("2025-02-20 09:00").record("", "evaluation_result", {"document": "通报1号"})
    year.record("", "circular", {"document": "通报2号"})
    name = f"{on}/F-1" if on else "F-1"
    year.move(name, "submit")
    year.move(name, "verify", Who(person=ROOT, acting_for="group-office"))
    assert year.state() == "evaluated"
    year.move(name, "close")
    assert year.state() == "rectified"
    assert {year.state(target) for target in ("T-1", "T-2", "T-3")} == {"rectified"}


def test_the_doer_does_not_verify() -> None:
    """R-42: "verifier ≠ doer"; a colleague of the same office may."""
    year = finding()
    assign(
        year.app, body=year.plan.body, post="group-office", person="qian", actor=ROOT, deputy=True
    )
    year.move("T-1/F-1", "submit")
    with pytest.raises(SamePerson) as refused:
        year.move("T-1/F-1", "verify")
    assert refused.value.values["did"] == "submit"
    assert year.state("T-1/F-1") == "submitted"
    year.move("T-1/F-1", "verify", Who(person="qian"))
    assert year.state("T-1/F-1") == "verified"


THE_OFFICE = Who(person="p.group-office")
ROOT_FOR_THE_OFFICE = Who(person=ROOT, acting_for="p.group-office")
ROOT_FOR_THE_SECTION = Who(person=ROOT, acting_for="p.office-head")
ROOT_FOR_THE_POST = Who(person=ROOT, acting_for="group-office")


@pytest.mark.parametrize(
    ("doer", "verifier"),
    [
        (THE_OFFICE, ROOT_FOR_THE_OFFICE),
        (ROOT_FOR_THE_OFFICE, THE_OFFICE),
        (ROOT_FOR_THE_OFFICE, ROOT_FOR_THE_OFFICE),
        (ROOT_FOR_THE_SECTION, ROOT_FOR_THE_POST),
        (ROOT_FOR_THE_POST, ROOT_FOR_THE_OFFICE),
    ],
)
def test_nor_in_the_name_of_somebody_else(doer: Who, verifier: Who) -> None:
    """R-42: neither who did it nor in whose name it was done, whoever is named now."""
    year = finding()
    year.move("T-1/F-1", "submit", doer)
    with pytest.raises(SamePerson):
        year.move("T-1/F-1", "verify", verifier)


def test_a_section_does_not_verify_at_all() -> None:
    """R-42: who may is named."""
    year = finding()
    year.move("T-1/F-1", "submit", head("office"))
    with pytest.raises(NotPermitted) as refused:
        year.move("T-1/F-1", "verify", head("planning"))
    assert refused.value.values["allowed"] == ["group_office", "reviewer"]


COURSE: Sequence[tuple[str, Callable[[Year], object]]] = (
    ("2024-07-12 09:00", lambda y: y.move("", "draft")),
    ("2024-07-18 09:00", lambda y: y.move("", "peer_review")),
    ("2024-07-25 09:00", submit),
    ("2024-07-30 09:00", answer),
    ("2024-08-05 09:00", proofs),
    ("2024-10-14 09:00", lambda y: y.record("quarterly-analysis-2024-Q3", "handed_in")),
    ("2024-12-20 09:00", lambda y: self_assess(y, ("T-1", "T-3"))),
    ("2025-01-06 09:00", lambda y: hand_in(y, [s.id for s in y.plan.sections])),
    ("2025-01-10 09:00", lambda y: self_assess(y, ["T-2"])),
    ("2025-02-20 09:00", lambda y: y.record("", "evaluation_result", {"document": "1"})),
    ("2025-03-05 09:00", lambda y: y.record("", "circular", {"document": "2"})),
    ("2025-03-06 09:00", lambda y: y.record("T-1", "progress", {"percent": 100})),
)


def lived(*, with_daemon: bool) -> dict[str, list[tuple[object, ...]]]:
    """A whole year by hand, with or without a daemon, as what happened when."""
    year = begin(small(), "2024-06-20 09:00")
    for when, act in COURSE:
        if with_daemon:
            year.tick_daily(when[:10])
        act(year.at(when))
    assert year.state() == "rectified"
    return {key: [_fact(event) for event in events] for key, events in year.histories().items()}


def _fact(event: Event) -> tuple[object, ...]:
    kind = Kind.FOLDED if event.kind is Kind.REMINDED else event.kind
    return kind, event.trigger, event.target, event.occurred_at, event.timer, event.part


def test_all_that_the_daemon_does_comes_about_by_hand_as_well() -> None:
    """R-46: "everything the daemon does can be done by hand with the same result"."""
    assert lived(with_daemon=True) == lived(with_daemon=False)
