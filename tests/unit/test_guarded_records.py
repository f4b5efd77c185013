"""What is put right, dated back, opened or imported by two persons, where the plan says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.act import CHAIN
from engine.errors import NotPermitted
from engine.events import Kind
from tests.unit.dated import content
from tests.unit.eyes import ALL, ALONE, FORCED, LEADER, VICE, WHY, flagged, proposed, watched
from tests.unit.year import ADMINISTRATOR as ROOT_WHO
from tests.unit.year import OFFICE, ROOT, head, small
from workflows import office
from workflows.plan.model import Holder
from workflows.plan.oversight import FourEyes, Guarded
from workflows.running.amending import amend
from workflows.running.backfill import Entry, backfill
from workflows.running.confirming import OwnProposal, WorldMoved, confirm
from workflows.running.correcting import correct
from workflows.running.launch import launch
from workflows.running.proposals import NoGlassToBreak
from workflows.running.recalculation import adopt
from workflows.running.requests import Grounds, Who, record

DAYS = """
edition: days-1
source: 国办发明电〔2024〕9号
days:
  - {day: 2024-12-30, kind: off}
  - {day: 2025-01-02, kind: off}
"""


def only(*acts: Guarded) -> FourEyes:
    return FourEyes(acts=acts, within=300, break_glass=True)


def test_a_record_is_put_right_by_two() -> None:
    year = watched(only(Guarded.CORRECT))
    (wrong,) = year.record("T-1", "progress", {"percent": 90}, head(year.find("T-1").owner))
    values = {"percent": 40, "note": "笔误"}
    (asked,) = correct(year.app, wrong.position, OFFICE, WHY, values=values)
    assert (asked.kind, asked.data["guard"]) == (Kind.ACT_PROPOSED, "correct")
    assert year.find("T-1").facts["progress.percent"] == 90
    assert asked.texts["note"] == "笔误"  # where a redaction can remove it
    assert "笔误" not in str(asked.data)
    with pytest.raises(NotPermitted):
        confirm(year.app, asked.position, OFFICE)
    _, right, *_ = confirm(year.app, asked.position, LEADER)
    assert (right.kind, right.texts["note"]) == (Kind.CORRECTED, "笔误")
    assert right.data[CHAIN]["confirmed_by"] == LEADER.person
    assert year.find("T-1").facts["progress.percent"] == 40
    year.assert_sound()


def test_what_was_put_right_meanwhile_is_another_world() -> None:
    year = watched(only(Guarded.CORRECT))
    owner = head(year.find("T-1").owner)
    (wrong,) = year.record("T-1", "progress", {"percent": 90}, owner)
    (asked,) = correct(year.app, wrong.position, OFFICE, WHY, values={"percent": 40})
    year.record("T-1", "progress", {"percent": 95}, owner)
    with pytest.raises(WorldMoved):
        confirm(year.app, asked.position, LEADER)


def test_who_may_not_correct_proposes_no_correction() -> None:
    year = watched(only(Guarded.CORRECT))
    owner = head(year.find("T-1").owner)
    (wrong,) = year.record("T-1", "progress", {"percent": 90}, owner)
    with pytest.raises(NotPermitted):
        correct(year.app, wrong.position, owner, WHY, values={"percent": 40})
    assert proposed(year) == []


def test_only_what_would_have_been_late_is_dated_back_by_two() -> None:
    year = watched(only(Guarded.BACKDATE), "2025-01-10 10:00")
    today = record(year.app, year.name("T-1"), "progress", {"percent": 9}, OFFICE, on("2025-01-03"))
    assert today[0].kind is Kind.RECORDED  # no date lies between
    late = record(year.app, year.name("T-1"), "self_report", {"completion": 100}, OFFICE)
    assert late[0].kind is Kind.RECORDED  # late, and says so
    (asked,) = record(
        year.app, year.name("T-2"), "self_report", {"completion": 100}, OFFICE, on("2024-12-30")
    )
    assert (asked.kind, asked.data["guard"]) == (Kind.ACT_PROPOSED, "backdate")
    assert [year.name("T-2") + " s4", "late", "met"] in asked.data["effects"]["obligations"]
    assert year.state("T-2") == "published"
    _, done, *_ = confirm(year.app, asked.position, LEADER)
    assert year.state("T-2") == "self_assessed"
    assert done.data[CHAIN]["proposed_by"] == OFFICE.person
    year.assert_sound()


def test_a_back_fill_is_no_way_around_it() -> None:
    year = watched(only(Guarded.BACKDATE), "2025-01-10 10:00")
    key = year.name(f"s4-incentive-{year.plan.sections[0].id}")
    entry = Entry(step="s4-incentive", on=date(2024, 12, 30), instance=key)
    (asked,) = backfill(year.app, year.key, [entry], OFFICE)
    assert (asked.kind, asked.data["act"]) == (Kind.ACT_PROPOSED, "backfill")
    confirm(year.app, asked.position, LEADER)
    assert year.state(key.partition("/")[2]) == "submitted"
    year.assert_sound()


def test_a_correction_is_no_way_around_it() -> None:
    year = watched(only(Guarded.BACKDATE), "2025-01-10 10:00")
    late, *_ = record(year.app, year.name("T-2"), "self_report", {"completion": 100}, OFFICE)
    grounds = replace(WHY, occurred_at=date(2024, 12, 30))
    (asked,) = correct(year.app, late.position, OFFICE, grounds)
    assert asked.data["guard"] == "backdate"
    (other,) = correct(year.app, late.position, OFFICE, WHY, values={"completion": 90})[:1]
    assert other.kind is Kind.CORRECTED


def on(day: str) -> Grounds:
    return Grounds(occurred_at=date.fromisoformat(day), reason="补录")


def test_dating_back_alone_is_flagged_and_what_is_not_dated_back_needs_no_glass() -> None:
    year = watched(only(Guarded.BACKDATE), "2025-01-10 10:00")
    key, values = year.name("T-2"), {"completion": 100}
    with pytest.raises(NoGlassToBreak):
        record(year.app, key, "self_report", values, OFFICE, replace(WHY, alone=True))
    assert year.state("T-2") == "published"
    alone = replace(on("2024-12-30"), alone=True)
    flag, *_ = record(year.app, key, "self_report", values, OFFICE, alone)
    assert flagged(year) == [flag]
    assert year.state("T-2") == "self_assessed"
    year.assert_sound()


def test_another_year_is_opened_by_two() -> None:
    year = watched(only(Guarded.OPEN))
    plan = replace(small(2), key="second")
    launched = launch(year.app, plan, ROOT, date(2024, 8, 1), FORCED)
    assert launched.proposed
    (asked,) = launched.events
    with year.store.reading() as reader:
        assert reader.find("second") is None
    year.record("", "minutes", {"note": "例会"})  # what its own cycle does is no difference
    year.tick("2024-08-28 10:00")
    with pytest.raises(OwnProposal):
        confirm(year.app, asked.position, ROOT_WHO)
    _, opened = confirm(year.app, asked.position, LEADER)
    assert (opened.kind, opened.instance) == (Kind.OPENED, "second")
    assert opened.data[CHAIN]["confirmed_by"] == LEADER.person
    assert opened.authority == FORCED.authority
    year.assert_sound()
    another = replace(small(1), key="third", body="another-body")
    assert not launch(year.app, another, ROOT).events


def test_a_plan_that_names_holders_is_no_way_around_the_rule_for_posts() -> None:
    """Or an administrator would make an account of their own the second person."""
    year = watched(only(Guarded.POSTS))
    mine = tuple(
        replace(p, holders=(*p.holders, Holder(person="p.mine"))) if p.id == "group-head" else p
        for p in year.plan.posts
    )
    plan = replace(small(2), key="second", posts=mine)
    (asked,) = launch(year.app, plan, ROOT).events
    assert (asked.kind, asked.data["guard"]) == (Kind.ACT_PROPOSED, "posts")
    with pytest.raises(NotPermitted):
        confirm(year.app, asked.position, Who(person="p.mine"))
    amended = replace(year.plan, posts=mine)
    (other,) = amend(year.app, year.key, amended, ROOT_WHO, FORCED)
    assert other.data["guard"] == "posts"
    assert not launch(year.app, replace(small(2), key="third"), ROOT).events


def test_other_working_days_are_let_in_by_two() -> None:
    year = watched(only(Guarded.CALENDAR))
    edition, days = content(DAYS)
    with pytest.raises(NotPermitted):
        adopt(year.app, edition, days, OFFICE, WHY)
    (asked,) = adopt(year.app, edition, days, ROOT_WHO, WHY)
    assert (asked.kind, asked.instance) == (Kind.ACT_PROPOSED, year.key)
    with year.store.reading() as reader:
        assert reader.setting("calendar") == ""
    year.tick("2024-08-28 10:00")
    _, adopted = confirm(year.app, asked.position, VICE)
    assert (adopted.kind, adopted.instance) == (Kind.CALENDAR, office.KEY)
    assert adopted.data[CHAIN]["proposed_by"] == ROOT
    with year.store.reading() as reader:
        assert reader.setting("calendar") == edition
    year.assert_sound()


def test_days_that_another_cycle_would_feel_are_shown_with_it() -> None:
    year = watched(only(Guarded.CALENDAR))
    launch(year.app, replace(small(1), key="second", four_eyes=FourEyes()), ROOT)
    edition, days = content(DAYS)
    (asked,) = adopt(year.app, edition, days, ROOT_WHO, WHY)
    assert asked.instance == year.key
    moved = {str(name).partition(":")[0] for name, *_ in asked.data["effects"]["timers"]}
    assert {year.key, "second"} <= moved


def test_all_that_a_plan_can_guard_it_may_do_alone() -> None:
    year = watched(ALL)
    edition, days = content(DAYS)
    flag, done = adopt(year.app, edition, days, ROOT_WHO, ALONE)
    assert (flag.kind, done.kind) == (Kind.GLASS_BROKEN, Kind.CALENDAR)
    launched = launch(year.app, replace(small(2), key="second"), ROOT, None, ALONE)
    assert [e.kind for e in launched.events] == [Kind.GLASS_BROKEN, Kind.OPENED]
    assert len(flagged(year)) == 2
