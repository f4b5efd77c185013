"""A year with every rule at once, whose people stay silent: who is told how often is counted twice.

The oracle reads the plan's file as plain data and counts on paper: so many dates, so many rungs
that speak, so many posts that a rung tells.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from adapters.application import calendar_of
from adapters.calendars import calendar_named
from adapters.memory.store import MemoryStore
from adapters.messages import translator
from adapters.simulation import Simulation, live, simulate, with_targets
from engine.clock import StandingClock
from engine.events import Event, Kind
from engine.ports import Notice
from engine.verification import verify
from workflows.plan.check import check_file
from workflows.plan.model import Plan
from workflows.running.actors import PERSON
from workflows.running.behaviour import Habits, People
from workflows.running.desk import Application
from workflows.running.opening import open_cycle
from workflows.running.tenures import establish

FILE = Path(__file__).parent.parent / "plans" / "every-rule.yaml"
OPENED = datetime(2024, 11, 1, 1, tzinfo=UTC)

EVERYDAY, FULL = 200, 10_000

DATES = {
    "from-on": 0,
    "from-notice": 0,
    "unheard": 0,
    "later-unheard": 0,
    "own": 0,
    "other-period": 0,
    "undated": 0,
    "attended": 0,
    "monthly": 12,
    "month-ends": 12,
    "quarterly": 4,
    "half-yearly": 2,
    "mondays": 12,
    "by-rule": 4,
    "weekly": 9,
    "last-workdays": 12,
    "before-ends": 4,
    "month-after": 4,
    "progress": 4,
}
"""How many dates a step has in a year in which nothing happens; the others have one."""

ENDS_WITH_ITS_DATE = ("soft", "lapse", "deemed")
"""Never late, or done by the date itself: what comes after the date finds nobody."""


@cache
def plan() -> Plan:
    found = check_file(FILE.read_bytes(), calendar=calendar_named("china")).plan
    assert found is not None
    return found


# the oracle: the file as data, and counting


@cache
def paper() -> Any:
    return YAML(typ="safe").load(FILE.read_bytes())


def holds(condition: Any) -> bool:
    """Return whether a condition holds where nobody ever recorded anything."""
    if condition is None:
        return True
    [(word, rest)] = condition.items()
    match word:
        case "not":
            return not holds(rest)
        case "any":
            return any(holds(part) for part in rest)
        case "all":
            return all(holds(part) for part in rest)
        case _:
            assert word in ("known", "compare")
            return False


def owners(step: Any) -> list[str]:
    if "owner" in step:
        return [step["owner"]]
    if step.get("on", "cycle") in ("cycle", "office"):
        return ["group_office"]
    return [section["id"] for section in paper()["sections"]]


def posts(role: str, owner: str) -> Iterator[str]:
    for post in paper()["posts"]:
        named = {post["id"], *post.get("roles", ())} - {"vice_leader"}
        match role:
            case "owner":
                meant = owner in (post.get("section"), *named)
            case "vice_leader":
                meant = owner in post.get("in_charge_of", ())
            case _:
                meant = role in named
        if meant:
            yield post["id"]


def speaking(step: Any) -> list[Any]:
    """Return the rungs of a step's ladder that fire for a date of it and find somebody."""
    rungs = paper()["ladders"].get(step.get("ladder"), [])
    before = [r for r in rungs if str(r.get("at", "")).startswith("-")]
    found = before if step["id"] in ENDS_WITH_ITS_DATE else rungs
    return [r for r in found if holds(r.get("when"))]


def told_by(rungs: list[Any], whose: list[str]) -> Counter[str]:
    told: Counter[str] = Counter()
    for rung in rungs:
        told.update({p for role in rung.get("tell", ()) for o in whose for p in posts(role, o)})
        if "reply_ladder" in rung:
            told += told_by(paper()["ladders"][rung["reply_ladder"]], whose)
    return told


def expected() -> Counter[str]:
    """Return how many things each post is told in a silent year, whatever the number of targets."""
    told: Counter[str] = Counter()
    for step in paper()["steps"]:
        for _ in range(DATES.get(step["id"], 1)):
            told += told_by(speaking(step), owners(step))
    return Counter({f"post:{post}": count for post, count in told.items()})


def expected_late(count: int) -> Counter[str]:
    """Return how often lateness is recorded, by kind of thing, in a silent year."""
    late: Counter[str] = Counter()
    for step in paper()["steps"]:
        scope = step.get("on", "cycle")
        dates = DATES.get(step["id"], 1) * (step["id"] not in ENDS_WITH_ITS_DATE)
        things = {"cycle": 1, "office": 1, "sections": 4, "targets": count}[scope]
        late[{"cycle": "cycle", "targets": "target"}.get(scope, "assignment")] += dates * things
        if dates and any("reply_ladder" in rung for rung in speaking(step)):
            late["assignment"] += dates * things
    return late


