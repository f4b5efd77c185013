"""Ladders as real rules describe them: three colours on re-set dates, pushed to all, chased."""

from __future__ import annotations

from datetime import date, timedelta

from engine.events import Event, Kind
from tests.unit.real_plans import happens, office, opened
from tests.unit.year import ZONE, Told, Year
from workflows.running.announcing import enter_rung
from workflows.running.exceptions import excuse, extend
from workflows.running.obligations import Standing
from workflows.running.requests import Grounds

WHY = Grounds(reason="情况说明")


def shown(events: list[Event]) -> list[tuple[str, str, str]]:
    """Return local day, kind, and lamp or step of what time did."""
    return [
        (
            f"{e.occurred_at.astimezone(ZONE):%m-%d}",
            str(e.kind),
            str(e.data["lamp"] if e.kind is Kind.LAMP else e.data["step"]),
        )
        for e in events
    ]


def marks(year: Year, name: str) -> list[tuple[str, str, str]]:
    """Return what time did to an instance, day by day."""
    return shown(year.history(name, Kind.LATE, Kind.LAMP, Kind.SLIP, Kind.PROPOSED))


def days_of_telling(year: Year, until: str) -> dict[str, list[Told]]:
    """Let the daemon pass every midnight; return who was told of what on which day."""
    found = {}
    day = year.clock.moment.astimezone(ZONE).date()
    while day < date.fromisoformat(until):
        day += timedelta(days=1)
        year.tick(day.isoformat())
        told = year.told()
        if told:
            found[f"{day:%m-%d}"] = told
    return found


# Suqian: yellow is behind the pro-rata progress, blue close to the limit, red overdue


def test_who_is_behind_the_time_gone_by_is_yellow() -> None:
    year = opened("suqian", 2025, "2025-03-10 09:00")
    for name, percent in (("M-1", 48), ("M-2", 49)):
        happens(year, "progress", "2025-06-25", name, percent=percent)
    # on 30 June 180 of 365 days have gone by (49 percent), on 30 September 272 (74 percent)
    told = days_of_telling(year, "2025-09-29")
    assert {day: {t.about for t in ts} for day, ts in told.items()} == {"06-30": {("section-a",)}}
    assert [year.find(name).lamp for name in ("M-1", "M-2")] == ["黄", ""]
    for name, percent in (("M-1", 68), ("M-2", 69)):
        happens(year, "progress", "2025-09-29", name, percent=percent)
    year.tick("2025-10-08 09:00")  # the daemon was down over the holidays
    assert marks(year, "M-1") == [("06-30", "lamp", "黄"), ("09-30", "lamp", "黄")]
    assert marks(year, "M-2") == []
    happens(year, "evidence", "2025-12-20", "M-1", sha256="ab" * 32)
    year.tick("2026-01-02 09:00")
    assert marks(year, "M-2") == [
        ("12-21", "lamp", "蓝"),
        ("01-01", "late", "matter"),
        ("01-01", "lamp", "红"),
    ]
    assert year.find("M-1").lamp == ""
    reminded = year.history("", Kind.REMINDED, Kind.FOLDED)
    assert [e.data["expected"] for e in reminded if "expected" in e.data] == [49, 74]


# Sanming: blue, orange, red, each with a new date


def test_the_next_colour_follows_when_the_new_date_is_missed() -> None:
    year = opened("sanming", 2025, "2025-03-20 09:00")
    told = days_of_telling(year, "2025-04-30")
    assert {day: sorted({t.who for t in ts}) for day, ts in told.items()} == {
        "04-01": ["post:section-a-head", "post:section-b-head"],
        "04-12": ["post:section-a-head", "post:section-b-head", "post:vice-leader"],
        "04-19": [
            "post:inspection",
            "post:leaders",
            "post:section-a-head",
            "post:section-b-head",
            "post:vice-leader",
        ],
    }
    # ten days from 1 April end with the 11th; five working days from Saturday 12th with the 18th
    assert marks(year, "M-1") == [
        ("04-01", "late", "matter"),
        ("04-01", "lamp", "蓝"),
        ("04-12", "lamp", "橙"),
        ("04-19", "proposed", "matter"),
        ("04-19", "lamp", "红"),
    ]


def test_a_new_date_counts_from_the_day_on_which_it_was_really_set() -> None:
    year = opened("sanming", 2025, "2025-03-20 09:00")
    year.tick("2025-04-09 10:00")  # the daemon was down for eight days
    # ten days from the 9th end on Saturday the 19th, so on Monday the 21st
    year.tick("2025-04-21 00:00")
    assert year.find("M-1").lamp == "蓝"
    year.tick("2025-04-22 00:00")
    assert year.find("M-1").lamp == "橙"
    assert marks(year, "M-1")[:2] == [("04-01", "late", "matter"), ("04-01", "lamp", "蓝")]


def test_whoever_is_done_or_excused_climbs_no_further() -> None:
    year = opened("sanming", 2025, "2025-03-20 09:00")
    year.tick("2025-04-01 00:00")
    happens(year, "evidence", "2025-04-05", "M-1", sha256="ab" * 32)
    excuse(year.app, year.name("M-2"), "matter", office(year), WHY)
    year.told()
    told = days_of_telling(year, "2025-04-30")
    assert list(told) == ["04-12", "04-19"]
    assert year.find("M-1").lamp == ""
    for name in ("M-1", "M-2"):
        assert [m for m in marks(year, name) if m[0] > "04-01"] == [("04-05", "lamp", "")]
    assert {t.about for t in told["04-19"] if t.who == "post:leaders"} == {("section-b",)}


