"""Promises 3, 4, 10: the same acts on the same dates give the same history, whatever daemons did.

One life is lived twice: once with a daemon that passes at drawn moments, once with none until
the very end. People do the same at the same times in both; what is refused in one is refused in
the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.memory.store import MemoryStore
from adapters.sql.store import SqlStore
from engine.clock import Clock
from engine.deadline import TimerState
from engine.errors import NotFound, Refused
from engine.events import Event, Kind
from engine.ports import Store
from tests.contract.stores import sql_database
from tests.property.moving_plan import plan_of
from tests.unit.year import (
    INSTANT,
    OFFICE,
    ZONE,
    Year,
    answer,
    begin,
    hand_in,
    head,
    proofs,
    self_assess,
    submit,
)
from workflows import cycle
from workflows.plan.model import Plan
from workflows.running.additions import amend_target, raise_finding
from workflows.running.exceptions import excuse, extend, resume, suspend
from workflows.running.requests import Grounds

OPENED = "2025-06-10 09:00"
BEGIN = datetime(2025, 6, 11, 9, tzinfo=ZONE)
END = datetime(2026, 4, 30, 9, tzinfo=ZONE)
WHY = Grounds(reason="情况说明")

DoesIt = Callable[[Year], object]

T1, T2, T3 = "T-1", "T-2", "T-3"


COURSE: Mapping[str, DoesIt] = {
    "draft": lambda y: y.move("", "draft"),
    "review": lambda y: y.move("", "peer_review"),
    "submit": submit,
    "answer": answer,
    "publish": lambda y: y.move("", "publish") if y.plan.step("by-date") else proofs(y),
    "assess the first": lambda y: self_assess(y, [T1]),
    "hand in": lambda y: hand_in(y, [s.id for s in y.plan.sections]),
    "assess the others": lambda y: self_assess(y, [T2, T3]),
    "evaluate": lambda y: y.record("", "evaluation_result", {"document": "通报1号"}),
    "circular": lambda y: y.record("", "circular", {"document": "通报2号"}),
}
"""What has to be done in a year, in order."""

INCIDENTS: Mapping[str, DoesIt] = {
    "progress": lambda y: y.record(T1, "progress", {"percent": 40}),
    "proofs": proofs,
    "send back": lambda y: y.move("", "send_back", reason="退回重拟"),
    "return report": lambda y: y.move(T2, "return_report", reason="自评不实"),
    "withdraw": lambda y: y.move(T3, "withdraw", reason="任务取消"),
    "extend": lambda y: extend(y.app, y.name(T2), "s4", date(2026, 1, 20), OFFICE, WHY),
    "suspend": lambda y: suspend(y.app, y.name(T1), "s4", OFFICE, WHY),
    "resume": lambda y: resume(y.app, y.name(T1), "s4", OFFICE, WHY),
    "excuse": lambda y: excuse(y.app, y.name("s4-incentive-party"), "s4-incentive", OFFICE, WHY),
    "raise": lambda y: raise_finding(y.app, y.name(T1), "台账不全", OFFICE, Grounds()),
    "rectify": lambda y: y.move(f"{T1}/F-1", "submit", head("policy")),
    "verify": lambda y: y.move(f"{T1}/F-1", "verify"),
    "close": lambda y: y.move(f"{T1}/F-1", "close"),
    "quarter": lambda y: hand_in(y, ["office", "party"], "quarterly-progress-2025-Q3"),
    "return material": lambda y: y.move("s4-incentive-office", "return", reason="材料不全"),
    "hand in again": lambda y: hand_in(y, ["office"]),
    "complete the work plan": lambda y: amend_target(
        y.app, y.name(T1), {"quality": "群众满意"}, OFFICE, WHY
    ),
    "force approved": lambda y: y.force("", "approved", cascade=True),
    "force drafted": lambda y: y.force("", "drafted", cascade=True),
}
"""What may happen besides, at any time."""

ACTS = {**COURSE, **INCIDENTS}


@dataclass(frozen=True)
class Life:
    """Acts with their moments, and how the daemon is run."""

    acts: tuple[tuple[datetime, str], ...]
    habit: str = "never"
    """``never``, ``daily``, ``before`` or ``after`` each act, or ``at times``."""
    times: tuple[datetime, ...] = ()
    silence_counts: bool = False
    lacks_quality: bool = False

    @property
    def plan(self) -> Plan:
        return plan_of(silence_counts=self.silence_counts, lacks_quality=self.lacks_quality)

    def passes(self) -> Sequence[datetime]:
        """Return the moments at which a daemon passes."""
        match self.habit:
            case "daily":
                return [BEGIN + timedelta(days=n, hours=n % 24) for n in range((END - BEGIN).days)]
            case "before":
                return [moment - INSTANT for moment, _ in self.acts]
            case "after":
                return [moment + INSTANT for moment, _ in self.acts]
            case _:
                return self.times


moments = st.integers(0, (END - BEGIN).days * 24 * 60).map(lambda n: BEGIN + timedelta(minutes=n))


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Draw a year: its course at drawn paces, incidents between, and a daemon's habits."""
    acts: list[tuple[datetime, str]] = []
    moment = BEGIN
    for act in list(COURSE)[: draw(st.integers(0, len(COURSE)))]:
        moment += timedelta(days=draw(st.integers(0, 45)), minutes=draw(st.integers(1, 600)))
        acts.append((moment, act))
    acts += draw(st.lists(st.tuples(moments, st.sampled_from(list(INCIDENTS))), max_size=8))
    return Life(
        acts=tuple(sorted((m, a) for m, a in acts if m < END)),
        habit=draw(st.sampled_from(["at times", "daily", "before", "after"])),
        times=tuple(sorted(draw(st.lists(moments, max_size=5)))),
        silence_counts=draw(st.booleans()),
        lacks_quality=draw(st.booleans()),
    )


