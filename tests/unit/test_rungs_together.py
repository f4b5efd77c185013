"""Rungs that fall together: for each one the last that applies to it speaks, and speaks once."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.messages import translator
from adapters.notify.digest import Digester, Matter
from engine.events import Kind
from engine.guards import ALWAYS, Compare, Guard, Known
from engine.ladder import Action, Ladder, Rung, Unit
from tests.unit.dated import WHY, of_targets, plan_with
from tests.unit.year import OFFICE, Told, Year, begin, head
from workflows.running.announcing import enter_rung
from workflows.running.catch_up import planned
from workflows.running.desk import desk

BEHIND = Compare("progress.percent", "<", 50)


def rung(offset: int, lamp: str, *tell: str, when: Guard = ALWAYS) -> Rung:
    recipients = tell or ("owner",)
    unit = Unit.CALENDAR_DAY
    return Rung(offset=offset, unit=unit, lamp=lamp, recipients=recipients, when=when)


def begun(*rungs: Rung, targets: int = 2) -> Year:
    ladder = Ladder(name="l", rungs=(*rungs, Rung(offset=30, action=Action.LATE)))
    plan = plan_with(
        of_targets("t", "2024-12-10", ladder="l"), year=2024, ladders=(ladder,), targets=targets
    )
    return begin(plan, "2024-11-01 09:00")


def behind(year: Year, *names: str) -> None:
    for name in names:
        year.record(name, "progress", {"percent": 10}, head(year.find(name).owner))


def owners(told: Sequence[Told]) -> dict[str, tuple[str, ...]]:
    return {one.who: one.about for one in told}


def matters(year: Year) -> dict[str, list[Matter]]:
    """Return person → what the notice that waits for them says."""
    with year.store.unit_of_work(year.clock.now()) as unit:
        notices = unit.gather()
    with year.store.reading() as reader:
        maker = Digester(year.app, translator("zh"))
        made = {n.recipient: maker.digest(reader, n) for n in notices}
    return {who: list(digest.matters) for who, digest in made.items() if digest}


def test_an_earlier_rung_speaks_to_those_whom_the_later_one_leaves_out() -> None:
    year = begun(rung(-3, "蓝"), rung(-2, "黄", when=BEHIND))
    behind(year, "T-2")
    first, second = (year.find(name).owner for name in ("T-1", "T-2"))
    year.tick("2024-12-09 09:00")
    kinds = [e.kind for e in year.history("", Kind.REMINDED, Kind.FOLDED)]
    assert kinds == [Kind.REMINDED, Kind.REMINDED]
    assert owners(year.told()) == {f"p.{first}-head": (first,), f"p.{second}-head": (second,)}
    assert (year.find("T-1").lamp, year.find("T-2").lamp) == ("蓝", "黄")
    year.assert_sound()


def test_a_later_rung_for_everybody_folds_the_one_before() -> None:
    year = begun(rung(-3, "蓝", when=BEHIND), rung(-2, "黄"))
    behind(year, "T-2")
    year.tick("2024-12-09 09:00")
    kinds = [e.kind for e in year.history("", Kind.REMINDED, Kind.FOLDED)]
    assert kinds == [Kind.FOLDED, Kind.REMINDED]
    assert [one.who for one in year.told()] == sorted(
        f"p.{year.find(name).owner}-head" for name in ("T-1", "T-2")
    )


def test_where_the_later_one_leaves_nobody_out_the_earlier_is_folded() -> None:
    year = begun(rung(-3, "蓝"), rung(-2, "黄", when=BEHIND))
    behind(year, "T-1", "T-2")
    year.tick("2024-12-09 09:00")
    kinds = [e.kind for e in year.history("", Kind.REMINDED, Kind.FOLDED)]
    assert kinds == [Kind.FOLDED, Kind.REMINDED]


def test_each_of_three_rungs_speaks_to_its_own() -> None:
    year = begun(
        rung(-3, "蓝"),
        rung(-2, "黄", when=BEHIND),
        rung(-1, "红", when=Known("evidence")),
        targets=3,
    )
    behind(year, "T-2", "T-3")
    year.record("T-3", "evidence", {"sha256": "ab"}, head(year.find("T-3").owner))
    year.tick("2024-12-09 09:00")
    assert [year.find(f"T-{n}").lamp for n in (1, 2, 3)] == ["蓝", "黄", "红"]
    labels = {
        e.position: str(e.data["label"]) for e in year.history("", Kind.REMINDED, Kind.FOLDED)
    }
    with year.store.unit_of_work(year.clock.now()) as unit:
        items = [item for notice in unit.gather() for item in notice.items]
    said = {(labels[item.event], item.about) for item, _ in items}
    assert said == {
        (lamp, (year.find(f"T-{n}").owner,)) for n, lamp in ((1, "蓝"), (2, "黄"), (3, "红"))
    }


def test_what_a_start_would_tell_is_what_it_tells() -> None:
    year = begun(rung(-3, "蓝"), rung(-2, "黄", when=BEHIND))
    behind(year, "T-2")
    year.at("2024-12-09 09:00")
    with year.store.reading() as reader:
        foreseen = {
            who for one in planned(desk(year.app, reader, year.key)) for who in one.recipients
        }
    year.tick()
    assert {one.who for one in year.told()} == foreseen


def test_a_notice_of_two_rungs_names_all_that_its_owner_owes_once() -> None:
    """One section has two targets, of which the later rung concerns one."""
    year = begun(rung(-3, "蓝"), rung(-2, "黄", when=BEHIND), targets=12)
    same = [f"T-{n}" for n in range(1, 13) if year.find(f"T-{n}").owner == year.find("T-1").owner]
    assert len(same) > 1
    behind(year, same[0])
    year.tick("2024-12-09 09:00")
    (matter,) = matters(year)[f"p.{year.find('T-1').owner}-head"]
    assert (matter.count, matter.keys) == (len(same), tuple(year.name(n) for n in sorted(same)))
    assert matter.lamp == "黄"


def test_what_several_sections_owe_through_one_post_is_counted_together() -> None:
    ladder = Ladder(name="l", rungs=(rung(-3, "蓝"),))
    step = of_targets("t", "2024-12-10", ladder="l", owner="office")
    year = begin(plan_with(step, year=2024, ladders=(ladder,), targets=3), "2024-11-01 09:00")
    year.tick("2024-12-09 09:00")
    (found,) = matters(year).values()
    assert [(m.count, len(m.keys)) for m in found] == [(3, 3)]


def test_lateness_below_a_rung_entered_by_hand_is_recorded_and_colours_nothing_back() -> None:
    ladder = Ladder(
        name="l",
        rungs=(
            Rung(offset=0, action=Action.LATE, lamp="黄", recipients=("owner",)),
            rung(20, "红"),
        ),
    )
    plan = plan_with(of_targets("t", "2024-12-10", ladder="l"), year=2024, ladders=(ladder,))
    year = begin(plan, "2024-11-01 09:00")
    enter_rung(year.app, year.name("T-1"), "t", 1, OFFICE, WHY)
    year.told()
    year.tick("2024-12-11 09:00")
    assert (year.late("T-1"), year.find("T-1").lamp) == (["t"], "红")
    (late,) = (e for e in year.history("", Kind.REMINDED) if e.data["action"] == "late")
    assert late.data["label"] == "红", "the notice shows the lamp that stands"
    assert year.told() != []


def test_an_event_says_to_whom_it_spoke_where_not_to_all_that_owe() -> None:
    year = begun(rung(-3, "蓝"), rung(-2, "黄", when=BEHIND))
    behind(year, "T-2")
    year.tick("2024-12-09 09:00")
    first, second = year.history("", Kind.REMINDED)
    assert len(first.data["owed"]) == 2
    assert first.data["spoken_to"] == [year.find("T-1").owner]
    assert "spoken_to" not in second.data