def test_an_urgent_matter_starts_at_orange_and_climbs_from_there() -> None:
    """特别事项 begins higher: entered by hand before any date was missed."""
    year = opened("sanming", 2025, "2025-03-20 09:00")
    enter_rung(year.app, year.name("M-3"), "matter", 1, office(year), WHY)
    assert year.find("M-3").lamp == "橙"
    told = days_of_telling(year, "2025-04-30")
    # five working days from 20 March end with the 27th
    assert "03-28" in told
    assert marks(year, "M-3")[:3] == [
        ("03-20", "lamp", "橙"),
        ("03-28", "proposed", "matter"),
        ("03-28", "lamp", "红"),
    ]
    assert marks(year, "M-1")[0] == ("04-01", "late", "matter")


def test_the_date_is_still_missed_by_what_was_entered_higher_by_hand() -> None:
    year = opened("sanming", 2025, "2025-03-20 09:00")
    enter_rung(year.app, year.name("M-3"), "matter", 1, office(year), WHY)
    days_of_telling(year, "2025-04-30")
    assert year.standing("matter", "M-3") is Standing.LATE
    assert year.late("M-3") == ["matter"]
    # lateness is a fact to record; what was climbed already is not climbed again
    assert len(year.history("M-3", Kind.PROPOSED)) == 1
    assert [lamp for _, kind, lamp in marks(year, "M-3") if kind == "lamp"].count("橙") == 1


def test_a_later_date_takes_one_matter_off_the_common_ladder() -> None:
    year = opened("sanming", 2025, "2025-03-20 09:00")
    until = date(2025, 4, 15)
    extend(year.app, year.name("M-1"), "matter", until, office(year), WHY)
    days_of_telling(year, "2025-05-31")
    # ten days from 16 April end on Saturday the 26th, so on Sunday the 27th, which is worked;
    # five working days from the 28th, over 1 to 5 May
    assert marks(year, "M-1") == [
        ("04-16", "late", "matter"),
        ("04-16", "lamp", "蓝"),
        ("04-28", "lamp", "橙"),
        ("05-09", "proposed", "matter"),
        ("05-09", "lamp", "红"),
    ]


# Xi'an: pushed to everybody from three days before


def test_everybody_sees_yellow_then_red_before_the_date() -> None:
    year = opened("xian", 2024, "2024-05-06 09:00")
    told = days_of_telling(year, "2024-05-31")
    everybody = {
        "post:leaders",
        "post:vice-head",
        "post:supervision",
        "post:section-a-head",
        "post:section-b-head",
    }
    assert {day: {t.who for t in ts} for day, ts in told.items()} == {
        "05-17": everybody,
        "05-19": everybody,
        "05-21": everybody,
    }
    assert marks(year, "H-1") == [
        ("05-17", "lamp", "黄"),
        ("05-19", "lamp", "红"),
        ("05-21", "late", "inspect"),
        ("05-21", "lamp", "红"),
    ]


# 12345: a call before, a chase the day after, a circular five working days over


def called(on: str) -> Year:
    """Return a year in which the first matter came in on a day, the other unit owing nothing."""
    year = opened("xian", 2024, "2024-09-02 09:00")
    happens(year, "received", on, "H-1")
    return year


def test_a_complaint_is_due_in_thirteen_working_days_and_chased_the_day_after() -> None:
    """29 September and 12 October 2024 were worked, 1 to 7 October off."""
    year = called("2024-09-27")
    assert year.deadline("answer", "H-1").last_day == "2024-10-21"
    told = {
        day: [(t.who, t.action) for t in ts if t.step == "answer"]
        for day, ts in days_of_telling(year, "2024-11-15").items()
    }
    assert told == {
        "10-18": [("post:section-a-head", "remind")],
        "10-22": [
            ("post:inspection-group", "slip"),
            ("post:section-a-head", "slip"),
            ("post:vice-head", "slip"),
        ],
        "10-28": [
            ("post:inspection-group", "propose"),
            ("post:section-a-head", "propose"),
            ("post:vice-head", "propose"),
        ],
    }
    assert marks(year, "H-2") == []


def test_the_chase_has_a_reply_clock_of_three_working_days() -> None:
    year = called("2024-09-27")
    year.tick("2024-10-22 00:00")
    slip = year.find("S-0001")
    assert (slip.owner, slip.facts["slip"], slip.facts["matter"]) == (
        "section-a",
        1,
        year.name("H-1"),
    )
    year.tick("2024-10-25 23:59")
    assert year.late("S-0001") == []
    year.tick("2024-10-26 00:00")
    assert year.late("S-0001") == ["answer+r2"]


def test_nobody_is_criticised_who_gave_a_reason() -> None:
    year = called("2024-09-27")
    year.tick("2024-10-22 00:00")
    happens(year, "reason", "2024-10-23", "H-1")
    year.tick("2024-11-15 00:00")
    assert year.history("H-1", Kind.PROPOSED) == []
    assert year.find("H-1").lamp == "催办"