def live(life: Life, store_on: Callable[[Clock], Store] = MemoryStore) -> tuple[Year, list[str]]:
    """Live the life; return it with what became of each act."""
    year = begin(life.plan, OPENED, store_on)
    outcomes = []
    agenda = sorted([*life.acts, *((moment, "") for moment in life.passes())])
    for moment, act in agenda:
        year.at(moment)
        if not act:
            year.tick()
            continue
        try:
            ACTS[act](year)
        except (Refused, NotFound) as refused:
            outcomes.append(refused.code)
        else:
            outcomes.append("done")
    year.at(END)
    while year.tick().fired:
        pass
    return year, outcomes


def essence(event: Event) -> tuple[Any, ...]:
    """Return what of an event must not depend on when a daemon ran."""
    kind = Kind.FOLDED if event.kind is Kind.REMINDED else event.kind
    data = {name: value for name, value in event.data.items() if name != "corrects"}
    return (
        event.sequence,
        kind,
        event.trigger,
        event.source,
        event.target,
        event.actor,
        event.occurred_at,
        event.timer,
        event.part,
        data,
    )


@settings(max_examples=50, deadline=None)
@given(lives())
def test_what_happens_does_not_depend_on_when_a_daemon_ran(life: Life) -> None:
    watched, some = live(life)
    alone, others = live(replace(life, habit="never", times=()))
    assert some == others
    seen, expected = watched.histories(), alone.histories()
    assert seen.keys() == expected.keys()
    for key, events in seen.items():
        assert [essence(e) for e in events] == [essence(e) for e in expected[key]], key
    for key in seen:
        name = key.partition("/")[2]
        assert watched.find(name) == alone.find(name)


@settings(max_examples=30, deadline=None)
@given(lives())
def test_every_timer_takes_effect_once_and_none_early(life: Life) -> None:
    year, _ = live(life)
    timers = {timer.id: timer for timer in year.timers(pending=False)}
    for timer in timers.values():
        settled = (TimerState.FIRED, TimerState.CANCELLED)
        waiting = (TimerState.PENDING, TimerState.CANCELLED)
        assert timer.state in (settled if timer.fires_at <= END else waiting), timer
    effects: Counter[tuple[str, str, str]] = Counter()
    for key, events in year.histories().items():
        assert [e.sequence for e in events] == list(range(1, len(events) + 1))
        moved_at = None
        for event in events:
            if event.timer:
                timer = timers[event.timer]
                effects[event.timer, key, event.part] += 1
                assert timer.state is TimerState.FIRED
                assert timer.fires_at <= event.recorded_at, "fired early"
                # a move by date never takes effect before the move that came before it
                earliest = max(timer.fires_at, moved_at or timer.fires_at)
                nominal = earliest if event.kind is Kind.MOVED else timer.fires_at
                assert event.occurred_at == nominal
            assert event.occurred_at <= event.recorded_at
            moved_at = event.occurred_at if event.kind is Kind.MOVED else moved_at
    assert set(effects.values()) <= {1}
    year.assert_sound()


def test_the_lives_that_are_drawn_do_get_somewhere() -> None:
    """Guards the two tests above against lives in which nothing happens."""
    days = [(BEGIN + timedelta(days=n), act) for n, act in enumerate(COURSE)]
    for silence_counts in (False, True):
        year, outcomes = live(Life(tuple(days), silence_counts=silence_counts))
        assert set(outcomes) == {"done"}
        assert year.state() == cycle.RECTIFIED


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_on_a_database_the_same_life_gives_the_same_history(kind: str, tmp_path: Path) -> None:
    """What the two tests above show of the store in memory is true of a real database."""
    days = [(BEGIN + timedelta(days=24 * n), act) for n, act in enumerate(COURSE)]
    strokes = [(BEGIN + timedelta(days=17 * n + 9), act) for n, act in enumerate(INCIDENTS)]
    life = Life(tuple(sorted(days + strokes)), habit="before", silence_counts=True)
    in_memory, some = live(replace(life, habit="never"))
    with sql_database(kind, tmp_path) as database:
        on_disk, others = live(life, partial(SqlStore, database))
        found, expected = on_disk.histories(), in_memory.histories()
    assert some == others
    assert {key: [essence(e) for e in events] for key, events in found.items()} == {
        key: [essence(e) for e in events] for key, events in expected.items()
    }


def test_time_itself_moves_where_the_plan_says_so() -> None:
    days = [(BEGIN + timedelta(days=n), act) for n, act in enumerate(COURSE)]
    year, _ = live(Life(tuple(days[:3]), silence_counts=True))
    moved = [(e.trigger, e.occurred_at.astimezone(ZONE)) for e in year.history("", Kind.MOVED)]
    assert moved[2:] == [
        ("deem_approved", datetime(2025, 6, 28, tzinfo=ZONE)),
        ("publish", datetime(2025, 9, 1, tzinfo=ZONE)),
    ]
