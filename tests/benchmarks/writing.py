"""What is measured while the database changes: opening, moving one and many, rungs, notices."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

from engine import moves
from engine.act import Act
from engine.definition import FORCE
from engine.machine import Machine
from engine.population import Population, Stamp
from tests.benchmarks import stages
from tests.benchmarks.figures import Figure, seconds, typical
from tests.benchmarks.sites import Site
from workflows import target
from workflows.running.desk import Application, desk
from workflows.running.firing import fire
from workflows.running.requests import move

ROUNDS = 5
MOST_SINGLE = 200
"""Single moves in one round of each kind."""
SINGLE_AIM = 0.3
STRAGGLERS = 1000
"""One target in so many falls short."""


def opening(site: Site, count: int) -> list[Figure]:
    """Open a cycle with all of its targets; what it leaves, the next cases use."""
    with site.a_floor() as floor:
        base = seconds(lambda: floor.fill(count))
    database = site.make("opened")
    stages.make(database)
    plan = stages.plan_of(count)
    ours = seconds(lambda: stages.open_plan(database, plan))
    return [
        Figure(what="open a cycle", value=count / ours, unit="targets/s", floor=count / base),
    ]


def advance(site: Site, count: int) -> list[Figure]:
    """Advance every target, set-based and durable, floor and ours by turns."""
    everyone = Population(cycle=stages.KEY, workflow=target.NAME, parent=stages.KEY)
    base, ours = [], []
    with site.a_floor() as floor, site.copied("opened") as database:
        floor.fill(count)
        with stages.application(database, stages.DRAFTED) as app:
            machine = _target_machine(app)

            def step(trigger: str) -> None:
                with app.store.unit_of_work(app.clock.now()) as unit:
                    cycle = unit.load(stages.KEY)
                    stamp = Stamp(occurred_at=unit.now, recorded_at=unit.now, cause=1)
                    assert unit.advance(everyone, machine, trigger, stamp, cycle) == count

            for turn in range(ROUNDS + 1):
                trigger, to = (("draft", "drafted"), ("send_back", "drafting"))[turn % 2]
                base.append(seconds(lambda t=trigger, s=to: floor.advance(t, s)))  # type: ignore[misc]
                ours.append(seconds(lambda t=trigger: step(t)))  # type: ignore[misc]
    return [
        Figure(
            what="advance all, set-based",
            value=count / typical(ours),
            unit="moves/s",
            floor=count / typical(base),
            aim=site.set_based_aim,
        )
    ]


def _target_machine(app: Application) -> Machine:
    with app.store.reading() as reader:
        return reader.machine(target.TARGET.edition)


def cascade(site: Site, count: int) -> list[Figure]:
    """Take the cycle to its publication: four moves of it, each with all targets after it."""
    database = site.copy("opened", "published")
    with site.a_floor() as floor:
        floor.fill(count)
        base = typical([seconds(lambda: floor.advance("draft", "drafted")) for _ in range(3)])
    with stages.application(database, stages.DRAFTED) as app:
        drafted = seconds(lambda: stages.draft(app))
        stages.at(app, stages.PUBLISHED)
        stages.publish(app)
    return [
        Figure(
            what="the cycle's own move, with its cascade",
            value=count / drafted,
            unit="moves/s",
            floor=count / base,
        )
    ]


def single(site: Site, count: int) -> list[Figure]:
    """Move targets one by one, each in its own durable unit that reads it again."""
    batch = max(min(MOST_SINGLE, (count - 1) // (2 * ROUNDS)), 1)
    numbers = random.Random(7).sample(range(1, count), 2 * ROUNDS * batch)
    base, engine, request = [], [], []
    with site.a_floor() as floor, site.copied("opened") as database:
        floor.fill(count)
        with stages.application(database, stages.DRAFTED) as app:
            draft_by_request(app, count)  # builds statements, reads the plan
            for turn in range(ROUNDS):
                first = numbers[2 * turn * batch : (2 * turn + 1) * batch]
                second = numbers[(2 * turn + 1) * batch : (2 * turn + 2) * batch]
                base.append(seconds(lambda n=first: floor.move_each(n, "draft", "drafted")))  # type: ignore[misc]
                engine.append(seconds(lambda n=first: each(app, n, draft_by_engine)))  # type: ignore[misc]
                request.append(seconds(lambda n=second: each(app, n, draft_by_request)))  # type: ignore[misc]
    floor_rate = batch / typical(base)
    return [
        Figure(
            what=what,
            value=batch / typical(times),
            unit="moves/s",
            floor=floor_rate,
            aim=SINGLE_AIM,
        )
        for what, times in (
            ("one durable move, engine", engine),
            ("one durable move, whole request", request),
        )
    ]


def each(app: Application, numbers: Iterable[int], one: Callable[[Application, int], None]) -> None:
    """Do one thing to each of these targets."""
    for number in numbers:
        one(app, number)


def draft_by_engine(app: Application, number: int) -> None:
    """Move one target, with nothing around the machine."""
    with app.store.unit_of_work(app.clock.now()) as unit:
        instance = unit.load(_key(number))
        moves.move(unit, instance, "draft", Act(actor="ann", occurred_at=unit.now))


def draft_by_request(app: Application, number: int) -> None:
    """Move one target as a person does."""
    move(app, _key(number), "draft", stages.OFFICE)


def _key(number: int) -> str:
    return f"{stages.KEY}/T-{number:06}"


def rung(site: Site, count: int) -> list[Figure]:
    """Fire the rung that records lateness, first on all targets, then on few of them."""
    database = site.copy("published", "late")
    with stages.application(database, stages.BEFORE_LATE) as app:
        stages.until(app, stages.BEFORE_LATE)
        stages.at(app, stages.LATE)
        on_all = seconds(lambda: _fire_late(app))
    with (
        site.copied("published") as other,
        stages.application(other, stages.BEFORE_LATE) as app,
    ):
        _let_most_be_early(app, count)
        site.rest(other)
        stages.until(app, stages.BEFORE_LATE)
        stages.at(app, stages.LATE)
        on_few = seconds(lambda: _fire_late(app))
    return [
        Figure(
            what="a rung on all: late, lamp, notices", value=2 * count / on_all, unit="events/s"
        ),
        Figure(
            what=f"the same on 1 in {STRAGGLERS:,}",
            value=1000 * on_few,
            unit="ms",
            more_is_better=False,
        ),
    ]


def _fire_late(app: Application) -> None:
    with app.store.unit_of_work(app.clock.now()) as unit:
        due = unit.due(unit.now, stages.KEY)
        timer = next(
            t
            for t in due
            if f":{stages.SELF_ASSESSMENT}#" in t.deadline and t.rung == stages.LATE_RUNG
        )
        fire(desk(app, unit, stages.KEY), timer)


def _let_most_be_early(app: Application, count: int) -> None:
    """Let all targets have reported, by a forced move of their machine; return a few."""
    everyone = Population(cycle=stages.KEY, workflow=target.NAME)
    machine = _target_machine(app)
    with app.store.unit_of_work(app.clock.now()) as unit:
        stamp = Stamp(occurred_at=unit.now, recorded_at=unit.now, actor=stages.ROOT)
        unit.advance(everyone, machine, f"{FORCE}:{target.SELF_ASSESSED}", stamp)
        for number in range(1, count + 1, STRAGGLERS):
            one = replace(everyone, key=_key(number))
            unit.advance(one, machine, "return_report", stamp)
