"""Follow-up slips, numbered and answered by a date of their own; re-set dates; conditions."""

from __future__ import annotations

from datetime import date

from engine.events import Instance, Kind
from engine.guards import ALWAYS, Guard, Known, Not
from engine.ladder import Action, Ladder, Rung, Unit
from engine.population import Population
from tests.unit.dated import WHY, climbed, content, dated, import_days, of_targets, plan_with
from tests.unit.year import OFFICE, Year, begin, head, local
from workflows import assignment
from workflows.running.announcing import enter_rung
from workflows.running.conduct import conduct
from workflows.running.desk import desk
from workflows.running.exceptions import extend
from workflows.running.slips import SLIP, slips_about

ANSWERS = Ladder(
    name="answers",
    rungs=(
        Rung(offset=-1, recipients=("owner",)),
        Rung(offset=0, action=Action.LATE, lamp="红", recipients=("owner",)),
        Rung(offset=2, action=Action.SLIP, reply=2, recipients=("owner",)),
    ),
)


def slips(*more: Rung, when: Guard = ALWAYS) -> Ladder:
    first = Rung(
        offset=2,
        unit=Unit.CALENDAR_DAY,
        action=Action.SLIP,
        recipients=("owner",),
        reply=3,
        reply_ladder="answers",
        when=when,
    )
    return Ladder(name="slips", rungs=(Rung(offset=0, action=Action.LATE), first, *more))


def begun(ladder: Ladder, *, targets: int = 3, due: str = "2024-12-10") -> Year:
    step = of_targets("t", due, ladder="slips")
    plan = plan_with(step, year=2024, ladders=(ladder, ANSWERS), targets=targets)
    return begin(plan, "2024-11-01 09:00")


def issued(year: Year) -> list[Instance]:
    with year.store.reading() as reader:
        found = reader.select(
            Population(cycle=year.key, workflow=assignment.NAME, where=Known(SLIP))
        )
    return list(found)


def test_one_matter_one_slip_numbered_through_the_cycle() -> None:
    year = begun(slips())
    year.tick_daily("2024-12-13")
    found = issued(year)
    assert [(s.key, s.facts["slip"], s.facts["matter"]) for s in found] == [
        (year.name(f"S-000{n}"), n, year.name(f"T-{n}")) for n in (1, 2, 3)
    ]
    assert [s.owner for s in found] == [year.find(f"T-{n}").owner for n in (1, 2, 3)]
    assert found[0].facts["title"] == "示例目标1（督办单第1号）"
    assert [len(year.history(f"T-{n}", Kind.SLIP)) for n in (1, 2, 3)] == [1, 1, 1]
    year.assert_sound()


def test_numbers_go_on_with_the_next_slips() -> None:
    again = Rung(
        offset=10, unit=Unit.CALENDAR_DAY, action=Action.SLIP, reply=2, recipients=("owner",)
    )
    year = begun(slips(again), targets=2)
    year.tick_daily("2024-12-31")
    assert [s.facts["slip"] for s in issued(year)] == [1, 2, 3, 4]
    with year.store.reading() as reader:
        at = desk(year.app, reader, year.key)
        about = slips_about(at, year.name("T-2"))
        counts = conduct(at, year.find("T-2"))
    assert [s.facts["slip"] for s in about] == [2, 4]
    assert (counts.slips, counts.late) == (2, 1)


def test_the_owner_that_the_step_names_gets_the_slip() -> None:
    step = of_targets("t", "2024-12-10", ladder="slips", owner="office")
    plan = plan_with(step, year=2024, ladders=(slips(), ANSWERS), targets=3)
    year = begin(plan, "2024-11-01 09:00")
    year.tick_daily("2024-12-13")
    assert {s.owner for s in issued(year)} == {"office"}


def test_a_slip_about_the_cycle_goes_to_the_group_office() -> None:
    step = dated("d", "2024-12-10", ladder="slips")
    year = begin(plan_with(step, year=2024, ladders=(slips(), ANSWERS)), "2024-11-01 09:00")
    year.tick_daily("2024-12-13")
    (slip,) = issued(year)
    assert (slip.owner, slip.facts["matter"]) == ("group_office", year.key)


def test_the_answer_counts_from_the_day_on_which_it_was_really_issued() -> None:
    """Nominally on 12 December; the daemon stood until Friday the 20th."""
    prompt, late = begun(slips()), begun(slips())
    prompt.tick_daily("2024-12-12")
    late.tick("2024-12-20 08:00")
    label = "v1"
    assert prompt.deadline("t+r1", occurrence=label).last_day == "2024-12-17"
    assert late.deadline("t+r1", occurrence=label).last_day == "2024-12-25"
    (slip,) = late.history("T-1", Kind.SLIP)
    assert slip.occurred_at == local("2024-12-12"), "nominally it stays what it was"
    assert slip.recorded_at == local("2024-12-20 08:00")