def run(count: int) -> Simulation:
    began = time.monotonic()
    habits = Habits(People.SILENT, 1)
    found = simulate(with_targets(plan(), count), habits, translator("zh"), start=OPENED)
    print(f"{count} targets, {found.events} events: {time.monotonic() - began:.1f} s")  # noqa: T201
    return found


def assert_counted(found: Simulation, count: int) -> None:
    told = Counter(who for line in found.timeline for who in line.whom)
    assert told == expected()
    assert told.total() > 500
    late = Counter[str]()
    for line in found.timeline:
        words = line.what.split()
        if words[1] == "late":
            late[words[0]] += line.count
        elif words[0] == "late":
            late["cycle"] += 1
    assert late == expected_late(count)
    assert found.breaks == []
    assert found.refusals == Counter()


def test_the_plan_has_every_form_of_rule() -> None:
    """Guards the count below: a step that nobody counts must not slip in."""
    dated = {step["id"] for step in paper()["steps"]}
    assert dated >= {*DATES, *ENDS_WITH_ITS_DATE}
    rungs = [rung for ladder in plan().ladders for rung in ladder.rungs]
    assert {str(rung.action) for rung in rungs} == {"remind", "late", "slip", "propose", "move"}
    assert any(rung.after_previous for rung in rungs)


@pytest.mark.slow
def test_a_silent_year_tells_everybody_exactly_so_often() -> None:
    assert_counted(run(EVERYDAY), EVERYDAY)


@pytest.mark.slow
def test_a_silent_year_of_ten_thousand_targets() -> None:
    assert_counted(run(FULL), FULL)


# people of all kinds


class Listening:
    """A channel that keeps what it is asked to send."""

    def __init__(self) -> None:
        self.items: list[tuple[str, tuple[str, ...], Event]] = []

    def send(self, notice: Notice, *_said: Any, **_more: Any) -> None:
        self.items += [(i.recipient, tuple(i.about), event) for i, event in notice.items]


def year_of(people: People, seed: int) -> tuple[Application, Plan, Listening]:
    drawn = with_targets(plan(), 24)
    clock = StandingClock(OPENED)
    app = Application(store=MemoryStore(clock), clock=clock, calendar_of=calendar_of)
    establish(app, PERSON)
    with app.store.unit_of_work(clock.now()) as unit:
        open_cycle(app, unit, drawn, PERSON, clock.now())
    channel = Listening()
    end = OPENED + timedelta(days=600)
    live(app, drawn, Habits(people, seed), translator("zh"), {"log": channel}, clock, end)
    return app, drawn, channel


def done_before(drawn: Plan, events: list[Event], mark: Event) -> bool:
    """Return whether what ``mark`` says was missed had been done by then."""
    step = drawn.step(str(mark.data["step"]))
    assert step is not None
    earlier = [event for event in events if event.sequence < mark.sequence]
    if step.hand_in:
        moves = [event.target for event in earlier if event.kind is Kind.MOVED]
        return bool(moves) and moves[-1] in ("submitted", "accepted")
    if step.brings:
        moves = [event.target for event in earlier if event.kind is Kind.MOVED]
        return bool(moves) and moves[-1] == step.brings
    known = {name for event in earlier for name in event.data.get("set", ())}
    return known >= set(step.records)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("people", [People.MIXED, People.LATE, People.PUNCTUAL])
def test_nobody_is_chased_for_what_is_done(people: People, seed: int) -> None:
    app, drawn, channel = year_of(people, seed)
    marks = (Kind.LATE, Kind.SLIP, Kind.PROPOSED)
    fired: Counter[tuple[str, str, str]] = Counter()
    with app.store.reading() as reader:
        assert list(verify(reader)) == []
        for instance, found in reader.histories(drawn.key):
            events = list(found)
            for event in events:
                if event.timer:
                    fired[event.timer, instance.key, event.part] += 1
                    assert event.occurred_at <= event.recorded_at
                if event.kind in marks:
                    assert not done_before(drawn, events, event), event
    assert set(fired.values()) <= {1}
    told = Counter((who, event.position) for who, _, event in channel.items)
    assert set(told.values()) <= {1}
    for who, about, event in channel.items:
        assert set(about) <= {line["owner"] for line in event.data["owed"]}, (who, event)
    silent = expected()
    for who, count in Counter(who for who, _, _ in channel.items).items():
        assert count <= silent[who], who
    if people is People.PUNCTUAL:
        assert not any(event.data["action"] == "slip" for _, _, event in channel.items)
