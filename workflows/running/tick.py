"""One pass of the daemon: fire what is due, decide joins, deliver notices.

Each timer fires in a unit of its own, so that one that fails blocks nothing
but itself; it is tried again with a growing delay, and shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from engine.deadline import Timer
from engine.errors import EngineError
from engine.events import DAEMON
from engine.moves import settle, settle_children
from workflows.running.catch_up import hold_back
from workflows.running.consequences import follow, follow_children
from workflows.running.desk import Application, desk
from workflows.running.firing import fire
from workflows.running.schedule import in_order
from workflows.running.speaking import later_rungs_due

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)


@dataclass(slots=True)
class Done:
    """What one tick did."""

    fired: int = 0
    moved: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Timer or cycle, and what went wrong."""
    lags: list[timedelta] = field(default_factory=list)
    """For each timer that fired: from its moment to when it was done."""


def tick(app: Application, report: Callable[[str, Exception], None] | None = None) -> Done:
    """Fire every timer that is due and decide every join, over all cycles.

    ``report`` is told of what failed; the tick goes on with the next.
    """
    done = Done()
    now = app.clock.now()
    with app.store.reading() as reader:
        due = in_order(reader.due(now))
        cycles = [
            c.key
            for c in reader.cycles()
            if c.state not in reader.machine(c.edition).workflow.final
        ]
    held = {key: _holds(app, key) for key in sorted({timer.cycle for timer in due})}
    while due:
        timer = due[0]
        later = later_rungs_due(timer, due)
        due = due[1:]
        try:
            with app.store.unit_of_work(app.clock.now()) as unit:
                at = desk(app, unit, timer.cycle)
                if fire(replace(at, holds_until=held[timer.cycle]), timer, later):
                    due = in_order(t for t in unit.due(now) if t.cycle in held)
            done.fired += 1
            done.lags.append(app.clock.now() - timer.fires_at)
        except Exception as error:  # noqa: BLE001 - one bad timer must not stop the others
            done.failed.append((timer.id, str(error)))
            if report:
                report(timer.id, error)
            postpone(app, timer, error)
    for key in cycles:
        try:
            done.moved += decide_joins(app, key)
        except Exception as error:  # noqa: BLE001 - nor one bad cycle
            done.failed.append((key, str(error)))
            if report:
                report(key, error)
    return done


def decide_joins(app: Application, key: str) -> int:
    """Decide again, from states alone, whatever a cycle's last movers may have left undecided."""
    with app.store.unit_of_work(app.clock.now()) as unit:
        cycle = unit.load(key)
        events = settle(unit, cycle, None)
        if events:
            follow(desk(app, unit, key), cycle, events, DAEMON)
        moved = settle_children(unit, unit.load(key), None)
        if moved:
            follow_children(desk(app, unit, key), (), DAEMON)
        return len(events) + moved


def postpone(app: Application, timer: Timer, error: Exception) -> None:
    """Try ``timer`` again later, and keep why it failed."""
    with app.store.unit_of_work(app.clock.now()) as unit:
        claimed = unit.claim(timer.id)
        if claimed is None:
            return
        delay = min(FIRST_RETRY * 2**claimed.attempts, LONGEST_RETRY)
        text = str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
        unit.settle_timer(
            replace(
                claimed,
                attempts=claimed.attempts + 1,
                next_attempt_at=unit.now + delay,
                last_error=text[:1000],
            )
        )


def _holds(app: Application, key: str) -> datetime | None:
    """Return up to which moment the notices of this catch-up wait, if they do."""
    with app.store.unit_of_work(app.clock.now()) as unit:
        return hold_back(desk(app, unit, key))