def test_an_answer_has_a_ladder_of_its_own_which_climbs_only_while_it_is_missing() -> None:
    year = begun(slips(), targets=2)
    year.tick_daily("2024-12-13")
    year.record("S-0001", "handed_in", {}, head(year.find("S-0001").owner))
    year.tick_daily("2024-12-18")
    assert climbed(year, "t+r1") == [(0, "12-16"), (1, "12-18")]
    assert (year.late("S-0001"), year.late("S-0002")) == ([], ["t+r1"])
    assert (year.find("S-0001").lamp, year.find("S-0002").lamp) == ("", "红")
    assert year.late("T-1") == ["t"], "the matter itself stays as it is"


def test_a_slip_that_is_not_answered_brings_no_slip_about_a_slip() -> None:
    year = begun(slips(), targets=1)
    year.tick_daily("2024-12-31")
    assert len(issued(year)) == 1
    assert len(year.history("S-0001", Kind.SLIP)) == 1, "its ladder says so, and it is counted"


def test_a_slip_into_an_unannounced_year_is_provisional() -> None:
    step = of_targets("t", "2026-12-28", ladder="slips")
    plan = plan_with(step, year=2026, ladders=(slips(), ANSWERS))
    year = begin(plan, "2026-11-01 09:00")
    year.tick_daily("2026-12-31")
    assert year.deadline("t+r1", occurrence="v1").certainty == "provisional"
    edition, _ = content("edition: n\nsource: s\ncomplete: [2027]\n")
    import_days(year, "edition: n\nsource: s\ncomplete: [2027]\n")
    found = year.deadline("t+r1", occurrence="v1")
    assert (found.certainty, found.version) == ("fixed", 2)
    assert edition in found.calendar_edition


def test_a_slip_entered_by_hand_is_issued_to_that_one() -> None:
    year = begun(slips())
    enter_rung(year.app, year.name("T-2"), "t", 1, OFFICE, WHY)
    (slip,) = issued(year)
    assert slip.facts["matter"] == year.name("T-2")
    enter_rung(year.app, year.name("T-2"), "t", 1, OFFICE, WHY)
    assert [s.facts["slip"] for s in issued(year)] == [1, 2]
    assert {s.facts["matter"] for s in issued(year)} == {year.name("T-2")}


def test_the_answer_to_a_slip_can_be_given_a_later_day() -> None:
    year = begun(slips(), targets=2)
    year.tick_daily("2024-12-13")
    answer = year.plan.step("t+r1")
    assert answer is not None
    extend(year.app, year.name("S-0001"), answer.id, date(2024, 12, 20), OFFICE, WHY)
    year.tick_daily("2024-12-31")
    late = [year.history(f"S-000{n}", Kind.LATE)[0].occurred_at for n in (1, 2)]
    assert late == [local("2024-12-21"), local("2024-12-18")]


RESETS = Ladder(
    name="slips",
    rungs=(
        Rung(offset=0, action=Action.LATE, lamp="黄", recipients=("owner",)),
        Rung(offset=3, lamp="橙", after_previous=True, recipients=("owner",)),
        Rung(offset=3, lamp="红", after_previous=True, recipients=("owner",)),
    ),
)


def test_a_ladder_of_re_set_dates_climbs_only_while_unmet() -> None:
    year = begun(RESETS, targets=2)
    year.force("", "published", cascade=True)
    year.tick_daily("2024-12-17")
    assert climbed(year, "t") == [(0, "12-11"), (1, "12-17")]
    year.record("T-1", "self_report", {"completion": 100}, head(year.find("T-1").owner))
    assert year.find("T-1").lamp == ""
    year.tick_daily("2025-01-10")
    assert climbed(year, "t") == [(0, "12-11"), (1, "12-17"), (2, "12-21")]
    assert (year.find("T-1").lamp, year.find("T-2").lamp) == ("", "红")


def test_nobody_left_means_no_rung_at_all() -> None:
    year = begun(RESETS, targets=1)
    year.force("", "published", cascade=True)
    year.tick_daily("2024-12-12")
    year.record("T-1", "self_report", {"completion": 100}, head(year.find("T-1").owner))
    year.tick_daily("2025-01-10")
    assert climbed(year, "t") == [(0, "12-11")]


def test_re_set_days_are_granted_from_when_the_rung_before_really_fired() -> None:
    year = begun(RESETS, targets=1)
    year.tick("2024-12-20 08:00")  # a Friday; nine days of silence
    year.tick_daily("2025-01-02")
    assert climbed(year, "t") == [(0, "12-11"), (1, "12-26"), (2, "01-01")]


def test_a_rung_with_a_condition_concerns_only_whom_it_fits() -> None:
    year = begun(slips(when=Not(Known("progress"))))
    year.record("T-2", "progress", {"percent": 40}, head(year.find("T-2").owner))
    year.tick_daily("2024-12-13")
    assert [s.facts["matter"] for s in issued(year)] == [year.name("T-1"), year.name("T-3")]
    assert year.late("T-2") == ["t"]
