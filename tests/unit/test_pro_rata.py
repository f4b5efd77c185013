"""Who is behind the time gone by (序时进度): by whole percent, at the rung's own moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.memory.store import MemoryStore
from adapters.messages import translator
from adapters.notify.digest import Digester
from adapters.sql.store import SqlStore
from engine.clock import Clock
from engine.events import Kind
from engine.guards import ALWAYS, Guard, Known, Not
from engine.ladder import Action, Behind, Ladder, Rung, Unit
from engine.ports import Store
from tests.contract.stores import sql_database
from tests.unit.dated import WHY, of_targets, plan_with
from tests.unit.plan_samples import SOUND
from tests.unit.year import OFFICE, Year, begin, head
from workflows.plan.check import check_file
from workflows.plan.read import read_plan
from workflows.plan.store_form import edition, from_data, to_data
from workflows.running.catch_up import planned
from workflows.running.desk import desk
from workflows.running.exceptions import extend
from workflows.running.pro_rata import expected_now, expected_percent

WINDOW = "2024-01-01..2024-04-09"
"""A hundred days: so many percent as days have gone by."""

MakeStore = Callable[[Clock], Store]


@pytest.fixture(params=["memory", "sqlite"])
def store_on(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    if request.param == "memory":
        yield MemoryStore
        return
    with sql_database(request.param, tmp_path) as database:
        yield partial(SqlStore, database)


def begun(
    when: Guard | Behind,
    store_on: MakeStore = MemoryStore,
    *,
    due: str = WINDOW,
    offset: int = -50,
    targets: int = 4,
) -> Year:
    rung = Rung(offset=offset, unit=Unit.CALENDAR_DAY, lamp="黄", recipients=("owner",), when=when)
    ladder = Ladder(name="l", rungs=(rung, Rung(offset=300, action=Action.LATE)))
    plan = plan_with(
        of_targets("t", due, ladder="l"), year=2024, ladders=(ladder,), targets=targets
    )
    return begin(plan, "2024-01-01 00:00", store_on)


def reports(year: Year, **percents: int) -> None:
    for name, percent in percents.items():
        target = name.replace("_", "-")
        year.record(target, "progress", {"percent": percent}, head(year.find(target).owner))


def yellow(year: Year, count: int = 4) -> list[str]:
    names = [f"T-{n}" for n in range(1, count + 1)]
    return [name for name in names if year.find(name).lamp == "黄"]


def test_whoever_has_exactly_what_is_expected_is_not_behind(store_on: MakeStore) -> None:
    # fifty days before the last of a hundred, 49 have gone by
    year = begun(Behind(), store_on)
    year.at("2024-02-01 09:00")
    reports(year, T_1=48, T_2=49, T_3=50)
    year.tick("2024-02-19 00:00")
    assert yellow(year) == ["T-1", "T-4"]  # nothing recorded counts as 0
    [event] = year.history("", Kind.REMINDED)
    assert event.data["expected"] == 49


def test_a_tolerance_lets_those_alone_who_are_a_little_behind(store_on: MakeStore) -> None:
    year = begun(Behind(10), store_on)
    year.at("2024-02-01 09:00")
    reports(year, T_1=38, T_2=39, T_3=40)
    year.tick("2024-02-19 00:00")
    assert yellow(year) == ["T-1", "T-4"]


def test_it_does_not_depend_on_when_the_daemon_ran(store_on: MakeStore) -> None:
    year = begun(Behind(), store_on)
    year.at("2024-02-01 09:00")
    reports(year, T_1=48, T_2=49, T_3=90, T_4=90)
    year.at("2024-02-21 09:00")
    with year.store.reading() as reader:
        [one] = [p for p in planned(desk(year.app, reader, year.key)) if p.timer.rung == "r0"]
    assert one.concerned == 1
    year.tick()
    assert yellow(year) == ["T-1"]
    with year.store.unit_of_work(year.clock.now()) as unit:
        notices = unit.gather()
    with year.store.reading() as reader:
        made = [Digester(year.app, translator("zh")).digest(reader, n) for n in notices]
    assert [m.keys for d in made if d for m in d.matters] == [(year.name("T-1"),)]


def test_a_date_of_ones_own_counts_from_the_same_beginning_to_its_own_end() -> None:
    year = begun(Behind())
    year.at("2024-02-01 09:00")
    reports(year, T_1=60, T_2=60, T_3=90, T_4=90)
    # another hundred days: fifty before the end 149 of 200 have gone by, which is 74 percent
    extend(year.app, year.name("T-1"), "t", date(2024, 7, 18), OFFICE, WHY)
    year.tick("2024-02-19 00:00")
    assert yellow(year) == []
    year.tick("2024-05-29 00:00")
    assert yellow(year) == ["T-1"]
    assert [e.data["expected"] for e in year.history("", Kind.REMINDED)] == [74]


def test_before_anything_can_be_expected_nobody_is_behind() -> None:
    year = begun(Behind(), offset=-99)
    year.tick("2024-01-01 00:00")
    assert yellow(year) == []


def test_without_a_window_the_time_begins_with_the_plans_year() -> None:
    year = begun(Behind(), due="2024-12-31", offset=-183)
    with year.store.reading() as reader:
        at = desk(year.app, reader, year.key)
        [deadline] = reader.deadlines(year.key, "t")

        def on(text: str) -> int | None:
            moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
            return expected_percent(at, deadline, moment)

        # 366 days: 183 of them are half, whatever has been issued when
        assert [on("2024-07-01"), on("2024-07-02"), on("2024-07-03")] == [49, 50, 50]
        assert [on("2023-12-01"), on("2025-01-01"), on("2025-06-01")] == [0, 100, 100]
        assert deadline.due_at is not None
        assert expected_percent(at, deadline, deadline.due_at - timedelta(seconds=1)) == 99


def test_what_is_expected_now_is_told_only_where_the_ladder_asks_for_it() -> None:
    for when, expected in ((Behind(), 49), (ALWAYS, None)):
        year = begun(when)
        year.at("2024-02-19 00:00")
        with year.store.reading() as reader:
            at = desk(year.app, reader, year.key)
            [step] = year.plan.steps
            assert expected_now(at, step, reader.deadlines(year.key, "t")) == expected


def test_no_progress_is_whoever_has_recorded_none(store_on: MakeStore) -> None:
    year = begun(Not(Known("progress")), store_on)
    year.at("2024-02-01 09:00")
    reports(year, T_1=0, T_2=50)
    year.tick("2024-02-19 00:00")
    assert yellow(year) == ["T-3", "T-4"]
    assert "expected" not in year.history("", Kind.REMINDED)[0].data


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("behind", Behind()),
        ("behind by 10", Behind(10)),
        ("Behind by 5 points", Behind(5)),
        ("落后序时进度", Behind()),
        ("落后于序时进度", Behind()),
        ("落后序时进度10个百分点以上", Behind(10)),
        ("no progress", Not(Known("progress"))),
        ("未报进展", Not(Known("progress"))),
    ],
)
def test_a_rung_says_it_in_words(text: str, meaning: Guard | Behind) -> None:
    old = "at: -3 working days, tell"
    plan = read_plan(SOUND.replace(old, f"at: -3 working days, when: {text}, tell").encode()).plan
    assert plan is not None
    assert plan.ladders[0].rungs[0].when == meaning
    assert from_data(to_data(plan)) == plan


@pytest.mark.parametrize("text", ["behind by", "behind 100000", "behindby 3", "'no'", "3", "落后"])
def test_other_words_are_refused(text: str) -> None:
    old = "at: -3 working days, tell"
    data = SOUND.replace(old, f"at: -3 working days, when: {text}, tell").encode()
    assert "P145" in [d.code for d in check_file(data, None, "plan.yaml").diagnostics]


def test_plans_without_it_are_stored_as_before() -> None:
    plan = read_plan(SOUND.encode()).plan
    assert plan is not None
    data = to_data(plan)
    assert data["ladders"][0]["rungs"][0]["when"] == {"is": "All", "parts": []}
    assert plan.ladders[0].rungs[0].when == ALWAYS
    assert edition(plan) == "small@119b8b955a1a4e9a"
