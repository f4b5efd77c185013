"""One pass of the daemon: fire what is due, decide joins, deliver notices.

Each timer fires in a unit of its own, so that one that fails blocks nothing
but itself; it is tried again with a growing delay, and shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from engine.deadline import Timer
from engine.errors import EngineError, Interrupted
from engine.events import DAEMON
from engine.moves import settle, settle_children
from workflows.running.catch_up import hold_back
from workflows.running.chunks import do_chunk
from workflows.running.consequences import follow, follow_children
from workflows.running.desk import Application, desk, take
from workflows.running.firing import fire
from workflows.running.schedule import in_order
from workflows.running.speaking import later_rungs_due

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)


Report: TypeAlias = Callable[[str, Exception], None]
"""Told which timer or cycle failed, and why."""


@dataclass(slots=True)
class Done:
    """What one tick did."""

    fired: int = 0
    moved: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Timer or cycle, and what went wrong."""
    lags: list[timedelta] = field(default_factory=list)
    """For each timer that fired: from its moment to when it was done."""


def tick(app: Application, report: Report | None = None) -> Done:
    """Fire every timer that is due and decide every join, over all cycles.

    Several daemons may do so at once: a cycle that another unit holds is left
    to it. ``report`` is told of what failed; the tick goes on with the next.

    Raises:
        Interrupted: the store went away, or others were in the way; what was done stays done.

    """
    with app.store.reading() as reader:
        cycles = [
            c.key
            for c in reader.cycles()
            if c.state not in reader.machine(c.edition).workflow.final
        ]
    done = fire_apart(app, report=report)
    for key in cycles:
        try:
            done.moved += decide_joins(app, key)
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001 - nor one bad cycle
            done.failed.append((key, str(error)))
            if report:
                report(key, error)
    return done


def fire_apart(app: Application, cycle: str = "", report: Report | None = None) -> Done:
    """Fire every timer that is due, of ``cycle`` or of all, each in a unit of its own.

    One that fails is put off, and blocks no other. One that concerns very many
    only begins, and is done in chunks, in which several daemons may take part.

    Raises:
        Interrupted: the store went away, or others were in the way.

    """
    done = Done()
    now = app.clock.now()
    with app.store.reading() as reader:
        due = in_order(reader.due(now, cycle))
    held: dict[str, datetime | None] = {}
    while due:
        key, timer = due[0].cycle, due[0]
        others = [t for t in due if t.cycle != key]
        fired: Timer | None = None
        try:
            if timer.cursor and _go_on(app, key, now):
                continue
            if key not in held:
                waits = bool(cycle)  # a person, whose own cycle it is
                if not _ask_what_waits(app, key, held, wait=waits):
                    due = others
                    continue
            with app.store.unit_of_work(app.clock.now()) as unit:
                # Asked again under the lock: another daemon may have fired some, and set others.
                # And by the unit's own clock, if that was set back: what is not due any more
                # would be refused, and asked for again without end.
                until = min(now, unit.now)
                mine = in_order(unit.due(until, key)) if unit.hold(key, wait=False) else []
                if mine and not (mine[0].cursor and unit.chunks(mine[0].id)):
                    timer = mine[0]
                    at = replace(desk(app, unit, key), holds_until=held[key], apart=True)
                    again = fire(at, timer, later_rungs_due(timer, mine))
                    mine = in_order(unit.due(until, key)) if again else mine[1:]
                    fired = None if timer.id in (t.id for t in mine) else timer
            due = in_order([*others, *mine])
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001 - one bad timer must not stop the others
            done.failed.append((timer.id, str(error)))
            if report:
                report(timer.id, error)
            postpone(app, timer, error)
            due = [t for t in due if t.id != timer.id]
        else:
            if fired:
                done.fired += 1
                done.lags.append(app.clock.now() - fired.fires_at)
    return done


def decide_joins(app: Application, key: str) -> int:
    """Decide again, from states alone, whatever a cycle's last movers may have left undecided."""
    with app.store.unit_of_work(app.clock.now()) as unit:
        if not unit.hold(key, wait=False):
            return 0
        if any(timer.cursor for timer in unit.due(unit.now, key)):
            return 0  # what has begun ends first, and decides for itself what follows
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
        take(app, unit, timer.cycle)
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


def _go_on(app: Application, key: str, now: datetime) -> bool:
    """Do one chunk of what has begun in a cycle; return whether there was one to do.

    Others may be at other chunks. In order of time all the same: nothing else
    of the cycle fires until no chunk is left.
    """
    with app.store.unit_of_work(app.clock.now()) as unit:
        if not unit.hold(key, wait=False, shared=True):
            return False
        mine = in_order(unit.due(min(now, unit.now), key))
        return bool(mine and mine[0].cursor) and do_chunk(desk(app, unit, key), mine[0])


def _ask_what_waits(
    app: Application, key: str, held: dict[str, datetime | None], *, wait: bool
) -> bool:
    """Keep up to which moment the notices of this catch-up wait; return whether it could be asked.

    It cannot while others hold the cycle, unless one is to ``wait`` for them.
    """
    with app.store.unit_of_work(app.clock.now()) as unit:
        if wait:
            take(app, unit, key)
        elif not unit.hold(key, wait=False):
            return False
        held[key] = hold_back(desk(app, unit, key))
        return True
