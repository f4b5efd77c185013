"""The same work by duban, in its own environment, with everything that it promises."""

from __future__ import annotations

import json
from importlib.metadata import version
from time import perf_counter

from engine.definition import FORCE
from engine.events import Kind
from engine.population import Population, Stamp
from tests.benchmarks import stages
from tests.benchmarks.peers.work import STRAGGLERS, Asked, asked_for
from tests.benchmarks.writing import draft_by_request
from workflows import target
from workflows.running.desk import Application
from workflows.running.tick import tick

TARGETS = Population(cycle=stages.KEY, workflow=target.NAME)


def prepare(asked: Asked) -> None:
    """Open the cycle in an empty database."""
    stages.make(asked.database)
    stages.open_plan(asked.database, stages.plan_of(asked.targets))


def deadline(asked: Asked, *, few: bool) -> dict[str, float]:
    """Let one pass of the daemon do what the date of all of them brings about: late, lamp, notices.

    Of a thousand all but one have reported before, where ``few``.
    """
    with stages.application(asked.database, stages.DRAFTED) as app:
        stages.draft(app)
        stages.at(app, stages.PUBLISHED)
        stages.publish(app)
        if few:
            _report(app)
        stages.until(app, stages.BEFORE_LATE)
        stages.at(app, stages.LATE)
        begun = perf_counter()
        done = tick(app)
        seconds = perf_counter() - begun
        assert not done.failed
        return {"seconds": seconds, "done": _late(app)}


def _late(app: Application) -> int:
    """Return how many the rung recorded as late; it says so itself, and one of them does, too."""
    with app.store.reading() as reader:
        rungs = [
            e
            for e in reader.history(stages.KEY)
            if e.part == "rung" and e.timer.endswith(f":{stages.LATE_RUNG}")
        ]
        owed = next(e for e in rungs if e.data["step"] == stages.SELF_ASSESSMENT).data["owed"]
        first = reader.history(owed[0]["first"][0])
        assert any(e.kind is Kind.LATE for e in first)
    return sum(one["count"] for one in owed)


def _report(app: Application) -> None:
    """Let most have reported, by a forced move; one in a thousand takes it back."""
    with app.store.unit_of_work(app.clock.now()) as unit:
        machine = unit.machine(target.TARGET.edition)
        stamp = Stamp(occurred_at=unit.now, recorded_at=unit.now, actor=stages.ROOT)
        unit.advance(TARGETS, machine, f"{FORCE}:{target.SELF_ASSESSED}", stamp)
        for found in unit.select(TARGETS)[::STRAGGLERS]:
            one = Population(cycle=stages.KEY, workflow=target.NAME, key=found.key)
            unit.advance(one, machine, "return_report", stamp)


def single(asked: Asked) -> dict[str, float]:
    """Move targets one after the other, each as a whole request of a person."""
    with stages.application(asked.database, stages.DRAFTED) as app:
        draft_by_request(app, asked.targets)
        begun = perf_counter()
        done = 0
        for number in range(1, min(asked.singles, asked.targets - 1) + 1):
            draft_by_request(app, number)
            done += 1
        return {"seconds": perf_counter() - begun, "done": done}


def main() -> None:
    """Open the cycle, do the work, and print the figures as JSON."""
    case, asked = asked_for(("all", "few", "single"))
    prepare(asked)
    found = single(asked) if case == "single" else deadline(asked, few=case == "few")
    print(json.dumps({"versions": {"duban": version("duban")}, **found}))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
